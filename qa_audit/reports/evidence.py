"""A finding becomes what a page says of it: what was said, what was searched, where to listen, what to say instead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qa_audit.models import Finding, Moment, Outcome, Severity, Status, Window
from qa_audit.reports.formats import Formats
from qa_audit.reports.paths import rule_path
from qa_audit.reports.text import QUOTE_LENGTH, shorten
from qa_audit.reports.words import COUNTS, SPEAKERS, WAYS, plural
from qa_audit.rules.language import Kind, Rule, RuleSet

SHOWN = 6
"""Quotes and windows of one finding that are shown; more are counted."""

WORTH = {Outcome.MISSED: 0, Outcome.CANNOT_JUDGE: 1, Outcome.MET: 2, Outcome.NO_OPPORTUNITY: 3}
GRAVITY = {Severity.CRITICAL: 0, Severity.MAJOR: 1, Severity.MINOR: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What somebody said. `at` is seconds into the call, None in chat; `turn` is where the transcript has it."""

    who: str
    text: str
    at: float | None
    turn: int
    how: str
    because: str
    trust: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingView:
    """One finding as a page shows it. `at` is where to start listening; `searched` says in a sentence what was searched."""

    anchor: str
    number: int
    rule: str
    title: str
    page: str
    clause: str
    clause_title: str
    outcome: Outcome
    severity: Severity
    counts: bool
    note: str
    reason: str
    triggers: tuple[Quote, ...]
    found: tuple[Quote, ...]
    more: int
    searched: tuple[str, ...]
    at: float | None
    trust: float
    say_instead: str
    why: str
    version: str
    spans: tuple[tuple[int, int, int], ...]
    """Turn, first word and one past the last word of everything it rests on."""


def finding_views(findings: tuple[Finding, ...], *, ruleset: RuleSet, formats: Formats) -> tuple[FindingView, ...]:
    """All findings of one call, the gravest first, numbered in that order."""
    ranked = sorted(findings, key=lambda f: (f.status is not Status.SCORED, WORTH[f.outcome], GRAVITY[f.severity], f.rule))
    titles = {clause.id: clause.title for clause in ruleset.standard.clauses}
    return tuple(_view(number, f, ruleset.rules.get(f.rule), titles, formats) for number, f in enumerate(ranked, start=1))


def _view(number: int, finding: Finding, rule: Rule | None, titles: Mapping[str, str], formats: Formats) -> FindingView:
    triggers, found, windows = finding.triggers[:SHOWN], finding.found[:SHOWN], finding.searched[:SHOWN]
    return FindingView(
        anchor=f"finding-{number}",
        number=number,
        rule=finding.rule,
        title=rule.title if rule else finding.rule,
        page=rule_path(finding.rule) if rule else "",
        clause=finding.clause,
        clause_title=titles.get(finding.clause, finding.clause),
        outcome=finding.outcome,
        severity=finding.severity,
        counts=finding.status is Status.SCORED,
        note=COUNTS[finding.status],
        reason=finding.reason,
        triggers=tuple(map(_quote, triggers)),
        found=tuple(map(_quote, found)),
        more=len(finding.triggers) + len(finding.found) - len(triggers) - len(found),
        searched=tuple(_searched(window, finding, rule, formats) for window in windows),
        at=_listen_at(finding),
        trust=finding.trust,
        say_instead=rule.say_instead if rule else "",
        why=rule.why if rule else "",
        version=finding.rule_version,
        spans=tuple((moment.turn, *moment.span) for moment in (*finding.triggers, *finding.found)),
    )


def _quote(moment: Moment) -> Quote:
    return Quote(
        who=SPEAKERS[moment.speaker],
        text=shorten(moment.quote, QUOTE_LENGTH),
        at=moment.start,
        turn=moment.turn,
        how=WAYS.get(moment.how, moment.how),
        because=moment.because,
        trust=moment.trust,
    )


def _listen_at(finding: Finding) -> float | None:
    """The offence if there is one, else what called for an answer, else where the search began."""
    shown = finding.found if finding.outcome is Outcome.MISSED and finding.found else finding.triggers or finding.found
    starts = [moment.start for moment in shown if moment.start is not None]
    starts = starts or [window.start for window in finding.searched if window.start is not None]
    return min(starts, default=None)


def _searched(window: Window, finding: Finding, rule: Rule | None, formats: Formats) -> str:
    turns = f"turns {window.first_turn + 1} to {window.last_turn + 1}"
    if window.first_turn == window.last_turn:
        turns = f"turn {window.first_turn + 1}"
    timed = window.start is not None and window.end is not None
    where = f"from {formats.clock(window.start)} to {formats.clock(window.end)} ({turns})" if timed else f"in {turns}"
    heard = f"{formats.percent(window.heard)} of what the agent says there was heard well"
    return f"Searched {where}; {heard}; {_result(finding, rule)}."


def _result(finding: Finding, rule: Rule | None) -> str:
    found = len(finding.found)
    if rule is not None and rule.kind is Kind.LIMIT:
        return "measured from the sound"
    if not found:
        return "nothing of the kind was found"
    return f"{plural(found, 'moment')} found"
