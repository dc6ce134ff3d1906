"""A real Dask cluster does what the processes of one machine do: every task answered once, whatever dies meanwhile."""

from __future__ import annotations

import pickle
import socket
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
import workers_helpers as helpers
from cluster_helpers import Cluster, cluster, wait_for
from pipeline_helpers import night

from qa_audit import __version__
from qa_audit.config import Speech, Work
from qa_audit.errors import EngineError, WorkerError
from qa_audit.models import Recording
from qa_audit.pipeline.health import examine
from qa_audit.pipeline.listening import choose_listener
from qa_audit.pipeline.marking import open_rulebook
from qa_audit.workers import Lost, at_once, run_tasks
from qa_audit.workers.member import Hall, Order

TWO_TRIES = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}
"""Dask's own default is 3, and each costs a worker of this test some seconds."""


@pytest.fixture(scope="module")
def machines(tmp_path_factory):
    with cluster(tmp_path_factory.mktemp("cluster"), workers=2, environment=TWO_TRIES) as started:
        yield started


def on(machines: Cluster, tasks, *, timeout: float = 30.0, prepare=helpers.prepared):
    return run_tasks(helpers.obey, tasks, prepare=prepare, processes=0, timeout=timeout, cluster=machines.address)


def test_every_kind_of_death_costs_one_task(machines):
    good = [f"say {i}" for i in range(12)]
    bad = {"kill": "died", "crash": "died", "exit 3": "died", "raise on purpose": "defect", "sleep 60": "timeout"}
    done = list(on(machines, [*good[:6], *bad, *good[6:]], timeout=3.0))
    assert sorted(task for task, _ in done) == sorted([*good, *bad])
    answers = dict(done)
    assert {task: answers[task].kind for task in bad} == bad
    assert all(answers[task].endswith(task) for task in good)
    assert "SIGSEGV" in answers["crash"].message
    assert answers["raise on purpose"].message == "ValueError: on purpose"


def test_each_worker_prepares_once(machines):
    done = dict(on(machines, (f"say {i}" for i in range(40))))
    assert len({answer.partition(":")[0] for answer in done.values()}) == 2


def test_a_large_task_is_nothing_to_warn_of(machines, recwarn):
    ((_, answer),) = on(machines, ["say " + "x" * 12_000_000])
    assert answer.endswith("xxx")
    assert not recwarn.list


def test_tasks_are_taken_as_needed(machines):
    taken = []

    def stream():
        for i in range(100_000):
            taken.append(i)
            yield f"say {i}"

    results = on(machines, stream())
    next(results)
    assert len(taken) == 3, "one for each of two threads, and the one answered"
    results.close()


def test_leaving_early_stops_what_is_being_done(machines, tmp_path):
    marker = tmp_path / "pid"
    results = on(machines, ["say 0", f"touch {marker}"], timeout=90)
    next(results)
    pid = int(wait_for(marker))
    results.close()
    for _ in range(500):
        if not alive(pid):
            break
        time.sleep(0.02)
    assert not alive(pid)


@pytest.mark.parametrize(("prepare", "says"), [(helpers.die_preparing, "exit 7"), (helpers.cannot_prepare, "put one there")])
def test_a_fault_of_the_setup_ends_it_all_and_names_the_machine(machines, prepare, says):
    with pytest.raises(WorkerError, match=f"on {socket.gethostname()}: .*{says}"):
        list(on(machines, ["say 1", "say 2"], prepare=prepare))


def test_a_machine_that_dies_costs_its_task_another_try(machines, tmp_path):
    marker = tmp_path / "pid"
    dying = machines.start_worker()
    while at_once(processes=0, cluster=machines.address) < 3:
        pass
    results = on(machines, [*(f"first {marker}.{i}" for i in range(3)), *(f"say {i}" for i in range(9))])
    done = dict([next(results)])
    for i in range(3):
        wait_for(marker.with_name(f"pid.{i}"))
    machines.cut_power(dying)
    done |= dict(results)
    assert len(done) == 12
    assert not [answer for answer in done.values() if isinstance(answer, Lost)]


def test_a_task_that_takes_workers_with_it_is_given_up(machines):
    done = dict(on(machines, ["kill worker", *(f"say {i}" for i in range(4))]))
    assert done["kill worker"].kind == "died"
    assert "2 workers of the cluster died while it was theirs alone" in done["kill worker"].message
    assert sum(isinstance(answer, str) for answer in done.values()) == 4


