"""What an agent's page tells: what goes well and what to work on, each with one moment that shows it.

Points of the standard decide: what lost most comes first, critical misses before all; a strength is a clause whose rate is
at the pass score or above. Evidence is the newest call that has a moment to quote. What is in doubt is never shown as a strength.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from qa_audit.models import CallScore, ClauseRate, Outcome, Scorecard
from qa_audit.reports.evidence import FindingView, finding_views
from qa_audit.reports.formats import Formats
from qa_audit.reports.paths import call_path
from qa_audit.reports.report import CallRecord
from qa_audit.rules.language import Clause, RuleSet

MOST = 3
LOOK_INTO = 3
"""Calls that are opened in search of a moment to quote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One clause of one agent, told by one finding of one call. `clip` is a sound file of ten seconds, if there is one."""

    clause: Clause
    rate: ClauseRate
    critical: int
    finding: FindingView | None
    call: CallScore | None
    page: str
    clip: str | None = None


class Teller:
    """Finds the moments for one report; `load` fetches a call, `clip` cuts the sound at a second of a call."""

    def __init__(
        self,
        *,
        ruleset: RuleSet,
        load: Callable[[str], CallRecord],
        clip: Callable[[str, float], str | None],
        formats: Formats,
        min_trust: float,
    ) -> None:
        self._ruleset, self._load, self._clip, self._formats, self._min_trust = ruleset, load, clip, formats, min_trust
        self._clause_of = {rule.id: rule.clause for rule in ruleset.rules.values()}

    def to_work_on(self, card: Scorecard) -> tuple[Story, ...]:
        """At most three clauses with misses, critical ones first, then by the weight lost."""
        return self._stories(card, self._losses(card), Outcome.MISSED)

    def going_well(self, card: Scorecard) -> tuple[Story, ...]:
        """At most three clauses at the pass score or above that are not among those to work on, the surest first."""
        least = self._ruleset.standard.pass_score / 100
        weak = self._losses(card)[:MOST]
        strong = [rate for rate in card.clauses if rate.met and (rate.rate or 0.0) >= least and rate not in weak]
        strong.sort(key=lambda rate: -(rate.low or 0.0))
        return self._stories(card, strong, Outcome.MET)

    def moment(self, call: CallScore, rule: str) -> FindingView | None:
        """What one rule found in one call."""
        return next((view for view in self._views(call) if view.rule == rule), None)

    def _views(self, call: CallScore) -> tuple[FindingView, ...]:
        record = self._load(call.call_id)
        return finding_views(
            record.audit.findings,
            transcript=record.transcript,
            ruleset=self._ruleset,
            formats=self._formats,
            min_trust=self._min_trust,
        )

    def _losses(self, card: Scorecard) -> list[ClauseRate]:
        weights = {clause.id: clause.weight for clause in self._ruleset.standard.clauses}
        missed = [rate for rate in card.clauses if rate.missed and (weights[rate.clause] > 0 or self._critical(card, rate.clause))]
        return sorted(missed, key=lambda rate: (-self._critical(card, rate.clause), -weights[rate.clause] * rate.missed))

    def _critical(self, card: Scorecard, clause: str) -> int:
        return sum(self._clause_of.get(rule) == clause for call in card.calls for rule in call.critical)

    def _stories(self, card: Scorecard, rates: list[ClauseRate], outcome: Outcome) -> tuple[Story, ...]:
        return tuple(self._story(card, rate, outcome) for rate in rates[:MOST])

    def _story(self, card: Scorecard, rate: ClauseRate, outcome: Outcome) -> Story:
        clause = self._ruleset.standard.clause(rate.clause)
        bare = Story(clause=clause, rate=rate, critical=self._critical(card, rate.clause), finding=None, call=None, page="")
        told = list(self._candidates(card, rate.clause, outcome))
        if not told:
            return bare
        call, view = max(told, key=lambda each: _telling(each[1]))
        at = view.credit.at if view.credit else view.at
        clip = self._clip(call.call_id, at) if at is not None else None
        return replace(bare, finding=view, call=call, page=f"{call_path(call.call_id)}#{view.anchor}", clip=clip)

    def _candidates(self, card: Scorecard, clause: str, outcome: Outcome) -> Iterator[tuple[CallScore, FindingView]]:
        """The gravest finding of each of the newest calls with that outcome; calls with a critical miss of it first."""
        calls = [call for call in card.calls if call.outcomes.get(clause) is outcome]
        calls.sort(key=lambda call: not any(self._clause_of.get(rule) == clause for rule in call.critical))
        for call in calls[:LOOK_INTO]:
            same = [view for view in self._views(call) if view.clause == clause and view.outcome is outcome and view.counts]
            if outcome is Outcome.MET:
                same = [view for view in same if view.trust >= self._min_trust]
            if same:
                yield call, max(same, key=_telling) if outcome is Outcome.MET else same[0]


def _telling(view: FindingView) -> int:
    """How much there is to quote; of findings alike the first stays first."""
    return 2 if view.credit else 1 if view.triggers or view.found else 0
