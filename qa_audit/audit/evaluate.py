"""Moments in, findings out: what every rule says of a call, and what that makes of every clause of the standard."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from math import ceil

from qa_audit.audit import wording
from qa_audit.audit.hearing import is_sure
from qa_audit.audit.judging import Verdict, judge_expected, judge_forbidden, judge_limits
from qa_audit.audit.timeline import SECONDS_PER_TURN, Timeline
from qa_audit.audit.windows import Case, ordinal, plain, reach
from qa_audit.models import Finding, Moment, Outcome, Recording, Speaker, Status
from qa_audit.rules.language import AppliesTo, Clause, Kind, Rule, Which

WORST_FIRST = (Outcome.MISSED, Outcome.CANNOT_JUDGE, Outcome.MET, Outcome.NO_OPPORTUNITY)
"""Several rules serve one clause, several triggers one rule: the first of these that occurs is the outcome."""

RUN = frozenset((Status.SHADOW, Status.ADVISORY, Status.SCORED))


def evaluate(case: Case, rules: Iterable[Rule], recording: Recording | None) -> tuple[Finding, ...]:
    """One finding for every rule that is not a draft and not off, in the order of the rules."""
    call_id = case.timeline.transcript.call_id
    return tuple(_finding(call_id, rule, judge(case, rule, recording)) for rule in rules if rule.status in RUN)


def clause_outcomes(clauses: Iterable[Clause], findings: Iterable[Finding]) -> dict[str, Outcome]:
    """What the call is worth for every clause: missed before cannot_judge before met before no_opportunity.

    Scored rules decide; a clause that has none shows what its advisory rules say. A clause that no rule serves cannot be
    judged: nobody looked.
    """
    findings = tuple(findings)
    outcomes = {}
    for clause in clauses:
        serving = [finding for finding in findings if finding.clause == clause.id]
        scored = [finding.outcome for finding in serving if finding.status is Status.SCORED]
        shown = scored or [finding.outcome for finding in serving if finding.status is Status.ADVISORY]
        outcomes[clause.id] = min(shown, key=WORST_FIRST.index, default=Outcome.CANNOT_JUDGE)
    return outcomes


def judge(case: Case, rule: Rule, recording: Recording | None) -> Verdict:
    """What one rule says of a call."""
    hindrance = _does_not_apply(rule.applies_to, recording, case.timeline) or _nobody_to_judge(case, rule)
    if hindrance is not None:
        return hindrance
    if not rule.when:
        return _judge_one(case, rule, None)
    triggers = _in_time(case, rule, case.one_a_floor(case.of(rule.when)))
    if not triggers:
        return _no_opportunity(wording.no_trigger(rule))
    return _judge_triggers(case, rule, triggers)


def _judge_triggers(case: Case, rule: Rule, triggers: Sequence[Moment]) -> Verdict:
    """The worst outcome over the triggers that count. A doubtful trigger may acquit, but only a sure one accuses."""
    picked = _picked(rule, triggers)
    if not picked:
        return _no_opportunity(f"No {ordinal(rule.nth or 1)} {' or '.join(map(plain, rule.when))} was found in this call.")
    verdict = _worst([_judge_one(case, rule, trigger) for trigger in picked])
    if verdict.outcome in (Outcome.MET, Outcome.NO_OPPORTUNITY) or all(map(is_sure, picked)):
        return verdict
    sure = _picked(rule, tuple(filter(is_sure, triggers)))
    if sure:
        return _worst([_judge_one(case, rule, trigger) for trigger in sure])
    reason = f"{wording.unsure_trigger(case, verdict.triggers or picked)} {verdict.reason}"
    return Verdict(Outcome.CANNOT_JUDGE, reason, verdict.trust, verdict.triggers, verdict.found, verdict.searched)


def _judge_one(case: Case, rule: Rule, trigger: Moment | None) -> Verdict:
    if rule.kind is Kind.LIMIT:
        return judge_limits(case, rule)
    stretch = reach(case, rule, trigger)
    if isinstance(stretch, str):
        return _no_opportunity(stretch)
    return (judge_expected if rule.kind is Kind.EXPECT else judge_forbidden)(case, rule, stretch)


def _in_time(case: Case, rule: Rule, triggers: Sequence[Moment]) -> tuple[Moment, ...]:
    """Triggers that still leave time for an answer: what the customer says as the call ends asks nothing of the agent.

    The agent's own words are never too late, and a rule with its own place in the call does not wait for an answer.
    """
    if rule.kind is Kind.LIMIT or rule.first is not None or rule.last is not None or rule.before:
        return tuple(triggers)
    late = partial(case.timeline.too_late, grace=rule.grace)
    return tuple(trigger for trigger in triggers if trigger.speaker is Speaker.AGENT or not late(case.timeline.end_of(trigger)))


def _picked(rule: Rule, triggers: Sequence[Moment]) -> tuple[Moment, ...]:
    match rule.which:
        case Which.EVERY:
            return tuple(triggers)
        case Which.FIRST:
            return tuple(triggers[:1])
        case Which.LAST:
            return tuple(triggers[-1:])
        case Which.NTH:
            nth = rule.nth or 1
            return tuple(triggers[nth - 1 : nth])


def _worst(verdicts: Sequence[Verdict]) -> Verdict:
    """All verdicts of the worst outcome as one: each violation is evidence."""
    outcome = min((verdict.outcome for verdict in verdicts), key=WORST_FIRST.index)
    alike = [verdict for verdict in verdicts if verdict.outcome is outcome]
    return Verdict(
        outcome=outcome,
        reason=" ".join(dict.fromkeys(verdict.reason for verdict in alike)),
        trust=min(verdict.trust for verdict in alike) if outcome is Outcome.MET else max(verdict.trust for verdict in alike),
        triggers=_distinct(moment for verdict in alike for moment in verdict.triggers),
        found=_distinct(moment for verdict in alike for moment in verdict.found),
        searched=tuple(dict.fromkeys(window for verdict in alike for window in verdict.searched)),
    )


def _distinct(moments: Iterable[Moment]) -> tuple[Moment, ...]:
    return tuple(dict.fromkeys(moments))


def _does_not_apply(asked: AppliesTo, recording: Recording | None, timeline: Timeline) -> Verdict | None:
    """Why a rule is not for this call: what it asks for is not so, or not known."""
    known = {
        "queue": (asked.queue, recording.queue if recording else None),
        "direction": (asked.direction, recording.direction.value if recording else None),
        "language": (asked.language, timeline.transcript.language),
        "agent group": (asked.agent_group, recording.agent_group if recording else None),
    }
    for name, (wanted, value) in known.items():
        if wanted and value not in wanted:
            return _no_opportunity(f"This rule is for {name} {' or '.join(wanted)}; this call has {value or 'none that is known'}.")
    tags = recording.tags if recording else ()
    if asked.tag and not set(asked.tag) & set(tags):
        return _no_opportunity(f"This rule is for calls tagged {' or '.join(asked.tag)}.")
    if asked.min_duration is not None and _length(timeline) < asked.min_duration:
        return _no_opportunity(f"This rule is for calls of at least {asked.min_duration:g} s.")
    return None


def _length(timeline: Timeline) -> float:
    """Seconds; a chat counts as long as its turns would take."""
    return timeline.end if timeline.timed else ceil(len(timeline.agent) * SECONDS_PER_TURN)


def _nobody_to_judge(case: Case, rule: Rule) -> Verdict | None:
    """A rule about what the agent says asks nothing of a call in which the agent does not speak."""
    if rule.kind is Kind.LIMIT or case.timeline.agent:
        return None
    concerned = (*rule.expect, *rule.never, *rule.in_order)
    if not all(Speaker.AGENT in case.behaviours[name].who for name in concerned):
        return None
    if any(floor.speaker is Speaker.UNKNOWN for floor in case.timeline.floors):
        return Verdict(Outcome.CANNOT_JUDGE, "It is not known which voice is the agent's.", 0.0)
    return _no_opportunity("The agent says nothing in this call.")


def _no_opportunity(reason: str) -> Verdict:
    return Verdict(Outcome.NO_OPPORTUNITY, reason)


def _finding(call_id: str, rule: Rule, verdict: Verdict) -> Finding:
    return Finding(
        call_id=call_id,
        rule=rule.id,
        rule_version=rule.version,
        clause=rule.clause,
        outcome=verdict.outcome,
        severity=rule.severity,
        status=rule.status,
        triggers=verdict.triggers,
        found=verdict.found,
        searched=verdict.searched,
        trust=verdict.trust,
        reason=verdict.reason,
    )
