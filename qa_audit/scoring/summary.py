"""Scored calls become the team's summary: its rates, its funnel, agent or system, and what lies with the organisation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from qa_audit.models import CallScore, ClauseRate, Status
from qa_audit.rules.language import RuleSet, Standard
from qa_audit.scoring.causes import cause_of, differ_by_chance
from qa_audit.scoring.contacts import WITHIN_DAYS, resolution
from qa_audit.scoring.funnel import team_funnel
from qa_audit.scoring.ledger import ledger
from qa_audit.scoring.table import call_table, clause_rates, counts, outcome_table
from qa_audit.scoring.trend import share_of
from qa_audit.team import Cause, SystemFinding, Team, Verdict

UNEVEN = 0.01
"""Queues are compared for every clause, so a difference must be rarer than the usual 1 in 20 to be reported."""
LEAST_GAP = 0.1
LEAST_MISSED = 5


def team_summary(calls: Sequence[CallScore], *, standard: Standard, ruleset: RuleSet, repeat_days: int = WITHIN_DAYS) -> Team:
    """All agents together; system findings in the order of the standard. `repeat_days` as in `resolution`."""
    calls = sorted(calls, key=lambda call: call.call_id)
    table, outcomes = call_table(calls, standard), outcome_table(calls)
    assessed = table[table["judged"] > 0]
    share = share_of(assessed) if len(assessed) else None
    days = table["day"].dropna()
    rates = clause_rates(counts(outcomes, ["clause"]), standard)
    causes = _causes(outcomes, standard)
    funnel = team_funnel(assessed)
    most = int(assessed["agent"].value_counts().max()) if funnel else 0
    return Team(
        first_day=days.min() if len(days) else None,
        last_day=days.max() if len(days) else None,
        agents=int(table["agent"].nunique()),
        calls=len(table),
        assessed=len(assessed),
        score=100.0 * share.value if share else None,
        low=100.0 * share.low if share else None,
        high=100.0 * share.high if share else None,
        critical=int(table["critical"].sum()),
        trust=float(table["trust"].mean()) if len(table) else None,
        clauses=rates,
        causes=causes,
        findings=tuple(_system_findings(outcomes, rates, causes, standard=standard, ruleset=ruleset)),
        funnel=funnel.limits(most) if funnel else (),
        promises=ledger(calls),
        resolution=resolution(calls, days=repeat_days),
    )


def _causes(outcomes: pd.DataFrame, standard: Standard) -> tuple[Cause, ...]:
    counted = counts(outcomes, ["clause", "agent"])
    had_any = counted[counted["met"] + counted["missed"] > 0]
    empty = had_any.iloc[:0]
    known = set(had_any.index.get_level_values("clause"))
    groups = ((clause.id, had_any.loc[clause.id] if clause.id in known else empty) for clause in standard.clauses)
    return tuple(cause_of(clause, group["met"].to_numpy(), group["missed"].to_numpy()) for clause, group in groups)


def _system_findings(
    outcomes: pd.DataFrame, rates: tuple[ClauseRate, ...], causes: tuple[Cause, ...], *, standard: Standard, ruleset: RuleSet
) -> Iterator[SystemFinding]:
    scored = [rule for rule in ruleset.rules.values() if rule.status is Status.SCORED]
    queues = counts(outcomes.dropna(subset=["queue"]), ["clause", "queue"])
    for clause, rate, cause in zip(standard.clauses, rates, causes, strict=True):
        if not any(rule.clause == clause.id for rule in scored):
            message = f"No scored rule serves “{clause.title}”: nobody is held to it, and no page can say whether it is kept."
            yield SystemFinding(kind="uncovered", clause=clause.id, rule="", message=message)
        for rule in scored:
            if rule.clause == clause.id and rule.id in ruleset.stale:
                message = f"“{clause.title}” was edited after the rule “{rule.title}” was tied to it: confirm that the rule still says what the clause asks."
                yield SystemFinding(kind="stale", clause=clause.id, rule=rule.id, message=message)
        yield from _team_wide(clause.id, clause.title, rate, cause, pass_score=standard.pass_score)
        if clause.id in queues.index.get_level_values("clause"):
            yield from _uneven(clause.id, clause.title, queues.loc[clause.id])


def _team_wide(clause: str, title: str, rate: ClauseRate, cause: Cause, *, pass_score: float) -> Iterator[SystemFinding]:
    below = rate.high is not None and 100.0 * rate.high < pass_score
    if below and cause.verdict in (Verdict.EVERYONE, Verdict.BOTH):
        judged = rate.met + rate.missed
        message = (
            f"“{title}” was missed in {rate.missed} of {judged} opportunities, across the team: "
            "look at training, script, policy and incentives."
        )
        yield SystemFinding(kind="team-wide", clause=clause, rule="", message=message)


def _uneven(clause: str, title: str, queues: pd.DataFrame) -> Iterator[SystemFinding]:
    """The queue where a clause is missed most, if it stands out by more than chance and by enough to matter."""
    queues = queues[queues["met"] + queues["missed"] > 0]
    if len(queues) < 2:
        return
    worst = str((queues["missed"] / (queues["met"] + queues["missed"])).idxmax())
    here, rest = queues.loc[worst], queues.drop(index=worst).sum()
    here_judged, rest_judged = int(here["met"] + here["missed"]), int(rest["met"] + rest["missed"])
    gap = here["missed"] / here_judged - rest["missed"] / rest_judged
    if here["missed"] < LEAST_MISSED or gap < LEAST_GAP:
        return
    if differ_by_chance(queues["met"].to_numpy(), queues["missed"].to_numpy()) < UNEVEN:
        message = (
            f"“{title}” is missed more often in the queue “{worst}” ({here['missed']} of {here_judged}) "
            f"than elsewhere ({rest['missed']} of {rest_judged}): look at what is asked of agents there."
        )
        yield SystemFinding(kind="uneven", clause=clause, rule="", message=message)
