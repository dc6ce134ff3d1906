"""One audited call becomes one score: the weighted share met of what could be judged, critical misses apart."""

from __future__ import annotations

from collections.abc import Iterable

from qa_audit.models import Audit, CallScore, Finding, Outcome, Recording, Severity, Status, Transcript
from qa_audit.rules.language import RuleSet, Standard
from qa_audit.scoring.matter import matter_of
from qa_audit.scoring.promises import promises_in

ORDER_OF_WEIGHT = (Outcome.MISSED, Outcome.CANNOT_JUDGE, Outcome.MET, Outcome.NO_OPPORTUNITY)
JUDGED = frozenset({Outcome.MET, Outcome.MISSED})


def score_call(
    audit: Audit,
    *,
    recording: Recording,
    standard: Standard,
    ruleset: RuleSet,
    trust: float,
    min_trust: float,
    transcript: Transcript | None = None,
) -> CallScore:
    """Hold one call against the standard; only rules of status `scored` count.

    `trust` is how well the call was heard, 0..1. Under `min_trust` whatever was judged turns to cannot_judge, so that a
    badly heard call neither helps nor harms anybody. A rule that `ruleset` no longer has does not count.
    """
    heard = trust >= min_trust
    findings = [finding for finding in audit.findings if finding.rule in ruleset.rules]
    counted = [finding for finding in findings if finding.status is Status.SCORED]
    outcomes = {clause.id: _clause_outcome(counted, clause.id, heard=heard) for clause in standard.clauses}
    score = _weighted_share(outcomes, standard)
    return CallScore(
        call_id=audit.call_id,
        agent=recording.agent,
        started_at=recording.started_at,
        outcomes=outcomes,
        score=score,
        critical=_critical(counted, standard) if heard else (),
        trust=trust,
        queue=recording.queue,
        rules={f.rule: _as_heard(f.outcome, heard=heard) for f in findings if f.outcome is not Outcome.NO_OPPORTUNITY},
        customer=recording.customer,
        direction=recording.direction,
        behaviours=tuple(sorted({moment.behaviour for moment in audit.moments})),
        matter=matter_of(audit, transcript) if transcript and heard and recording.customer is not None else (),
        promises=promises_in(audit, transcript=transcript, recording=recording) if transcript and heard else (),
        why_no_score="" if score is not None else _why_no_score(outcomes.values(), trust=trust, min_trust=min_trust),
    )


def _clause_outcome(findings: Iterable[Finding], clause: str, *, heard: bool) -> Outcome:
    said = {finding.outcome for finding in findings if finding.clause == clause}
    worst = next((outcome for outcome in ORDER_OF_WEIGHT if outcome in said), Outcome.NO_OPPORTUNITY)
    return _as_heard(worst, heard=heard)


def _as_heard(outcome: Outcome, *, heard: bool) -> Outcome:
    return outcome if heard or outcome not in JUDGED else Outcome.CANNOT_JUDGE


def _weighted_share(outcomes: dict[str, Outcome], standard: Standard) -> float | None:
    judged = sum(clause.weight for clause in standard.clauses if outcomes[clause.id] in JUDGED)
    met = sum(clause.weight for clause in standard.clauses if outcomes[clause.id] is Outcome.MET)
    return 100.0 * met / judged if judged else None


def _critical(findings: Iterable[Finding], standard: Standard) -> tuple[str, ...]:
    clauses = {clause.id for clause in standard.clauses if clause.critical}
    missed = (finding for finding in findings if finding.outcome is Outcome.MISSED)
    return tuple(f.rule for f in missed if f.severity is Severity.CRITICAL or f.clause in clauses)


def _why_no_score(outcomes: Iterable[Outcome], *, trust: float, min_trust: float) -> str:
    if trust < min_trust:
        return f"The call was heard too poorly to be assessed: trust {trust:.2f}, and {min_trust:.2f} is needed."
    if Outcome.CANNOT_JUDGE in outcomes:
        return "What the standard asks for came up, but could not be judged."
    return "Nothing the standard asks for came up in this call."
