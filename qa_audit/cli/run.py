"""`qa-audit run`: the main job."""

from __future__ import annotations

from collections.abc import Sequence

import click

from qa_audit import pipeline
from qa_audit.cli.options import AS_JSON, configured, selecting
from qa_audit.cli.progress import Display
from qa_audit.cli.summaries import say_call_log, say_failures, say_warnings
from qa_audit.cli.text import plural, say, say_json
from qa_audit.config import Config
from qa_audit.errors import ExitCode
from qa_audit.models import RunResult
from qa_audit.pipeline.manifest import as_dict, summary
from qa_audit.pipeline.pages import FIRST_PAGE

FAIL_ON = ("failed", "excluded", "critical")


@click.command("run")
@click.argument("sources", nargs=-1)
@configured("out", "store", "engine", "workers", "call_log", "metrics")
@selecting
@click.option("--retry", is_flag=True, help="Try again what was set aside or failed too often.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option(
    "--fail-on",
    type=click.Choice(FAIL_ON),
    multiple=True,
    help="End with exit code 1 when a call failed, was excluded, or has a critical miss; may be given more than once.",
)
@AS_JSON
def command(
    *,
    settings: Config,
    selection: pipeline.Selection,
    sources: Sequence[str],
    retry: bool,
    dry_run: bool,
    fail_on: Sequence[str],
    as_json: bool,
) -> None:
    """Listen to what is new, mark it, write the scorecards.

    SOURCES are folders, globs, files or fsspec URLs (s3://…); by default those of the configuration. Only what is new or
    changed is done: a second run does nothing again, changed rules mark again without listening, another engine listens again.
    """
    if dry_run:
        _preview(settings, sources, selection, retry=retry, as_json=as_json)
        return
    with pipeline.finishing(settings) as finish, Display() as display:
        result = finish.result = pipeline.run(settings, sources=sources, selection=selection, retry=retry, progress=display)
    if as_json:
        say_json(summary(result))
    else:
        _say(result)
    if any(_reached(what, result, settings) for what in fail_on):
        click.get_current_context().exit(ExitCode.CHECK_FAILED)


def _say(result: RunResult) -> None:
    found, scored = plural(result.found, "call"), len(result.scored)
    say(f"{found} found = {scored} scored + {len(result.excluded)} excluded + {len(result.failed)} failed")
    say(f"new in this run: {result.listened} listened to, {result.marked} marked")
    for heard in result.heard:
        say(f"heard by {heard.engine} {heard.model}".rstrip())
    say_failures(result.excluded, result.failed)
    if result.call_log:
        say_call_log(result.call_log)
    say(f"pages: {result.pages}/{FIRST_PAGE}")
    say_warnings(result.warnings)


def _reached(what: str, result: RunResult, settings: Config) -> bool:
    if what == "critical":
        scored = set(result.scored)
        return any(call.critical for call in pipeline.score(settings).calls if call.call_id in scored)
    return bool(result.failed if what == "failed" else result.excluded)


def _preview(settings: Config, sources: Sequence[str], selection: pipeline.Selection, *, retry: bool, as_json: bool) -> None:
    seen = pipeline.preview(settings, sources=sources, selection=selection, retry=retry)
    if as_json:
        say_json(
            {
                "found": seen.found,
                "to_hear": list(seen.to_hear),
                "to_mark": list(seen.to_mark),
                "set_aside": [as_dict(failure) for failure in seen.set_aside],
            }
        )
        return
    say(f"{plural(seen.found, 'call')} found: {len(seen.to_hear)} to hear, {len(seen.to_mark)} to mark, {len(seen.set_aside)} set aside")
    for call_id in seen.to_hear:
        say(f"  to hear  {call_id}")
    for call_id in seen.to_mark:
        say(f"  to mark  {call_id}")
    say_failures(seen.set_aside, ())
