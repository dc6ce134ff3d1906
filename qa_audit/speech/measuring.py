"""A transcript made elsewhere and the recording it is of go in; the transcript with the sound of the recording comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from qa_audit import config as settings
from qa_audit.intervals import Intervals, common, total, union, without
from qa_audit.measures import SIDES
from qa_audit.models import Doubt, Sound, Speaker, Transcript, Turn, Word
from qa_audit.speech.casting import SHARED
from qa_audit.speech.decode import decode
from qa_audit.speech.ear import Side, Sides, listen
from qa_audit.speech.holds import holds
from qa_audit.speech.trust import NO_VOICE, overall, voice_under

FITS = 0.5
"""Part of the turns that must have a voice under them for a transcript to be of this recording."""

AROUND = 1.0
"""Seconds around a word in which a voice is looked for; other recognisers' times are coarse, and a caption's words have none."""

DEFAULT_LIMITS = settings.Recordings()

Places = Mapping[Speaker, Side]


def measure(transcript: Transcript, path: Path, *, limits: settings.Recordings = DEFAULT_LIMITS) -> Transcript:
    """The transcript with speech, holds, duration and doubts from the sound, and words struck that have no voice near them.

    Its words, roles and order stay as they came. Without times, or when its times do not fit the recording, it stays as it is but
    for a doubt. Raises CallError when the recording cannot be heard.
    """
    if not transcript.timed:
        return transcript
    sides = listen(decode(path, call_id=transcript.call_id, limits=limits), call_id=transcript.call_id)
    voice = union(stretch for side in sides.sides for stretch in side.heard.speech)
    told = _told(transcript.turns, *Speaker)
    if total(common(voice, told)) < FITS * total(told):
        doubt = Doubt("not-this-recording", "The times of the transcript do not fit the recording beside it; its sound was left out.")
        return replace(transcript, doubts=(*transcript.doubts, doubt))
    placed = places(transcript.turns, sides)
    turns, struck = _struck(transcript.turns, placed)
    return replace(
        transcript,
        duration=sides.duration,
        turns=turns,
        speech=_sounds(transcript.turns, sides, placed),
        holds=holds(voice, turns, sides),
        struck=(*transcript.struck, *struck),
        doubts=(*transcript.doubts, *sides.doubts, *((SHARED,) if sides.shared else ())),
        trust=overall(word for turn in turns for word in turn.words),
    )


def _told(turns: Sequence[Turn], *speakers: Speaker) -> Intervals:
    """When these speakers have the floor by the transcript."""
    return union((turn.start, turn.end) for turn in turns if turn.speaker in speakers and turn.start is not None and turn.end is not None)


def places(turns: Sequence[Turn], sides: Sides) -> Places:
    """On which side each speaker is heard: as the turns and the speech of the sides fit best. All on the only one if shared."""
    first, last = sides.sides[0], sides.sides[-1]
    agent, customer = (_told(turns, speaker) for speaker in SIDES)
    straight = total(common(first.heard.speech, agent)) + total(common(last.heard.speech, customer))
    crossed = total(common(last.heard.speech, agent)) + total(common(first.heard.speech, customer))
    return dict(zip(SIDES, (first, last) if straight >= crossed else (last, first), strict=True))


def _sounds(turns: Sequence[Turn], sides: Sides, places: Places) -> tuple[Sound, ...]:
    """Who is heard when. On a shared side the turns say who it is, and nobody knows whose the rest is."""
    found: dict[Speaker, Intervals] = {speaker: side.heard.speech for speaker, side in places.items()}
    if sides.shared:
        voice = sides.sides[0].heard.speech
        named = [speaker for speaker in Speaker if speaker is not Speaker.UNKNOWN]
        found = {speaker: common(voice, _told(turns, speaker)) for speaker in named}
        found[Speaker.UNKNOWN] = without(voice, _told(turns, *named))
    sounds = (Sound(speaker, start, end) for speaker, stretches in found.items() for start, end in stretches)
    return tuple(sorted(sounds, key=lambda sound: (sound.start, sound.end)))


def _struck(turns: Sequence[Turn], places: Places) -> tuple[tuple[Turn, ...], tuple[Word, ...]]:
    """The turns without the words that nobody can be heard to say, and those words."""
    kept: list[Turn] = []
    struck: list[Word] = []
    for turn in turns:
        side = places.get(turn.speaker)
        silent = {word for word in turn.words if side is not None and voice_under(word, side, around=AROUND) < NO_VOICE}
        struck += (word for word in turn.words if word in silent)
        words = tuple(word for word in turn.words if word not in silent)
        if words:
            kept.append(replace(turn, index=len(kept), words=words))
    return tuple(kept), tuple(struck)
