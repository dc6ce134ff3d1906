"""Several runs on one PostgreSQL store share the calls: each is heard and marked once, also when a run dies, and all of them balance."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pipeline_helpers import COLD, SAD, fates, night, own_rules, run, write_call

from qa_audit.config import Config
from qa_audit.errors import OutputError
from qa_audit.pipeline.places import alone_in, opened_store
from qa_audit.store import open_store
from qa_audit.store.tables import metadata

COORDINATOR = """
import json, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from pipeline_helpers import fates, night, own_rules, run
from qa_audit.pipeline import sharing
from qa_audit.store import claims
claims.LEASE = sharing.LEASE = 3.0
claims.RENEWING = sharing.RENEWING = 0.5

def step(said):
    print(json.dumps([said.stage, said.call_id, said.note]), flush=True)
    time.sleep(0.1)

if __name__ == "__main__":
    home, out, store = Path(sys.argv[2]), sys.argv[3], sys.argv[4]
    print("ready", flush=True)
    sys.stdin.readline()
    result = run(night(home, rules=own_rules(home), store=store, out=out), progress=step)
    print(json.dumps({"fates": fates(result), "listened": result.listened, "marked": result.marked}), flush=True)
"""
CALLS = 12


@pytest.fixture
def store(server) -> str:
    """The address of an empty store."""
    with open_store(server) as opened, opened.database.writing() as connection:
        for table in metadata.sorted_tables:
            connection.execute(table.delete())
    return server


@pytest.fixture
def home(tmp_path) -> Path:
    for i in range(CALLS):
        write_call(tmp_path / "calls", f"kim_{i:02}", (SAD, COLD)[i % 2])
    own_rules(tmp_path)
    return tmp_path


class Coordinator:
    """Another process that runs the night, with pages of its own; it waits for `go`."""

    def __init__(self, home: Path, name: str, store: str) -> None:
        words = [sys.executable, "-c", COORDINATOR, str(Path(__file__).parent), str(home), str(home / name), store]
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.into, self.out = self.process.stdin, self.process.stdout
        assert self.out.readline() == "ready\n"

    def go(self) -> None:
        self.into.write("go\n")
        self.into.flush()

    def lines(self) -> Iterator[list[str] | dict[str, object]]:
        for line in self.out:
            yield json.loads(line)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self.into.close()
        self.out.close()


@pytest.fixture
def two(home, store) -> Iterator[tuple[Coordinator, Coordinator]]:
    both = Coordinator(home, "first", store), Coordinator(home, "second", store)
    yield both
    for one in both:
        one.end()


def settings(home: Path, store: str, **parts: object) -> Config:
    return night(home, rules=own_rules(home), store=store, **parts)


def check_once(home: Path, store: str) -> None:
    with opened_store(settings(home, store)) as opened:
        rows = opened.counts().rows
    assert (rows["recordings"], rows["transcripts"], rows["audits"], rows["claims"]) == (CALLS, CALLS, CALLS, 0)


def test_two_coordinators_do_every_call_once_and_both_balance(home, store, two):
    for one in two:
        one.go()
    told = [list(one.lines()) for one in two]
    steps = [[step for step in lines if isinstance(step, list)] for lines in told]
    for stage in ("transcribe", "check"):
        done = [[call_id for name, call_id, _ in one if name == stage] for one in steps]
        assert sorted(done[0] + done[1]) == [f"kim_{i:02}" for i in range(CALLS)], "each by exactly one of them"
    ends = [lines[-1] for lines in told]
    for end in ends:
        assert isinstance(end, dict)
        assert end["listened"] > 0, "both worked"
        assert sorted(end["fates"]) == [f"kim_{i:02}" for i in range(CALLS)], "it balances"
        assert set(end["fates"].values()) == {"scored"}
    assert sum(end["listened"] for end in ends) == sum(end["marked"] for end in ends) == CALLS
    check_once(home, store)
    assert len(list((home / "first" / "calls").iterdir())) == len(list((home / "second" / "calls").iterdir())) == CALLS


@pytest.mark.parametrize("stage", ["transcribe", "check"])
def test_what_a_dead_coordinator_had_in_hand_returns(home, store, two, stage):
    dying, other = two
    for one in two:
        one.go()
    for line in dying.lines():
        if isinstance(line, list) and line[0] == stage:
            dying.process.send_signal(signal.SIGKILL)
            break
    *_, end = other.lines()
    assert isinstance(end, dict)
    assert set(end["fates"].values()) == {"scored"}
    assert len(end["fates"]) == CALLS
    check_once(home, store)


def test_a_call_that_another_run_has_in_hand_is_told_as_such(home, store, monkeypatch):
    monkeypatch.setattr("qa_audit.pipeline.sharing.LEASE", 0.5)
    monkeypatch.setattr("qa_audit.pipeline.sharing.RENEWING", 0.1)
    with open_store(store) as elsewhere, elsewhere.session("run") as other:
        other.claims.take(["kim_07"])
        result = run(settings(home, store))
        told = fates(result)
        assert told.pop("kim_07") == "elsewhere"
        assert set(told.values()) == {"scored"}
        assert [(failure.call_id, failure.kind) for failure in result.excluded] == [("kim_07", "elsewhere")]
        assert f"`run` (process {os.getpid()} on {socket.gethostname()})" in result.excluded[0].message
        assert result.failed == ()
    result = run(settings(home, store))
    assert set(fates(result).values()) == {"scored"}
    assert (result.listened, result.marked) == (1, 1)


def test_what_another_run_tried_and_failed_is_not_tried_again_in_the_same_night(home, store, monkeypatch):
    """The second run comes and goes while the first, which has planned everything, keeps its first call."""
    monkeypatch.setattr("qa_audit.pipeline.sharing.LEASE", 0.5)
    monkeypatch.setattr("qa_audit.pipeline.sharing.RENEWING", 0.1)
    (home / "calls" / "kim_99.json").write_text("{")
    inner = []

    def step(_) -> None:
        if not inner:
            inner.append(run(settings(home, store, out="inner")))

    outer = run(settings(home, store), progress=step)
    with opened_store(settings(home, store)) as opened:
        failure = opened.states()["kim_99"].failure
    assert failure is not None
    assert failure.tries == 1
    assert [failed.call_id for failed in outer.failed] == [failed.call_id for failed in inner[0].failed] == ["kim_99"]
    assert outer.listened + inner[0].listened == len(outer.scored) == CALLS


def test_pages_in_the_same_folder_are_written_one_after_the_other(home, store, monkeypatch):
    monkeypatch.setattr("qa_audit.pipeline.places.WAITING", 0.1)
    with alone_in(home), pytest.raises(OutputError, match="another run has been writing pages"):
        run(settings(home, store, out="."))
    assert not (home / "index.html").exists()
    assert set(fates(run(settings(home, store, out="."))).values()) == {"scored"}
