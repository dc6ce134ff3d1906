"""An agent's own past: the score of each week or month, and whether the last of them differs by more than noise."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qa_audit.models import Change, PeriodScore
from qa_audit.scoring.estimate import Estimate, difference, weighted_share

WEEKS_UP_TO = 120
"""Days of calls that are still shown by week; more are shown by month."""

UNDATED = -1


def periods_of(days: pd.Series) -> pd.Series:
    """The number of the week or month each day falls in, weeks where all days lie close together; -1 for no day."""
    when = pd.to_datetime(days)
    by = "W" if (when.max() - when.min()).days <= WEEKS_UP_TO else "M"
    dated = when.dropna().dt.to_period(by).astype("int64")
    return dated.reindex(days.index, fill_value=UNDATED)


def share_of(calls: pd.DataFrame) -> Estimate:
    """The weighted share met over assessed calls."""
    return _share(calls, np.ones(len(calls), dtype=bool))


def trend(calls: pd.DataFrame) -> tuple[tuple[PeriodScore, ...], Change | None]:
    """Scores by period over the assessed calls that have a date, and the last period against all before it."""
    when = calls["period"].to_numpy()
    periods = [int(period) for period in np.unique(when) if period != UNDATED]
    scores = tuple(_score(calls, when == period) for period in periods)
    if len(periods) < 2:
        return scores, None
    moved = difference(_share(calls, when == periods[-1]), _share(calls, (when != periods[-1]) & (when != UNDATED)))
    return scores, Change(100.0 * moved.value, 100.0 * moved.low, 100.0 * moved.high)


def _share(calls: pd.DataFrame, chosen: NDArray[np.bool_]) -> Estimate:
    met, judged, outcomes = (calls[column].to_numpy()[chosen] for column in ("met", "judged", "outcomes"))
    return weighted_share(met, judged, int(outcomes.sum()))


def _score(calls: pd.DataFrame, chosen: NDArray[np.bool_]) -> PeriodScore:
    share, days = _share(calls, chosen), calls["day"].to_numpy()[chosen]
    return PeriodScore(
        first_day=days.min(),
        last_day=days.max(),
        calls=int(chosen.sum()),
        score=100.0 * share.value,
        low=100.0 * share.low,
        high=100.0 * share.high,
    )
