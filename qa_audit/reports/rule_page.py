"""The page of one rule in plain words: when it applies, what it asks, where it looks, how often it was kept."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from qa_audit.models import CallScore, Outcome
from qa_audit.reports.call_page import call_path
from qa_audit.reports.environment import render
from qa_audit.reports.formats import Formats
from qa_audit.reports.report import Report
from qa_audit.reports.team_page import newest
from qa_audit.rules.language import Behaviour, Rule, Span, Which

SHOWN_CALLS = 20
ORDINALS = {1: "first", 2: "second", 3: "third"}


@dataclass(frozen=True, slots=True)
class Record:
    """How one rule went over all calls of the period."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    calls: dict[Outcome, list[CallScore]] = field(default_factory=lambda: defaultdict(list))


def rule_records(calls: Mapping[str, CallScore]) -> dict[str, Record]:
    """By rule: how often each outcome came, and in which calls."""
    records: dict[str, Record] = defaultdict(Record)
    for call in calls.values():
        for rule, outcome in call.rules.items():
            records[rule].outcomes[outcome] += 1
            records[rule].calls[outcome].append(call)
    return records


def rule_page(rule: Rule, record: Record, *, report: Report, formats: Formats) -> str:
    """The text of rules/<id>.html."""
    clauses = {clause.id: clause for clause in report.standard.clauses}
    return render(
        "rule.html",
        root="../",
        f=formats,
        rule=rule,
        clause=clauses.get(rule.clause),
        behaviours=[b for b in (report.ruleset.behaviours.get(id_) for id_ in _named(rule)) if b is not None],
        facts=tuple(_facts(rule, report.ruleset.behaviours)),
        stale=rule.id in report.ruleset.stale,
        record=record,
        missed=[(call, call_path(call.call_id)) for call in newest(record.calls[Outcome.MISSED])[:SHOWN_CALLS]],
        unjudged=[(call, call_path(call.call_id)) for call in newest(record.calls[Outcome.CANNOT_JUDGE])[:SHOWN_CALLS]],
    )


def _named(rule: Rule) -> list[str]:
    """Every behaviour the rule names, once, in the order of reading."""
    after = (rule.after[1],) if rule.after else ()
    before = (rule.before,) if rule.before else ()
    return list(dict.fromkeys((*rule.when, *rule.expect, *rule.never, *rule.in_order, *after, *before, *rule.unless)))


def _facts(rule: Rule, behaviours: Mapping[str, Behaviour]) -> Iterator[tuple[str, str]]:
    """What the rule says, as pairs of a question and its answer in words."""
    which = {Which.EVERY: "", Which.FIRST: "; only the first time", Which.LAST: "; only the last time"}
    times = which.get(rule.which, f"; only the {_ordinal(rule.nth or 1)} time")
    yield "It applies when", (_any(rule.when, behaviours) + times) if rule.when else "any call takes place"
    if rule.expect:
        least = f", at least {rule.at_least} times" if rule.at_least > 1 else ""
        yield "Then the agent is expected to show", _any(rule.expect, behaviours) + least
    if rule.never:
        allowed = f"; {rule.allow} such moment{'s' if rule.allow > 1 else ''} may pass" if rule.allow else ""
        yield "Then there must not be", _any(rule.never, behaviours) + allowed
    for metric, bound in rule.limit.items():
        ends = [f"at least {bound.least:g}" if bound.least is not None else "", f"at most {bound.most:g}" if bound.most is not None else ""]
        yield f"{metric.replace('_', ' ').capitalize()} must be", " and ".join(filter(None, ends))
    if rule.in_order:
        yield "In this order", ", then ".join(_readable(name) for name in rule.in_order)
    yield "Where it looks", _where(rule)
    if rule.unless:
        yield "A miss is excused by", _any(rule.unless, behaviours)
    applies = {"queue": rule.applies_to.queue, "direction": rule.applies_to.direction, "language": rule.applies_to.language}
    applies |= {"agent group": rule.applies_to.agent_group, "tag": rule.applies_to.tag}
    for what, names in applies.items():
        if names:
            yield f"Only for {what}", ", ".join(names)
    if rule.applies_to.min_duration:
        yield "Only for calls of at least", f"{rule.applies_to.min_duration:g} seconds"


def _any(names: tuple[str, ...], behaviours: Mapping[str, Behaviour]) -> str:
    return " or ".join(f"{_who(behaviours.get(name))}{_readable(name)}" for name in names)


def _who(behaviour: Behaviour | None) -> str:
    who = sorted(behaviour.who) if behaviour else []
    return f"{who[0]}: " if len(who) == 1 else ""


def _readable(name: str) -> str:
    return name.replace("-", " ")


def _where(rule: Rule) -> str:
    if rule.first or rule.last:
        return f"in the {'first' if rule.first else 'last'} {_length(rule.first or rule.last)} of the call"
    parts = []
    if rule.within:
        parts.append(f"within {_length(rule.within)}")
    if rule.after:
        parts.append(f"after the {_ordinal(rule.after[0])} {_readable(rule.after[1])}")
    if rule.before:
        parts.append(f"before the {_readable(rule.before)}")
    return ", ".join(parts) or ("from there to the end of the call" if rule.when else "in the whole call")


def _length(span: Span | None) -> str:
    if span is None:
        return ""
    if span.seconds is not None:
        return f"{span.seconds:g} seconds"
    return f"{span.turns} turns of the agent" if span.turns is not None else f"{100 * (span.share or 0):g} %"


def _ordinal(number: int) -> str:
    return ORDINALS.get(number, f"{number}th")
