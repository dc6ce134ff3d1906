"""One run at a time holds the store; how each ended is kept, also when it was killed."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys

import pytest

from qa_audit.errors import OutputError, StoreError
from qa_audit.store import RunState, open_store

HOLD = """
import sys, time
from qa_audit.store import open_store
with open_store(sys.argv[1]) as store, store.session("run"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the store."""
    url = str(tmp_path / "a.db")
    process = subprocess.Popen([sys.executable, "-c", HOLD, url], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield url, process
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_second_run_says_who_holds_the_store(holder):
    url, process = holder
    with open_store(url) as store:
        with pytest.raises(StoreError, match=rf"held by `run` \(process {process.pid} on "), store.session("check"):
            pass
        assert [run.state for run in store.last_runs()] == [RunState.RUNNING], "the refused run leaves no row"


def test_a_killed_run_lets_go_and_is_noted(holder):
    url, process = holder
    process.send_signal(signal.SIGKILL)
    process.wait()
    with open_store(url) as store, store.session("run"):
        assert {run.state for run in store.last_runs()} == {RunState.RUNNING, RunState.KILLED}


@pytest.mark.parametrize(("error", "state"), [(KeyboardInterrupt, RunState.INTERRUPTED), (ValueError, RunState.FAILED)])
def test_how_a_run_ended_is_kept(tmp_path, error, state):
    with open_store(str(tmp_path / "a.db")) as store:
        with pytest.raises(error), store.session("run"):
            raise error
        with store.session("check") as run:
            run.manifest = b"{}"
        newest, older = store.last_runs()
        assert (newest.run_id, newest.command, newest.state) == (run.run_id, "check", RunState.FINISHED)
        assert newest.finished_at is not None
        assert newest.finished_at >= newest.started_at
        assert older.state is state


@pytest.mark.parametrize("error", [KeyboardInterrupt, OutputError("no room for the pages")])
def test_why_a_run_ended_is_told_also_when_the_store_cannot_note_it(tmp_path, monkeypatch, caplog, error):
    """Else Ctrl-C while another program has the store locked would end with 2 and not with 130."""
    monkeypatch.setattr("qa_audit.store.opening.BUSY_SECONDS", 0.2)
    other = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    with open_store(str(tmp_path / "a.db")) as store:
        with pytest.raises(type(error) if isinstance(error, Exception) else error), store.session("run"):
            other.execute("BEGIN IMMEDIATE")
            raise error
        assert "locked by another program" in caplog.text
        with pytest.raises(StoreError, match="locked by another program"), store.session("run"):
            pass
        other.execute("ROLLBACK")
        with pytest.raises(StoreError, match="locked by another program"), store.session("run"):
            other.execute("BEGIN IMMEDIATE")
        other.close()
        with store.session("run"):
            assert [run.state for run in store.last_runs()] == [RunState.RUNNING, RunState.KILLED, RunState.KILLED]
