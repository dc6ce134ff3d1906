"""An agent's own past: the score of each week or month, and whether the last of them differs by more than noise."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from qa_audit.models import Change, PeriodScore
from qa_audit.scoring.estimate import Estimate, difference, weighted_share

WEEKS_UP_TO = 120
"""Days of calls that are still shown by week; more are shown by month."""


def share_of(calls: pd.DataFrame) -> Estimate:
    """The weighted share met over assessed calls."""
    return weighted_share(calls["met"].to_numpy(), calls["judged"].to_numpy(), int(calls["outcomes"].sum()))


def trend(calls: pd.DataFrame) -> tuple[tuple[PeriodScore, ...], Change | None]:
    """Scores by period over the assessed calls that have a date, and the last period against all before it."""
    dated = calls.dropna(subset=["day"])
    if dated.empty:
        return (), None
    groups = [group for _, group in dated.groupby(_periods(dated["day"]), sort=True)]
    if len(groups) < 2:
        return tuple(_scores(groups)), None
    moved = difference(share_of(groups[-1]), share_of(pd.concat(groups[:-1])))
    return tuple(_scores(groups)), Change(100.0 * moved.value, 100.0 * moved.low, 100.0 * moved.high)


def _periods(days: pd.Series) -> pd.Series:
    when = pd.to_datetime(days)
    return when.dt.to_period("W" if (when.max() - when.min()).days <= WEEKS_UP_TO else "M")


def _scores(groups: list[pd.DataFrame]) -> Iterator[PeriodScore]:
    for group in groups:
        share = share_of(group)
        yield PeriodScore(
            first_day=group["day"].min(),
            last_day=group["day"].max(),
            calls=len(group),
            score=100.0 * share.value,
            low=100.0 * share.low,
            high=100.0 * share.high,
        )