def test_a_machine_with_another_version_is_told(machines, monkeypatch):
    monkeypatch.setattr("qa_audit.workers.cluster.__version__", "9.9")
    with pytest.raises(WorkerError, match=rf"on {socket.gethostname()} has qa-audit .*this machine 9\.9"):
        list(on(machines, ["say 1"]))


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("dask://127.0.0.1:1", "no Dask scheduler answers at dask://127.0.0.1:1"),
        ("dusk://h:1", "dask://HOST:PORT"),
        ("dask://h", "dask://HOST:PORT"),
    ],
)
def test_a_scheduler_that_is_not_there_is_told(address, says, monkeypatch):
    monkeypatch.setattr("qa_audit.workers.cluster.CONNECTING", 0.5)
    with pytest.raises(WorkerError, match=says):
        list(run_tasks(helpers.obey, ["say 1"], prepare=helpers.prepared, processes=0, timeout=9, cluster=address))


def test_a_machine_with_other_ears_another_encoder_or_no_recordings_is_told(tmp_path):
    settings = night(tmp_path, speech=Speech(engine="sphinx"))
    listener = choose_listener(settings, [Recording(call_id="a", uri="a.wav", size=1, modified=1.0, agent="kim")])
    for seen in (str(tmp_path / "a.wav"), "s3://bucket/nowhere/a.wav"):
        assert listener.ready_elsewhere(seen) is listener
    with pytest.raises(WorkerError, match="nowhere is not there; mount it"):
        listener.ready_elsewhere(str(tmp_path / "nowhere" / "a.wav"))
    assert listener.chosen is not None
    with pytest.raises(EngineError, match="the engine here is sphinx"):
        replace(listener, chosen=replace(listener.chosen, fingerprint="another")).ready_elsewhere(str(tmp_path / "a.wav"))
    rulebook = open_rulebook(settings)
    assert rulebook.marker_elsewhere().rulebook is rulebook
    with pytest.raises(EngineError, match="sentence encoder"):
        replace(rulebook, marked_by="another").marker_elsewhere()


def test_a_process_without_work_ends_after_a_while(monkeypatch):
    monkeypatch.setattr("qa_audit.workers.member.IDLE", 0.3)
    monkeypatch.setattr("qa_audit.workers.member.REAPING", 0.1)
    hall, order = Hall(), Order("an order", __version__, pickle.dumps((helpers.obey, helpers.prepared)), 30.0)

    def say() -> int:
        with hall.crew(order) as crew:
            ((_, answer),) = crew.do(iter(["say 1"]))
        return int(answer.removeprefix("prepared ").partition(":")[0])

    first = say()
    assert say() == first
    for _ in range(500):
        if not alive(first):
            break
        time.sleep(0.02)
    assert not alive(first)
    again = say()
    assert again != first
    hall.dismiss(order.id)
    assert not alive(again)


def test_the_doctor_looks_at_the_cluster(machines, monkeypatch, tmp_path):
    parts = {part.name: part for part in examine(night(tmp_path, work=Work(workers=machines.address)))}
    assert (parts["workers"].ready, parts["workers"].detail) == (True, f"2 calls at once at {machines.address}")
    monkeypatch.setattr("qa_audit.workers.cluster.CONNECTING", 0.5)
    parts = {part.name: part for part in examine(night(tmp_path, work=Work(workers="dask://127.0.0.1:1")))}
    assert (parts["workers"].ready, parts["workers"].needed) == (False, True)
    assert "workers" not in {part.name for part in examine(night(tmp_path))}


def test_a_missing_package_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(WorkerError, match=r"qa-audit\[cluster\]"):
        at_once(processes=0, cluster="dask://127.0.0.1:1")


def test_a_cluster_that_falls_apart_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("qa_audit.workers.cluster.PATIENCE", 1.0)
    with cluster(tmp_path, workers=1) as machines:
        scheduler, worker = machines.machines
        results = on(machines, ["say 1", "sleep 60", "say 2"])
        next(results)
        machines.cut_power(worker)
        with pytest.raises(WorkerError, match="no worker is left"):
            list(results)
        machines.start_worker()
        later = threading.Timer(6, machines.cut_power, [scheduler])
        later.start()
        with pytest.raises(WorkerError, match="went away"):
            list(on(machines, ["sleep 60"]))
        later.join()


def test_a_cluster_without_workers_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("qa_audit.workers.cluster.CONNECTING", 2.0)
    with cluster(tmp_path, workers=0) as machines, pytest.raises(WorkerError, match="has no worker; start some with `dask worker tcp://"):
        list(on(machines, ["say 1"]))


def alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"
