"""Scored calls become two pandas tables: a row per call, and a row per call and clause.

A name out of a file name may hold bytes that are no text in any encoding; pandas refuses those, so they are spelled out.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from qa_audit.models import CallScore, ClauseRate, Outcome
from qa_audit.rules.language import Standard
from qa_audit.scoring.calls import JUDGED
from qa_audit.scoring.estimate import wilson


def call_table(calls: Sequence[CallScore], standard: Standard) -> pd.DataFrame:
    """A row per call: agent, day, queue, `met` and `judged` weight, number of judged `outcomes`, trust, `critical` misses."""
    weights = {clause.id: clause.weight for clause in standard.clauses if clause.weight > 0}
    rows = []
    for call in calls:
        judged = [clause for clause in weights if call.outcomes[clause] in JUDGED]
        met = sum(weights[clause] for clause in judged if call.outcomes[clause] is Outcome.MET)
        day = call.started_at.date() if call.started_at else None
        weight = sum(weights[clause] for clause in judged)
        rows.append((_text(call.agent), day, _text(call.queue), float(met), float(weight), len(judged), call.trust, len(call.critical)))
    return pd.DataFrame(rows, columns=["agent", "day", "queue", "met", "judged", "outcomes", "trust", "critical"])


def outcome_table(calls: Sequence[CallScore]) -> pd.DataFrame:
    """A row per call and clause: agent, queue, clause, outcome."""
    named = ((_text(call.agent), _text(call.queue), call) for call in calls)
    rows = [(agent, queue, clause, outcome.value) for agent, queue, call in named for clause, outcome in call.outcomes.items()]
    return pd.DataFrame(rows, columns=["agent", "queue", "clause", "outcome"])


def _text(name: str | None) -> str | None:
    return None if name is None else name.encode("utf-8", "backslashreplace").decode()


def counts(outcomes: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """How often each outcome came, indexed by the columns `by`; a column per outcome, always all four."""
    sizes = outcomes.groupby([*by, "outcome"], sort=True).size().unstack(fill_value=0)
    return sizes.reindex(columns=[outcome.value for outcome in Outcome], fill_value=0)


def clause_rates(counted: pd.DataFrame, standard: Standard) -> tuple[ClauseRate, ...]:
    """The rate of every clause in the order of the standard, from counts indexed by clause."""
    full = counted.reindex([clause.id for clause in standard.clauses], fill_value=0)
    return tuple(_rate(str(clause), *map(int, row)) for clause, *row in full.itertuples(name=None))


def _rate(clause: str, met: int, missed: int, no_opportunity: int, cannot_judge: int) -> ClauseRate:
    share = wilson(met, met + missed) if met + missed else None
    return ClauseRate(
        clause=clause,
        met=met,
        missed=missed,
        no_opportunity=no_opportunity,
        cannot_judge=cannot_judge,
        rate=share.value if share else None,
        low=share.low if share else None,
        high=share.high if share else None,
    )
