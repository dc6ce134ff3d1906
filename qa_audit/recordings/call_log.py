"""The telephone system's own list of calls against what was found: a recording that never arrived is missed by nobody else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from unicodedata import normalize

from qa_audit.config import CallLogColumns, Config
from qa_audit.errors import Location, Problem, UserFileError
from qa_audit.plain import did_you_mean
from qa_audit.reconciled import LoggedCall, Reconciled
from qa_audit.recordings.access import is_url
from qa_audit.recordings.discovery import Discovery
from qa_audit.recordings.facts import printable, shown
from qa_audit.recordings.sheet import placed, read_sheet
from qa_audit.recordings.suffixes import stem_of
from qa_audit.recordings.trouble import Kind

NAMES: Mapping[str, tuple[str, ...]] = {
    "call_id": (
        *("call_id", "callid", "call id", "call", "interaction_id", "interaction id", "conversation_id", "conversation id"),
        *("contact_id", "contact id", "contactid", "ucid", "uniqueid", "unique id"),
    ),
    "file": ("file", "filename", "file name", "recording", "recording_file", "recordingfile", "recording file"),
    "agent": ("agent", "agent_name", "agent name"),
    "started_at": ("started_at", "start", "start_time", "start time", "calldate", "date"),
}
"""What columns are called where nobody says; the first of them that is there is taken."""
LONGEST = 300
"""Characters of a cell that are kept."""


def reconcile(found: Discovery, *, config: Config) -> Reconciled | None:
    """The call log of the configuration against everything that was found; None where there is none.

    A call and a recording belong together when they have the same id, or where the log names the recording's file, the same
    file name; folders and suffixes do not count. UserFileError when the log cannot be read, or has neither column.
    """
    if not config.recordings.call_log:
        return None
    given = config.recordings.call_log
    uri = placed(given if is_url(given) else str(config.folder / given), called="call log")
    calls, unreadable = _read(uri, config.recordings.call_log_columns)
    files = {failure.uri: failure.call_id for failure in found.set_aside if failure.kind != Kind.NO_FILE}
    files |= {recording.uri: recording.call_id for recording in found.recordings}
    ids, names = set(files.values()), {_name(uri) for uri in files}
    logged_ids, logged_names = {call.call_id for call in calls}, {_name(call.file) for call in calls if call.file}
    return Reconciled(
        log=printable(uri),
        calls=len(calls),
        without_recording=tuple(call for call in calls if call.call_id not in ids and not (call.file and _name(call.file) in names)),
        without_call=tuple(sorted(uri for uri, id_ in files.items() if id_ not in logged_ids and _name(uri) not in logged_names)),
        unreadable=unreadable,
    )


def _name(file: str) -> str:
    """The name by which a file is known in both places."""
    return normalize("NFC", stem_of(PurePosixPath(file.replace("\\", "/")).name)).casefold()


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a field stands: its column, counted from 0."""

    field: str
    column: int


def _read(uri: str, columns: CallLogColumns) -> tuple[tuple[LoggedCall, ...], tuple[str, ...]]:
    """Every call once, though it may have several rows: a call that was passed on is often logged for each who had it."""
    lines = read_sheet(uri, called="call log", columns=_wanted(columns))
    places = _places(next(lines, (0, []))[1], columns, uri)
    calls: dict[tuple[str, str], LoggedCall] = {}
    unreadable: list[str] = []
    for number, cells in lines:
        call = LoggedCall(line=number, **{place.field: _cell(cells, place.column) for place in places})
        if call.call_id or call.file:
            calls.setdefault((call.call_id, call.file), call)
        else:
            unreadable.append(f"line {number}: it names neither a call nor a file: {shown(','.join(cells))}")
    return tuple(calls.values()), tuple(unreadable)


def _cell(cells: Sequence[str], column: int) -> str:
    return printable(cells[column].strip()[:LONGEST]) if column < len(cells) else ""


def _wanted(columns: CallLogColumns) -> frozenset[str]:
    said = [name for name in (columns.call_id, columns.file) if name]
    return frozenset(name.strip().lower() for name in said or (*NAMES["call_id"], *NAMES["file"]))


def _places(header: Sequence[str], columns: CallLogColumns, uri: str) -> tuple[_Place, ...]:
    """Where the fields stand. UserFileError for a column that is not there or stands there twice, and where no call is named."""
    names = [name.strip() for name in header]
    lower = [name.lower() for name in names]
    said = {field: name for field, name in columns.model_dump().items() if name}
    problems = list(_column_problems(names, said.values()))
    known = {field: name.strip().lower() for field, name in said.items()}
    known |= {field: name for field in NAMES if field not in said and (name := next((n for n in NAMES[field] if n in lower), None))}
    if not problems and not {"call_id", "file"} & known.keys():
        there = f"found {', '.join(map(shown, filter(None, names)))}" if any(names) else "the file is empty"
        problems.append(f"no column of the call log names the calls; {there}; name it under recordings.call_log_columns.call_id")
    if problems:
        raise UserFileError(Problem(Location(uri, 1, 1), problem, printable(",".join(header))) for problem in problems)
    return tuple(_Place(field, lower.index(name)) for field, name in known.items())


def _column_problems(names: Sequence[str], wanted: Iterable[str]) -> Iterator[str]:
    count = Counter(name.lower() for name in names)
    for name in wanted:
        times = count[name.strip().lower()]
        if not times:
            yield f"the call log has no column {shown(name)}{did_you_mean(name, map(printable, filter(None, names)))}"
        elif times > 1:
            yield f"column {shown(name)} stands there twice"
