"""The page of one call: outcomes, every finding with its evidence, the timeline, the transcript, the player."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from qa_audit.models import Outcome
from qa_audit.reports.environment import render
from qa_audit.reports.evidence import FindingView, finding_views
from qa_audit.reports.formats import Formats
from qa_audit.reports.paths import agent_path, call_path
from qa_audit.reports.report import CallRecord, Report
from qa_audit.reports.timeline import timeline
from qa_audit.reports.transcript import TurnView, transcript_parts


@dataclass(frozen=True, slots=True)
class ClauseOutcome:
    """What came of one clause in one call."""

    id: str
    title: str
    outcome: Outcome
    counts: bool


def call_pages(record: CallRecord, *, report: Report, formats: Formats, audio: str | None) -> Iterator[tuple[str, str]]:
    """Path and text of each page of the call: one, or more where the transcript would make it too large."""
    views = finding_views(
        record.audit.findings, transcript=record.transcript, ruleset=report.ruleset, formats=formats, min_trust=report.min_trust
    )
    parts = transcript_parts(record.transcript, views, min_trust=report.min_trust)
    paths = [call_path(record.score.call_id, part) for part in range(1, len(parts) + 1)]
    for number, (path, turns) in enumerate(zip(paths, parts, strict=True), start=1):
        yield path, _page(record, views, turns, number, paths, report=report, formats=formats, audio=audio)


def _page(
    record: CallRecord,
    views: tuple[FindingView, ...],
    turns: tuple[TurnView, ...],
    number: int,
    paths: list[str],
    *,
    report: Report,
    formats: Formats,
    audio: str | None,
) -> str:
    first = number == 1
    return render(
        "call.html",
        root="../",
        f=formats,
        recording=record.recording,
        score=record.score,
        transcript=record.transcript,
        clauses=_clauses(record, report),
        judged=[view for view in views if view.counts and view.outcome is not Outcome.NO_OPPORTUNITY],
        trial=[view for view in views if not view.counts and view.outcome is not Outcome.NO_OPPORTUNITY],
        idle=[view for view in views if view.outcome is Outcome.NO_OPPORTUNITY],
        views={view.number: view for view in views},
        timeline=timeline(record.transcript, views, formats=formats) if first else None,
        turns=turns,
        part=number,
        parts=paths,
        audio=audio,
        agent_page=agent_path(record.score.agent),
        stepped_down=report.stepped_down,
        disputes=report.disputes,
    )


def _clauses(record: CallRecord, report: Report) -> tuple[ClauseOutcome, ...]:
    outcomes = record.score.outcomes
    return tuple(
        ClauseOutcome(clause.id, clause.title, outcomes.get(clause.id, Outcome.NO_OPPORTUNITY), clause.weight > 0)
        for clause in report.standard.clauses
    )
