"""Small charts of scores and rates: an interval in a table, an agent's own past, the team's funnel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import floor, sqrt

from markupsafe import Markup

from qa_audit.models import PeriodScore, Scorecard, Standing
from qa_audit.reports.charts import Chart
from qa_audit.reports.formats import Formats
from qa_audit.reports.paths import agent_path
from qa_audit.reports.text import clean, name
from qa_audit.team import Team

TICKS = 4


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing with what stands beside it (from the top down) and under it (from left to right)."""

    drawing: Markup
    up: tuple[str, ...]
    along: tuple[str, ...]


def strip(low: float | None, value: float | None, high: float | None) -> Markup:
    """An interval within 0..1 as a bar with the value in it; nothing where there is no value."""
    if low is None or value is None or high is None:
        return Markup("")
    return _strip(round(low, 2), round(value, 2), round(high, 2))


@lru_cache(maxsize=4096)
def _strip(low: float, value: float, high: float) -> Markup:
    chart = Chart(100, 10, x_max=1.0, y_max=10.0)
    chart.boxes("whole", [(0.0, 1.0)], 4.0, 6.0)
    chart.boxes("range", [(low, high)], 1.5, 8.5)
    at = min(max(value, 0.01), 0.99)
    chart.boxes("rate", [(at - 0.01, at + 0.01)], 0.0, 10.0)
    return chart.svg()


def trend(periods: Sequence[PeriodScore], *, pass_score: float, formats: Formats) -> Figure | None:
    """Scores by period with their intervals, and the pass score as a line; None with fewer than two periods."""
    if len(periods) < 2:
        return None
    bottom = _round_floor(min(period.low for period in periods))
    chart = Chart(600, 120, x_max=len(periods), y_max=100.0 - bottom)
    centres = [place + 0.5 for place in range(len(periods))]
    if pass_score > bottom:
        chart.line("past", [0, len(periods)], [pass_score - bottom] * 2)
    for centre, period in zip(centres, periods, strict=True):
        chart.boxes("range", [(centre - 0.1, centre + 0.1)], period.low - bottom, period.high - bottom)
        chart.boxes("rate", [(centre - 0.12, centre + 0.12)], period.score - bottom - 0.8, period.score - bottom + 0.8)
    along = (formats.day(periods[0].first_day), formats.day(periods[-1].last_day))
    return Figure(chart.svg(), (formats.number(100), formats.number(bottom)), along)


def funnel(team: Team, scorecards: Sequence[Scorecard], *, formats: Formats) -> Figure | None:
    """Every agent's score over the number of calls, within what chance allows; None where nobody has calls enough to compare."""
    shown = [card for card in scorecards if card.score is not None]
    if team.score is None or not team.funnel or not any(card.standing for card in shown):
        return None
    bottom = _round_floor(min(card.score or 0.0 for card in shown))
    most = max(*(card.assessed for card in shown), 2)
    chart = Chart(600, 260, x_max=sqrt(most) * 1.04, y_max=100.0 - bottom)
    xs = [sqrt(limit.calls) for limit in team.funnel]
    for kind, lows, highs in (
        ("far", [limit.far_low for limit in team.funnel], [limit.far_high for limit in team.funnel]),
        ("near", [limit.low for limit in team.funnel], [limit.high for limit in team.funnel]),
    ):
        chart.band(kind, xs, [max(low - bottom, 0.0) for low in lows], [high - bottom for high in highs])
    chart.line("centre", [0.0, xs[-1]], [team.score - bottom] * 2)
    for card in shown:
        title = clean(f"{name(card.agent)}: {formats.score(card.score)} over {card.assessed} calls")
        place = sqrt(card.assessed), (card.score or 0.0) - bottom
        chart.dot(_dot(card.standing), *place, radius=5.0, link=agent_path(card.agent), title=title)
    along = tuple(formats.number((sqrt(most) * 1.04 * tick / TICKS) ** 2) for tick in range(TICKS + 1))
    return Figure(chart.svg(stretch=False), (formats.number(100), formats.number(bottom)), along)


def _dot(standing: Standing | None) -> str:
    kinds = {None: "few", Standing.FAR_BELOW: "below", Standing.FAR_ABOVE: "above"}
    return kinds.get(standing, "agentdot")


def _round_floor(score: float) -> float:
    """The ten below a score, so that a scale begins at a round number."""
    return float(max(floor(score / 10) * 10 - 10, 0))
