"""`qa-audit report`: the pages of what is kept."""

from __future__ import annotations

import click

from qa_audit import pipeline
from qa_audit.cli.options import AS_JSON, configured, selecting
from qa_audit.cli.progress import Display
from qa_audit.cli.summaries import say_failures, say_warnings
from qa_audit.cli.text import plural, say, say_json
from qa_audit.config import Config
from qa_audit.pipeline.manifest import summary
from qa_audit.pipeline.pages import FIRST_PAGE


@click.command("report")
@configured("out", "store")
@selecting
@AS_JSON
def command(*, settings: Config, selection: pipeline.Selection, as_json: bool) -> None:
    """Write the pages of everything kept, whichever run it came from."""
    with Display() as display:
        result = pipeline.report(settings, selection=selection, progress=display)
    if as_json:
        say_json(summary(result))
        return
    say(f"{plural(len(result.scored), 'call')} on the pages, {len(result.excluded) + len(result.failed)} not")
    say_failures(result.excluded, result.failed)
    say(f"pages: {result.pages}/{FIRST_PAGE}")
    say_warnings(result.warnings)
