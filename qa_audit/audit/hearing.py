"""A transcript in, the share of the agent's speech that was heard well out, for any stretch of turns.

This is the trust of an absence: that nothing was found proves something only where what was said could be understood.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from qa_audit.intervals import union, without
from qa_audit.models import Moment, Speaker, Tier, Transcript, Turn

WELL = 0.5
"""Trust. A word, a moment or a speaker's role that is less sure than this proves nothing."""

ENOUGH = 0.7
"""The share of the agent's speech that must have been heard well for an absence in it to count."""

MISSED_SPEECH = 1.0
"""Seconds. A voice heard for longer than this without a word under it is speech that was not understood."""

PERHAPS_AGENT = (Speaker.AGENT, Speaker.UNKNOWN)


def is_sure(moment: Moment) -> bool:
    """Whether a moment may accuse: found by a strict detector in words that were heard well."""
    return moment.tier is Tier.STRICT and moment.trust >= WELL


class Hearing:
    """How well each turn of a transcript was heard, summed up once so that any stretch costs two look-ups."""

    def __init__(self, transcript: Transcript, begins: Sequence[float]) -> None:
        """`begins` says where on the clock each turn begins, never falling."""
        missed = _missed_speech(transcript, begins)
        heard = [_heard(turn) for turn in transcript.turns]
        self._well = list(accumulate((well for well, _ in heard), initial=0.0))
        self._spoken = list(accumulate((spoken + missed.get(turn, 0.0) for turn, (_, spoken) in enumerate(heard)), initial=0.0))

    def share(self, first: int, last: int) -> float:
        """The share of what the agent says in turns first..last that was heard well; 1 where the agent says nothing."""
        spoken = self._spoken[last + 1] - self._spoken[first] if last >= first else 0.0
        return min(1.0, (self._well[last + 1] - self._well[first]) / spoken) if spoken > 0 else 1.0


def _heard(turn: Turn) -> tuple[float, float]:
    """What the agent says in the turn: so much heard well, of so much in all. Seconds; without times a word counts 1.

    A speaker nobody knows could be the agent, and was then not understood.
    """
    if turn.speaker not in PERHAPS_AGENT:
        return 0.0, 0.0
    known = turn.speaker is Speaker.AGENT and turn.role_trust >= WELL
    well = spoken = 0.0
    for word in turn.words:
        length = 1.0 if word.start is None or word.end is None else max(0.0, word.end - word.start)
        spoken += length
        if known and word.trust >= WELL:
            well += length
    return well, spoken


def _missed_speech(transcript: Transcript, begins: Sequence[float]) -> dict[int, float]:
    """Seconds of the agent's voice without a word under it, by the turn they come after (or the first turn)."""
    if not transcript.speech or not transcript.turns:
        return {}
    voice = union((sound.start, sound.end) for sound in transcript.speech if sound.speaker in PERHAPS_AGENT)
    words = union((turn.start, turn.end) for turn in transcript.turns if turn.start is not None and turn.end is not None)
    missed: dict[int, float] = {}
    for start, end in without(voice, words):
        if end - start > MISSED_SPEECH:
            turn = max(0, bisect_right(begins, start) - 1)
            missed[turn] = missed.get(turn, 0.0) + end - start
    return missed
