"""A store's address to an engine that is safe to use: address read, pragmas set, schema brought up to date."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from qa_audit.errors import StoreError
from qa_audit.store.migrations import HEAD, current, upgrade

SQLITE = "sqlite:///"
BUSY_SECONDS = 30
MIGRATION_LOCK = 0x7161_0001
"""PostgreSQL advisory lock held while the schema changes."""


def address(url: str) -> URL:
    """The SQLAlchemy URL of a store; a plain path means SQLite. StoreError when it is neither.

    A SQLite path is taken letter by letter: SQLAlchemy's versions differ over `%` and `?` in it.
    """
    if "://" not in url or url.startswith(SQLITE):
        return URL.create("sqlite", database=url.removeprefix(SQLITE))
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise StoreError(f"{url!r} is not a store: write sqlite:///FILE, postgresql://USER@HOST/DATABASE, or the path of a file") from None
    if parsed.drivername in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    return parsed


def sqlite_file(url: URL) -> Path | None:
    """The file of a SQLite store; None for a server or a store in memory."""
    in_memory = url.database in (None, "", ":memory:")
    return None if url.get_backend_name() != "sqlite" or in_memory else Path(str(url.database))


def shown(url: URL) -> str:
    """The store's place for people to read: its path, or its address without the password."""
    return str(sqlite_file(url) or url.render_as_string())


def open_engine(url: URL, *, create: bool) -> Engine:
    """An engine on an up-to-date schema. `create=False` refuses a SQLite file that is not there yet."""
    file = sqlite_file(url)
    if file is not None:
        _make_room(file, create=create)
    engine = _engine(url)
    with explained(url):
        with engine.connect() as connection:
            if current(connection) == HEAD:
                return engine
        with engine.connect().execution_options(writing=True) as connection, connection.begin():
            if engine.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
            upgrade(connection)
    return engine


def _make_room(file: Path, *, create: bool) -> None:
    if file.exists():
        return
    if not create:
        raise StoreError(f"there is no store at {file} yet; `qa-audit run` makes it, or give --store another place")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"the folder of the store {file} cannot be made: {error.strerror}") from None


def _engine(url: URL) -> Engine:
    try:
        engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS} if url.get_backend_name() == "sqlite" else {})
    except NoSuchModuleError:
        raise StoreError(f"{url.drivername!r} is not a kind of store; use sqlite or postgresql") from None
    except ModuleNotFoundError as error:
        raise StoreError(f"the driver {error.name!r} is not installed: pip install 'qa-audit[postgresql]'") from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN leaves schema changes outside the transaction
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")


def _on_begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


@contextmanager
def explained(url: URL) -> Iterator[None]:
    """Turn what the database says into a StoreError that says what to do."""
    try:
        yield
    except DBAPIError as error:
        raise StoreError(f"the store {shown(url)} {_advice(str(error.orig))}") from error


def _advice(said: str) -> str:
    for sign, advice in (
        ("locked", "is locked by another program; wait for it, or stop it"),
        ("disk is full", "has no room left on its disk; make room and run again, finished work is kept"),
        ("readonly", "cannot be written; check the rights of the file and its folder"),
        ("unable to open", "cannot be opened; check that its folder exists and may be written"),
        ("not a database", "is not one of qa-audit; give --store another place"),
        ("malformed", "is damaged; restore it from a backup, or move it away to start anew"),
        ("disk I/O", "lies on a disk that gave an error; check it, then run again"),
        ("connection", "does not answer; check that the server runs and that the address is right"),
    ):
        if sign in said:
            return f"{advice} ({said.strip()})"
    return f"refused: {said.strip()}"
