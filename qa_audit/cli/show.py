"""`qa-audit show`: one kept call in plain text."""

from __future__ import annotations

import click
import msgspec

from qa_audit import pipeline
from qa_audit.cli.options import AS_JSON, configured
from qa_audit.cli.text import say, say_json
from qa_audit.config import Config
from qa_audit.models import Outcome, Turn
from qa_audit.store import KeptCall


@click.command("show")
@click.argument("call_id", metavar="CALL")
@configured("store")
@AS_JSON
def command(*, settings: Config, call_id: str, as_json: bool) -> None:
    """Print one kept call with what was found in it. CALL is its id, as the pages and `run --json` give it."""
    kept = pipeline.call(settings, call_id)
    if as_json:
        parts = ("recording", "transcript", "audit", "score")
        say_json({part: msgspec.to_builtins(getattr(kept, part)) for part in parts})
    else:
        _say(kept)


def _say(kept: KeptCall) -> None:
    heard = kept.transcript.heard
    say(f"{kept.recording.call_id}: agent {kept.recording.agent}, heard by {heard.engine} {heard.model}, trust {kept.transcript.trust:.2f}")
    for doubt in kept.transcript.doubts:
        say(f"  doubt: {doubt.message}")
    for turn in kept.transcript.turns:
        say(f"  {_time(turn)} {turn.speaker.value:<8} {turn.text}")
    say("score: " + ("not assessed" if kept.score.score is None else f"{kept.score.score:.1f}"))
    for finding in kept.audit.findings:
        if finding.outcome is not Outcome.NO_OPPORTUNITY:
            say(f"  {finding.outcome.value.replace('_', ' '):<13} {finding.rule}: {finding.reason}")


def _time(turn: Turn) -> str:
    return f"{turn.index:>4}" if turn.start is None else f"{int(turn.start) // 60:>3}:{int(turn.start) % 60:02}"
