"""What can be said of all agents together: the team's rates, whether agents differ, and what lies with the process.

Made by the scoring stage, shown by the reports; scores are 0..100, rates and shares 0..1.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from qa_audit.models import ClauseRate
from qa_audit.promises import Promise, Resolution


class Verdict(StrEnum):
    """With whom the misses of a clause mostly lie."""

    AGENTS = "agents"
    BOTH = "both"
    EVERYONE = "everyone"
    TOO_FEW = "too_few"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Agent or system, for one clause.

    `p_value` is the chance of differences between agents this large if all were alike; `with_agents` is how many of the
    `missed` would not be there if everyone did as well as `benchmark`, the rate the best of the team reach.
    """

    clause: str
    judged: int
    missed: int
    agents: int
    p_value: float | None
    benchmark: float | None
    with_agents: float
    verdict: Verdict
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemFinding:
    """Something that lies with the organisation and not with an agent.

    `kind` is a stable word: uncovered (no scored rule serves the clause), stale (the clause changed after its rule was
    tied to it), team-wide (nearly everyone misses it), uneven (one queue misses it more than the others).
    """

    kind: str
    clause: str
    rule: str
    message: str


@dataclass(frozen=True, slots=True)
class FunnelLimit:
    """The scores that chance alone allows an agent of so many calls: 19 times in 20, and 998 times in 1,000 (`far`)."""

    calls: int
    low: float
    high: float
    far_low: float
    far_high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """All agents over one period. `score` has no band: a team is not marked."""

    first_day: date | None
    last_day: date | None
    agents: int
    calls: int
    assessed: int
    score: float | None
    low: float | None
    high: float | None
    critical: int
    trust: float | None
    clauses: tuple[ClauseRate, ...]
    causes: tuple[Cause, ...] = ()
    findings: tuple[SystemFinding, ...] = ()
    funnel: tuple[FunnelLimit, ...] = ()
    promises: tuple[Promise, ...] = ()
    resolution: Resolution | None = None
