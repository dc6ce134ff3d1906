"""What is written beside the pages: data for other programs, and mails to supervisors, which are never sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from qa_audit.config import Config, ExportFormat
from qa_audit.errors import OutputError
from qa_audit.models import Recording
from qa_audit.recordings import to_vcon
from qa_audit.store import Store

if TYPE_CHECKING:
    from qa_audit.reports import CallRecord, ExportsWritten, Report

EVERYONE, OTHERS = "everyone", "others"
"""Names of the mail where no call names a team, and of that for the others where only some do."""


def write_nightly(report: Report, settings: Config, store: Store) -> None:
    """Whatever the configuration wants written after each run."""
    exports, mails = settings.reports.exports, settings.reports.mails
    if exports.every_night:
        export_to(settings.folder / exports.out, report, formats=exports.every_night)
    if mails.every_night and mails.pages:
        teams = teams_of(store.recordings(report.run.scored))
        mail_to(settings.folder / mails.out, report, teams=teams, pages=mails.pages, to=mails.to)


def nightly_there(settings: Config) -> bool:
    """Whether the folders that a run writes beside the pages are there."""
    exports, mails = settings.reports.exports, settings.reports.mails
    folders = [exports.out] * bool(exports.every_night) + [mails.out] * mails.every_night
    return all((settings.folder / folder).is_dir() for folder in folders)


def export_to(folder: Path, report: Report, *, formats: Collection[ExportFormat]) -> ExportsWritten:
    """Write the report as data in these formats."""
    from qa_audit.reports import vcon_analyses, write_exports

    def vcon(record: CallRecord) -> str:
        return to_vcon(record.recording, record.transcript, analyses=vcon_analyses(record))

    with _writable(folder, "exports"):
        return write_exports(report, folder, formats=formats, vcon=vcon)


def mail_to(
    folder: Path, report: Report, *, teams: Mapping[str, Collection[str]], pages: str, to: Mapping[str, str], all_teams: bool = True
) -> dict[str, Path]:
    """Write the mail of each team, whose agents are given; the files by team."""
    from qa_audit.reports import write_mails

    with _writable(folder, "mails"):
        files = write_mails(report, folder, pages=pages, teams=teams, to=to, all_teams=all_teams)
    return dict(zip(teams, files, strict=True))


def teams_of(recordings: Iterable[Recording]) -> dict[str, set[str]]:
    """The agents of each team in the order of their names; an agent whose calls name two teams is in both."""
    teams: dict[str, set[str]] = defaultdict(set)
    for recording in recordings:
        teams[recording.agent_group or ""].add(recording.agent)
    named = {team: teams[team] for team in sorted(teams) if team}
    without = teams.get("", set()).difference(*named.values())
    if without:
        name = OTHERS if named else EVERYONE
        named[name] = named.get(name, set()) | without
    return named


@contextmanager
def _writable(folder: Path, what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(f"the {what} cannot be written to {folder}: {error}; make room or name another folder, and try again") from error
