"""A transcript in, one clock out: where every moment, turn and window of a call stands.

A call is measured in seconds. A chat has no times: its clock counts turns, a moment lies inside its turn by its words, and
whatever a rule says in seconds is read as turns of the agent, one for every twenty seconds (rounded up, at least one):
a spoken turn of the agent with its answer lasts about that long.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import cached_property
from itertools import accumulate
from math import ceil

from qa_audit.audit.endings import is_cut_off
from qa_audit.audit.floors import floors, place
from qa_audit.audit.hearing import Hearing
from qa_audit.models import Moment, Speaker, Transcript
from qa_audit.rules.language import Span

SECONDS_PER_TURN = 20.0
"""Seconds that one turn of the agent, with the answer to it, stands for where there are no times."""


class Timeline:
    """The clock of one transcript. Positions are seconds, or turns where there are no times."""

    def __init__(self, transcript: Transcript) -> None:
        self.transcript = transcript
        self.timed = transcript.timed
        self.floors = floors(transcript.turns, timed=self.timed)
        self.agent = tuple(floor for floor in self.floors if floor.speaker is Speaker.AGENT)
        self._floor_of = {turn: index for index, floor in enumerate(self.floors) for turn in floor.turns}
        self._begins = self._running(0)
        self._ends = self._running(1)

    def _running(self, share: int) -> list[float]:
        """Where each turn begins (0) or ends (1), never falling, so that it can be searched."""
        turns = self.transcript.turns
        return list(accumulate((place(turn, share * max(1, len(turn.words)), timed=self.timed) for turn in turns), max))

    @cached_property
    def end(self) -> float:
        """Where the recording ends, silence and hold included; the number of turns of a chat."""
        last = self._ends[-1] if self._ends else 0.0
        return max(last, self.transcript.duration or 0.0) if self.timed else last

    @cached_property
    def last_word(self) -> float:
        """Where people stop talking."""
        return max((floor.end for floor in self.floors if floor.speaker is not Speaker.SYSTEM), default=self.end)

    @cached_property
    def cut_off(self) -> bool:
        """Whether the recording stops before the call does."""
        return is_cut_off(self.transcript)

    @cached_property
    def hearing(self) -> Hearing:
        """How well each stretch was heard."""
        return Hearing(self.transcript, self._begins)

    def floor(self, turn: int) -> int:
        """The number of the floor a turn belongs to."""
        return self._floor_of[turn]

    def begin_of(self, moment: Moment) -> float:
        """Where a moment begins."""
        if self.timed and moment.start is not None:
            return moment.start
        return place(self.transcript.turns[moment.turn], moment.span[0], timed=self.timed)

    def end_of(self, moment: Moment) -> float:
        """Where a moment ends."""
        if self.timed and moment.end is not None:
            return moment.end
        return place(self.transcript.turns[moment.turn], moment.span[1], timed=self.timed)

    def ahead(self, origin: float, span: Span, *, turn: int) -> float:
        """Where a window ends: seconds or a share of the call count from `origin`, turns are the agent's after `turn`.

        Infinite when the call ends before.
        """
        if span.turns is None and self.timed:
            return origin + self._seconds(span)
        later = self.agent[bisect_right(self.agent, turn, key=lambda floor: floor.turns[0]) :]
        wanted = self._agent_turns(span)
        return later[wanted - 1].end if len(later) >= wanted else float("inf")

    def opening(self, span: Span) -> float:
        """Where the first so much of the call ends."""
        return self.ahead(0.0, span, turn=-1)

    def closing(self, span: Span) -> float:
        """Where the last so much of the talk begins."""
        if span.turns is None and self.timed:
            return max(0.0, self.last_word - self._seconds(span))
        wanted = self._agent_turns(span)
        return self.agent[-wanted].begin if len(self.agent) >= wanted else 0.0

    def too_late(self, position: float, grace: float) -> bool:
        """Whether so little of the call is left after `position` that nobody could answer any more."""
        if grace <= 0:
            return False
        if self.timed:
            return self.end - position < grace
        return not any(floor.begin >= position for floor in self.agent)

    def touched(self, begin: float, end: float) -> tuple[int, int]:
        """First and last turn that lie in a window at least in part; the turn next to it when none does."""
        final = len(self.transcript.turns) - 1
        first = min(bisect_right(self._ends, begin), final)
        last = min(max(bisect_left(self._begins, end), bisect_right(self._begins, begin)) - 1, final)
        return first, max(first, last)

    def _seconds(self, span: Span) -> float:
        return span.seconds if span.seconds is not None else (span.share or 0.0) * self.end

    def _agent_turns(self, span: Span) -> int:
        """The same length in turns of the agent, at least one."""
        if span.turns is not None:
            return max(1, span.turns)
        if span.seconds is not None:
            return max(1, ceil(span.seconds / SECONDS_PER_TURN))
        return max(1, ceil((span.share or 0.0) * len(self.agent)))
