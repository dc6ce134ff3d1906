"""Hand-made standards, rules, audits and scored calls for the tests of scoring."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from qa_audit.models import Audit, CallScore, Finding, Outcome, Recording, Severity, Status
from qa_audit.rules.language import Clause, Kind, Rule, RuleSet, Standard

MET, MISSED, NONE, DOUBT = Outcome.MET, Outcome.MISSED, Outcome.NO_OPPORTUNITY, Outcome.CANNOT_JUDGE
START = datetime(2025, 3, 3, 9, tzinfo=UTC)


def clause(id_: str, weight: float = 50, *, critical: bool = False) -> Clause:
    return Clause(id=id_, title=f"We {id_}", good_looks_like="…", weight=weight, family="customer", critical=critical)


def standard(*clauses: Clause, minimum_calls: int = 20, no_critical: bool = True) -> Standard:
    return Standard(
        id="test",
        promise="We keep our word.",
        clauses=clauses or (clause("apologise"), clause("explain")),
        bands=(("exceeds", 90), ("meets", 75), ("below", 0)),
        pass_score=80,
        pass_without_critical=no_critical,
        minimum_calls=minimum_calls,
    )


def rule(id_: str, clause_id: str, *, status: Status = Status.SCORED) -> Rule:
    return Rule(id=id_, title=f"Rule {id_}", clause=clause_id, severity=Severity.MAJOR, status=status, kind=Kind.EXPECT)


def ruleset(std: Standard, *rules: Rule, stale: frozenset[str] = frozenset()) -> RuleSet:
    rules = rules or tuple(rule(f"rule-{c.id}", c.id) for c in std.clauses)
    return RuleSet(behaviours={}, rules={r.id: r for r in rules}, standard=std, hash="h", stale=stale)


def finding(rule_id: str, clause_id: str, outcome: Outcome, *, severity=Severity.MAJOR, status=Status.SCORED) -> Finding:
    return Finding(call_id="c1", rule=rule_id, rule_version="1", clause=clause_id, outcome=outcome, severity=severity, status=status)


def audit(*findings: Finding) -> Audit:
    return Audit(call_id="c1", ruleset="h", moments=(), findings=findings, outcomes={})


def recording(agent: str = "Maya", queue: str | None = None) -> Recording:
    return Recording(call_id="c1", uri="c1.wav", size=1, modified=0.0, agent=agent, started_at=START, queue=queue)


def scored(number: int, outcomes: dict[str, Outcome], *, agent="Maya", day=0, queue=None, critical=(), trust=0.9) -> CallScore:
    judged = [o for o in outcomes.values() if o in (MET, MISSED)]
    return CallScore(
        call_id=f"{agent}-{number}",
        agent=agent,
        started_at=START + timedelta(days=day),
        outcomes=outcomes,
        score=100 * judged.count(MET) / len(judged) if judged else None,
        critical=critical,
        trust=trust,
        queue=queue,
    )


def many(agent: str, met: int, missed: int, **more) -> list[CallScore]:
    """Calls with one clause each to judge: `met` of them met, then `missed` of them missed."""
    outcomes = [MET] * met + [MISSED] * missed
    return [scored(i, {"apologise": outcome, "explain": NONE}, agent=agent, **more) for i, outcome in enumerate(outcomes)]
