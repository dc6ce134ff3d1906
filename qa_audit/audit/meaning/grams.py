"""Normal forms of words in, word groups out: the one to three words in a row that a head may know, each as a number.

Dialect spellings, inflections and fillers are gone already (`rules.words`); numbers and names are made alike here, so that
no head can learn a price or a person. A group is known by its hash (feature hashing, Weinberger et al., 2009), so that what is kept
of a call depends on no model: the 32 bits of CRC-32 make one in a hundred thousand unknown groups look like a known one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from qa_audit.audit.sentences import Sentence
from qa_audit.audit.view import View
from qa_audit.rules.words import normalise

Numbers = NDArray[np.unsignedinteger[Any]]

LONGEST = 3
"""Words in a group."""

NAME, NUMBER, START, END = "<name>", "0", "<s>", "</s>"


@dataclass(frozen=True, slots=True)
class Grams:
    """The word groups of many pieces of talk in a row: `counts[n]` of the `numbers` belong to piece n."""

    counts: Numbers
    numbers: Numbers

    @classmethod
    def of(cls, pieces: Sequence[frozenset[int]]) -> Grams:
        """The word groups of each piece, in a fixed order."""
        numbers = [number for groups in pieces for number in sorted(groups)]
        return cls(np.array([len(groups) for groups in pieces], np.uint32), np.array(numbers, np.uint32))


def grams_of(text: str) -> frozenset[int]:
    """The word groups of a text."""
    return groups(normalise(text.split()).text.split())


def groups(tokens: Sequence[str]) -> frozenset[int]:
    """The word groups of one sentence's tokens as they stand in a normalised line."""
    words = [START, *(word for word in map(_plain, tokens) if word), END]
    return frozenset(crc32(run.encode()) for run in _runs(words))


def grams_of_pieces(view: View, sentences: Iterable[Sentence]) -> Grams:
    """The word groups of every sentence of a call and, after a turn's last, those of the turn where it has several."""
    pieces: list[frozenset[int]] = []
    for turn, inside in groupby(sentences, key=attrgetter("turn")):
        tokens = _tokens(view, turn, [sentence.last for sentence in inside])
        pieces += map(groups, tokens)
        if len(tokens) > 1:
            pieces.append(groups([word for words in tokens for word in words]))
    return Grams.of(pieces)


def _tokens(view: View, turn: int, ends: Sequence[int]) -> list[list[str]]:
    """The normal forms of each sentence of a turn; `ends` are the words where its sentences end."""
    found: list[list[str]] = [[] for _ in ends]
    for line in view.of_turn(turn):
        for token, word in zip(view.lines[line].split(), view.words_of(line), strict=True):
            found[min(bisect_right(ends, word), len(ends) - 1)].append(token)
    return found


def _runs(words: Sequence[str]) -> Iterator[str]:
    for first in range(len(words)):
        for last in range(first + 1, min(first + LONGEST, len(words)) + 1):
            yield " ".join(words[first:last])


def _plain(token: str) -> str:
    lemma, _, surface = token.partition("=")
    if surface.startswith("^"):
        return NAME
    if lemma[0].isdigit():
        return NUMBER
    return "" if lemma in ".," else lemma
