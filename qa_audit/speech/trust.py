"""What an engine heard goes in; the words that count, each with its trust, and the words that are struck come out.

A recogniser writes fluent text over silence, music and noise, and repeats itself when it is lost. What it says of itself and
what the signal knows are both needed: a word counts only with a voice under it, and never more than its sound allows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from qa_audit.models import Word
from qa_audit.speech.activity import FRAME_SECONDS
from qa_audit.speech.ear import Side
from qa_audit.speech.engines.base import Clip, Hearing
from qa_audit.speech.words import clamped, loops

NO_VOICE = 0.2
"""Likelihood of speech, at its best under a word, below which nobody says it."""

VOICE = 0.5
"""Likelihood of speech at and above which a word loses nothing."""

AROUND = 0.1
"""Seconds on both sides of a word that count as under it; recognisers' times are no better."""

NO_SPEECH, UNLIKELY = 0.6, -1.0
"""Whisper's own rule: a window is silence when its no-speech probability is above the first and its mean log-probability
below the second (Radford et al. 2022)."""

COMPRESSES = 2.4
"""Text that compresses better than this repeats itself (the same source)."""

FASTEST = 7.0
"""Words in a second of speech; nobody says more."""

UNBROKEN = 40.0
"""Seconds. Speech that goes on for longer without the shortest pause is likely sung, on hold; two people in quick talk on one channel
were seen to go on for 22."""

DOUBTED = 0.4
"""What is left of the trust in words of a clip that repeats itself, is unlikely, too fast or sung."""


@dataclass(frozen=True, slots=True)
class HeardSide:
    """The words of one side in order: those that count, and those that are kept for the record only."""

    words: tuple[Word, ...]
    struck: tuple[Word, ...]


def weighed(side: Side, clips: Sequence[Clip], hearings: Sequence[Hearing]) -> HeardSide:
    """The words of a side, from its clips and what the engine heard in each."""
    told: list[Word] = []
    struck: list[Word] = []
    for clip, hearing in zip(clips, hearings, strict=True):
        words = clamped(hearing.words, clip)
        if _is_silence(hearing):
            struck += words
            continue
        factor = side.quality.factor * (DOUBTED if _is_doubtful(clip, hearing, side) else 1.0)
        for word in words:
            voice = voice_under(word, side)
            if voice < NO_VOICE:
                struck.append(word)
            else:
                told.append(replace(word, trust=min(1.0, max(0.0, word.trust)) * factor * min(1.0, voice / VOICE)))
    repeated = loops(told)
    struck += (word for place, word in enumerate(told) if place in repeated)
    kept = tuple(word for place, word in enumerate(told) if place not in repeated)
    return HeardSide(kept, tuple(sorted(struck, key=_start)))


def voice_under(word: Word, side: Side, *, around: float = AROUND) -> float:
    """The best likelihood of speech, 0..1, under a word and so many seconds around it; 1 for a word without times."""
    if word.start is None:
        return 1.0
    first = int(max(0.0, word.start - around) / FRAME_SECONDS)
    last = int(((word.start if word.end is None else word.end) + around) / FRAME_SECONDS) + 1
    return float(side.heard.likely[first:last].max(initial=0.0))


def overall(words: Iterable[Word]) -> float:
    """The mean trust of words weighted by their seconds; 0 when there are none."""
    pairs = [(max(0.01, (word.end or 0.0) - (word.start or 0.0)), word.trust) for word in words]
    seconds = sum(length for length, _ in pairs)
    return sum(length * trust for length, trust in pairs) / seconds if seconds else 0.0


def _is_silence(hearing: Hearing) -> bool:
    return (hearing.no_speech or 0.0) > NO_SPEECH and (hearing.avg_logprob or 0.0) < UNLIKELY


def _is_doubtful(clip: Clip, hearing: Hearing, side: Side) -> bool:
    """Whether something about a whole clip makes its words doubtful."""
    if (hearing.avg_logprob or 0.0) < UNLIKELY or (hearing.compression_ratio or 0.0) > COMPRESSES:
        return True
    spoken = [(start, end) for start, end in side.heard.speech if start < clip.end and end > clip.start]
    seconds = sum(min(end, clip.end) - max(start, clip.start) for start, end in spoken)
    if len(hearing.words) > FASTEST * max(1.0, seconds):
        return True
    return any(end - start > UNBROKEN for start, end in spoken)


def _start(word: Word) -> float:
    return word.start or 0.0
