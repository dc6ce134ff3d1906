"""A CSV that other programs wrote in, its lines out: any delimiter, any encoding; what is wrong as a whole said at its place."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from qa_audit.errors import Location, Problem, UserFileError
from qa_audit.recordings.access import plain, read_bytes
from qa_audit.recordings.text import decode

LARGEST = 256 * 1024 * 1024
USUAL_DELIMITERS = ",;\t|"


def placed(uri: str, *, called: str) -> str:
    """Where a sheet lies, in the usual spelling. UserFileError when that is nowhere."""
    with _reaching(uri, called):
        return plain(uri)


@contextmanager
def _reaching(uri: str, called: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ImportError) as error:
        raise UserFileError([Problem(Location(uri), f"the {called} cannot be read: {error}")]) from error


def read_sheet(uri: str, *, called: str, columns: Collection[str]) -> Iterator[tuple[int, list[str]]]:
    """Every line that has anything in it, with its number, the header first; empty lines are passed over.

    `columns` are names in lower case of which the header has at least one: by them the delimiter is told. UserFileError when the
    file cannot be read, or not from some line on; `called` is what people call it.
    """
    with _reaching(uri, called):
        data = read_bytes(uri, limit=LARGEST)
    if len(data) > LARGEST:
        raise UserFileError([Problem(Location(uri), f"the {called} is larger than {LARGEST >> 20} MiB; split it")])
    text = decode(data, name=uri)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text, columns), strict=True)
    try:
        for cells in lines:
            if any(map(str.strip, cells)):
                yield lines.line_num, cells
    except csv.Error as error:
        raise UserFileError([Problem(Location(uri, lines.line_num, 1), f"the {called} cannot be read from here on: {error}")]) from error


def _delimiter(text: str, columns: Collection[str]) -> str:
    """The character that splits the first line so that one of the columns is there: a usual one, else any."""
    header = text.lstrip("\r\n").partition("\n")[0]
    others = sorted({c for c in header if not c.isalnum() and c not in "\"'_- \r"} - set(USUAL_DELIMITERS))
    delimiters: tuple[str, ...] = (*USUAL_DELIMITERS, *others)
    for delimiter in delimiters:
        names = next(csv.reader([header], delimiter=delimiter), [])
        if any(name.strip().lower() in columns for name in names):
            return delimiter
    return USUAL_DELIMITERS[0]
