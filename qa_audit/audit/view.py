"""A transcript in, its normalised view out: one line of normal forms a sentence, and in which lines every word stands.

It knows nothing of rules, so it is made once and kept; a changed rule pack is held against it without touching a word.
A phrase never runs over the end of a sentence, so nothing is lost by cutting turns there, and short lines are quick.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from qa_audit.models import Speaker, Transcript
from qa_audit.rules.words import WORDS_VERSION, Line, normalise

VIEW_VERSION = f"1 {WORDS_VERSION}"

Numbers = NDArray[np.unsignedinteger[Any]]

MANY = 32
"""Lines from which on setting them all at once is quicker than one by one."""

SPEAKERS = tuple(Speaker)


class Holding(dict[str, int]):
    """The lines that hold a lemma, as bits; put together when they are asked for, 0 for a word that is not said."""

    def __init__(self, words: Sequence[str], begins: Sequence[int], postings: Numbers, lines: int) -> None:
        self.words = dict(zip(words, range(len(words)), strict=True))
        self._begins, self._postings, self._lines = begins, postings, lines

    def __missing__(self, lemma: str) -> int:
        number = self.words.get(lemma)
        bits = 0
        if number is not None:
            found = self._postings[self._begins[number] : self._begins[number + 1]]
            if len(found) > MANY:
                chosen = np.zeros(self._lines, np.bool_)
                chosen[found] = True
                bits = _to_bits(chosen)
            else:
                for line in found.tolist():
                    bits |= 1 << line
        self[lemma] = bits
        return bits


@dataclass(frozen=True, slots=True)
class View:
    """The lines of a call, and `holding`: for every lemma the lines it stands in as the bits of one number (bit n: line n).

    Sets of lines as numbers make "all of these words, said by the agent" a few operations however long the call.
    `turns[n]` is the turn that line n belongs to.
    """

    lines: Sequence[str]
    turns: Sequence[int]
    holding: Holding
    _starts: Sequence[int]
    _at: Sequence[int]
    _speakers: Mapping[Speaker, int]

    def said_by(self, speakers: Iterable[Speaker]) -> int:
        """The lines of these speakers; a speaker nobody knows could be any of them."""
        return sum(self._speakers[speaker] for speaker in {*speakers, Speaker.UNKNOWN})

    def of_turn(self, turn: int) -> range:
        """The lines of one turn."""
        return range(bisect_left(self.turns, turn), bisect_right(self.turns, turn))

    def words_of(self, line: int) -> Sequence[int]:
        """The word of its turn that each token of a line came from."""
        return self._at[self._starts[line] : self._starts[line + 1]]

    def span(self, line: int, start: int, end: int) -> tuple[int, int]:
        """First and one past the last word, in its turn, under the characters start..end of a line."""
        return Line(self.lines[line], tuple(self.words_of(line))).span(start, end)


class Packed(msgspec.Struct, array_like=True, frozen=True):
    """A view as it is kept: texts joined by line feeds, numbers as little-endian bytes.

    `at` has the word of its turn that each token of each line came from, `postings` the lines of each of the `words`.
    """

    speakers: bytes
    lines: str
    turns: bytes
    lengths: bytes
    at: bytes
    words: str
    counts: bytes
    postings: bytes


def pack(transcript: Transcript) -> Packed:
    """The view of a transcript in its kept form."""
    turns, lines = [], []
    for turn in transcript.turns:
        for line in _sentences(normalise([word.text for word in turn.words])):
            turns.append(turn.index)
            lines.append(line)
    postings: dict[str, list[int]] = {}
    for number, line in enumerate(lines):
        for lemma in {token.partition("=")[0] for token in line.text.split()}:
            postings.setdefault(lemma, []).append(number)
    words = sorted(postings)
    return Packed(
        speakers=bytes(SPEAKERS.index(turn.speaker) for turn in transcript.turns),
        lines="\n".join(line.text for line in lines),
        turns=_to_bytes(turns),
        lengths=_to_bytes([len(line.at) for line in lines]),
        at=_to_bytes([word for line in lines for word in line.at]),
        words="\n".join(words),
        counts=_to_bytes([len(postings[word]) for word in words]),
        postings=_to_bytes([number for word in words for number in postings[word]]),
    )


def unpack(packed: Packed) -> View:
    """The view ready for matching."""
    turns = _numbers(packed.turns)
    words = packed.words.split("\n") if packed.words else []
    speakers = np.frombuffer(packed.speakers, np.uint8)[turns]
    return View(
        lines=packed.lines.split("\n"),
        turns=turns.tolist(),
        holding=Holding(words, [0, *np.cumsum(_numbers(packed.counts)).tolist()], _numbers(packed.postings), len(turns)),
        _starts=[0, *np.cumsum(_numbers(packed.lengths)).tolist()],
        _at=_numbers(packed.at).tolist(),
        _speakers={who: _to_bits(speakers == code) for code, who in enumerate(SPEAKERS)},
    )


def _sentences(line: Line) -> Iterator[Line]:
    """The line of a turn cut at its full stops."""
    first = 0
    for text in line.text.split(" ."):
        last = first + text.rstrip().count(" ")
        if last > first:
            yield Line(f"{text.rstrip()} ", line.at[first:last])
        first = last + 1


def _to_bits(chosen: NDArray[np.bool_]) -> int:
    return int.from_bytes(np.packbits(chosen, bitorder="little").tobytes(), "little")


def _to_bytes(numbers: Sequence[int]) -> bytes:
    """Two bytes a number, or four where one of them needs it; the first byte says which."""
    kind = 2 if max(numbers, default=0) < 1 << 16 else 4
    return bytes((kind,)) + np.asarray(numbers, f"<u{kind}").tobytes()


def _numbers(data: bytes) -> Numbers:
    return np.frombuffer(data, f"<u{data[0]}", offset=1)
