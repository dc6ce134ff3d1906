"""The front page: the promise, how the period went, what needs a human today, what lies with the organisation, the agents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from qa_audit.models import CallScore, Outcome
from qa_audit.reports.agent_page import agent_path, clause_rows
from qa_audit.reports.call_page import call_path
from qa_audit.reports.environment import render
from qa_audit.reports.evidence import FindingView
from qa_audit.reports.figures import funnel
from qa_audit.reports.formats import Formats
from qa_audit.reports.report import Report
from qa_audit.reports.slugs import slug
from qa_audit.reports.stories import Teller

MOST_CRITICAL, MOST_DOUBTFUL, MOST_TELLING = 6, 3, 3


@dataclass(frozen=True, slots=True)
class Task:
    """A call that a person should listen to, and why. `finding` is what to listen for, where a rule says it."""

    why: str
    critical: bool
    call: CallScore
    page: str
    agent_page: str
    finding: FindingView | None = None


def team_page(report: Report, *, teller: Teller, formats: Formats) -> str:
    """The text of index.html."""
    return render(
        "team.html",
        root="",
        f=formats,
        team=report.team,
        standard=report.standard,
        tasks=tuple(_tasks(report, teller)),
        clauses=clause_rows(report.team.clauses, report.standard),
        causes={cause.clause: cause for cause in report.team.causes},
        rules=_rules_by_clause(report),
        cards=[(card, agent_path(card.agent)) for card in report.scorecards],
        funnel=funnel(report.team, report.scorecards, formats=formats),
        run=report.run,
        stepped_down=report.stepped_down,
        min_trust=report.min_trust,
    )


def _rules_by_clause(report: Report) -> dict[str, list[tuple[str, str]]]:
    """Title and page of the rules that serve each clause."""
    serving: dict[str, list[tuple[str, str]]] = {clause.id: [] for clause in report.standard.clauses}
    for rule in report.ruleset.rules.values():
        serving.setdefault(rule.clause, []).append((rule.title, f"rules/{slug(rule.id)}.html"))
    return serving


def _tasks(report: Report, teller: Teller) -> Iterator[Task]:
    """Critical misses, then calls heard too poorly to be assessed, then those with most that could not be judged."""
    calls = sorted((entry.score for entry in report.calls.values()), key=_newest_first)
    critical = ((call, rule) for call in calls for rule in call.critical)
    for call, rule in islice(critical, MOST_CRITICAL):
        yield _task("Critical", call, finding=teller.moment(call, rule))
    poorly = (call for call in calls if call.trust < report.min_trust)
    for call in islice(poorly, MOST_DOUBTFUL):
        yield _task("Heard too poorly to be assessed", call)
    heard = [call for call in calls if call.trust >= report.min_trust and _doubts(call)]
    for call in sorted(heard, key=_doubts, reverse=True)[:MOST_TELLING]:
        doubtful = next(rule for rule, outcome in call.rules.items() if outcome is Outcome.CANNOT_JUDGE)
        yield _task("Would settle most: could not be judged", call, finding=teller.moment(call, doubtful))


def _task(why: str, call: CallScore, *, finding: FindingView | None = None) -> Task:
    anchor = f"#{finding.anchor}" if finding else ""
    return Task(why, why == "Critical", call, call_path(call.call_id) + anchor, agent_path(call.agent), finding)


def _doubts(call: CallScore) -> int:
    return sum(outcome is Outcome.CANNOT_JUDGE for outcome in call.rules.values())


def _newest_first(call: CallScore) -> tuple[float, str]:
    return -call.started_at.timestamp() if call.started_at else 0.0, call.call_id


def newest(calls: Iterable[CallScore], most: int) -> list[CallScore]:
    """The newest of some calls."""
    return sorted(calls, key=_newest_first)[:most]
