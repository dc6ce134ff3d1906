"""Rows become a CSV file that opens safely in a spreadsheet, or a Parquet file with types, as they come."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from qa_audit.config import ExportFormat
from qa_audit.reports.exports.columns import Column, Type
from qa_audit.reports.exports.rows import Cell, Row

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_AT_ONCE = 20_000
"""Rows of a Parquet file that are held in memory."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for a formula; such text gets an apostrophe before it (OWASP, CSV injection)."""

Add = Callable[[Row], None]
"""Takes one more row, in the order of the columns."""


@contextmanager
def csv_table(file: Path, columns: Sequence[Column]) -> Iterator[Add]:
    """A CSV file that takes rows; complete once it is left."""
    with file.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([column.name for column in columns])
        yield lambda row: writer.writerow([_spreadsheet(cell) for cell in row])


@contextmanager
def parquet_table(file: Path, columns: Sequence[Column]) -> Iterator[Add]:
    """A Parquet file that takes rows; complete once it is left."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = _schema(columns)
    waiting: list[Row] = []

    with pq.ParquetWriter(file, schema, compression="zstd") as writer:

        def flush() -> None:
            values = zip(*waiting, strict=True)
            arrays = [pa.array(list(column), type=field.type) for column, field in zip(values, schema, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            waiting.clear()

        def add(row: Row) -> None:
            waiting.append(tuple(_plain(cell) for cell in row))
            if len(waiting) >= ROWS_AT_ONCE:
                flush()

        yield add
        if waiting:
            flush()


TABLE_FORMATS: Mapping[ExportFormat, Callable[[Path, Sequence[Column]], AbstractContextManager[Add]]] = {
    ExportFormat.CSV: csv_table,
    ExportFormat.PARQUET: parquet_table,
}


def _schema(columns: Sequence[Column]) -> pa.Schema:
    import pyarrow as pa

    types = {
        Type.TEXT: pa.string(),
        Type.LIST: pa.string(),
        Type.NUMBER: pa.float64(),
        Type.WHOLE: pa.int64(),
        Type.TIME: pa.timestamp("us", tz="UTC"),
    }
    return pa.schema([pa.field(column.name, types[column.type], metadata=_metadata(column)) for column in columns])


def _metadata(column: Column) -> dict[str, str]:
    return {"meaning": column.meaning} | ({"unit": column.unit} if column.unit else {})


def _plain(cell: Cell) -> Cell:
    """The cell with what UTF-8 cannot hold replaced."""
    return cell.encode("utf-8", "replace").decode() if isinstance(cell, str) else cell


def _spreadsheet(cell: Cell) -> Cell:
    if isinstance(cell, datetime):
        return cell.astimezone(UTC).isoformat()
    if isinstance(cell, float):
        return round(cell, 6)
    if isinstance(cell, str):
        text = str(_plain(cell)).replace("\x00", "\ufffd")
        return f"'{text}" if text.startswith(FORMULA) else text
    return cell
