"""Sides with their words go in; voices with their words and sound come out: two people, and whatever machine speaks between them.

With a side each the voices are the sides. On a shared side they are told apart by their sound, word by word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qa_audit.intervals import Intervals, common, union, without
from qa_audit.models import Word
from qa_audit.speech.announcements import announcements
from qa_audit.speech.diarise import Voices, voices
from qa_audit.speech.ear import Side
from qa_audit.speech.engines.base import Clip
from qa_audit.speech.trust import HeardSide

MACHINE = 2
"""The voice of menus and announcements; 0 and 1 are people."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """Who says what and is heard when: words with their voice, and for each of the three voices its speech in seconds.

    `apart` tells how the two voices of a shared side differ; None where each has a side of its own.
    """

    words: tuple[tuple[int, Word], ...]
    sounds: tuple[Intervals, Intervals, Intervals]
    apart: Voices | None = None

    def text(self, voice: int) -> str:
        """All that a voice says."""
        return " ".join(word.text for by, word in self.words if by == voice)

    @property
    def people(self) -> Intervals:
        """When anybody but the machine speaks."""
        return union(stretch for sound in self.sounds[:MACHINE] for stretch in sound)

    @property
    def opens(self) -> int | None:
        """The person heard first."""
        starts = [(sound[0][0], voice) for voice, sound in enumerate(self.sounds[:MACHINE]) if sound]
        return min(starts)[1] if starts else None


def on_own_sides(heard: Sequence[HeardSide], sides: Sequence[Side], clips: Sequence[Sequence[Clip]]) -> Spoken:
    """What two people say who have a side each."""
    words: list[tuple[int, Word]] = []
    people: list[Intervals] = []
    machine: Intervals = ()
    for voice, (said, side, own) in enumerate(zip(heard, sides, clips, strict=True)):
        announced = _announced(said, side, own)
        words += ((MACHINE if _within(word, announced) else voice, word) for word in said.words)
        machine += common(side.heard.speech, announced)
        people.append(without(side.heard.speech, announced))
    return Spoken(tuple(words), (people[0], people[1], union(machine)))


def on_shared_side(said: HeardSide, side: Side, clips: Sequence[Clip]) -> Spoken:
    """What two people say who share one side."""
    announced = _announced(said, side, clips)
    people = without(side.heard.speech, announced)
    apart = voices(side.samples, people)
    words = tuple((MACHINE if _within(word, announced) else _voice_of(word, apart), word) for word in said.words)
    first, second = apart.stretches(people)
    return Spoken(words, (first, second, common(side.heard.speech, announced)), apart)


def _announced(said: HeardSide, side: Side, clips: Sequence[Clip]) -> Intervals:
    """When a machine speaks on this side: the clips whose words say so."""
    passages = []
    for clip in clips:
        text = " ".join(word.text for word in said.words if clip.start <= (word.start or 0.0) < clip.end)
        speech = common(side.heard.speech, ((clip.start, clip.end),))
        passages.append((text, (speech[0][0], speech[-1][1]) if speech else (clip.start, clip.end)))
    return union((clips[place].start, clips[place].end) for place in announcements(passages))


def _within(word: Word, stretches: Intervals) -> bool:
    middle = ((word.start or 0.0) + (word.end or 0.0)) / 2
    return any(start <= middle < end for start, end in stretches)


def _voice_of(word: Word, apart: Voices) -> int:
    voice, _ = apart.side(word.start or 0.0, word.end or 0.0)
    return voice
