"""`qa-audit rules try` and `diff`: what a rule finds in everything kept, and what other rules would move, before it counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from qa_audit import pipeline
from qa_audit.audit.diff import FindingMove
from qa_audit.audit.tryout import Hit, Tryout
from qa_audit.cli.options import AS_JSON, configured
from qa_audit.cli.progress import Display
from qa_audit.cli.rules_words import known
from qa_audit.cli.text import plural, say, say_json, say_table, warn
from qa_audit.config import Config
from qa_audit.models import Finding, Outcome, Scorecard
from qa_audit.rules import load_rules

MOST_FINDINGS = 20


@click.command("try", short_help="Hold one rule against every kept transcript.")
@click.argument("name", metavar="ID")
@configured("store")
@click.option("--sample", type=click.IntRange(min=1), default=20, show_default=True, metavar="N", help="Hits drawn at random to judge.")
@AS_JSON
def try_command(*, settings: Config, name: str, sample: int, as_json: bool) -> None:
    """Hold one rule against every kept transcript, whatever its status: outcomes by agent, and a random sample of hits to judge.

    Nothing is kept and nothing counts. The sample is the same at every call, so that two people can judge it.
    """
    known(name, load_rules(settings.rules, folder=settings.folder).rules)
    tried = pipeline.try_rule(settings, name)
    if as_json:
        hits = {"hits": [_hit(hit) for hit in tried.hits], "sample": [_hit(hit) for hit in tried.sample(sample)]}
        say_json({"rule": name, "calls": len(tried.findings), "outcomes": tried.by_outcome(), "agents": tried.by_agent()} | hits)
    else:
        _say_tried(tried, sample)


def _say_tried(tried: Tryout, size: int) -> None:
    say(f"{tried.rule} over {plural(len(tried.findings), 'kept call')}: {plural(len(tried.hits), 'hit')}")
    words = [outcome.value.replace("_", " ") for outcome in Outcome]
    rows = [("all", *(str(count) for count in tried.by_outcome().values()))]
    rows += [(agent or "–", *(str(count) for count in counts.values())) for agent, counts in tried.by_agent().items()]
    say_table(("agent", *words), rows)
    if sample := tried.sample(size):
        say()
        say(f"{'all hits' if len(sample) == len(tried.hits) else f'{len(sample)} hits drawn at random'}; is each one right?")
        for hit in sample:
            say(f"  {hit.call_id} {_place(hit)}{hit.moment.speaker} ({hit.moment.behaviour}, by {hit.moment.how}): {hit.sentence}")


def _place(hit: Hit) -> str:
    start = hit.moment.start
    return f"turn {hit.moment.turn}, " if start is None else f"{int(start) // 60}:{int(start) % 60:02}, "


def _hit(hit: Hit) -> dict[str, Any]:
    moment = hit.moment
    found = {"call_id": hit.call_id, "agent": hit.agent, "behaviour": moment.behaviour, "turn": moment.turn, "start": moment.start}
    return found | {
        "speaker": moment.speaker.value,
        "quote": moment.quote,
        "how": moment.how,
        "trust": moment.trust,
        "sentence": hit.sentence,
    }


@click.command("diff", short_help="Say what would move if the rules in OLD became those in NEW.")
@click.argument("old", type=click.Path(path_type=Path, exists=True), metavar="OLD")
@click.argument("new", type=click.Path(path_type=Path, exists=True), metavar="NEW")
@configured("store")
@AS_JSON
def diff_command(*, settings: Config, old: Path, new: Path, as_json: bool) -> None:
    """Say which findings, calls, scores and bands would move if the rules in folder OLD became those in folder NEW.

    Every kept transcript is marked under both. Nothing is kept and nothing counts.
    """
    with Display() as display:
        compared = pipeline.compare(settings, old, new, progress=display)
    say_json(_comparison(compared)) if as_json else _say_compared(compared)
    if compared.lost:
        warn(f"{plural(len(compared.lost), 'call')} could not be compared: {', '.join(compared.lost[:5])}")


def _say_compared(compared: pipeline.Comparison) -> None:
    moved = compared.difference
    say(f"{plural(moved.calls, 'kept call')} compared, {len(moved.moved)} move")
    if moved.outcomes:
        say()
        rows = Counter((move.clause, _word(move.old), _word(move.new)) for move in moved.outcomes)
        say_table(("clause", "was", "would be", "calls"), [(*key, str(count)) for key, count in sorted(rows.items())])
    if moved.findings:
        say()
        by_rule = Counter((move.rule, _outcome(move.old), _outcome(move.new)) for move in moved.findings)
        say_table(("rule", "was", "would be", "calls"), [(*key, str(count)) for key, count in sorted(by_rule.items())])
    if cards := list(_moved_cards(compared.cards)):
        say()
        say_table(("agent", "score", "would be", "band", "would be"), cards)
    if moved.findings:
        say()
        say(f"the first {min(MOST_FINDINGS, len(moved.findings))} of {plural(len(moved.findings), 'finding')} that move")
        for move in moved.findings[:MOST_FINDINGS]:
            finding = move.new or move.old
            say(f"  {move.call_id} {move.rule}: {_outcome(move.old)} -> {_outcome(move.new)}: {finding.reason if finding else ''}")


def _moved_cards(cards: Sequence[tuple[Scorecard, Scorecard]]) -> Iterator[tuple[str, str, str, str, str]]:
    for old, new in cards:
        if (old.score, old.band) != (new.score, new.band):
            yield old.agent, _score(old), _score(new), old.band or "–", new.band or "–"


def _score(card: Scorecard) -> str:
    return "–" if card.score is None else f"{card.score:.1f}"


def _outcome(finding: Finding | None) -> str:
    return _word(finding.outcome if finding else None)


def _word(outcome: Outcome | None) -> str:
    return "–" if outcome is None else outcome.value.replace("_", " ")


def _comparison(compared: pipeline.Comparison) -> dict[str, Any]:
    moved = compared.difference
    return {
        "calls": moved.calls,
        "moved": list(moved.moved),
        "lost": list(compared.lost),
        "outcomes": [{"call_id": m.call_id, "clause": m.clause, "old": m.old, "new": m.new} for m in moved.outcomes],
        "findings": [_finding(move) for move in moved.findings],
        "agents": [
            {"agent": old.agent, "old_score": old.score, "new_score": new.score, "old_band": old.band, "new_band": new.band}
            for old, new in compared.cards
        ],
    }


def _finding(move: FindingMove) -> dict[str, Any]:
    old, new = move.old, move.new
    found: dict[str, Any] = {"call_id": move.call_id, "rule": move.rule}
    found |= {"old": old.outcome if old else None, "new": new.outcome if new else None}
    return found | {"old_reason": old.reason if old else "", "new_reason": new.reason if new else ""}
