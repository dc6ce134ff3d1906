"""The statistics: shares with 95 % intervals, and differences between them.

Shares and their bounds are 0..1 here; the stages above turn them into points.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import hypot

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t
from statsmodels.stats.proportion import proportion_confint

ALPHA = 0.05

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share and its 95 % interval."""

    value: float
    low: float
    high: float


@lru_cache(maxsize=4096)
def wilson(successes: float, trials: float) -> Estimate:
    """A share of independent trials with Wilson's score interval (Wilson, JASA 1927). `trials` must be above 0."""
    low, high = proportion_confint(successes, trials, alpha=ALPHA, method="wilson")
    return Estimate(successes / trials, float(low), float(high))


def weighted_share(met: Floats, judged: Floats, outcomes: int) -> Estimate:
    """The share of weight met over calls, [n] met of [n] judged weight (judged > 0), `outcomes` of them in all.

    A ratio estimator with calls as clusters, since what happens within one call hangs together: its linearised variance
    (Cochran, Sampling Techniques, 1977, ch. 6) gives the number of independent outcomes that would be as precise, and
    Wilson's interval is taken at that number, as Korn and Graubard (Survey Methodology, 1998) do with Clopper-Pearson.
    """
    share = float(met.sum() / judged.sum())
    return wilson(share * (trials := _effective_trials(met, judged, share, outcomes)), trials)


def _effective_trials(met: Floats, judged: Floats, share: float, outcomes: int) -> float:
    """How many independent outcomes these calls are worth; a call that agrees with all others is worth one."""
    calls = len(met)
    if calls == 1:
        return 1.0
    variance = float(residuals(met, judged, share).var(ddof=1)) * calls / float(judged.sum()) ** 2
    spread = share * (1.0 - share)
    worth = min(spread / variance, outcomes) if variance > 0 and spread > 0 else calls
    return worth * float((_quantile(max(outcomes, 2)) / _quantile(calls)) ** 2)


def residuals(met: Floats, judged: Floats, share: float) -> Floats:
    """By how much weight each call met more than its part, [n]; they sum to 0 at the common share."""
    return met - share * judged


@lru_cache(maxsize=4096)
def _quantile(observations: int) -> float:
    return float(t.ppf(1.0 - ALPHA / 2.0, observations - 1))


def difference(now: Estimate, before: Estimate) -> Estimate:
    """now − before with a 95 % interval from the two intervals (MOVER: Newcombe 1998; Zou and Donner 2008)."""
    value = now.value - before.value
    return Estimate(
        value,
        value - hypot(now.value - now.low, before.high - before.value),
        value + hypot(now.high - now.value, before.value - before.low),
    )
