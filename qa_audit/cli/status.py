"""`qa-audit status`: how things stand."""

from __future__ import annotations

from typing import Any

import click
import msgspec

from qa_audit import pipeline
from qa_audit.cli.options import AS_JSON, configured
from qa_audit.cli.summaries import say_failures
from qa_audit.cli.text import plural, say, say_json, say_table
from qa_audit.config import Config
from qa_audit.pipeline.manifest import as_dict
from qa_audit.store import RunRow


@click.command("status")
@configured("store")
@AS_JSON
def command(*, settings: Config, as_json: bool) -> None:
    """Say how much is kept and how the last runs ended."""
    status = pipeline.status(settings)
    if as_json:
        say_json(_as_dict(status))
        return
    say(f"store: {status.store}")
    say(
        f"{plural(status.counts.rows['recordings'], 'call')} known, {status.heard} heard, {status.marked} marked under the rules that hold now"
    )
    for (engine, model), count in sorted(status.counts.heard_by.items()):
        say(f"  {plural(count, 'transcript')} by {engine} {model}".rstrip())
    excluded = [failure for failure in status.waiting if failure.excluded]
    say_failures(excluded, [failure for failure in status.waiting if not failure.excluded])
    if status.runs:
        say_table(("run", "command", "began (UTC)", "seconds", "ended"), map(_row, status.runs))


def _row(run: RunRow) -> tuple[str, ...]:
    seconds = "–" if run.finished_at is None else f"{(run.finished_at - run.started_at).total_seconds():.1f}"
    return (run.run_id, run.command, f"{run.started_at:%Y-%m-%d %H:%M:%S}", seconds, run.state.value)


def _as_dict(status: pipeline.Status) -> dict[str, Any]:
    heard_by = [
        {"engine": engine, "model": model, "transcripts": count} for (engine, model), count in sorted(status.counts.heard_by.items())
    ]
    return {
        "store": status.store,
        "known": status.counts.rows["recordings"],
        "heard": status.heard,
        "marked": status.marked,
        "rows": status.counts.rows,
        "heard_by": heard_by,
        "failures": [as_dict(failure) for failure in status.waiting],
        "runs": msgspec.to_builtins(status.runs),
    }
