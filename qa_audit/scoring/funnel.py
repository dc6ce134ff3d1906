"""Agents against the team by funnel plot and not by rank (Spiegelhalter, Statistics in Medicine, 2005).

In: the table of calls. Out: the limits that chance allows at each number of calls, and where an agent stands in them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import sqrt

import numpy as np
import pandas as pd
from scipy.stats import binom, norm

from qa_audit.models import Standing
from qa_audit.scoring.estimate import residuals
from qa_audit.team import FunnelLimit

WARN, ALARM = (float(norm.ppf(0.5 + level / 2)) for level in (0.95, 0.998))
POINTS = 40
LEAST_JUDGED = 5


@dataclass(frozen=True, slots=True)
class Funnel:
    """The team's share of weight met, 0..1, and the standard deviation of one call's part in it."""

    share: float
    spread: float

    def limit(self, calls: int) -> FunnelLimit:
        """What chance allows an agent of so many calls, in points of score."""
        low, high, far_low, far_high = (
            100.0 * float(np.clip(self.share + z * self.spread / sqrt(calls), 0.0, 1.0)) for z in (-WARN, WARN, -ALARM, ALARM)
        )
        return FunnelLimit(calls, low, high, far_low, far_high)

    def standing(self, score: float, calls: int) -> Standing:
        """Where an agent with that score, 0..100, over so many calls stands."""
        limit = self.limit(calls)
        if score < limit.low:
            return Standing.FAR_BELOW if score < limit.far_low else Standing.BELOW
        if score > limit.high:
            return Standing.FAR_ABOVE if score > limit.far_high else Standing.ABOVE
        return Standing.WITHIN

    def limits(self, most_calls: int) -> tuple[FunnelLimit, ...]:
        """The curve from few calls to `most_calls`, dense where it bends."""
        steps = np.unique(np.geomspace(1, max(most_calls, 2), POINTS).round().astype(int))
        return tuple(self.limit(int(calls)) for calls in steps)


def team_funnel(calls: pd.DataFrame) -> Funnel | None:
    """The funnel of all assessed calls; None with fewer than two calls or two agents, when there is nothing to compare."""
    if len(calls) < 2 or calls["agent"].nunique() < 2:
        return None
    met, judged = calls["met"].to_numpy(), calls["judged"].to_numpy()
    share = float(met.sum() / judged.sum())
    return Funnel(share, float(residuals(met, judged, share).std(ddof=1) / judged.mean()))


@lru_cache(maxsize=4096)
def rate_standing(met: int, judged: int, team_rate: float) -> Standing | None:
    """Where `met` of `judged` stands against the team's rate, by exact binomial limits; None with fewer than five judged."""
    if judged < LEAST_JUDGED:
        return None
    low, high = float(binom.cdf(met, judged, team_rate)), float(binom.sf(met - 1, judged, team_rate))
    alarm, warn = float(norm.sf(ALARM)), float(norm.sf(WARN))
    if min(low, high) > warn:
        return Standing.WITHIN
    if low < high:
        return Standing.FAR_BELOW if low < alarm else Standing.BELOW
    return Standing.FAR_ABOVE if high < alarm else Standing.ABOVE
