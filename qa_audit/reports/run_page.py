"""The page of the run: by what the calls were heard, that it balances, and what was set aside and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from qa_audit.models import CallFailure
from qa_audit.reports.environment import render
from qa_audit.reports.formats import Formats
from qa_audit.reports.report import Report

SHOWN = 100
"""Calls listed for each reason; a night in which thousands fail for one reason needs the count, not the list."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for which calls were not scored."""

    stage: str
    kind: str
    calls: tuple[CallFailure, ...]

    @property
    def more(self) -> int:
        return max(len(self.calls) - SHOWN, 0)


def run_page(report: Report, *, formats: Formats) -> str:
    """The text of run.html."""
    return render(
        "run.html",
        root="",
        f=formats,
        run=report.run,
        excluded=_reasons(report.run.excluded),
        failed=_reasons(report.run.failed),
        shown=SHOWN,
        team=report.team,
        standard=report.standard,
        ruleset=report.ruleset,
        stepped_down=report.stepped_down,
        warnings=[warning for warning in report.run.warnings if warning not in report.stepped_down],
        min_trust=report.min_trust,
    )


def _reasons(failures: Iterable[CallFailure]) -> tuple[Reason, ...]:
    """Failures by reason, the most frequent first."""
    ordered = sorted(failures, key=lambda failure: (failure.stage, failure.kind, failure.uri))
    groups = [Reason(stage, kind, tuple(calls)) for (stage, kind), calls in groupby(ordered, key=lambda f: (f.stage, f.kind))]
    return tuple(sorted(groups, key=lambda reason: -len(reason.calls)))
