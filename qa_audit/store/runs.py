"""Who may write: one run at a time holds a SQLite store, any number share one in PostgreSQL; each leaves a row that says how it ended.

The lock beside a SQLite store dies with its process, however that ends. On a server a run that gives no sign of life is dead.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any

from filelock import FileLock, Timeout
from sqlalchemy import ColumnElement, and_, insert, or_, select, update

from qa_audit.errors import StoreError
from qa_audit.store.claims import ALONE, LEASE, Claims, SharedClaims, now
from qa_audit.store.database import Database
from qa_audit.store.opening import shown, sqlite_file
from qa_audit.store.rows import RunRow, RunState
from qa_audit.store.tables import runs

log = logging.getLogger(__name__)


class Run:
    """A run in progress. Its end is noted by `session`; `manifest` is what it leaves behind, as JSON; `claims` say which calls are its."""

    def __init__(self, run_id: str, started_at: datetime, claims: Claims) -> None:
        self.run_id = run_id
        self.started_at = started_at
        self.claims = claims
        self.manifest: bytes | None = None


@contextmanager
def session(database: Database, command: str) -> Iterator[Run]:
    """Open the store for a run of `command`; StoreError that names the holder when another one has it alone."""
    with _held(database):
        run = _begin(database, command)
        try:
            with run.claims.renewed() if isinstance(run.claims, SharedClaims) else nullcontext():
                yield run
        except BaseException as error:
            state = RunState.INTERRUPTED if isinstance(error, KeyboardInterrupt) else RunState.FAILED
            try:
                _end(database, run, state)
            except StoreError as second:  # why the run ended counts, not that it cannot be noted
                log.warning("how this run ended could not be noted: %s", second)
            raise
        _end(database, run, RunState.FINISHED)


def _end(database: Database, run: Run, state: RunState) -> None:
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
    started = datetime.now(UTC)
    run_id = f"{started:%Y%m%d-%H%M%S}-{secrets.token_hex(4)}"
    claims = SharedClaims(database, run_id) if _is_shared(database) else ALONE
    row: dict[str, Any] = {"run_id": run_id, "command": command, "host": socket.gethostname(), "pid": os.getpid()}
    row |= {"started_at": started.timestamp(), "state": RunState.RUNNING.value, "seen_at": now() if claims.shared else None}
    with database.writing() as connection:
        connection.execute(update(runs).where(_dead(shared=claims.shared)).values(state=RunState.KILLED.value))
        connection.execute(insert(runs).values(row))
    return Run(run_id, started, claims)


def _dead(*, shared: bool) -> ColumnElement[bool]:
    """Runs that stand as running and cannot be: another one holds the lock, or they have given no sign of life."""
    stands = runs.c.state == RunState.RUNNING.value
    return and_(stands, or_(runs.c.seen_at.is_(None), runs.c.seen_at < now() - LEASE)) if shared else stands


def _is_shared(database: Database) -> bool:
    return database.engine.dialect.name == "postgresql"


def _held(database: Database) -> AbstractContextManager[object]:
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
