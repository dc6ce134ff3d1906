"""A rule and one stretch of a call in, a verdict out: is what was expected there, did what must never happen?

`expect` wants recall, since a wrongly missed apology accuses somebody: a doubtful moment is enough to meet it, and an
absence counts only where the agent was heard well. `never` wants precision: only a sure moment is a miss.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qa_audit.audit import wording
from qa_audit.audit.hearing import ENOUGH, is_sure
from qa_audit.audit.windows import Case, Reach
from qa_audit.models import Moment, Outcome, Speaker, Window
from qa_audit.rules.language import Bound, Rule


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule says of one stretch of a call, and what that rests on."""

    outcome: Outcome
    reason: str
    trust: float = 1.0
    triggers: tuple[Moment, ...] = ()
    found: tuple[Moment, ...] = ()
    searched: tuple[Window, ...] = ()


def judge_expected(case: Case, rule: Rule, reach: Reach) -> Verdict:
    """Whether enough of what is expected is in the stretch, and in order where an order is asked for."""
    counted = case.one_a_floor(moment for moment in case.of(rule.expect) if reach.reaches(case, moment))
    steps = _in_order(case, rule.in_order, reach)
    found = (*counted, *steps)
    if len(counted) >= (rule.at_least if rule.expect else 0) and len(steps) == len(rule.in_order):
        return _verdict(case, reach, Outcome.MET, wording.found(case, reach, found), trust=_surest(found), found=found)
    excuse = next((moment for moment in case.of(rule.unless) if case.timeline.begin_of(moment) < reach.end), None)
    doubt = _doubt_of_absence(case, reach)
    if excuse and not doubt:
        return _verdict(case, reach, Outcome.NO_OPPORTUNITY, wording.excused(case, excuse), trust=excuse.trust, found=(excuse,))
    window = reach.window(case)
    outcome = Outcome.CANNOT_JUDGE if doubt else Outcome.MISSED
    reason = wording.lacking(case, reach, rule, counted, steps) + (doubt or wording.heard(case, window))
    return _verdict(case, reach, outcome, reason, trust=_least(window.heard, reach), found=found)


def judge_forbidden(case: Case, rule: Rule, reach: Reach) -> Verdict:
    """Whether what must never happen happens in the stretch, more often than is allowed and without an excuse."""
    found = case.one_a_floor(moment for moment in case.of(rule.never) if reach.holds(case, moment))
    excuses = case.of(rule.unless)
    guilty = _sure(found)[rule.allow :]
    unexcused = _sure(_before(case, found, excuses))[rule.allow :]
    perhaps = _before(case, found, excuses)[rule.allow :]
    if unexcused:
        reason = wording.happened(case, unexcused, rule.allow)
        return _verdict(case, reach, Outcome.MISSED, reason, trust=_least(_surest(unexcused), reach), found=unexcused)
    if perhaps:
        return _verdict(case, reach, Outcome.CANNOT_JUDGE, wording.perhaps(case, perhaps), trust=_surest(perhaps), found=perhaps)
    if guilty:
        return _verdict(case, reach, Outcome.NO_OPPORTUNITY, wording.excused(case, excuses[0]), trust=excuses[0].trust, found=excuses[:1])
    window = reach.window(case)
    well = window.heard >= ENOUGH
    reason = wording.absent(case, reach, rule, found) + (wording.heard(case, window) if well else wording.badly_heard(window))
    return _verdict(case, reach, Outcome.MET if well else Outcome.CANNOT_JUDGE, reason, trust=window.heard, found=found)


def judge_limits(case: Case, rule: Rule) -> Verdict:
    """Whether every metric stays in its bounds; what was not measured cannot be judged, a chat has nothing to measure."""
    unknown = [name for name in rule.limit if name not in case.metrics]
    broken = [name for name, bound in rule.limit.items() if name in case.metrics and not _keeps(bound, case.metrics[name])]
    excuses = case.of(rule.unless)
    if broken and excuses:
        return Verdict(Outcome.NO_OPPORTUNITY, wording.excused(case, excuses[0]), excuses[0].trust, found=excuses[:1])
    if broken:
        return Verdict(Outcome.MISSED, wording.out_of_bounds(rule, broken, case.metrics))
    if unknown and not case.timeline.timed:
        return Verdict(Outcome.NO_OPPORTUNITY, "This conversation was written, so there is no sound to measure.")
    if unknown:
        return Verdict(Outcome.CANNOT_JUDGE, wording.not_measured(unknown), 0.0)
    return Verdict(Outcome.MET, wording.in_bounds(rule, case.metrics))


def _verdict(case: Case, reach: Reach, outcome: Outcome, reason: str, *, trust: float, found: tuple[Moment, ...]) -> Verdict:
    triggers = () if reach.mark is None else (reach.mark,)
    return Verdict(outcome, reason, trust, triggers, found, (reach.window(case),))


def _in_order(case: Case, names: Sequence[str], reach: Reach) -> tuple[Moment, ...]:
    """The earliest moments of the behaviours that follow one another, as far as the order is kept."""
    steps: list[Moment] = []
    at = float("-inf")
    for name in names:
        inside = (moment for moment in case.of((name,)) if reach.reaches(case, moment))
        step = next((moment for moment in inside if case.timeline.begin_of(moment) >= at), None)
        if step is None:
            break
        steps.append(step)
        at = case.timeline.begin_of(step)
    return tuple(steps)


def _doubt_of_absence(case: Case, reach: Reach) -> str:
    """Why an absence proves nothing here; empty when it does."""
    window = reach.window(case)
    if window.heard < ENOUGH:
        return wording.badly_heard(window)
    if not reach.is_open(case):
        return ""
    if case.timeline.cut_off:
        return "; but the recording is cut off before it had to come."
    mark = reach.mark
    if mark is not None and reach.from_mark and mark.speaker is not Speaker.AGENT:
        said = case.timeline.end_of(mark)
        if not any(floor.end > said for floor in case.timeline.agent):
            return "; but the call ends before the agent could answer."
    return ""


def _before(case: Case, moments: Sequence[Moment], excuses: Sequence[Moment]) -> tuple[Moment, ...]:
    """The moments that are over before the first excuse begins."""
    first = min((case.timeline.begin_of(excuse) for excuse in excuses), default=float("inf"))
    return tuple(moment for moment in moments if case.timeline.end_of(moment) <= first)


def _sure(moments: Iterable[Moment]) -> tuple[Moment, ...]:
    return tuple(filter(is_sure, moments))


def _keeps(bound: Bound, value: float) -> bool:
    return (bound.least is None or value >= bound.least) and (bound.most is None or value <= bound.most)


def _surest(moments: Sequence[Moment]) -> float:
    return max((moment.trust for moment in moments), default=1.0)


def _least(trust: float, reach: Reach) -> float:
    """An accusation is worth no more than its trigger."""
    return trust if reach.mark is None else min(trust, reach.mark.trust)
