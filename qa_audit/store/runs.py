"""Who may write: one run at a time holds the store, and every run leaves a row that says how it ended.

The lock dies with its process, however that ends: a file lock beside a SQLite store, an advisory lock in PostgreSQL.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any

from filelock import FileLock, Timeout
from sqlalchemy import insert, select, text, update

from qa_audit.errors import StoreError
from qa_audit.store.database import Database
from qa_audit.store.opening import shown, sqlite_file
from qa_audit.store.rows import RunRow, RunState
from qa_audit.store.tables import runs

RUN_LOCK = 0x7161_0002
"""PostgreSQL advisory lock held by a run."""


class Run:
    """A run in progress. Its end is noted by `session`; `manifest` is what it leaves behind, as JSON."""

    def __init__(self, run_id: str, started_at: datetime) -> None:
        self.run_id = run_id
        self.started_at = started_at
        self.manifest: bytes | None = None


@contextmanager
def session(database: Database, command: str) -> Iterator[Run]:
    """Hold the store for a run of `command`; StoreError that names the holder when another one has it."""
    with _held(database):
        run = _begin(database, command)
        state = RunState.FAILED
        try:
            yield run
            state = RunState.FINISHED
        except KeyboardInterrupt:
            state = RunState.INTERRUPTED
            raise
        finally:
            values = {"finished_at": time.time(), "state": state.value, "manifest": run.manifest}
            with database.writing() as connection:
                connection.execute(update(runs).where(runs.c.run_id == run.run_id).values(values))


def last_runs(database: Database, *, limit: int) -> tuple[RunRow, ...]:
    """The newest runs first."""
    columns = (runs.c.run_id, runs.c.command, runs.c.host, runs.c.pid, runs.c.started_at, runs.c.finished_at, runs.c.state)
    query = select(*columns).order_by(runs.c.started_at.desc(), runs.c.run_id.desc()).limit(limit)
    with database.reading() as connection:
        return tuple(_run_row(row) for row in connection.execute(query))


def manifest(database: Database, run_id: str | None) -> dict[str, Any]:
    """What a run left behind, by default the newest that left anything; StoreError when there is no such run."""
    query = (
        select(runs.c.run_id, runs.c.manifest).where(runs.c.manifest.is_not(None)).order_by(runs.c.started_at.desc(), runs.c.run_id.desc())
    )
    with database.reading() as connection:
        row = connection.execute(query.where(runs.c.run_id == run_id) if run_id else query.limit(1)).first()
        known = [name for name, _ in connection.execute(query.limit(5))]
    if row is None:
        there = f"the last that did are {', '.join(known)}" if known else "none did yet"
        raise StoreError(f"no run {run_id or ''} left a record in {shown(database.url)}; {there}")
    return dict(json.loads(row[1]))


def _begin(database: Database, command: str) -> Run:
    now = datetime.now(UTC)
    run = Run(f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}", now)
    row = {"run_id": run.run_id, "command": command, "host": socket.gethostname(), "pid": os.getpid()}
    row |= {"started_at": now.timestamp(), "state": RunState.RUNNING.value}
    with database.writing() as connection:
        # whoever still stands as running cannot be: this run holds the lock
        connection.execute(update(runs).where(runs.c.state == RunState.RUNNING.value).values(state=RunState.KILLED.value))
        connection.execute(insert(runs).values(row))
    return run


def _held(database: Database) -> AbstractContextManager[object]:
    if database.engine.dialect.name == "postgresql":
        return _server_lock(database)
    file = sqlite_file(database.url)
    return _file_lock(database, f"{file}.lock") if file else nullcontext()


@contextmanager
def _file_lock(database: Database, path: str) -> Iterator[None]:
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise _taken(database) from None
    except OSError as error:
        raise StoreError(f"the lock {path} cannot be made: {error.strerror}; check the rights of its folder") from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _server_lock(database: Database) -> Iterator[None]:
    with database.engine.connect() as connection:
        if not connection.execute(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": RUN_LOCK}).scalar_one():
            raise _taken(database)
        connection.commit()  # the lock is the connection's, not the transaction's
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": RUN_LOCK})


def _taken(database: Database) -> StoreError:
    running = [run for run in last_runs(database, limit=5) if run.state is RunState.RUNNING]
    who = (
        f"`{running[0].command}` (process {running[0].pid} on {running[0].host}, since {running[0].started_at:%Y-%m-%d %H:%M} UTC)"
        if running
        else "another run"
    )
    return StoreError(f"the store {shown(database.url)} is held by {who}; wait until it ends")


def _run_row(row: Any) -> RunRow:
    run_id, command, host, pid, started, finished, state = row
    return RunRow(
        run_id=run_id,
        command=command,
        host=host,
        pid=pid,
        started_at=datetime.fromtimestamp(started, UTC),
        finished_at=datetime.fromtimestamp(finished, UTC) if finished is not None else None,
        state=RunState(state),
    )
