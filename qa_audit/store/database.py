"""Transactions on an engine, in both dialects the store speaks: reading, writing, and writing a row over an older one."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, Table, and_, case
from sqlalchemy.dialects import postgresql, sqlite

from qa_audit.store.opening import explained


class Database:
    """An engine and its address. What the database refuses becomes a StoreError that says what to do."""

    def __init__(self, engine: Engine, url: URL) -> None:
        self.engine = engine
        self.url = url

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One snapshot."""
        with explained(self.url), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: all of it is kept, or nothing."""
        with explained(self.url), self.engine.connect().execution_options(writing=True) as connection, connection.begin():
            yield connection


def upsert(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *, keep: Collection[str] = (), while_same: Collection[str] = ()
) -> None:
    """Insert rows; where the primary key is taken, the new row wins.

    Columns in `keep`, which the new rows do not carry, stay as they were while all columns in `while_same` stay the same;
    otherwise they become null.
    """
    if not rows:
        return
    statement = sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)
    new, keys = statement.excluded, {column.name for column in table.primary_key}
    values: dict[str, Any] = {name: new[name] for name in rows[0] if name not in keys}
    if keep:
        same = and_(*(table.c[name] == new[name] for name in while_same))
        values |= {name: case((same, table.c[name]), else_=None) for name in keep}
    connection.execute(statement.on_conflict_do_update(index_elements=sorted(keys), set_=values), rows)
