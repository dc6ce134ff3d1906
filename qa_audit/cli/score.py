"""`qa-audit score`: the scorecards on the terminal."""

from __future__ import annotations

import click
import msgspec

from qa_audit import pipeline
from qa_audit.cli.options import AS_JSON, configured, selecting
from qa_audit.cli.text import plural, say, say_json, say_table, warn
from qa_audit.config import Config
from qa_audit.models import Scorecard


@click.command("score")
@configured("store")
@selecting
@AS_JSON
def command(*, settings: Config, selection: pipeline.Selection, as_json: bool) -> None:
    """Print the scorecards of everything kept.

    A score is the weighted share of the standard that was met where it could be judged, with its 95 % interval; – means that
    there is too little to say.
    """
    scored = pipeline.score(settings, selection=selection)
    if as_json:
        say_json({"scorecards": msgspec.to_builtins(scored.scorecards), "team": msgspec.to_builtins(scored.team)})
    else:
        say_table(("agent", "calls", "assessed", "score", "from", "to", "critical", "band"), map(_row, scored.scorecards))
        say(f"team: {plural(scored.team.calls, 'call')}, score {_number(scored.team.score)}, critical misses {scored.team.critical}")
        for finding in scored.team.findings:
            say(f"system: {finding.message}")
    if scored.unmarked:
        warn(f"{plural(len(scored.unmarked), 'kept call')} not marked under the rules that hold now; `qa-audit check` marks them")


def _row(card: Scorecard) -> tuple[str, ...]:
    numbers = (_number(card.score), _number(card.low), _number(card.high))
    return (card.agent, str(len(card.calls)), str(card.assessed), *numbers, str(card.critical), card.band or "–")


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"
