"""The front page: the promise, how the period went, what needs a human today, what lies with the organisation, the agents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from qa_audit.models import CallScore, Outcome
from qa_audit.promises import Again, Promise, State
from qa_audit.reports.agent_page import clause_rows
from qa_audit.reports.environment import render
from qa_audit.reports.evidence import FindingView
from qa_audit.reports.figures import funnel
from qa_audit.reports.formats import Formats
from qa_audit.reports.paths import agent_path, call_path, rule_path
from qa_audit.reports.promise_rows import ledger_view
from qa_audit.reports.report import Report
from qa_audit.reports.stories import Teller
from qa_audit.team import Verdict

MOST_CRITICAL, MOST_PROMISES, MOST_DOUBTFUL, MOST_TELLING = 6, 3, 3, 3
MOST_AGAIN = 50
SHOWN = 5
"""Calls of one task that are linked; more are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Calls of one agent that a person should listen to, newest first, and why.

    `pages` lead to the first `shown` of them; `finding` is what to listen for in the newest, where a rule says it, `promise`
    what was said there and did not happen. `unheard` says that they were heard too poorly.
    """

    why: str
    calls: tuple[CallScore, ...]
    pages: tuple[str, ...]
    agent_page: str
    finding: FindingView | None = None
    promise: Promise | None = None
    critical: bool = False
    unheard: bool = False

    @property
    def shown(self) -> int:
        return len(self.pages)


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
        told=any(cause.verdict is not Verdict.TOO_FEW for cause in report.team.causes),
        rules=_rules_by_clause(report),
        cards=[(card, agent_path(card.agent)) for card in report.scorecards],
        funnel=funnel(report.team, report.scorecards, formats=formats),
        ledger=ledger_view(report.team.promises, report.calls),
        again=_called_again(report),
        run=report.run,
        stepped_down=report.stepped_down,
        min_trust=report.min_trust,
    )


def _rules_by_clause(report: Report) -> dict[str, list[tuple[str, str]]]:
    """Title and page of the rules that serve each clause."""
    serving: dict[str, list[tuple[str, str]]] = {clause.id: [] for clause in report.standard.clauses}
    for rule in report.ruleset.rules.values():
        serving.setdefault(rule.clause, []).append((rule.title, rule_path(rule.id)))
    return serving


def _called_again(report: Report) -> list[tuple[Again, str, str]]:
    """Customers who had to call again on the same matter, with the pages of both calls; the first of them."""
    again = report.team.resolution.again if report.team.resolution else ()
    known = [each for each in again if each.same and each.first in report.calls and each.then in report.calls]
    return [(each, call_path(each.first), call_path(each.then)) for each in known[:MOST_AGAIN]]


def _tasks(report: Report, teller: Teller) -> Iterator[Task]:
    """Critical misses, broken promises, calls heard too poorly to be assessed, then those with most that could not be judged."""
    calls = newest(entry.score for entry in report.calls.values())
    for (_, rule), missed in _most_first((call.agent, rule, call) for call in calls for rule in call.critical):
        yield _by_rule("Critical", missed, rule, teller, critical=True)
    yield from _broken_promises(report)
    poorly = _most_first((call.agent, "", call) for call in calls if call.trust < report.min_trust)
    for _, unheard in poorly[:MOST_DOUBTFUL]:
        yield _task("Heard too poorly to be assessed", unheard, unheard=True)
    doubtful = sorted((call for call in calls if call.trust >= report.min_trust and _doubts(call)), key=_doubts, reverse=True)
    for call in doubtful[:MOST_TELLING]:
        rule = next(rule for rule, outcome in call.rules.items() if outcome is Outcome.CANNOT_JUDGE)
        yield _by_rule("Would settle most, since it could not be judged", [call], rule, teller)


def _broken_promises(report: Report) -> Iterator[Task]:
    """Customers who still wait for what they were promised, by agent."""
    broken = [promise for promise in report.team.promises if promise.state is State.BROKEN and promise.call_id in report.calls]
    newest_of = {promise.call_id: promise for promise in broken}
    calls = newest(report.calls[call_id].score for call_id in newest_of)
    for _, group in _most_first((call.agent, "", call) for call in calls)[:MOST_PROMISES]:
        promise = newest_of[group[0].call_id]
        yield _task("Promise broken", group, anchor=f"turn-{promise.turn}", promise=promise)


def _most_first(found: Iterable[tuple[str, str, CallScore]]) -> list[tuple[tuple[str, str], list[CallScore]]]:
    """Calls by agent and rule, the pair with most calls first, no more than a person can take in."""
    groups: dict[tuple[str, str], list[CallScore]] = defaultdict(list)
    for agent, rule, call in found:
        groups[agent, rule].append(call)
    return sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))[:MOST_CRITICAL]


def _by_rule(why: str, calls: list[CallScore], rule: str, teller: Teller, *, critical: bool = False) -> Task:
    finding = teller.moment(calls[0], rule)
    return _task(why, calls, anchor=finding.anchor if finding else "", finding=finding, critical=critical)


def _task(
    why: str,
    calls: list[CallScore],
    *,
    anchor: str = "",
    finding: FindingView | None = None,
    promise: Promise | None = None,
    critical: bool = False,
    unheard: bool = False,
) -> Task:
    """`anchor` is the place in the newest call to begin at."""
    pages = [call_path(call.call_id) for call in calls[:SHOWN]]
    if anchor:
        pages[0] += f"#{anchor}"
    return Task(
        why=why,
        calls=tuple(calls),
        pages=tuple(pages),
        agent_page=agent_path(calls[0].agent),
        finding=finding,
        promise=promise,
        critical=critical,
        unheard=unheard,
    )


def _doubts(call: CallScore) -> int:
    return sum(outcome is Outcome.CANNOT_JUDGE for outcome in call.rules.values())


def _newest_first(call: CallScore) -> tuple[float, str]:
    return -call.started_at.timestamp() if call.started_at else 0.0, call.call_id


def newest(calls: Iterable[CallScore]) -> list[CallScore]:
    """The calls, newest first, those without a date last."""
    return sorted(calls, key=_newest_first)
