"""Clips go into windows of at most 30 seconds, and the words of a window go back to the clips they were said in.

Whisper always works on a window; one clip a window would be mostly padding. Between two clips lies a little silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from qa_audit.speech.engines.base import SAMPLE_RATE, Samples

WINDOW = 30.0
"""Seconds that Whisper sees at a time."""

GAP = 0.5
"""Seconds of silence between two clips of a window."""

LONGEST_WORD = 2.0
"""Seconds. Where alignment makes a word longer, it took silence before the word for part of it."""

SHORTEST_WORD = 0.02
"""Seconds: one step of the alignment. Only words crowded at the end of a clip may be shorter."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where clip number `clip` lies in its window, in seconds from the window's start."""

    clip: int
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Window:
    """The clips of one window in the order they are heard."""

    places: tuple[Place, ...]

    @property
    def seconds(self) -> float:
        return self.places[-1].end


@dataclass(frozen=True, slots=True)
class Spoken:
    """A word as a decoder aligned it: text with its punctuation, seconds from the window's start, mean probability of its
    tokens (0..1), and how many they are."""

    text: str
    start: float
    end: float
    probability: float
    tokens: int


def pack(seconds: Sequence[float], *, longest: float = WINDOW, gap: float = GAP) -> tuple[Window, ...]:
    """Windows over clips of these lengths, in their order; a clip longer than a window has one of its own."""
    windows: list[Window] = []
    places: list[Place] = []
    for clip, length in enumerate(seconds):
        start = places[-1].end + gap if places else 0.0
        if places and start + length > longest:
            windows.append(Window(tuple(places)))
            places, start = [], 0.0
        places.append(Place(clip, start, start + length))
    return (*windows, Window(tuple(places))) if places else ()


def fill(window: Window, clips: Sequence[Samples]) -> Samples:
    """The sound of a window: float32 [samples] at 16 kHz."""
    sound = np.zeros(round(window.seconds * SAMPLE_RATE), np.float32)
    for place in window.places:
        first = round(place.start * SAMPLE_RATE)
        sound[first : first + len(clips[place.clip])] = clips[place.clip][: len(sound) - first]
    return sound


def share_out(words: Iterable[Spoken], window: Window) -> dict[int, list[Spoken]]:
    """The words of each clip, one after another, timed from the clip's own start and never reaching past its ends.

    A word belongs to the clip it lies in for the longest time, or to the nearest one when it lies in a gap.
    """
    shared: dict[int, list[Spoken]] = {place.clip: [] for place in window.places}
    for word in words:
        place = max(window.places, key=lambda place: min(word.end, place.end) - max(word.start, place.start))
        said = shared[place.clip]
        said.append(_within(word, place, after=said[-1].end if said else 0.0))
    return shared


def _within(word: Spoken, place: Place, *, after: float) -> Spoken:
    """The word in its clip, not before the end of the word before it."""
    length = place.end - place.start
    end = min(max(word.end - place.start, after + SHORTEST_WORD), length)
    start = min(max(word.start - place.start, end - LONGEST_WORD, after), max(end - SHORTEST_WORD, after))
    return Spoken(word.text, min(start, end), end, word.probability, word.tokens)
