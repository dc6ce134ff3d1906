"""What is kept, written on demand: as data for other programs, and as mails to supervisors."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from qa_audit.config import Config, ExportFormat
from qa_audit.errors import OutputError
from qa_audit.models import RunResult
from qa_audit.pipeline.balance import UNDONE
from qa_audit.pipeline.beside import export_to, mail_to, teams_of
from qa_audit.pipeline.kept import fate_of
from qa_audit.pipeline.marking import open_rulebook
from qa_audit.pipeline.period import report_of
from qa_audit.pipeline.places import opened_store
from qa_audit.pipeline.selection import EVERYTHING, Selection
from qa_audit.plain import did_you_mean
from qa_audit.store import Store

if TYPE_CHECKING:
    from qa_audit.reports import ExportsWritten, Report

DEFAULT_FORMATS = (ExportFormat.CSV, ExportFormat.PARQUET, ExportFormat.JSON)
"""What `export` writes when nobody says; vCons hold whole transcripts and are written only when asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What `export` wrote, and about how many calls; `unmarked` calls are kept and not in it."""

    calls: int
    unmarked: int
    folder: Path
    files: ExportsWritten


def export(
    settings: Config, *, formats: Collection[ExportFormat] = (), out: Path | None = None, selection: Selection = EVERYTHING
) -> Exported:
    """Write everything that is kept and marked as data; `formats` and `out` are those of the configuration when not given."""
    wanted = settings.reports.exports
    folder = out or settings.folder / wanted.out
    with _kept_report(settings, selection) as (report, _):
        files = export_to(folder, report, formats=formats or wanted.every_night or DEFAULT_FORMATS)
        unmarked = sum(failure.kind == UNDONE for failure in report.run.failed)
        return Exported(calls=len(report.calls), unmarked=unmarked, folder=folder, files=files)


def mail(
    settings: Config, *, teams: Collection[str] = (), pages: str | None = None, out: Path | None = None, selection: Selection = EVERYTHING
) -> Mapping[str, Path]:
    """Write a mail for every team, or for some; nothing is sent. The `.eml` file of each team.

    OutputError without an address of the pages and for a team that no call names.
    """
    wanted = settings.reports.mails
    address = pages or wanted.pages
    if not address:
        raise OutputError("a mail leads to the pages: give --pages URL, or set reports: mails: pages in the configuration")
    with _kept_report(settings, selection) as (report, store):
        known = teams_of(store.recordings(report.run.scored))
        for team in teams:
            if team not in known:
                there_are = ", ".join(known) or "none"
                raise OutputError(f"no call names the team '{team}'{did_you_mean(team, known)}; there are: {there_are}")
        chosen = {team: agents for team, agents in known.items() if not teams or team in teams}
        return mail_to(out or settings.folder / wanted.out, report, teams=chosen, pages=address, to=wanted.to, all_teams=not teams)


@contextmanager
def _kept_report(settings: Config, selection: Selection) -> Iterator[tuple[Report, Store]]:
    """The report of everything kept and marked; nothing is written to the store."""
    rulebook = open_rulebook(settings)
    with opened_store(settings) as store:
        states = store.states(marked_by=rulebook.marked_by)
        fate = fate_of(selection.of(store.recordings()), states)
        now = datetime.now(UTC)
        result = RunResult(
            run_id="",
            started_at=now,
            finished_at=now,
            scored=fate.done,
            excluded=fate.excluded,
            failed=fate.failed,
            listened=0,
            marked=0,
            heard=store.listeners(fate.done),
        )
        yield report_of(result, wanted=settings.reports, rulebook=rulebook, states=states, store=store), store
