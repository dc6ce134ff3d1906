"""Scored calls become one scorecard per agent: two numbers with their intervals, and no band below the minimum of calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from qa_audit.models import CallScore, ClauseRate, Scorecard
from qa_audit.rules.language import Standard
from qa_audit.scoring.funnel import Funnel, rate_standing, team_funnel
from qa_audit.scoring.table import call_table, clause_rates, counts, outcome_table
from qa_audit.scoring.trend import periods_of, share_of, trend


def scorecards(calls: Sequence[CallScore], *, standard: Standard) -> tuple[Scorecard, ...]:
    """One scorecard per agent in the order of their names, each over all its calls, newest first."""
    if not calls:
        return ()
    calls = sorted(calls, key=lambda call: call.call_id)
    table = call_table(calls, standard)
    table["period"] = periods_of(table["day"])
    counted = counts(outcome_table(calls), ["agent", "clause"])
    team = clause_rates(counted.groupby(level="clause").sum(), standard)
    funnel = team_funnel(table[table["judged"] > 0])
    return tuple(
        _scorecard(
            [calls[row] for row in rows],
            table.iloc[rows],
            clauses=_against(team, clause_rates(counted.loc[agent], standard), alone=funnel is None),
            standard=standard,
            funnel=funnel,
        )
        for agent, rows in sorted(table.groupby("agent").indices.items(), key=lambda item: (item[0].casefold(), item[0]))
    )


def _scorecard(
    calls: list[CallScore], table: pd.DataFrame, *, clauses: tuple[ClauseRate, ...], standard: Standard, funnel: Funnel | None
) -> Scorecard:
    assessed = table[table["judged"] > 0]
    days = table["day"].dropna()
    share = share_of(assessed) if len(assessed) else None
    score = 100.0 * share.value if share else None
    critical = int(table["critical"].sum())
    enough = len(assessed) >= standard.minimum_calls and score is not None
    band, capped = _band(score, critical, standard) if enough and score is not None else (None, False)
    periods, change = trend(assessed)
    return Scorecard(
        agent=calls[0].agent,
        first_day=days.min() if len(days) else None,
        last_day=days.max() if len(days) else None,
        calls=tuple(sorted(calls, key=_newest_first)),
        clauses=clauses,
        score=score,
        low=100.0 * share.low if share else None,
        high=100.0 * share.high if share else None,
        critical=critical,
        band=band,
        why_no_band="" if enough else _why_no_band(len(assessed), standard.minimum_calls),
        trust=float(table["trust"].mean()),
        assessed=len(assessed),
        capped=capped,
        passed=_passed(score, critical, standard) if enough else None,
        standing=funnel.standing(score, len(assessed)) if funnel and enough and score is not None else None,
        periods=periods,
        change=change if enough else None,
    )


def _against(team: tuple[ClauseRate, ...], own: tuple[ClauseRate, ...], *, alone: bool) -> tuple[ClauseRate, ...]:
    """An agent's rates, each with its standing in the team; an agent alone stands nowhere."""
    return tuple(
        rate if alone or of_all.rate is None else replace(rate, standing=rate_standing(rate.met, rate.met + rate.missed, of_all.rate))
        for of_all, rate in zip(team, own, strict=True)
    )


def _newest_first(call: CallScore) -> tuple[bool, float, str]:
    return call.started_at is None, -call.started_at.timestamp() if call.started_at else 0.0, call.call_id


def _band(score: float, critical: int, standard: Standard) -> tuple[str | None, bool]:
    """The highest band the score as shown reaches; with a critical miss, none that begins at or above the pass score."""
    reached = [(name, floor) for name, floor in standard.bands if _shown(score) >= floor]
    if not reached:
        return None, False
    held = standard.pass_without_critical and critical > 0
    allowed = [name for name, floor in reached if not held or floor < standard.pass_score] or [standard.bands[-1][0]]
    return allowed[0], allowed[0] != reached[0][0]


def _shown(score: float) -> float:
    """A score as people read it: what shows as 90.0 counts as 90."""
    return round(score, 1)


def _passed(score: float | None, critical: int, standard: Standard) -> bool:
    return score is not None and _shown(score) >= standard.pass_score and not (standard.pass_without_critical and critical)


def _why_no_band(assessed: int, minimum: int) -> str:
    if not assessed:
        return "Not assessed: nothing in these calls could be judged."
    return f"Too few calls for a band: {assessed} could be assessed, and the standard asks for {minimum}."
