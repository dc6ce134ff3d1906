"""What a piece of talk means: its vector, the vector of what was said before it and its word groups in, a score a behaviour out.

One linear head a behaviour (logistic regression) over all three. The vectors know what sentences are about, the word
groups how a thing is said; together they find far more than either alone (see benchmarks/quality.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

BEFORE_WEIGHT = 0.5
"""How much what was said before counts beside the piece itself."""


@dataclass(frozen=True, slots=True)
class Heads:
    """`own` and `before` are [dim, behaviours], `words` is [groups, behaviours], `bias` is [behaviours].

    `vocabulary` numbers the word groups, `rarity` is their inverse document frequency.
    """

    names: tuple[str, ...]
    vocabulary: Mapping[str, int]
    rarity: Floats
    own: Floats
    before: Floats
    words: Floats
    bias: Floats

    def scores(self, own: Floats, before: Floats, grams: Sequence[Iterable[str]]) -> Floats:
        """Log-odds of every behaviour for every piece, [pieces, behaviours]."""
        scores = own @ self.own + BEFORE_WEIGHT * before @ self.before + self.bias
        for row, groups in enumerate(grams):
            known = [number for group in groups if (number := self.vocabulary.get(group)) is not None]
            if known:
                weights = self.rarity[known]
                scores[row] += (weights @ self.words[known]) / np.linalg.norm(weights)
        return np.asarray(scores, np.float32)


def mean_vector(vectors: Floats) -> Floats:
    """The direction of several vectors together, of length 1; zeros for none."""
    total = vectors.sum(axis=0)
    length = float(np.linalg.norm(total))
    return np.asarray(total / length if length else total, np.float32)


def odds_to_chance(scores: Floats) -> Floats:
    """Log-odds as chances 0..1."""
    return np.asarray(1.0 / (1.0 + np.exp(-scores)), np.float32)
