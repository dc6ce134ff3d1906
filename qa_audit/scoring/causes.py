"""Agent or system: how many misses of a clause lie with single agents, and how many with everyone.

In: how often each agent met and missed a clause. Out: one `Cause` with a sentence that says it in words.
A chi-square test asks whether agents differ by more than chance. If they do, their rates are pulled towards the team's by
the intraclass correlation (partial pooling, beta-binomial), and the rate of the best of the team (the achievable benchmark
of Weissman and others, 1999: the best agents who together hold a tenth of all opportunities) says what could be reached.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import MonteCarloMethod, chi2_contingency

from qa_audit.scoring.estimate import Floats
from qa_audit.team import Cause, Verdict

LEAST_JUDGED, LEAST_MISSED = 20, 5
SIGNIFICANT = 0.05
SMALL_CELL = 5
"""Expected counts below this make the chi-square distribution a poor one (Cochran); tables are then drawn at random."""
DRAWS = 1_999
BEST_SHARE = 0.1
MOSTLY = 2 / 3

Counts = NDArray[np.int64]


def differ_by_chance(met: Counts, missed: Counts) -> float:
    """The chance of differences this large between groups, [k] met and [k] missed, if all were alike (chi-square)."""
    if not met.any() or not missed.any():
        return 1.0
    table = np.vstack([met, missed])
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    few = bool((expected < SMALL_CELL).any())
    method = MonteCarloMethod(n_resamples=DRAWS, rng=np.random.default_rng(0)) if few else None
    return float(chi2_contingency(table, correction=False, method=method).pvalue)


def cause_of(clause: str, met: Counts, missed: Counts) -> Cause:
    """Agent or system for one clause, from [k] met and [k] missed of the agents who had an opportunity."""
    judged, misses, agents = int((met + missed).sum()), int(missed.sum()), len(met)
    if judged < LEAST_JUDGED or misses < LEAST_MISSED or agents < 2:
        return _cause(clause, judged, misses, agents, verdict=Verdict.TOO_FEW)
    p_value = differ_by_chance(met, missed)
    if p_value >= SIGNIFICANT:
        return _cause(clause, judged, misses, agents, p_value=p_value, verdict=Verdict.EVERYONE)
    rates = pooled_rates(met, missed)
    best = _benchmark(rates, met + missed)
    with_agents = min(float(((met + missed) * np.maximum(best - rates, 0.0)).sum()), float(misses))
    part = with_agents / misses
    verdict = Verdict.AGENTS if part >= MOSTLY else Verdict.EVERYONE if part <= 1 - MOSTLY else Verdict.BOTH
    return _cause(clause, judged, misses, agents, p_value=p_value, benchmark=best, with_agents=with_agents, verdict=verdict)


def pooled_rates(met: Counts, missed: Counts) -> Floats:
    """Each agent's rate, [k], pulled towards the team's the more the fewer opportunities the agent had.

    The pull is the beta-binomial's, its intraclass correlation by analysis of variance (Ridout and others, Biometrics 1999).
    """
    judged = met + missed
    rates, team = met / judged, met.sum() / judged.sum()
    agents, total = len(met), int(judged.sum())
    between = float((judged * (rates - team) ** 2).sum()) / (agents - 1)
    within = float((judged * rates * (1 - rates)).sum()) / max(total - agents, 1)
    size = (total - float((judged**2).sum()) / total) / (agents - 1)
    correlation = max((between - within) / (between + (size - 1) * within), 1e-6)
    prior = (1 - correlation) / correlation
    return np.asarray((met + prior * team) / (judged + prior), dtype=np.float64)


def _benchmark(rates: Floats, judged: Counts) -> float:
    """The rate of the best agents who together hold a tenth of the opportunities."""
    order = np.argsort(-rates, kind="stable")
    enough = int(np.searchsorted(judged[order].cumsum(), BEST_SHARE * judged.sum())) + 1
    best = order[:enough]
    return float(np.average(rates[best], weights=judged[best]))


def _cause(
    clause: str,
    judged: int,
    missed: int,
    agents: int,
    *,
    verdict: Verdict,
    p_value: float | None = None,
    benchmark: float | None = None,
    with_agents: float = 0.0,
) -> Cause:
    cause = Cause(
        clause=clause,
        judged=judged,
        missed=missed,
        agents=agents,
        p_value=p_value,
        benchmark=benchmark,
        with_agents=with_agents,
        verdict=verdict,
        sentence=_sentence(missed, agents, p_value=p_value, benchmark=benchmark, with_agents=with_agents),
    )
    return cause


def _sentence(missed: int, agents: int, *, p_value: float | None, benchmark: float | None, with_agents: float) -> str:
    if p_value is None:
        return f"Too little to tell agents from the process ({missed} missed)."
    chance = "p < 0.001" if p_value < 0.001 else f"p = {p_value:.2g}"
    if benchmark is None:
        return (
            f"The {agents} agents differ no more than chance makes them differ ({chance}): "
            f"look at training, script and policy before anybody is coached for these {missed} misses."
        )
    return (
        f"Agents differ by more than chance ({chance}): about {with_agents:.0f} of the {missed} misses would not be there "
        f"if everyone did as well as the best of the team ({benchmark:.0%}); the rest lies with everyone."
    )
