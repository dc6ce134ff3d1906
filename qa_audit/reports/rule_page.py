"""The page of one rule: what it says in plain words, how often it was kept, what its words mean, its examples."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from qa_audit.models import CallScore, Outcome
from qa_audit.reports.environment import render
from qa_audit.reports.formats import Formats
from qa_audit.reports.paths import call_path
from qa_audit.reports.report import Report
from qa_audit.reports.team_page import newest
from qa_audit.rules.explain import called, rule_in_words
from qa_audit.rules.language import Rule

SHOWN_CALLS, SHOWN_PHRASES = 20, 200


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
        in_words=rule_in_words(rule, report.ruleset),
        behaviours={called(id_): behaviour for id_, behaviour in report.ruleset.behaviours.items()},
        shown=SHOWN_PHRASES,
        stale=rule.id in report.ruleset.stale,
        record=record,
        missed=_latest(record, Outcome.MISSED),
        unjudged=_latest(record, Outcome.CANNOT_JUDGE),
    )


def _latest(record: Record, outcome: Outcome) -> list[tuple[CallScore, str]]:
    """The newest calls with that outcome, each with its page."""
    return [(call, call_path(call.call_id)) for call in newest(record.calls[outcome])[:SHOWN_CALLS]]
