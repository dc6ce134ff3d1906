"""docs/exports.md, made from the tables themselves: `python -m qa_audit.reports.exports.document > docs/exports.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from qa_audit.reports.exports.columns import TABLES, Column
from qa_audit.reports.exports.scorecard import SCHEMA, VERSION

ABOUT = {
    "scores": "One row for every call.",
    "outcomes": "One row for every call and clause.",
    "findings": "One row for every call and rule that was run.",
    "moments": "One row for everything that was said or done that a rule may rest on.",
    "promises": "One row for everything an agent said would happen after the call. None of it is part of a score.",
}


def document() -> str:
    """The whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# The exports"
    yield ""
    yield "Made by `python -m qa_audit.reports.exports.document > docs/exports.md`."
    yield ""
    yield "`qa-audit export` writes what is kept; `reports: exports: every_night` in qa_audit.yaml lets each run write it beside the pages."
    yield "Each file is put in place whole, and what has not changed is not written again."
    yield ""
    yield "Every table comes as CSV (UTF-8, with a header, comma, times in ISO 8601) and as Parquet (typed; each column carries its"
    yield "meaning and unit as metadata). An empty cell means that there is no value, never zero. In CSV, text that a spreadsheet would"
    yield "take for a formula has an apostrophe before it; in Parquet it stands as it was said."
    for name, columns in TABLES.items():
        yield ""
        yield f"## {name}"
        yield ""
        yield ABOUT[name]
        yield ""
        yield "| column | type | unit | meaning | empty when |"
        yield "|---|---|---|---|---|"
        for column in columns:
            yield _row(column)
    yield ""
    yield "## agents/<name>.json"
    yield ""
    yield f"One scorecard for every agent, as on its page. `schema` is `{SCHEMA}`, `version` is {VERSION}: it goes up whenever a field goes"
    yield "or changes its meaning. Scores are 0 to 100, rates and trust 0 to 1; `null` means not assessed. The shape is described by"
    yield "`scorecard.schema.json` beside them (JSON Schema 2020-12)."
    yield ""
    yield "## vcon/<call>.vcon.json"
    yield ""
    yield "With `--format vcon`, one vCon (IETF draft-ietf-vcon-vcon-core) for every call: parties, the recording by its address, and three"
    yield "analyses: `transcript` with every word, `score` and `findings`, whose bodies are JSON. Whole transcripts are in it, so it is"
    yield "written only where it is asked for."
    yield ""
    yield "## Mails"
    yield ""
    yield "`qa-audit mail` is for people and not for programs: one mail for each team (the `agent_group` of the calls), as `.eml` that mail"
    yield "programs open as a draft, and as `.html` and `.txt`. It is never sent; no word of a call and no customer is in it."


def _row(column: Column) -> str:
    return f"| `{column.name}` | {column.type.value} | {column.unit} | {column.meaning} | {column.empty} |"


if __name__ == "__main__":
    sys.stdout.write(document())
