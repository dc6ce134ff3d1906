"""A rule, a call and a trigger in, the stretch of the call out in which something ought, or ought not, to happen.

Bounded response and absence over a finite trace (metric temporal logic): a stretch runs from the trigger's start, since a
reply may overlap it, to its end plus what `within` says, and to the end of the call where nothing ends it sooner.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from qa_audit.audit.hearing import is_sure
from qa_audit.audit.moments import Moments
from qa_audit.audit.timeline import Timeline
from qa_audit.models import Moment, Window
from qa_audit.rules.language import Behaviour, Kind, Rule


@dataclass(frozen=True, slots=True)
class Case:
    """One call as rules see it: its clock, its moments by behaviour, its metrics by name."""

    timeline: Timeline
    moments: Moments
    metrics: Mapping[str, float]
    behaviours: Mapping[str, Behaviour]

    def of(self, names: Iterable[str]) -> tuple[Moment, ...]:
        """The moments of any of the behaviours, in the order in which they begin."""
        found = [moment for name in names for moment in self.moments.get(name, ())]
        return tuple(sorted(found, key=lambda moment: (self.timeline.begin_of(moment), moment.turn, moment.span)))

    def one_a_floor(self, moments: Iterable[Moment]) -> tuple[Moment, ...]:
        """Only one moment for each time somebody has the floor, a sure one if there is one: what counts as one occurrence."""
        best: dict[int | float, Moment] = {}
        for moment in moments:
            floor = self.timeline.begin_of(moment) if moment.how == "measured" else self.timeline.floor(moment.turn)
            if floor not in best or (is_sure(moment) and not is_sure(best[floor])):
                best[floor] = moment
        return tuple(best.values())


@dataclass(frozen=True, slots=True)
class Reach:
    """The stretch of a call a rule looks at. `mark` is the moment it runs from (or up to); `end` is infinite for the rest.

    `from_mark` tells a stretch that follows its mark from one that has its own place in the call.
    """

    begin: float
    end: float
    mark: Moment | None = None
    from_mark: bool = True
    skips: Moment | None = None
    """A moment at its edge that is not in it: "after the first refusal" does not mean that refusal."""

    def holds(self, case: Case, moment: Moment) -> bool:
        """Whether the moment begins within the stretch: the reading for what must never happen."""
        begin = case.timeline.begin_of(moment)
        return self.begin <= begin < self.end and not self._is_skipped(case, moment)

    def reaches(self, case: Case, moment: Moment) -> bool:
        """The generous reading, for what is expected: any overlap, and all that the mark's own speaker says around it."""
        begin, end = case.timeline.begin_of(moment), case.timeline.end_of(moment)
        if self._is_skipped(case, moment):
            return False
        return (self.begin < end and begin < self.end) or self.holds(case, moment) or self._is_around_mark(case, moment)

    def is_open(self, case: Case) -> bool:
        """Whether it runs on to the end of the call or past it."""
        return self.end > case.timeline.end

    def window(self, case: Case) -> Window:
        """As findings show it."""
        timeline = case.timeline
        end = min(self.end, timeline.end)
        first, last = timeline.touched(self.begin, end)
        start, stop = (self.begin, end) if timeline.timed else (None, None)
        return Window(first, last, start, stop, timeline.hearing.share(first, last))

    def _is_around_mark(self, case: Case, moment: Moment) -> bool:
        mark = self.mark
        if mark is None or not self.from_mark or mark.speaker is not moment.speaker:
            return False
        return case.timeline.floor(mark.turn) == case.timeline.floor(moment.turn)

    def _is_skipped(self, case: Case, moment: Moment) -> bool:
        skips = self.skips
        if skips is None or skips.behaviour != moment.behaviour:
            return False
        return case.timeline.floor(skips.turn) == case.timeline.floor(moment.turn)


def reach(case: Case, rule: Rule, trigger: Moment | None) -> Reach | str:
    """The stretch a rule looks at for one trigger (None: the whole call), or why there is none, in words."""
    timeline = case.timeline
    mark, skips = trigger, None
    if rule.after is not None:
        nth, name = rule.after
        marks = case.one_a_floor(case.of((name,)))
        if len(marks) < nth:
            return f"No {ordinal(nth)} {plain(name)} was found in this call."
        mark = skips = marks[nth - 1]
    begin = 0.0 if mark is None else timeline.begin_of(mark)
    end = float("inf")
    if rule.within is not None:
        end = timeline.ahead(0.0 if mark is None else timeline.end_of(mark), rule.within, turn=-1 if mark is None else mark.turn)
    if not rule.before:
        return _placed(timeline, rule, Reach(begin, end, mark, skips=skips))
    until = next((moment for moment in case.of((rule.before,)) if timeline.begin_of(moment) >= begin), None)
    if until is None and rule.kind is Kind.EXPECT:
        return f"No {plain(rule.before)} was found for it to come before."
    if until is not None:
        end = min(end, timeline.begin_of(until))
    return _placed(timeline, rule, Reach(begin, end, mark or until, from_mark=mark is not None, skips=skips))


def _placed(timeline: Timeline, rule: Rule, found: Reach) -> Reach:
    """With `first` or `last` the stretch has its place in the call, wherever the trigger is."""
    if rule.first is None and rule.last is None:
        return found
    begin = found.begin if rule.after is not None else 0.0
    end = found.end if rule.first is None else min(found.end, timeline.opening(rule.first))
    if rule.last is not None:
        begin = max(begin, timeline.closing(rule.last))
    return Reach(begin, end, found.mark, from_mark=False, skips=found.skips)


def plain(name: str) -> str:
    """An id in words."""
    return name.replace("-", " ")


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, …, 11th."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10 if number % 100 not in (11, 12, 13) else 0, "th")
    return f"{number}{ending}"
