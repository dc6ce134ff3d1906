"""Runs on one PostgreSQL lock claims in the same order, however their database sorts: else two would wait for each other for ever."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count

import psycopg
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.engine import make_url

from qa_audit.store import Store, open_store
from qa_audit.store.claims import SharedClaims
from qa_audit.store.tables import claims, metadata

CALLS = ["B", "Zebra", "a-b", "ab", "b", "call 10", "call-1", "zebra", "Äther", "ä", "ö-1"]
"""In the order of their bytes, which is Python's. English sorts almost none of them so."""
BETWEEN = (1, 4, 7, 9)


@pytest.fixture(scope="module")
def english(server) -> str:
    """The address of a database that sorts as English does, whatever the machine's locales."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE english TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'en-US'")
    return make_url(server).set(database="english").render_as_string(hide_password=False)


@pytest.fixture
def store(english) -> Iterator[Store]:
    with open_store(english) as opened:
        with opened.database.writing() as connection:
            for table in metadata.sorted_tables:
                connection.execute(table.delete())
        yield opened


@contextmanager
def run_with(store: Store, calls: Collection[str]) -> Iterator[SharedClaims]:
    """A run that claimed these calls, the last in order first, so that neither the table nor its index has them as they are to be locked."""
    with store.session("run") as run:
        assert isinstance(run.claims, SharedClaims)
        for call_id in sorted(calls, reverse=True):
            run.claims.take([call_id])
        yield run.claims


@contextmanager
def held(store: Store, call_id: str) -> Iterator[None]:
    """Somebody has a claim's row locked meanwhile."""
    with store.database.writing() as connection:
        connection.execute(select(claims).where(claims.c.call_id == call_id).with_for_update()).one()
        yield


def unlocked(store: Store) -> list[str]:
    """The claims whose rows nobody has locked."""
    with store.database.writing() as connection:
        return sorted(connection.execute(select(claims.c.call_id).with_for_update(skip_locked=True)).scalars())


def wait_until_waiting(store: Store, how_many: int) -> None:
    """Until so many wait for a lock of the database."""
    waiting = select(func.count()).where(text("wait_event_type = 'Lock' AND datname = current_database()"))
    for looked in count():
        with store.database.reading() as connection:
            if connection.execute(waiting.select_from(text("pg_stat_activity"))).scalar_one() == how_many:
                return
        assert looked < 500, "nobody waits"
        time.sleep(0.02)


def settle(ours: SharedClaims) -> None:
    with ours.database.writing() as connection:
        ours.settle(connection, CALLS[::2] + CALLS[1::2])


def take(ours: SharedClaims) -> None:
    SharedClaims(ours.database, "another run").take(CALLS[::2] + CALLS[1::2])


def test_the_database_sorts_otherwise_than_the_program(store: Store):
    with run_with(store, CALLS), store.database.reading() as connection:
        there = list(connection.execute(select(claims.c.call_id).order_by(claims.c.call_id)).scalars())
    assert sorted(there) == CALLS != there


@pytest.mark.parametrize("place", BETWEEN)
@pytest.mark.parametrize("act", [take, settle, SharedClaims._renew, SharedClaims._give_back])
def test_claims_are_locked_in_the_order_of_their_bytes(store: Store, act: Callable[[SharedClaims], None], place):
    """Held up at one row, it has locked all before that one and none after it."""
    with run_with(store, CALLS) as ours, ThreadPoolExecutor(1) as pool:
        with held(store, CALLS[place]):
            acting: Future[None] = pool.submit(act, ours)
            wait_until_waiting(store, 1)
            free = unlocked(store)
        acting.result(30)
    assert free == CALLS[place + 1 :]


def test_a_call_claimed_during_a_sign_of_life_is_not_locked_by_it(store: Store):
    """Else the sign of life has the later row and wants the earlier one, and whoever claims both has them the other way round."""
    with run_with(store, ["m"]) as ours, ThreadPoolExecutor(2) as pool:
        with held(store, "m"):
            renewing = pool.submit(ours._renew)
            wait_until_waiting(store, 1)
            ours.take(["b"])
            taking = pool.submit(SharedClaims(ours.database, "another run").take, ["b", "m"])
            wait_until_waiting(store, 2)
        renewing.result(30)
        assert taking.result(30) == frozenset()
