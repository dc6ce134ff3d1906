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
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *, while_same: Mapping[str, Collection[str]] | None = None
) -> None:
    """Insert rows; where the primary key is taken, the new row wins.

    Columns named by `while_same`, which the new rows do not carry, stay as they were while all the columns it gives for them
    stay the same; otherwise they become null.
    """
    if not rows:
        return
    statement = sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)
    new, keys = statement.excluded, {column.name for column in table.primary_key}
    values: dict[str, Any] = {name: new[name] for name in rows[0] if name not in keys}
    for name, others in (while_same or {}).items():
        values[name] = case((and_(*(table.c[other] == new[other] for other in others)), table.c[name]), else_=None)
    connection.execute(statement.on_conflict_do_update(index_elements=sorted(keys), set_=values), rows)
