"""IBM Watson Speech to Text: `[word, start, end]` lists, confidence apart, speakers by the time at which a word begins."""

from __future__ import annotations

from collections.abc import Iterator

from qa_audit.models import Word
from qa_audit.recordings.importers.base import UNSTATED, Imported, Passage, Seconds, Shape, has, passage, runs, shaped, spread, word

KIND = "ibm-watson"


class Label(Shape, frozen=True, rename={"start": "from"}):
    start: Seconds
    speaker: int


class Alternative(Shape, frozen=True):
    transcript: str = ""
    confidence: float | None = None
    timestamps: tuple[tuple[str, Seconds, Seconds], ...] = ()
    word_confidence: tuple[tuple[str, float], ...] = ()


class Result(Shape, frozen=True):
    alternatives: tuple[Alternative, ...]
    final: bool = True


class Results(Shape, frozen=True):
    results: tuple[Result, ...]
    speaker_labels: tuple[Label, ...] = ()


class Job(Shape, frozen=True):
    results: tuple[Results, ...]


def sniff(document: object) -> bool:
    results = document.get("results") if isinstance(document, dict) else None
    if not isinstance(results, list) or not results:
        return False
    return sniff(results[0]) or has(results[0], "alternatives", "final")


def read(document: object) -> Imported:
    """A finished job (`results[].results[]`) or the answer of a direct call (`results[]`)."""
    inner = document["results"][0] if isinstance(document, dict) else document
    parts = shaped(document, Job).results if has(inner, "results") else (shaped(document, Results),)
    return Imported(kind=KIND, passages=tuple(said for part in parts for said in _passages(part)))


def _passages(part: Results) -> Iterator[Passage]:
    voices = {label.start: f"speaker {label.speaker}" for label in part.speaker_labels}
    for result in part.results:
        if not result.final or not result.alternatives:
            continue
        best = result.alternatives[0]
        trust = UNSTATED if best.confidence is None else best.confidence
        if not best.timestamps:
            yield passage("", spread(best.transcript, None, None, trust))
            continue
        by_voice = runs((voices.get(said.start or 0.0, ""), said) for said in _words(best, trust))
        yield from (passage(label, run) for label, run in by_voice)


def _words(best: Alternative, trust: float) -> Iterator[Word]:
    sure = [confidence for _, confidence in best.word_confidence]
    if len(sure) != len(best.timestamps):
        sure = [trust] * len(best.timestamps)
    for (text, start, end), confidence in zip(best.timestamps, sure, strict=True):
        spoken = word(text, start, end, confidence)
        if spoken:
            yield spoken
