"""What the pages show, as data: tables in CSV and Parquet, one JSON file per agent, one vCon per call."""

from qa_audit.reports.exports.analysis import vcon_analyses
from qa_audit.reports.exports.write import ExportsWritten, write_exports

__all__ = ["ExportsWritten", "vcon_analyses", "write_exports"]
