"""A manifest CSV in, what each of its rows says of its file out.

Any delimiter, any encoding, columns in any order and any case; `file` counts from the manifest's folder. Columns that are
not ours are passed over: telephone systems export many.
"""

from __future__ import annotations

import logging
import os
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from qa_audit.errors import Location, Problem, UserFileError
from qa_audit.recordings.access import is_url
from qa_audit.recordings.facts import FIELDS, Said
from qa_audit.recordings.sheet import placed, read_sheet
from qa_audit.recordings.trouble import Kind, Trouble

log = logging.getLogger(__name__)

FILE = "file"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the file as it was written, where it lies, and what it says."""

    file: str
    key: str
    said: Said


@dataclass(frozen=True, slots=True)
class Manifest:
    """All rows, by the file they speak of."""

    rows: Mapping[str, tuple[Row, ...]]

    def about(self, uri: str) -> tuple[Said, ...]:
        return tuple(row.said for row in self.rows.get(key_of(uri), ())) if self.rows else ()


def key_of(uri: str) -> str:
    """A file's address as two spellings of it agree: composed characters, no detours."""
    uri = uri if uri.isascii() else unicodedata.normalize("NFC", uri)
    return uri if is_url(uri) else os.path.abspath(uri)  # noqa: PTH100 (a link is not followed)


def read_manifest(uri: str) -> Manifest:
    """The rows of a manifest. UserFileError when it cannot be read as a whole; what is wrong with one row is in its `said`."""
    uri = placed(uri, called="manifest")
    rows: dict[str, tuple[Row, ...]] = {}
    for row in _rows(read_sheet(uri, called="manifest", columns={FILE}), uri):
        rows[row.key] = (*rows.get(row.key, ()), row)
    return Manifest(rows)


def _rows(lines: Iterator[tuple[int, list[str]]], uri: str) -> Iterator[Row]:
    folder, name = uri[: uri.rfind("/") + 1], uri[uri.rfind("/") + 1 :]
    header = _columns(next(lines, (0, []))[1], uri)
    for number, cells in lines:
        yield _row(header, [cell.strip() for cell in cells], f"{name}:{number}", folder)


def _row(header: list[str], cells: list[str], origin: str, folder: str) -> Row:
    trouble = None
    if len(cells) > len(header) and any(cells[len(header) :]):
        trouble = Trouble(
            Kind.BAD_ROW, f"{origin}: {len(cells)} cells under {len(header)} columns; is a cell with the delimiter in it not quoted?"
        )
    values = dict(zip(header, cells, strict=False))
    file = values.pop(FILE, "")
    if not file:
        return Row("", origin, Said(origin, values, trouble=trouble or Trouble(Kind.NO_FILE, f"{origin}: the row names no file")))
    file = file.removeprefix("file://")
    file = file if is_url(file) else file.replace("\\", "/")
    address = file if is_url(file) or file.startswith("/") else folder + file
    return Row(file, key_of(address), Said(origin, values, trouble=trouble))


def _columns(header: list[str], uri: str) -> list[str]:
    """The names of the columns; UserFileError when `file` is not there or a name of ours stands there twice."""
    names = [name.strip().lower() for name in header]
    ours = {FILE, *FIELDS}
    problems = [f"column {name!r} stands there twice" for name, count in Counter(names).items() if count > 1 and name in ours]
    if FILE not in names:
        seen = f"found {', '.join(map(repr, filter(None, names)))}" if any(names) else "the file is empty"
        problems.append(f"the manifest needs a column {FILE!r} that names the recordings; {seen}")
    if problems:
        raise UserFileError(Problem(Location(uri, 1, 1), problem, ",".join(header)) for problem in problems)
    for name in names:
        near = get_close_matches(name, ours - set(names), n=1, cutoff=0.8)
        if name not in ours and near:
            log.warning("%s:1: column %r is not read (did you mean %r?)", uri, name, near[0])
    return names
