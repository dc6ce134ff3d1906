"""JSON of openai-whisper, faster-whisper's command-line tools, whisper-timestamped and WhisperX.

Segments with `text`, `start`, `end`, and as the tool had it words, probabilities and WhisperX's speakers. A word without a
probability is believed as far as its segment; a word without times (WhisperX cannot align numbers) stands between its neighbours.
"""

from __future__ import annotations

import math

import msgspec

from qa_audit.models import Word
from qa_audit.recordings.importers.base import UNSTATED, Imported, Passage, Seconds, Shape, clean, has, passage, runs, shaped, spread, word

KIND = "whisper"


class Spoken(Shape, frozen=True):
    word: str = ""
    text: str = ""
    start: Seconds | None = None
    end: Seconds | None = None
    probability: float | None = None
    confidence: float | None = None
    score: float | None = None
    speaker: str | None = None


class Segment(Shape, frozen=True):
    text: str = ""
    start: Seconds | None = None
    end: Seconds | None = None
    words: tuple[Spoken, ...] | None = None
    avg_logprob: float | None = None
    confidence: float | None = None
    speaker: str | None = None


class Whisper(Shape, frozen=True):
    segments: tuple[Segment, ...]
    language: str | None = None
    duration: float | None = None
    model: str | msgspec.UnsetType = msgspec.UNSET


def sniff(document: object) -> bool:
    segments = document.get("segments") if isinstance(document, dict) else None
    return isinstance(segments, list) and all(has(segment, "text") for segment in segments[:3])


def read(document: object) -> Imported:
    file = shaped(document, Whisper)
    passages = [said for segment in file.segments for said in _passages(segment)]
    return Imported(kind=KIND, passages=tuple(passages), language=file.language, duration=file.duration, model=file.model or "")


def _passages(segment: Segment) -> list[Passage]:
    trust = _trust(segment)
    if not segment.words:
        return [Passage(clean(segment.speaker or ""), spread(segment.text, segment.start, segment.end, trust))]
    by_voice = runs((spoken.speaker or segment.speaker or "", _word(spoken, start, end, trust)) for spoken, start, end in _timed(segment))
    return [passage(label, words) for label, words in by_voice]


def _word(spoken: Spoken, start: float | None, end: float | None, trust: float) -> Word | None:
    told = (spoken.probability, spoken.confidence, spoken.score, trust)
    return word(spoken.word or spoken.text, start, end, next(value for value in told if value is not None))


def _timed(segment: Segment) -> list[tuple[Spoken, float | None, float | None]]:
    """Every word with its times; those without get the place between the words around them."""
    at, timed = segment.start, []
    for spoken in segment.words or ():
        start = at if spoken.start is None else spoken.start
        end = start if spoken.end is None else spoken.end
        timed.append((spoken, start, end))
        at = end
    return timed


def _trust(segment: Segment) -> float:
    """A segment's own confidence, or the mean probability of its tokens."""
    if segment.confidence is not None:
        return segment.confidence
    return UNSTATED if segment.avg_logprob is None else math.exp(min(0.0, segment.avg_logprob))
