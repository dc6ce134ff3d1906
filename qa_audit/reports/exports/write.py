"""A Report goes in, a folder of data files comes out; nothing is made again while no call has changed."""

from __future__ import annotations

import json
import tempfile
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from qa_audit.config import ExportFormat
from qa_audit.reports.environment import design_key
from qa_audit.reports.exports.columns import TABLES
from qa_audit.reports.exports.rows import ROWS, Row, promises
from qa_audit.reports.exports.scorecard import scorecard_json, scorecard_schema
from qa_audit.reports.exports.tables import TABLE_FORMATS, Add
from qa_audit.reports.folder import EXPORTS, PART, Folder
from qa_audit.reports.report import CallRecord, Report
from qa_audit.reports.slugs import slug

SCHEMA_FILE = "scorecard.schema.json"
VCON_FOLDER, VCON_SUFFIX = "vcon", ".vcon.json"


@dataclass(frozen=True, slots=True)
class ExportsWritten:
    """Files written anew, files that stood there just so, and files removed because their agent or call is gone."""

    written: int
    unchanged: int
    removed: int


def write_exports(
    report: Report, out: Path, *, formats: Collection[ExportFormat], vcon: Callable[[CallRecord], str] | None = None
) -> ExportsWritten:
    """Write what `formats` name into `out`, each file in one step; one call is in memory at a time.

    `vcon` makes the vCon of one call and is needed where the formats name it. Files that an earlier export in another
    format left in the folder stay as they are.
    """
    folder, key = Folder(out, kind=EXPORTS), _key(report)
    tables = [format for format in ExportFormat if format in formats and format in TABLE_FORMATS]
    _write_tables(report, folder, tables, key)
    if ExportFormat.JSON in formats:
        _write_scorecards(report, folder, key)
    if ExportFormat.VCON in formats and vcon:
        _write_vcons(report, folder, vcon)
    folder.leave(lambda path: _format_of(path) not in formats)
    removed = folder.close()
    return ExportsWritten(folder.written, folder.unchanged, removed)


def _format_of(path: str) -> ExportFormat:
    if path.endswith(VCON_SUFFIX):
        return ExportFormat.VCON
    return ExportFormat(path.rsplit(".", 1)[-1])


def _write_tables(report: Report, folder: Folder, formats: Collection[ExportFormat], key: str) -> None:
    files = {format: [f"{name}.{format}" for name in TABLES] for format in formats}
    known = {format: [folder.known(file, key) for file in files[format]] for format in formats}
    wanted = [format for format in formats if not all(known[format])]
    if not wanted:
        return
    folder.root.mkdir(parents=True, exist_ok=True)
    with _aside(folder.root) as aside:
        with ExitStack() as opened:
            adding: dict[str, list[Add]] = defaultdict(list)
            for name, columns in TABLES.items():
                adding[name] = [opened.enter_context(TABLE_FORMATS[format](aside / f"{name}.{format}", columns)) for format in wanted]
            for name, row in _rows(report):
                for add in adding[name]:
                    add(row)
        for file in sorted(aside.iterdir()):
            folder.put(file, file.name, key=key)


def _rows(report: Report) -> Iterator[tuple[str, Row]]:
    """Every row with the name of its table, call by call, promises last."""
    for call_id in sorted(report.calls):
        record = report.load_call(call_id)
        for name, rows in ROWS.items():
            for row in rows(record, report.standard):
                yield name, row
    for promise in report.team.promises:
        if promise.call_id in report.calls:
            yield "promises", promises(report.calls[promise.call_id].score, promise)


def _write_scorecards(report: Report, folder: Folder, key: str) -> None:
    for card in report.scorecards:
        path = f"agents/{slug(card.agent)}.json"
        if not folder.known(path, key):
            folder.write(path, scorecard_json(card, standard=report.standard.id, promise=report.standard.promise), key=key)
    folder.write(SCHEMA_FILE, json.dumps(scorecard_schema(), indent=1) + "\n", key=key)


def _write_vcons(report: Report, folder: Folder, vcon: Callable[[CallRecord], str]) -> None:
    for call_id, entry in sorted(report.calls.items()):
        path = f"{VCON_FOLDER}/{slug(call_id)}{VCON_SUFFIX}"
        key = _hash([design_key(), entry.key, repr(entry.score)]) if entry.key else ""
        if not folder.known(path, key):
            folder.write(path, vcon(report.load_call(call_id)), key=key)


@contextmanager
def _aside(out: Path) -> Iterator[Path]:
    """A folder beside the files, on the same file system, so that each can be moved into place whole."""
    with tempfile.TemporaryDirectory(dir=out, prefix=".", suffix=PART) as folder:
        yield Path(folder)


def _key(report: Report) -> str:
    """Changes whenever a table or a scorecard would; empty, and so never the same, when a call has no key."""
    if not all(entry.key for entry in report.calls.values()):
        return ""
    calls = [f"{call_id} {entry.key} {entry.score!r}" for call_id, entry in sorted(report.calls.items())]
    return _hash([design_key(), repr(report.standard), report.ruleset.hash, repr(report.team.promises), *calls])


def _hash(parts: Collection[str]) -> str:
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
