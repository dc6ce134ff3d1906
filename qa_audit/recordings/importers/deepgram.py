"""Deepgram, prerecorded: words by channel and, with diarisation, by speaker.

Shape: `results.channels[].alternatives[0].words[]`; utterances repeat them and are read only for words that stand nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from qa_audit.models import Word
from qa_audit.recordings.importers.base import UNSTATED, Imported, Passage, Seconds, Shape, has, passage, runs, shaped, spread, word

KIND = "deepgram"


class Spoken(Shape, frozen=True):
    word: str = ""
    punctuated_word: str = ""
    start: Seconds = 0.0
    end: Seconds | None = None
    confidence: float | None = None
    speaker: int | None = None


class Alternative(Shape, frozen=True):
    transcript: str = ""
    confidence: float | None = None
    words: tuple[Spoken, ...] = ()


class Channel(Shape, frozen=True):
    alternatives: tuple[Alternative, ...] = ()
    detected_language: str | None = None


class Utterance(Shape, frozen=True):
    transcript: str = ""
    start: Seconds | None = None
    end: Seconds | None = None
    confidence: float | None = None
    channel: int = 0
    speaker: int | None = None
    words: tuple[Spoken, ...] = ()


class Results(Shape, frozen=True):
    channels: tuple[Channel, ...]
    utterances: tuple[Utterance, ...] = ()


class Model(Shape, frozen=True):
    name: str = ""


class Metadata(Shape, frozen=True):
    duration: Seconds | None = None
    model_info: dict[str, Model] = msgspec.field(default_factory=dict)


class File(Shape, frozen=True):
    results: Results
    metadata: Metadata = Metadata()


def sniff(document: object) -> bool:
    return has(document, "results") and has(document["results"], "channels")


def read(document: object) -> Imported:
    file = shaped(document, File)
    results = file.results
    several = len(results.channels) > 1
    voiced = any(spoken.speaker is not None for channel in results.channels for best in channel.alternatives[:1] for spoken in best.words)
    by_utterance = results.utterances and not several and not voiced
    return Imported(
        kind=KIND,
        passages=tuple(_utterances(results) if by_utterance else _words(results, several=several)),
        language=next((channel.detected_language for channel in results.channels if channel.detected_language), None),
        duration=file.metadata.duration,
        model=", ".join(model.name for model in file.metadata.model_info.values()),
    )


def _words(results: Results, *, several: bool) -> Iterator[Passage]:
    for place, channel in enumerate(results.channels):
        for best in channel.alternatives[:1]:
            by_voice = runs((_label(place, spoken.speaker, several=several), spoken) for spoken in best.words)
            yield from (passage(label, map(_word, run)) for label, run in by_voice)


def _utterances(results: Results) -> Iterator[Passage]:
    """Where nobody is told apart, the utterances are the only division there is."""
    for said in results.utterances:
        if said.words:
            yield passage("", map(_word, said.words))
        else:
            yield passage("", spread(said.transcript, said.start, said.end, UNSTATED if said.confidence is None else said.confidence))


def _label(channel: int, speaker: int | None, *, several: bool) -> str:
    """The voice: the channel where there are several, else the speaker."""
    if several:
        return f"ch_{channel}"
    return "" if speaker is None else f"speaker {speaker}"


def _word(spoken: Spoken) -> Word | None:
    return word(spoken.punctuated_word or spoken.word, spoken.start, spoken.end, spoken.confidence)
