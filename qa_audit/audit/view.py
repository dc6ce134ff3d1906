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

LARGEST_TABLE = 1 << 23
"""Bytes of working memory for sets of lines; more is done in several goes."""

SPEAKERS = tuple(Speaker)


@dataclass(frozen=True, slots=True)
class View:
    """The lines of a call; `turns[n]` is the turn that line n belongs to, `words` are all lemmas in them with their number.

    A set of lines is a number of `bits` bits, the first line the highest of them, so that "all of these words, said by the
    agent" is a few operations however long the call, and `bits - set.bit_length()` is the first line of a set.
    """

    lines: Sequence[str]
    turns: Sequence[int]
    words: Mapping[str, int]
    _begins: Numbers
    _postings: Numbers
    _starts: Sequence[int]
    _at: Sequence[int]
    _speakers: Mapping[Speaker, int]

    @property
    def bits(self) -> int:
        """How many bits a set of lines has: one a line, filled up to whole bytes."""
        return 8 * -(-len(self.lines) // 8)

    def holding(self, lemmas: Iterable[str]) -> dict[str, int]:
        """For each lemma of this call, the set of lines it is said in."""
        known = [lemma for lemma in lemmas if lemma in self.words]
        at_once = max(1, LARGEST_TABLE // max(1, len(self.lines)))
        sets: dict[str, int] = {}
        for first in range(0, len(known), at_once):
            some = known[first : first + at_once]
            sets.update(zip(some, self._sets([self.words[lemma] for lemma in some]), strict=True))
        return sets

    def _sets(self, numbers: Sequence[int]) -> list[int]:
        """The sets of lines of so many words, filled in one table."""
        begins = self._begins[numbers]
        counts = self._begins[np.asarray(numbers) + 1] - begins
        rows = np.repeat(np.arange(len(numbers)), counts)
        within = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        table = np.zeros((len(numbers), len(self.lines)), np.bool_)
        table[rows, self._postings[np.repeat(begins, counts) + within]] = True
        packed = np.packbits(table, axis=1)
        data, width = packed.tobytes(), packed.shape[1]
        return [int.from_bytes(data[at : at + width], "big") for at in range(0, len(data), width)]

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
        """First and one past the last word, in its turn, under the characters start..end of a line (as `Line.span`)."""
        text, at = self.lines[line], self._starts[line]
        return self._at[at + text.count(" ", 0, start)], self._at[at + text.count(" ", 0, end) - 2] + 1


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
        words=dict(zip(words, range(len(words)), strict=True)),
        _begins=np.concatenate(([0], np.cumsum(_numbers(packed.counts), dtype=np.int64))),
        _postings=_numbers(packed.postings),
        _starts=[0, *np.cumsum(_numbers(packed.lengths)).tolist()],
        _at=_numbers(packed.at).tolist(),
        _speakers={who: _to_set(speakers == code) for code, who in enumerate(SPEAKERS)},
    )


def _sentences(line: Line) -> Iterator[Line]:
    """The line of a turn cut at its full stops."""
    first = 0
    for text in line.text.split(" ."):
        last = first + text.rstrip().count(" ")
        if last > first:
            yield Line(f"{text.rstrip()} ", line.at[first:last])
        first = last + 1


def _to_set(chosen: NDArray[np.bool_]) -> int:
    return int.from_bytes(np.packbits(chosen).tobytes(), "big")


def _to_bytes(numbers: Sequence[int]) -> bytes:
    """Two bytes a number, or four where one of them needs it; the first byte says which."""
    kind = 2 if max(numbers, default=0) < 1 << 16 else 4
    return bytes((kind,)) + np.asarray(numbers, f"<u{kind}").tobytes()


def _numbers(data: bytes) -> Numbers:
    return np.frombuffer(data, f"<u{data[0]}", offset=1)
