"""A Report goes in, a folder of data files comes out; nothing is made again while no call has changed."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from qa_audit.reports.environment import design_key
from qa_audit.reports.exports.columns import TABLES
from qa_audit.reports.exports.rows import ROWS, promises
from qa_audit.reports.exports.scorecard import scorecard_json, scorecard_schema
from qa_audit.reports.exports.tables import Table, table_files
from qa_audit.reports.folder import Folder
from qa_audit.reports.report import Report
from qa_audit.reports.slugs import slug

TABLE_FILES = tuple(file for name in TABLES for file in table_files(name))
SCHEMA_FILE = "scorecard.schema.json"


@dataclass(frozen=True, slots=True)
class ExportsWritten:
    """The files of the export; `made` is False when all of them stood there already."""

    files: tuple[Path, ...]
    made: bool


def write_exports(report: Report, out: Path) -> ExportsWritten:
    """Write every table and every scorecard into `out`, each in one step; one call is in memory at a time."""
    cards = {f"agents/{slug(card.agent)}.json": card for card in report.scorecards}
    paths = (*TABLE_FILES, *cards, SCHEMA_FILE)
    files = tuple(out / path for path in paths)
    folder, key = Folder(out), _key(report)
    if all(folder.known(path, key) for path in paths):
        folder.close()
        return ExportsWritten(files, made=False)
    _write_tables(report, out)
    for path in TABLE_FILES:
        folder.keep(path, key)
    for path, card in cards.items():
        folder.write(path, scorecard_json(card, standard=report.standard.id, promise=report.standard.promise), key=key)
    folder.write(SCHEMA_FILE, json.dumps(scorecard_schema(), indent=1) + "\n", key=key)
    folder.close()
    return ExportsWritten(files, made=True)


def _write_tables(report: Report, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    with _aside(out) as aside:
        with ExitStack() as opened:
            tables = {name: opened.enter_context(Table(name, aside)) for name in TABLES}
            for call_id in sorted(report.calls):
                record = report.load_call(call_id)
                for name, rows in ROWS.items():
                    for row in rows(record, report.standard):
                        tables[name].add(row)
            for promise in report.team.promises:
                if promise.call_id in report.calls:
                    tables["promises"].add(promises(report.calls[promise.call_id].score, promise))
        for file in sorted(aside.iterdir()):
            file.replace(out / file.name)


@contextmanager
def _aside(out: Path) -> Iterator[Path]:
    """A folder beside the files, on the same file system, so that each can be moved into place whole."""
    with tempfile.TemporaryDirectory(dir=out, prefix=".") as folder:
        yield Path(folder)


def _key(report: Report) -> str:
    """Changes whenever a file would; empty, and so never the same, when a call has no key."""
    if not all(entry.key for entry in report.calls.values()):
        return ""
    parts = [design_key(), repr(report.standard), report.ruleset.hash, repr(report.team.promises)]
    parts += [f"{call_id} {entry.key} {entry.score!r}" for call_id, entry in sorted(report.calls.items())]
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
