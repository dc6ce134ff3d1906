"""A transcript and its kept view and vectors in, its talk out: for every turn the pieces that a head can score.

The pieces of a turn are its sentences and, where there are several, the turn as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from qa_audit.audit.kept import Kept
from qa_audit.audit.meaning.context import Said
from qa_audit.audit.meaning.grams import Grams
from qa_audit.audit.meaning.heads import Floats
from qa_audit.audit.sentences import Sentence
from qa_audit.models import Transcript

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Talk:
    """`turns` are indices into the transcript, `sentences` those of each turn, and `begins` the first piece of each turn.

    `vectors` has a row a piece, `grams` its word groups.
    """

    turns: tuple[int, ...]
    said: tuple[Said, ...]
    sentences: tuple[tuple[Sentence, ...], ...]
    begins: Rows
    vectors: Floats
    grams: Grams


def talk(transcript: Transcript, kept: Kept) -> Talk | None:
    """The talk of people in a call; None when no vectors were kept or nobody speaks."""
    vectors = kept.vectors
    if vectors is None or not kept.sentences:
        return None
    sentences = tuple(tuple(inside) for _, inside in groupby(kept.sentences, key=lambda sentence: sentence.turn))
    turns = tuple(inside[0].turn for inside in sentences)
    said = tuple(Said(transcript.turns[turn].speaker, transcript.turns[turn].text) for turn in turns)
    counts = np.array([len(inside) for inside in sentences])
    sums = np.add.reduceat(vectors, np.cumsum(counts) - counts)
    pieces = counts + (counts > 1)
    return Talk(
        turns=turns,
        said=said,
        sentences=sentences,
        begins=np.cumsum(pieces) - pieces,
        vectors=_pieces(vectors, _directions(sums), counts),
        grams=kept.grams,
    )


def _pieces(vectors: Floats, whole: Floats, counts: Rows) -> Floats:
    """The vectors of all sentences with that of the whole turn after those of a turn that has several."""
    several = np.flatnonzero(counts > 1)
    return np.insert(vectors, np.cumsum(counts)[several], whole[several], axis=0)


def _directions(sums: Floats) -> Floats:
    """Sums of vectors as vectors of length 1; zeros stay zeros."""
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    return np.asarray(np.divide(sums, lengths, out=np.zeros_like(sums), where=lengths > 0), np.float32)
