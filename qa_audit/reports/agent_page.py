"""The scorecard of one agent: two numbers, what goes well, what to work on with its evidence, every clause, every call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from qa_audit.models import CallScore, ClauseRate, Outcome, Scorecard, Status
from qa_audit.reports.environment import render
from qa_audit.reports.figures import strip, trend
from qa_audit.reports.formats import Formats
from qa_audit.reports.paths import agent_path, call_path, rule_path
from qa_audit.reports.promise_rows import Ledger
from qa_audit.reports.report import Report
from qa_audit.reports.stories import Teller
from qa_audit.rules.language import Clause, RuleSet, Standard

FIRST_CALLS = 100
"""Calls on the scorecard itself; the rest is on pages of its own, so that no page grows without end."""

CALLS_PER_PAGE = 1_000

FEW = 5
"""Judged opportunities below which a rate is told as too few to be a habit."""


@dataclass(frozen=True, slots=True)
class ClauseRow:
    """One clause of the standard with how often it was kept; the rest of the opportunities could not be judged."""

    clause: Clause
    rate: ClauseRate
    drawing: Markup

    @property
    def judged(self) -> int:
        return self.rate.met + self.rate.missed

    @property
    def opportunities(self) -> int:
        return self.judged + self.rate.cannot_judge

    @property
    def unjudged(self) -> float | None:
        """The share of opportunities that could not be judged."""
        return self.rate.cannot_judge / self.opportunities if self.opportunities else None


@dataclass(frozen=True, slots=True)
class CallRow:
    """One call in a list of calls."""

    call: CallScore
    page: str
    missed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AdvisoryRow:
    """How often a rule that counts for nothing was met and missed by one agent, and where it was missed last."""

    title: str
    page: str
    met: int
    missed: int
    call: CallScore
    call_page: str


def advisory_rows(card: Scorecard, ruleset: RuleSet) -> tuple[AdvisoryRow, ...]:
    """The advisory rules that the agent's calls missed, the most often missed first."""
    rows = []
    for rule in ruleset.rules.values():
        missed = [call for call in card.calls if call.rules.get(rule.id) is Outcome.MISSED]
        if rule.status is Status.ADVISORY and missed:
            met = sum(call.rules.get(rule.id) is Outcome.MET for call in card.calls)
            rows.append(AdvisoryRow(rule.title, rule_path(rule.id), met, len(missed), missed[0], call_path(missed[0].call_id)))
    return tuple(sorted(rows, key=lambda row: (-row.missed, row.title)))


def clause_rows(rates: tuple[ClauseRate, ...], standard: Standard) -> tuple[ClauseRow, ...]:
    """The clauses in the order of the standard."""
    known = {clause.id: clause for clause in standard.clauses}
    return tuple(ClauseRow(known[rate.clause], rate, strip(rate.low, rate.rate, rate.high)) for rate in rates)


def agent_pages(card: Scorecard, *, report: Report, teller: Teller, formats: Formats, ledger: Ledger) -> Iterator[tuple[str, str]]:
    """Path and text of the scorecard, and of the further pages that list its calls."""
    calls = [_call_row(call, report.standard) for call in card.calls]
    chunks = [calls[:FIRST_CALLS]]
    chunks += [calls[start : start + CALLS_PER_PAGE] for start in range(FIRST_CALLS, len(calls), CALLS_PER_PAGE)]
    paths = [agent_path(card.agent, part) for part in range(1, len(chunks) + 1)]
    yield (
        paths[0],
        render(
            "agent.html",
            root="../",
            f=formats,
            card=card,
            standard=report.standard,
            well=teller.going_well(card),
            work=teller.to_work_on(card),
            advisory=advisory_rows(card, report.ruleset),
            clauses=clause_rows(card.clauses, report.standard),
            trend=trend(card.periods, pass_score=report.standard.pass_score, formats=formats),
            ledger=ledger,
            calls=chunks[0],
            parts=paths,
            few=FEW,
            compared=any(rate.standing for rate in card.clauses),
            stepped_down=report.stepped_down,
            disputes=report.disputes,
        ),
    )
    for part, (path, rows) in enumerate(zip(paths[1:], chunks[1:], strict=True), start=2):
        yield path, render("agent_calls.html", root="../", f=formats, card=card, calls=rows, part=part, parts=paths)


def _call_row(call: CallScore, standard: Standard) -> CallRow:
    missed = tuple(clause.title for clause in standard.clauses if call.outcomes.get(clause.id) is Outcome.MISSED)
    return CallRow(call, call_path(call.call_id), missed)
