"""Who does which call, where several runs share a store: claims that lapse unless their run renews them.

A claim is a row, and two runs that want it wait for each other at the database's lock on that row. The only clock is the
database's. What a run says of a call is kept only while it holds the claim, so that one that was believed dead and comes back
changes nothing that another has done meanwhile.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from sqlalchemy import ColumnElement, Connection, Float, cast, collate, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from qa_audit.errors import StoreError
from qa_audit.store.database import Database
from qa_audit.store.tables import claims, runs

log = logging.getLogger(__name__)

LEASE = 60.0
"""Seconds a claim stands without a sign of life."""
RENEWING = 15.0
"""Seconds between two signs of life."""


class Claims:
    """Of a run that holds the store alone: every call is its own."""

    shared = False

    def take(self, call_ids: Collection[str]) -> frozenset[str]:
        """Those of the calls that are this run's now, and stay so until they are settled or dropped."""
        return frozenset(call_ids)

    def drop(self, call_ids: Collection[str]) -> None:
        """Let others have these calls."""

    def settle(self, connection: Connection, call_ids: Collection[str]) -> frozenset[str]:
        """Inside a transaction that keeps something of these calls: those that are still this run's. Nobody holds them afterwards."""
        return frozenset(call_ids)

    def others(self) -> tuple[str, ...]:
        """The other runs that are at work on the store, in words."""
        return ()


ALONE = Claims()


class SharedClaims(Claims):
    """Of a run that shares a PostgreSQL store with others."""

    shared = True

    def __init__(self, database: Database, run_id: str) -> None:
        self.database, self.run_id = database, run_id

    def take(self, call_ids: Collection[str]) -> frozenset[str]:
        if not call_ids:
            return frozenset()
        statement = insert(claims)
        wanted = statement.on_conflict_do_update(
            index_elements=[claims.c.call_id],
            set_={"run_id": statement.excluded.run_id, "until": statement.excluded.until},
            where=or_(claims.c.until < now(), claims.c.run_id == self.run_id),
        ).returning(claims.c.call_id)
        # in the order in which everybody locks them, so that no two runs wait for each other
        rows = [{"call_id": call_id, "run_id": self.run_id, "until": now() + LEASE} for call_id in sorted(call_ids)]
        with self.database.writing() as connection:
            return frozenset(connection.execute(wanted.values(rows)).scalars())

    def drop(self, call_ids: Collection[str]) -> None:
        if call_ids:
            with self.database.writing() as connection:
                self.settle(connection, call_ids)

    def settle(self, connection: Connection, call_ids: Collection[str]) -> frozenset[str]:
        ours = self._locked(connection, claims.c.call_id.in_(call_ids))
        connection.execute(delete(claims).where(claims.c.call_id.in_(ours)))
        return ours

    def others(self) -> tuple[str, ...]:
        alive = (runs.c.state == "running", runs.c.run_id != self.run_id, runs.c.seen_at > now() - LEASE)
        query = select(runs.c.command, runs.c.pid, runs.c.host).where(*alive).order_by(runs.c.started_at)
        with self.database.reading() as connection:
            return tuple(f"`{command}` (process {pid} on {host})" for command, pid, host in connection.execute(query))

    @contextmanager
    def renewed(self) -> Iterator[None]:
        """Give signs of life meanwhile; at the end every claim is given back."""
        over = threading.Event()
        renewing = threading.Thread(target=self._renew_until, args=(over,), daemon=True)
        renewing.start()
        try:
            yield
        finally:
            over.set()
            renewing.join()
            try:
                self._give_back()
            except StoreError as error:  # they lapse, and why the run ended counts
                log.warning("what this run had in hand could not be given back: %s", error)

    def _give_back(self) -> None:
        with self.database.writing() as connection:
            self._locked(connection)
            connection.execute(delete(claims).where(claims.c.run_id == self.run_id))

    def _renew_until(self, over: threading.Event) -> None:
        while not over.wait(RENEWING):
            try:
                self._renew()
            except StoreError as error:
                log.warning("this run could not tell the others that it lives: %s", error)

    def _renew(self) -> None:
        with self.database.writing() as connection:
            connection.execute(update(runs).where(runs.c.run_id == self.run_id).values(seen_at=now(), state="running"))
            ours = self._locked(connection)  # and not what is claimed meanwhile, which comes out of order and is fresh
            connection.execute(update(claims).where(claims.c.call_id.in_(ours)).values(until=now() + LEASE))

    def _locked(self, connection: Connection, *which: ColumnElement[bool]) -> frozenset[str]:
        """This run's claims, locked in the order in which `take` locks them."""
        query = select(claims.c.call_id).where(claims.c.run_id == self.run_id, *which).order_by(collate(claims.c.call_id, "C"))
        return frozenset(connection.execute(query.with_for_update()).scalars())


def now() -> ColumnElement[float]:
    """The database's clock, in seconds since 1970; it goes on within a transaction."""
    return cast(func.extract("epoch", func.clock_timestamp()), Float)
