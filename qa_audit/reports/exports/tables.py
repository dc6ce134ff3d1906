"""Rows become a CSV file that opens safely in a spreadsheet and a Parquet file with types, both as they come."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from qa_audit.reports.exports.columns import TABLES, Column, Type
from qa_audit.reports.exports.rows import Cell, Row

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_AT_ONCE = 20_000
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for a formula; such text gets an apostrophe before it (OWASP, CSV injection)."""


def table_files(name: str) -> tuple[str, str]:
    """The file names of one table."""
    return f"{name}.csv", f"{name}.parquet"


class Table:
    """Both files of one table, opened in `folder` and complete once it is left; rows are held no longer than a batch."""

    def __init__(self, name: str, folder: Path) -> None:
        self._columns, self._files = TABLES[name], [folder / file for file in table_files(name)]
        self._schema = _schema(self._columns)
        self._rows: list[Row] = []

    def __enter__(self) -> Table:
        import pyarrow.parquet as pq

        self._text = self._files[0].open("w", encoding="utf-8", newline="")
        self._csv = csv.writer(self._text, lineterminator="\n")
        self._csv.writerow([column.name for column in self._columns])
        self._parquet = pq.ParquetWriter(self._files[1], self._schema, compression="zstd")
        return self

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        try:
            if failed is None:
                self._flush()
        finally:
            self._parquet.close()
            self._text.close()

    def add(self, row: Row) -> None:
        """One more row, in the order of the columns."""
        self._csv.writerow([_spreadsheet(cell) for cell in row])
        self._rows.append(tuple(_plain(cell) for cell in row))
        if len(self._rows) >= ROWS_AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        import pyarrow as pa

        if self._rows:
            values = zip(*self._rows, strict=True)
            arrays = [pa.array(list(column), type=field.type) for column, field in zip(values, self._schema, strict=True)]
            self._parquet.write_table(pa.Table.from_arrays(arrays, schema=self._schema))
            self._rows.clear()


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
