"""`qa-audit export`: what is kept, for other programs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from qa_audit import pipeline
from qa_audit.cli.options import AS_JSON, configured, selecting
from qa_audit.cli.text import plural, say, say_json, warn
from qa_audit.config import Config, ExportFormat


@click.command("export")
@configured("store")
@selecting
@click.option(
    "--format",
    "formats",
    type=click.Choice([format.value for format in ExportFormat]),
    multiple=True,
    help="May be given more than once; by default those of the configuration, else csv, parquet and json.",
)
@click.option(
    "--out",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Folder of the files; default is that of the configuration.",
)
@AS_JSON
def command(*, settings: Config, selection: pipeline.Selection, formats: Sequence[str], folder: Path | None, as_json: bool) -> None:
    """Write what is kept as CSV, Parquet, JSON or vCon.

    csv and parquet are tables of scores, outcomes, findings, moments and promises; json is a scorecard for every agent; vcon is a
    file for every call, with its transcript. docs/exports.md has every column with its unit.
    """
    done = pipeline.export(settings, formats=tuple(map(ExportFormat, formats)), out=folder and folder.absolute(), selection=selection)
    if as_json:
        counts = {"written": done.files.written, "unchanged": done.files.unchanged, "removed": done.files.removed}
        say_json({"calls": done.calls, "unmarked": done.unmarked, "folder": str(done.folder)} | counts)
    else:
        say(
            f"{plural(done.calls, 'call')} in {done.folder}: {plural(done.files.written, 'file')} written, {done.files.unchanged} unchanged"
        )
    if done.unmarked:
        warn(f"{plural(done.unmarked, 'kept call')} not marked under the rules that hold now; `qa-audit check` marks them")
