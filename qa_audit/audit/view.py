"""A transcript in, its normalised view out: one line of normal forms a turn, and in which turns every word stands.

It knows nothing of rules, so it is made once and kept; a changed rule pack is held against it without touching a word.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from qa_audit.models import Speaker, Transcript
from qa_audit.rules.words import WORDS_VERSION, Line, normalise

VIEW_VERSION = f"1 {WORDS_VERSION}"

Numbers = NDArray[np.unsignedinteger[Any]]

SPEAKERS = tuple(Speaker)
MARKS = frozenset((",", "."))


@dataclass(frozen=True, slots=True)
class View:
    """The lines of a call, and for every lemma the turns it stands in as the bits of one number (bit t: turn t).

    Sets of turns as numbers make "all of these words, said by the agent" a few operations however long the call.
    """

    lines: Sequence[str]
    ends: Numbers
    at: Numbers
    words: dict[str, int]
    stops: Numbers
    turns: Numbers
    speakers: dict[Speaker, int]
    _bits: dict[str, int] = field(default_factory=dict)

    def bits(self, lemma: str) -> int:
        """The turns in which the lemma is said."""
        known = self._bits.get(lemma)
        if known is None:
            known = self._bits[lemma] = sum(1 << turn for turn in self._turns_of(lemma))
        return known

    def _turns_of(self, lemma: str) -> list[int]:
        number = self.words.get(lemma)
        if number is None:
            return []
        turns: list[int] = self.turns[self.stops[number - 1] if number else 0 : self.stops[number]].tolist()
        return turns

    def said_by(self, speakers: Iterable[Speaker]) -> int:
        """The turns of these speakers; a speaker nobody knows could be any of them."""
        return sum(self.speakers.get(speaker, 0) for speaker in {*speakers, Speaker.UNKNOWN})

    def line(self, turn: int) -> Line:
        """The line of one turn with the word that each of its tokens came from."""
        first = self.ends[turn - 1] if turn else 0
        return Line(self.lines[turn], tuple(self.at[first : self.ends[turn]].tolist()))


class Packed(msgspec.Struct, array_like=True, frozen=True):
    """A view as it is kept: texts joined, numbers as little-endian bytes."""

    lines: str
    lengths: bytes
    at: bytes
    words: str
    counts: bytes
    turns: bytes
    speakers: bytes


def pack(transcript: Transcript) -> Packed:
    """The view of a transcript in its kept form."""
    lines = [normalise([word.text for word in turn.words]) for turn in transcript.turns]
    found: dict[str, list[int]] = {}
    for index, line in enumerate(lines):
        for lemma in {token.partition("=")[0] for token in line.text.split()} - MARKS:
            found.setdefault(lemma, []).append(index)
    words = sorted(found)
    return Packed(
        lines="\n".join(line.text for line in lines),
        lengths=_to_bytes([len(line.at) for line in lines]),
        at=_to_bytes([word for line in lines for word in line.at]),
        words="\n".join(words),
        counts=_to_bytes([len(found[word]) for word in words]),
        turns=_to_bytes([turn for word in words for turn in found[word]]),
        speakers=bytes(SPEAKERS.index(turn.speaker) for turn in transcript.turns),
    )


def unpack(packed: Packed) -> View:
    """The view ready for matching."""
    words = packed.words.split("\n") if packed.words else []
    return View(
        lines=packed.lines.split("\n") if packed.speakers else [],
        ends=np.cumsum(_numbers(packed.lengths)),
        at=_numbers(packed.at),
        words=dict(zip(words, range(len(words)), strict=True)),
        stops=np.cumsum(_numbers(packed.counts)),
        turns=_numbers(packed.turns),
        speakers={who: _bits_of(packed.speakers, code) for code, who in enumerate(SPEAKERS)},
    )


def _bits_of(speakers: bytes, code: int) -> int:
    """The turns of one speaker as the bits of a number."""
    bits = np.packbits(np.frombuffer(speakers, np.uint8) == code, bitorder="little")
    return int.from_bytes(bits.tobytes(), "little")


def _to_bytes(numbers: Sequence[int]) -> bytes:
    """Two bytes a number, or four where one of them needs it; the first byte says which."""
    kind = 2 if max(numbers, default=0) < 1 << 16 else 4
    return bytes((kind,)) + np.asarray(numbers, f"<u{kind}").tobytes()


def _numbers(data: bytes) -> Numbers:
    return np.frombuffer(data, f"<u{data[0]}", offset=1)
