"""Trouble that is nobody's fault in the call: a clock set back, a database locked, a folder that cannot be written, two runs at once."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pipeline_helpers import fates, night, own_rules, run, snapshot, write_call
from test_pipeline_faults import start_night

from qa_audit.errors import OutputError, StoreError
from qa_audit.pipeline.places import opened_store, writable_out
from qa_audit.store.runs import RunState


@pytest.fixture
def home(tmp_path):
    for number in range(4):
        write_call(tmp_path / "calls", f"kim_{number}")
    return tmp_path


def settings(home, **parts):
    return night(home, rules=own_rules(home), **parts)


def test_a_clock_that_was_set_back_costs_nothing(home, monkeypatch):
    run(settings(home))
    write_call(home / "calls", "kim_new")
    past = datetime.now(UTC) - timedelta(days=400)

    class Back(datetime):
        @classmethod
        def now(cls, tz=None):
            return past.astimezone(tz)

    for module in ("qa_audit.store.runs", "qa_audit.pipeline.pages", "qa_audit.recordings.discovery"):
        monkeypatch.setattr(f"{module}.datetime", Back)
    monkeypatch.setattr("time.time", past.timestamp)
    result = run(settings(home))
    assert set(fates(result).values()) == {"scored"}
    assert result.listened == 1
    assert (home / "scorecards" / "calls").is_dir()
    with opened_store(settings(home)) as store:
        assert {one.state for one in store.last_runs()} == {RunState.FINISHED}
        assert len({one.run_id for one in store.last_runs()}) == 2
    monkeypatch.undo()
    assert run(settings(home)).listened == 0


def test_a_database_locked_for_a_while_is_waited_for(home):
    run(settings(home))
    write_call(home / "calls", "kim_new")
    other = sqlite3.connect(home / "qa_audit.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(1.0, lambda: other.execute("ROLLBACK")).start()
    began = time.monotonic()
    assert set(fates(run(settings(home))).values()) == {"scored"}
    assert time.monotonic() - began > 0.9
    other.close()


def test_a_database_locked_for_long_ends_the_night_with_a_reason_and_the_next_completes_it(home, monkeypatch):
    run(settings(home))
    write_call(home / "calls", "kim_new")
    monkeypatch.setattr("qa_audit.store.opening.BUSY_SECONDS", 0.2)
    other = sqlite3.connect(home / "qa_audit.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="locked by another program"):
        run(settings(home))
    other.execute("ROLLBACK")
    other.close()
    assert set(fates(run(settings(home))).values()) == {"scored"}


@pytest.mark.skipif(not Path("/sys/kernel").is_dir(), reason="needs Linux's /sys, where nobody can make a folder")
def test_a_folder_that_cannot_be_written_is_told_before_anything_is_done(home):
    with pytest.raises(OutputError, match="--out"):
        run(settings(home, out="/sys/kernel/scorecards"))
    assert not (home / "qa_audit.db").exists()


def test_runs_that_begin_at_once_may_all_look_at_the_same_folder(home):
    def look(_: int) -> None:
        for _ in range(1500):
            writable_out(settings(home))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(look, range(4)))
    assert list((home / "scorecards").iterdir()) == []


def test_two_runs_at_once_are_one(home):
    first = start_night(home)
    assert first.stdout is not None
    first.stdout.readline()  # it listens by now
    os.kill(first.pid, signal.SIGSTOP)
    with pytest.raises(StoreError, match=f"held by `run` .process {first.pid}"):
        run(settings(home))
    os.kill(first.pid, signal.SIGCONT)
    assert "finished" in first.stdout.read()
    first.stdout.close()
    assert first.wait() == 0
    result = run(settings(home))
    assert (result.listened, result.marked, len(result.scored)) == (0, 0, 4)


def test_a_recording_renamed_between_two_nights_is_heard_once(home):
    run(settings(home))
    (home / "calls" / "kim_0.json").rename(home / "calls" / "kim_renamed.json")
    result = run(settings(home))
    assert (result.listened, len(result.scored)) == (0, 4), "its content is known"
    assert [name for name in snapshot(home / "scorecards" / "calls") if "renamed" in name]


CTRL_C = """
import sys
sys.argv = ["qa-audit", "run", "--quiet", "--json"]
from qa_audit.cli import main
main()
"""


def test_ctrl_c_ends_with_130_and_the_next_run_goes_on(home):
    own_rules(home)
    (home / "qa_audit.yaml").write_text(
        "recordings: {sources: [calls], pattern: '{agent}_{customer}.json'}\nspeech: {engine: imported}\nrules: {paths: [rules]}\n"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)}
    process = subprocess.Popen(
        [sys.executable, "-c", CTRL_C], cwd=home, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    while process.poll() is None and not (home / "qa_audit.db").exists():
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    assert process.returncode in (130, 0), said
    if process.returncode == 130:
        assert "what was finished is kept" in said
    assert set(fates(run(settings(home))).values()) == {"scored"}
