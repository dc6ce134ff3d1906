"""`qa-audit check`: conversations in files, or every kept transcript, against the rules."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from qa_audit import pipeline
from qa_audit.cli.options import AS_JSON, configured, selecting
from qa_audit.cli.progress import Display
from qa_audit.cli.summaries import say_failures
from qa_audit.cli.text import plural, say, say_json, warn
from qa_audit.config import Config
from qa_audit.errors import CallError, ExitCode
from qa_audit.models import Audit, Moment, Outcome
from qa_audit.pipeline.manifest import as_dict

STDIN = "-"


@click.command("check")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, allow_dash=True, exists=True, dir_okay=False), metavar="[FILE]...")
@configured("store", "workers")
@selecting
@click.option("--retry", is_flag=True, help="Try again what failed too often.")
@AS_JSON
def command(*, settings: Config, selection: pipeline.Selection, files: Sequence[Path], retry: bool, as_json: bool) -> None:
    """Hold conversations in files, or everything kept, against the rules.

    A FILE has conversations as JSON lines, {"call_id", "turns": [{"speaker", "text", "start"?, "end"?}]}, or is one transcript of
    any kind that `run` reads; - is the standard input. Nothing of it is kept. A conversation that cannot be read is told on
    stderr with its line, the others are checked, and the exit code is 3. Without FILE every kept transcript is marked again
    where the rules or its facts have changed.
    """
    if files:
        _check_files(settings, files, as_json=as_json)
    else:
        _check_kept(settings, selection, retry=retry, as_json=as_json)


def _check_files(settings: Config, files: Sequence[Path], *, as_json: bool) -> None:
    unread = 0
    for checked in pipeline.check_files(settings, [Path("/dev/stdin") if str(file) == STDIN else file for file in files]):
        if isinstance(checked, CallError):
            unread += 1
            warn(checked.message)
        elif as_json:
            say_json(as_line(checked))
        else:
            _say(checked)
    if unread:
        click.get_current_context().exit(ExitCode.CALL)


def as_line(audit: Audit) -> dict[str, Any]:
    """One conversation's line: `call_id`, `outcomes`, `moments`, `findings`, then the rest."""
    values: dict[str, Any] = msgspec.to_builtins(audit)
    return {name: values.pop(name) for name in ("call_id", "outcomes", "moments", "findings")} | values


def _say(audit: Audit) -> None:
    say(audit.call_id)
    for clause, outcome in audit.outcomes.items():
        if outcome is not Outcome.NO_OPPORTUNITY:
            say(f"  {outcome.value.replace('_', ' '):<13} {clause}")
            for finding in audit.findings:
                if finding.clause == clause and finding.outcome is outcome:
                    say(f"    {finding.rule}: {finding.reason}")
                    for moment in (*finding.triggers, *finding.found):
                        say(f"      {_place(moment)} {moment.speaker}: “{moment.quote}”")


def _place(moment: Moment) -> str:
    if moment.start is None:
        return f"turn {moment.turn}"
    return f"{int(moment.start) // 60}:{int(moment.start) % 60:02}"


def _check_kept(settings: Config, selection: pipeline.Selection, *, retry: bool, as_json: bool) -> None:
    with Display() as display:
        done = pipeline.check(settings, selection=selection, retry=retry, progress=display)
    if as_json:
        say_json(
            {
                "run_id": done.run_id,
                "checked": len(done.calls),
                "excluded": len(done.excluded),
                "failed": len(done.failed),
                "marked": done.marked,
                "checked_calls": list(done.calls),
                "excluded_calls": [as_dict(failure) for failure in done.excluded],
                "failed_calls": [as_dict(failure) for failure in done.failed],
            }
        )
        return
    kept = len(done.calls) + len(done.excluded) + len(done.failed)
    say(f"{plural(kept, 'kept call')} = {len(done.calls)} checked + {len(done.excluded)} excluded + {len(done.failed)} failed")
    say(f"new in this run: {done.marked} marked")
    say_failures(done.excluded, done.failed)
