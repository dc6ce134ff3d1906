"""Azure Speech batch transcription: recognised phrases by channel and speaker, with times in ticks of 100 ns.

The words are those of the lexical form ("zero zero three"); where their number is that of the display form, its spelling
and marks are taken. Milliseconds instead of ticks are what the later versions write.
"""

from __future__ import annotations

from qa_audit.models import Word
from qa_audit.recordings.importers.base import UNSTATED, Camel, Imported, Passage, clean, has, passage, shaped, spread, within_a_call, word

KIND = "azure-batch"
TICKS = 10_000_000


class Timed(Camel, frozen=True):
    offset_in_ticks: float | None = None
    duration_in_ticks: float | None = None
    offset_milliseconds: float | None = None
    duration_milliseconds: float | None = None

    @property
    def start(self) -> float | None:
        return _seconds(self.offset_in_ticks, self.offset_milliseconds)

    @property
    def end(self) -> float | None:
        start, length = self.start, _seconds(self.duration_in_ticks, self.duration_milliseconds)
        return None if start is None else start + (length or 0.0)


class Spoken(Timed, frozen=True):
    word: str = ""
    confidence: float | None = None


class Guess(Camel, frozen=True):
    confidence: float | None = None
    lexical: str = ""
    display: str = ""
    words: tuple[Spoken, ...] = ()
    display_words: tuple[Spoken, ...] = ()


class Phrase(Timed, frozen=True):
    channel: int = 0
    speaker: int | None = None
    n_best: tuple[Guess, ...] = ()
    locale: str | None = None


class File(Timed, frozen=True):
    recognized_phrases: tuple[Phrase, ...] = ()


def sniff(document: object) -> bool:
    return has(document, "recognizedPhrases") and isinstance(document["recognizedPhrases"], list)


def read(document: object) -> Imported:
    file = shaped(document, File)
    channels = {phrase.channel for phrase in file.recognized_phrases}
    phrases = [phrase for phrase in file.recognized_phrases if phrase.n_best]
    return Imported(
        kind=KIND,
        passages=tuple(_passage(phrase, several=len(channels) > 1) for phrase in phrases),
        language=next((phrase.locale for phrase in phrases if phrase.locale), None),
        duration=_seconds(file.duration_in_ticks, file.duration_milliseconds),
    )


def _passage(phrase: Phrase, *, several: bool) -> Passage:
    """One phrase by its voice: the channel where there are several, else the speaker."""
    label = f"ch_{phrase.channel}" if several else "" if phrase.speaker is None else f"speaker {phrase.speaker}"
    best = phrase.n_best[0]
    trust = UNSTATED if best.confidence is None else best.confidence
    if best.display_words:
        return passage(label, (_word(said, said.word, trust) for said in best.display_words))
    shown = clean(best.display).split()
    if not best.words:
        return passage(label, spread(best.display or best.lexical, phrase.start, phrase.end, trust))
    spelt = shown if len(shown) == len(best.words) else [said.word for said in best.words]
    return passage(label, (_word(said, text, trust) for said, text in zip(best.words, spelt, strict=True)))


def _word(said: Spoken, text: str, trust: float) -> Word | None:
    return word(text, said.start, said.end, trust if said.confidence is None else said.confidence)


def _seconds(ticks: float | None, millis: float | None) -> float | None:
    if ticks is None and millis is None:
        return None
    return within_a_call(ticks / TICKS if ticks is not None else (millis or 0.0) / 1000)
