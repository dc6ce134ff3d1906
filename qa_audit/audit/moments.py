"""A transcript and its kept view in, moments out: who said or did what that matters, by every way a behaviour can be found.

First what is said (phrases, patterns, meaning) and measured, then what follows from it: joined behaviours, what is missing
after something, and what only counts after something else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from qa_audit.audit.detector import Detected, Detector
from qa_audit.audit.hearing import ENOUGH, is_sure
from qa_audit.audit.kept import Kept
from qa_audit.audit.matching import Hit, PhraseIndex, Search
from qa_audit.audit.measured import measured
from qa_audit.audit.patterns import PatternIndex
from qa_audit.audit.timeline import Timeline
from qa_audit.models import Moment, Speaker, Tier, Transcript, Turn
from qa_audit.rules.language import Behaviour

Moments = Mapping[str, tuple[Moment, ...]]
"""The moments of each behaviour in the order in which they begin."""


class Finder:
    """Finds the moments of a set of behaviours; made once, used for any number of calls."""

    def __init__(self, behaviours: Mapping[str, Behaviour], detector: Detector | None = None) -> None:
        self._behaviours = behaviours
        self._phrases = PhraseIndex(behaviours.values())
        self._patterns = PatternIndex(behaviours.values())
        self._measured = tuple(behaviour for behaviour in behaviours.values() if behaviour.measure)
        self._detector = detector

    def moments(self, timeline: Timeline, kept: Kept) -> Moments:
        """All moments of a call; behaviours without any are absent."""
        transcript = timeline.transcript
        found = [*best_of_each_turn(self._said(transcript, kept)), *self._all_measured(transcript)]
        if self._detector is not None:
            found = list(self._detector.revise(transcript, found))
        return _Derivation(self._behaviours, timeline, found).all()

    def _said(self, transcript: Transcript, kept: Kept) -> Iterator[Moment]:
        """What phrases, patterns and meaning find; several moments of a behaviour in one turn may be among them."""
        search = Search(self._phrases, kept.view)
        meant = self._detector.detect(transcript, kept) if self._detector is not None else Detected(())
        for hit in search.hits():
            if (hit.behaviour, hit.turn) not in meant.denied:
                yield _moment(hit, transcript.turns[hit.turn])
        for hit in self._patterns.hits(transcript):
            if not search.is_ignored(hit.behaviour, hit.turn, hit.first, hit.last):
                yield _moment(hit, transcript.turns[hit.turn])
        for moment in meant.moments:
            behaviour = self._behaviours.get(moment.behaviour)
            if behaviour is None or not _may_say(behaviour, moment.speaker):
                continue
            if not search.is_ignored(behaviour.id, moment.turn, *moment.span):
                yield moment

    def _all_measured(self, transcript: Transcript) -> Iterator[Moment]:
        for behaviour in self._measured:
            yield from measured(behaviour, transcript)


def best_of_each_turn(moments: Iterable[Moment]) -> tuple[Moment, ...]:
    """One moment for each behaviour and turn ("cancel, cancel, please cancel" is one request): the surest, else the first."""
    best: dict[tuple[str, int, float | None], Moment] = {}
    for moment in moments:
        key = (moment.behaviour, moment.turn, moment.start if moment.how == "measured" else None)
        if key not in best or _sureness(moment) > _sureness(best[key]):
            best[key] = moment
    return tuple(best.values())


def _sureness(moment: Moment) -> tuple[bool, float]:
    return moment.tier is Tier.STRICT, moment.trust


def _may_say(behaviour: Behaviour, speaker: Speaker) -> bool:
    return speaker in behaviour.who or speaker is Speaker.UNKNOWN


def _moment(hit: Hit, turn: Turn) -> Moment:
    """A hit with its words, its times and the lowest trust among them; a speaker nobody knows makes it lenient."""
    words = turn.words[hit.first : hit.last]
    return Moment(
        behaviour=hit.behaviour,
        turn=hit.turn,
        speaker=turn.speaker,
        start=words[0].start,
        end=words[-1].end,
        quote=" ".join(word.text for word in words),
        span=(hit.first, hit.last),
        trust=min(word.trust for word in words) * turn.role_trust,
        how=hit.how,
        tier=Tier.LENIENT if turn.speaker is Speaker.UNKNOWN else Tier.STRICT,
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """The stretch of turns in which something would have to stand, and whether the call goes on long enough to tell."""

    turns: frozenset[int]
    heard: float
    is_whole: bool


class _Derivation:
    """What follows from the moments found: one behaviour's moments may rest on another's, never on its own."""

    def __init__(self, behaviours: Mapping[str, Behaviour], timeline: Timeline, found: Iterable[Moment]) -> None:
        self._behaviours = behaviours
        self._timeline = timeline
        self._found: dict[str, list[Moment]] = {}
        for moment in found:
            self._found.setdefault(moment.behaviour, []).append(moment)
        self._known: dict[str, tuple[Moment, ...]] = {}

    def all(self) -> Moments:
        return {name: moments for name in self._behaviours if (moments := self.of(name))}

    def of(self, name: str) -> tuple[Moment, ...]:
        """All moments of a behaviour, in order."""
        if name not in self._known:
            behaviour = self._behaviours[name]
            moments = best_of_each_turn([*self._found.get(name, ()), *self._joined(behaviour), *self._without(behaviour)])
            self._known[name] = self._in_order(self._after(behaviour, moments))
        return self._known[name]

    def _in_order(self, moments: Iterable[Moment]) -> tuple[Moment, ...]:
        return tuple(sorted(moments, key=lambda moment: (self._timeline.begin_of(moment), moment.turn, moment.span)))

    def _joined(self, behaviour: Behaviour) -> Iterator[Moment]:
        """`any_of`: the moments of other behaviours under this one's name."""
        for name in behaviour.any_of:
            for moment in self.of(name):
                if _may_say(behaviour, moment.speaker):
                    yield replace(moment, behaviour=behaviour.id)

    def _without(self, behaviour: Behaviour) -> Iterator[Moment]:
        """`of` … `without`: a moment that nothing makes up for in its own turn or the agent's next ones.

        Even a doubtful amends is one; a stretch that was poorly heard or cut off leaves the lack of one doubtful.
        """
        if not behaviour.of:
            return
        amends = {moment.turn for name in behaviour.without for moment in self.of(name)}
        for moment in self.of(behaviour.of):
            place = self._place(moment, behaviour.within_turns)
            if amends.isdisjoint(place.turns):
                certain = place.is_whole and place.heard >= ENOUGH
                yield replace(
                    moment,
                    behaviour=behaviour.id,
                    how="structure",
                    trust=min(moment.trust, place.heard),
                    tier=moment.tier if certain else Tier.LENIENT,
                    because=f"No {_or(behaviour.without)} in this turn {_or_next(behaviour.within_turns)}.",
                )

    def _place(self, moment: Moment, within: int | None) -> _Place:
        timeline = self._timeline
        own = timeline.floors[timeline.floor(moment.turn)]
        later = [floor for floor in timeline.agent if floor.turns[0] > moment.turn and floor is not own]
        floors = [own, *(later if within is None else later[:within])]
        turns = frozenset(turn for floor in floors for turn in floor.turns)
        enough = within is not None and len(later) >= within
        return _Place(turns, timeline.hearing.share(moment.turn, max(turns)), enough or not timeline.cut_off)

    def _after(self, behaviour: Behaviour, moments: Iterable[Moment]) -> Iterator[Moment]:
        """`only_after`: a moment counts when the other came before it, and is as doubtful as that one."""
        if not behaviour.only_after:
            yield from moments
            return
        others = self.of(behaviour.only_after)
        first = min(map(self._timeline.begin_of, others), default=float("inf"))
        first_sure = min(map(self._timeline.begin_of, filter(is_sure, others)), default=float("inf"))
        for moment in moments:
            begin = self._timeline.begin_of(moment)
            if first_sure < begin:
                yield moment
            elif first < begin:
                yield replace(moment, tier=Tier.LENIENT)


def _or(names: Iterable[str]) -> str:
    return " or ".join(name.replace("-", " ") for name in names)


def _or_next(turns: int | None) -> str:
    if turns is None:
        return "or any after it"
    if turns == 0:
        return "itself"
    return "or the agent's next" if turns == 1 else f"or the agent's next {turns}"
