"""What a piece of talk means: its vector and its word groups in, a score a behaviour out.

One linear head a behaviour (logistic regression) over both. The vectors know what sentences are about, the word
groups how a thing is said; together they find far more than either alone (see benchmarks/quality.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qa_audit.audit.meaning.grams import Grams, Numbers

Floats = NDArray[np.float32]

LEAST = 1e-3
"""Chances are kept this far from 0 and 1 as log-odds, so that no single score drowns all the others."""


@dataclass(frozen=True, slots=True)
class Heads:
    """`own` is [dim, behaviours], `words` is [groups, behaviours], `bias` is [behaviours].

    `vocabulary` are the numbers of the word groups that are known, rising; `rarity` is their inverse document frequency.
    """

    names: tuple[str, ...]
    vocabulary: Numbers
    rarity: Floats
    own: Floats
    words: Floats
    bias: Floats

    def scores(self, vectors: Floats, grams: Grams) -> Floats:
        """Log-odds of every behaviour for every piece, [pieces, behaviours]."""
        scores = np.asarray(vectors @ self.own + self.bias, np.float32)
        if len(self.vocabulary):
            self._add_words(scores, grams)
        return scores

    def _add_words(self, scores: Floats, grams: Grams) -> None:
        places = np.minimum(np.searchsorted(self.vocabulary, grams.numbers), len(self.vocabulary) - 1)
        known = self.vocabulary[places] == grams.numbers
        pieces, places = np.repeat(np.arange(len(grams.counts)), grams.counts)[known], places[known]
        if not len(pieces):
            return
        weights = self.rarity[places]
        first = np.flatnonzero(np.diff(pieces, prepend=-1))
        lengths = np.sqrt(np.add.reduceat(weights * weights, first))
        scores[pieces[first]] += np.add.reduceat(weights[:, None] * self.words[places], first) / lengths[:, None]


def mean_vector(vectors: Floats) -> Floats:
    """The direction of several vectors together, of length 1; zeros for none."""
    total = vectors.sum(axis=0)
    length = float(np.linalg.norm(total))
    return np.asarray(total / length if length else total, np.float32)


def odds_to_chance(scores: Floats) -> Floats:
    """Log-odds as chances 0..1."""
    return np.asarray(1.0 / (1.0 + np.exp(-scores)), np.float32)


def log_odds(chances: Floats) -> Floats:
    """Chances as log-odds, within bounds."""
    kept = np.clip(chances, LEAST, 1 - LEAST)
    return np.asarray(np.log(kept / (1 - kept)), np.float32)
