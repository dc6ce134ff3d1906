"""Rows of numbers and what they show in, one logistic regression a column out: all columns at once, so that a new lesson costs seconds."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

MOST_STEPS = 150
CLOSE_ENOUGH = 1e-4
"""Relative change of the loss at which the fit stops; what is gained after it changes no third digit of a chance."""


def fit_logistic(vectors: Floats, words: Any, shown: NDArray[np.bool_], weight: Floats, *, strength: float) -> tuple[Floats, Floats]:
    """The weights, [features, columns], and the bias of each column.

    `vectors` is dense, [rows, dim], `words` a scipy matrix, [rows, groups]; `shown` and `weight` are [rows, columns]. `strength` is
    the inverse strength of the ridge (Hastie et al., The Elements of Statistical Learning, 4.4), fitted with L-BFGS.
    """
    from scipy.optimize import fmin_l_bfgs_b

    rows, columns = shown.shape
    features = vectors.shape[1] + words.shape[1]
    target, turned = shown.astype(np.float32), words.T.tocsr()

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        table = flat.reshape(features + 1, columns).astype(np.float32)
        scores = vectors @ table[: vectors.shape[1]] + words @ table[vectors.shape[1] : -1] + table[-1]
        cost = weight * (np.logaddexp(0, scores) - target * scores)
        slope = weight * (1 / (1 + np.exp(-scores)) - target)
        gradient = np.vstack([vectors.T @ slope, turned @ slope, slope.sum(axis=0, keepdims=True)]).astype(np.float64)
        gradient += flat.reshape(features + 1, columns) / strength
        return (float(cost.sum(dtype=np.float64)) + float(flat @ flat) / (2 * strength)) / rows, gradient.ravel() / rows

    start = np.zeros((features + 1) * columns)
    flat, _, _ = fmin_l_bfgs_b(loss, start, maxiter=MOST_STEPS, factr=CLOSE_ENOUGH / np.finfo(float).eps, pgtol=0.0)
    table = flat.reshape(features + 1, columns).astype(np.float32)
    return table[:-1], table[-1]
