"""When a call is on hold: who speaks when, what is said, and how loud the line is go in; stretches of hold come out."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from qa_audit.intervals import Interval, Intervals, complement, union
from qa_audit.models import Turn
from qa_audit.speech.activity import Mask
from qa_audit.speech.ear import Side, Sides
from qa_audit.speech.levels import FLOOR, STEP_SECONDS, per_step

SILENT_HOLD = 15.0
"""Seconds of silence on both sides from which on it is a hold; shorter is somebody thinking or typing."""

ANNOUNCED_HOLD = 7.0
"""The same after somebody said so."""

MUSIC_HOLD = 5.0
"""Seconds of music or tones, without anybody speaking, from which on it is a hold."""

MUSIC = 0.6
"""Part of such a stretch that must be loud."""

LOUD = -50.0
"""dBFS, and 15 dB above the line's own noise, from which on a frame is loud."""

ABOVE_NOISE = 15.0

ANNOUNCES = re.compile(
    r"\b(hold|holding|wait|moment|minute|second|seconds|bear with me|hang on|one sec|let me (just )?(check|look|see|find|ask))\b",
    re.IGNORECASE,
)
"""How a hold is announced."""

LAST_WORDS, SHORTLY_BEFORE = 15, 10.0
"""Words of a turn, and seconds before the silence, in which a hold may have been announced."""


def holds(people: Intervals, turns: Sequence[Turn], sides: Sides) -> Intervals:
    """When the call was on hold, in seconds: nobody speaks, for long, or after it was announced, or over music.

    `people` is when anybody but a machine speaks. Before the first word a call is ringing and not on hold; after the last, only
    music makes a hold.
    """
    if not people:
        return ()
    gaps = [gap for gap in complement(people, people[0][0], sides.duration) if gap[1] - gap[0] >= MUSIC_HOLD]
    loud = _loud(gaps, sides.sides)
    found = []
    for start, end in gaps:
        least = ANNOUNCED_HOLD if _announced(turns, start) else SILENT_HOLD
        silent = start < people[-1][1] and end - start >= least
        if silent or loud[_steps(start, end)].mean() >= MUSIC:
            found.append((start, end))
    return union(found)


def _announced(turns: Sequence[Turn], silence: float) -> bool:
    """Whether somebody said, shortly before the silence, that there would be one."""
    shortly = (turn for turn in turns if turn.end is not None and silence - SHORTLY_BEFORE <= turn.end <= silence + 1)
    return any(ANNOUNCES.search(" ".join(word.text for word in turn.words[-LAST_WORDS:])) for turn in shortly)


def _loud(gaps: Sequence[Interval], sides: Sequence[Side]) -> Mask:
    """Whether each 20 ms is loud on any side: louder than the side is between its words outside the gaps."""
    found = np.zeros(len(sides[0].level), np.bool_)
    for side in sides:
        between = per_step(side.heard.likely, len(side.level)) < 0.5
        for start, end in gaps:
            between[_steps(start, end)] = False
        noise = float(np.median(side.level[between])) if between.any() else FLOOR
        found |= side.level > max(LOUD, noise + ABOVE_NOISE)
    return found


def _steps(start: float, end: float) -> slice:
    return slice(int(start / STEP_SECONDS), int(end / STEP_SECONDS))
