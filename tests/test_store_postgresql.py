"""The same store on a real PostgreSQL server: the same rows, tables that explain themselves, runs that share the calls between them."""

from __future__ import annotations

import os
import random
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import test_store_keeping as keeping
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from store_helpers import recording, transcript

from qa_audit.models import CallFailure
from qa_audit.store import FailureRow, RunState, Store, TranscriptRow, open_store
from qa_audit.store.tables import claims, metadata

KEEPING = [name for name in dir(keeping) if name.startswith("test_")]


@pytest.fixture
def store(server):
    with open_store(server) as opened:
        with opened.database.writing() as connection:
            for table in metadata.sorted_tables:
                connection.execute(table.delete())
        yield opened


@pytest.mark.parametrize("name", KEEPING)
def test_everything_is_kept_as_in_sqlite(store: Store, name):
    getattr(keeping, name)(store)


def test_the_schema_is_the_one_expected_and_explains_itself(store: Store):
    with store.database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_runs_share_the_store_and_see_each_other(store: Store, server):
    with store.session("run") as first, open_store(server) as other:
        with other.session("check") as second:
            assert [run.state for run in other.last_runs()] == [RunState.RUNNING, RunState.RUNNING]
            assert first.claims.others() == (f"`check` (process {os.getpid()} on {socket.gethostname()})",)
            assert second.claims.others() == (f"`run` (process {os.getpid()} on {socket.gethostname()})",)
        assert first.claims.others() == ()


def test_a_call_is_one_runs_until_it_is_settled_dropped_or_over(store: Store, server):
    with store.session("run") as first, open_store(server) as other, other.session("run") as second:
        assert first.claims.take(["a", "b"]) == first.claims.take(["b", "a"]) == {"a", "b"}
        assert second.claims.take(["a", "b", "c"]) == {"c"}
        first.claims.drop(["a"])
        assert second.claims.take(["a", "b", "c"]) == {"a", "c"}
        store.keep_recordings([recording("b")])
        assert store.keep_transcript(recording("b"), TranscriptRow.of(transcript("b"), sha256="s"), claims=first.claims)
        assert second.claims.take(["b"]) == {"b"}
    with store.session("run") as third:
        assert third.claims.take(["a", "b", "c"]) == {"a", "b", "c"}, "nothing is left of runs that ended"


def test_what_a_run_says_that_was_believed_dead_is_not_kept(store: Store, server):
    store.keep_recordings([recording("a")])
    with store.session("run") as slow, open_store(server) as other, other.session("run") as quick:
        slow.claims.take(["a"])
        with store.database.writing() as connection:
            connection.execute(claims.update().values(until=0))
        assert quick.claims.take(["a"]) == {"a"}
        failure = FailureRow(CallFailure("a", recording("a").uri, "transcribe", "died", "it died"), 1000, 1.5, "f1")
        assert not store.keep_transcript(recording("a"), TranscriptRow.of(transcript("a"), sha256="s"), claims=slow.claims)
        store.keep_failure(failure, claims=slow.claims)
        store.reuse_transcripts([(recording("a"), "s", "f1")], claims=slow.claims)
        kept = store.states()["a"]
        assert (kept.fingerprint, kept.failure, store.heard()) == (None, None, set())
        other.keep_failure(failure, claims=quick.claims)
        assert store.states()["a"].failure == failure


def test_an_interrupted_run_is_told_as_such_also_when_its_claims_cannot_be_given_back(store: Store, caplog):
    def rename(one: str, other: str) -> None:
        with store.database.writing() as connection:
            connection.execute(text(f"ALTER TABLE {one} RENAME TO {other}"))

    with pytest.raises(KeyboardInterrupt), store.session("run"):
        rename("claims", "elsewhere")
        raise KeyboardInterrupt
    rename("elsewhere", "claims")
    assert "could not be given back" in caplog.text
    assert store.last_runs()[0].state is RunState.INTERRUPTED


def test_a_living_run_keeps_its_claims_and_a_dead_one_loses_them(store: Store, server, monkeypatch):
    monkeypatch.setattr("qa_audit.store.claims.LEASE", 1.0)
    monkeypatch.setattr("qa_audit.store.claims.RENEWING", 0.2)
    with store.session("run") as alive, open_store(server) as other, other.session("run") as second:
        alive.claims.take(["a"])
        time.sleep(2.0)
        assert second.claims.take(["a"]) == frozenset()
        monkeypatch.setattr(alive.claims, "_renew", lambda: None)
        time.sleep(1.5)
        assert second.claims.take(["a"]) == {"a"}
        assert second.claims.others() == ()


def test_many_runs_at_once_never_hold_the_same_call_nor_wait_for_each_other_for_ever(store: Store, server):
    calls = [f"call {i}" for i in range(12)] + ["Äther", "zebra", "Zebra"]  # databases and programs sort these differently
    store.keep_recordings([recording(call_id) for call_id in calls])
    held, broken = dict.fromkeys(calls, 0), []

    def one_run(seed: int) -> None:
        choice = random.Random(seed)
        with open_store(server) as mine, mine.session("run") as run:
            for _ in range(60):
                ours = run.claims.take(choice.sample(calls, 6))
                for call_id in ours:
                    held[call_id] += 1
                    if held[call_id] > 1:
                        broken.append(call_id)
                if choice.random() < 0.2:
                    run.claims._renew()
                for call_id in ours:
                    held[call_id] -= 1
                if choice.random() < 0.5:
                    run.claims.drop(ours)
                for call_id in ours:  # dropped or not: only the holder may keep something
                    mine.keep_transcript(recording(call_id), TranscriptRow.of(transcript(call_id), sha256="s"), claims=run.claims)

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(one_run, seed) for seed in range(4)]:
            done.result()
    assert broken == []
    with store.database.reading() as connection:
        assert connection.execute(claims.select()).all() == []
