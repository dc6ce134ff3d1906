"""How both Whispers listen to clips: packed into windows, decoded in batches, doubtful clips a second time by themselves.

A clip is doubtful when its words are improbable, repeat themselves, or are far too few or too many for its length. Whisper's own
remedy, drawing again at random, would give another text every night; a wider search by itself gives the same one.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Protocol

from qa_audit.models import Word
from qa_audit.speech.engines.base import SAMPLE_RATE, Clip, Hearing, Samples
from qa_audit.speech.engines.packing import GAP, WINDOW, Spoken, fill, pack, share_out

LOW_LOGPROB = -1.0
"""Mean log-probability per token below which OpenAI's Whisper decodes again; here too."""

HIGH_COMPRESSION = 2.4
"""Compression ratio of a text above which OpenAI's Whisper takes it for a loop; here too."""

FEW_WORDS, MANY_WORDS = 0.5, 7.0
"""Words a second of clip between which people talk; auctioneers and long pauses included."""

LONG_ENOUGH = 1.5
"""Seconds of clip from which on the number of words tells anything."""

LEADING, TRAILING = "\"'“¿([{-", "\"'.。,，!！?？:：”)]}、"
"""Punctuation that belongs to the word after it and to the word before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How to listen. Everything here shapes words and is part of what a transcript is kept under.

    `window` and `gap` are seconds; `batch` windows are decoded together; `second_beam` is the width of the search when a
    doubtful clip is heard again, 0 for never; `most_tokens` a second bound a loop; `least_context` is how many seconds an encoder
    that can do with less than 30 is given at least. In half a minute of quick talk between two on the telephone English took 5.1
    tokens a second, and 9.1 in its quickest breath; scripts such as Hindi's take a token for every letter.
    """

    beam_size: int = 1
    window: float = WINDOW
    gap: float = GAP
    batch: int = 8
    second_beam: int = 5
    most_tokens: float = 12.0
    least_context: float = WINDOW

    def token_limit(self, seconds: float) -> int:
        """The most tokens a window of this length may have; Whisper's own limit is 224."""
        return min(224, 16 + math.ceil(self.most_tokens * seconds))

    def as_options(self) -> dict[str, str]:
        """For the record of what a call was heard by."""
        return {name: str(value) for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Decoded:
    """What was heard in one window, and how probable it is that nobody speaks in it."""

    words: tuple[Spoken, ...]
    no_speech: float


class WindowDecoder(Protocol):
    """A loaded Whisper of either kind."""

    def language_of(self, windows: Sequence[Samples]) -> str:
        """The one language spoken in these windows, as a code such as `en`."""
        ...

    def decode(self, windows: Sequence[Samples], *, language: str, beam_size: int) -> list[Decoded]:
        """What is heard in each window of at most 30 s, all in one batch."""
        ...


def listen(decoder: WindowDecoder, clips: Sequence[Clip], *, language: str | None, manner: Manner) -> list[Hearing]:
    """One hearing per clip, in order."""
    if not clips:
        return []
    known = language or _language(decoder, clips, manner)
    hearings = _hear(decoder, clips, language=known, manner=manner, beam_size=manner.beam_size, longest=manner.window)
    again = [i for i, hearing in enumerate(hearings) if is_doubtful(hearing, clips[i])] if manner.second_beam else []
    seconds = _hear(decoder, [clips[i] for i in again], language=known, manner=manner, beam_size=manner.second_beam, longest=0.0)
    for i, second in zip(again, seconds, strict=True):
        hearings[i] = _better(hearings[i], second, clips[i])
    return hearings


def _language(decoder: WindowDecoder, clips: Sequence[Clip], manner: Manner) -> str:
    """Decided once, over the windows with most speech."""
    samples = [clip.samples for clip in clips]
    windows = sorted(pack([_seconds(clip) for clip in clips], longest=manner.window, gap=manner.gap), key=lambda w: -w.seconds)
    return decoder.language_of([fill(window, samples) for window in windows[: manner.batch]])


def _hear(decoder: WindowDecoder, clips: Sequence[Clip], *, language: str, manner: Manner, beam_size: int, longest: float) -> list[Hearing]:
    """Windows of like length go into one batch, so that little of it is padding."""
    samples = [clip.samples for clip in clips]
    windows = sorted(pack([_seconds(clip) for clip in clips], longest=longest, gap=manner.gap), key=lambda window: window.seconds)
    found: dict[int, Hearing] = {}
    for first in range(0, len(windows), manner.batch):
        batch = windows[first : first + manner.batch]
        decoded = decoder.decode([fill(window, samples) for window in batch], language=language, beam_size=beam_size)
        for window, heard in zip(batch, decoded, strict=True):
            for i, words in share_out(heard.words, window).items():
                found[i] = _hearing(words, clips[i], no_speech=heard.no_speech, language=language)
    return [found[i] for i in range(len(clips))]


def _hearing(words: Sequence[Spoken], clip: Clip, *, no_speech: float, language: str) -> Hearing:
    text = "".join(word.text for word in words).strip()
    return Hearing(
        tuple(
            Word(word.text.strip(), round(clip.start + word.start, 3), round(clip.start + word.end, 3), round(word.probability, 4))
            for word in words
            if word.text.strip()
        ),
        no_speech=round(no_speech, 4),
        avg_logprob=round(_mean_logprob(words), 4) if words else None,
        compression_ratio=round(compression_ratio(text), 3) if text else None,
        language=language,
    )


def _mean_logprob(words: Sequence[Spoken]) -> float:
    """Over the tokens of a clip, each taken to be as probable as the mean of its word."""
    return sum(w.tokens * math.log(max(w.probability, 1e-9)) for w in words) / sum(w.tokens for w in words)


def compression_ratio(text: str) -> float:
    """How well a text compresses; above 2.4 it repeats itself (Whisper's measure)."""
    raw = text.encode()
    return len(raw) / len(zlib.compress(raw))


def is_doubtful(hearing: Hearing, clip: Clip) -> bool:
    """Whether a clip should be heard again by itself."""
    seconds = _seconds(clip)
    pace = len(hearing.words) / seconds if seconds >= LONG_ENOUGH else FEW_WORDS
    improbable = hearing.avg_logprob is not None and hearing.avg_logprob < LOW_LOGPROB
    return improbable or _loops(hearing) or not FEW_WORDS <= pace <= MANY_WORDS


def _better(first: Hearing, second: Hearing, clip: Clip) -> Hearing:
    """The second hearing, unless it too is doubtful and no better than the first."""
    if not is_doubtful(second, clip):
        return second
    return max((second, first), key=lambda hearing: (not _loops(hearing), hearing.avg_logprob or LOW_LOGPROB))


def _loops(hearing: Hearing) -> bool:
    return hearing.compression_ratio is not None and hearing.compression_ratio > HIGH_COMPRESSION


def _seconds(clip: Clip) -> float:
    return len(clip.samples) / SAMPLE_RATE
