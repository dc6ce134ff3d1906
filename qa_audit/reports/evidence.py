"""A finding becomes what a page says of it: what was said, what was searched, where to listen, what to say instead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qa_audit.models import Finding, Moment, Outcome, Severity, Speaker, Status, Tier, Transcript, Turn, Window
from qa_audit.reports.formats import Formats
from qa_audit.reports.paths import rule_path
from qa_audit.reports.text import QUOTE_LENGTH, shorten
from qa_audit.reports.words import COUNTS, SPEAKERS, WAYS, plural
from qa_audit.rules.language import Kind, Rule, RuleSet

SHOWN = 6
"""Quotes and windows of one finding that are shown; more are counted."""

AROUND = 12
"""Words of the same turn that are shown before and after a quote, since half a sentence is easily misread."""

WORTH = {Outcome.MISSED: 0, Outcome.CANNOT_JUDGE: 1, Outcome.MET: 2, Outcome.NO_OPPORTUNITY: 3}
GRAVITY = {Severity.CRITICAL: 0, Severity.MAJOR: 1, Severity.MINOR: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What somebody said. `at` is seconds into the call, None in chat; `turn` is where the transcript has it.

    `before` and `after` are what stands around it in the same turn.
    """

    who: str
    text: str
    before: str
    after: str
    at: float | None
    turn: int
    how: str
    because: str
    trust: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingView:
    """One finding as a page shows it. `at` is where to start listening; `searched` says in a sentence what was searched.

    `credit` are words by which the agent surely did what the rule expects; None where nothing was to be said, or it is in doubt.
    """

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
    credit: Quote | None
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


def finding_views(
    findings: tuple[Finding, ...], *, transcript: Transcript, ruleset: RuleSet, formats: Formats, min_trust: float
) -> tuple[FindingView, ...]:
    """All findings of one call, the gravest first, numbered in that order."""
    ranked = sorted(findings, key=lambda f: (f.status is not Status.SCORED, WORTH[f.outcome], GRAVITY[f.severity], f.rule))
    viewer = _Viewer({turn.index: turn for turn in transcript.turns}, ruleset, formats, min_trust)
    return tuple(viewer.view(number, finding) for number, finding in enumerate(ranked, start=1))


@dataclass(frozen=True, slots=True)
class _Viewer:
    turns: Mapping[int, Turn]
    ruleset: RuleSet
    formats: Formats
    min_trust: float

    def view(self, number: int, finding: Finding) -> FindingView:
        triggers, found, windows = finding.triggers[:SHOWN], finding.found[:SHOWN], finding.searched[:SHOWN]
        rule = self.ruleset.rules.get(finding.rule)
        titles = {clause.id: clause.title for clause in self.ruleset.standard.clauses}
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
            reason=_reason(finding, rule),
            credit=self._credit(finding, rule),
            triggers=tuple(map(self._quote, triggers)),
            found=tuple(map(self._quote, found)),
            more=len(finding.triggers) + len(finding.found) - len(triggers) - len(found),
            searched=tuple(_searched(window, finding, rule, self.formats) for window in windows),
            at=_listen_at(finding),
            trust=finding.trust,
            say_instead=rule.say_instead if rule else "",
            why=rule.why if rule else "",
            version=finding.rule_version,
            spans=tuple((moment.turn, *moment.span) for moment in (*finding.triggers, *finding.found)),
        )

    def _credit(self, finding: Finding, rule: Rule | None) -> Quote | None:
        if rule is None or rule.kind is not Kind.EXPECT or finding.outcome is not Outcome.MET or finding.trust < self.min_trust:
            return None
        sure = (m for m in finding.found if m.speaker is Speaker.AGENT and m.tier is Tier.STRICT and m.trust >= self.min_trust)
        best = max(sure, key=lambda moment: moment.trust, default=None)
        return self._quote(best) if best else None

    def _quote(self, moment: Moment) -> Quote:
        words = [word.text for word in self.turns[moment.turn].words] if moment.turn in self.turns else []
        first, last = moment.span
        return Quote(
            who=SPEAKERS[moment.speaker],
            text=shorten(moment.quote, QUOTE_LENGTH),
            before=("… " if first > AROUND else "") + shorten(" ".join(words[max(first - AROUND, 0) : first]), QUOTE_LENGTH),
            after=shorten(" ".join(words[last : last + AROUND]), QUOTE_LENGTH) + (" …" if last + AROUND < len(words) else ""),
            at=moment.start,
            turn=moment.turn,
            how=WAYS.get(moment.how, moment.how),
            because=moment.because,
            trust=moment.trust,
        )


def _reason(finding: Finding, rule: Rule | None) -> str:
    """Why, in words, where the evidence beside it does not say it already."""
    if finding.outcome is not Outcome.MISSED or not (finding.triggers or finding.found) or rule is None:
        return finding.reason
    if rule.kind is Kind.LIMIT:
        return finding.reason
    return f"{rule.allow} of these would have been allowed." if rule.allow else ""


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
