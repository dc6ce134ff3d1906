"""A transcript in, how it ended out: whether with a goodbye, by whom, or in the middle of the talk."""

from __future__ import annotations

from qa_audit.measures import ending
from qa_audit.models import Speaker, Transcript, Turn

CUT_OFF_DOUBTS = frozenset(("cut-off", "truncated"))
"""Kinds of Doubt that say that the recording stops before the call does."""

FAREWELLS = frozenset(("bye", "goodbye", "bye-bye", "thanks", "thank", "cheers", "care"))
FAREWELL_TURNS = 2
FAREWELL_WORDS = 8


def last_turn(transcript: Transcript) -> Turn | None:
    """The turn of a person that ends last; None when nobody speaks."""
    people = [turn for turn in transcript.turns if turn.speaker is not Speaker.SYSTEM]
    if not people:
        return None
    return max(people, key=lambda turn: turn.end or 0.0) if transcript.timed else people[-1]


def has_farewell(transcript: Transcript) -> bool:
    """Whether somebody says goodbye or thanks in the last words of the last two turns."""
    last = (word for turn in transcript.turns[-FAREWELL_TURNS:] for word in turn.words[-FAREWELL_WORDS:])
    return any(word.text.lower().strip(".,!?") in FAREWELLS for word in last)


def is_cut_off(transcript: Transcript) -> bool:
    """Whether the recording stops before the call does: somebody is still speaking, and it is no goodbye.

    A chat, and a call without audio to measure, is taken to be whole unless a Doubt says otherwise.
    """
    if any(doubt.kind in CUT_OFF_DOUBTS for doubt in transcript.doubts):
        return True
    end = ending(transcript) if transcript.timed else None
    return end is not None and end.cut_off and not has_farewell(transcript)
