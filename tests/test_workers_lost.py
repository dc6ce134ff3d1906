"""A task that dies, hangs or raises costs itself; everything else is done, once."""

from __future__ import annotations

import logging
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from multiprocessing import forkserver
from pathlib import Path

import pytest
import workers_helpers as helpers

from qa_audit.errors import EngineError, WorkerError
from qa_audit.workers import Lost, run_tasks
from qa_audit.workers.memory import GIGABYTE, LEAST, allowed, resident


def answers(tasks: list[str], *, timeout: float = 30.0, processes: int = 2) -> dict[str, str | Lost]:
    done = list(run_tasks(helpers.obey, tasks, prepare=helpers.prepared, processes=processes, timeout=timeout))
    assert sorted(task for task, _ in done) == sorted(tasks), "every task is answered exactly once"
    return dict(done)


def test_every_kind_of_death_costs_one_task(caplog):
    good = [f"say {i}" for i in range(12)]
    bad = {"kill": "died", "crash": "died", "exit 3": "died", "raise on purpose": "defect", "sleep 60": "timeout"}
    done = answers([*good[:6], *bad, *good[6:]], timeout=3.0)
    assert {task: done[task].kind for task in bad} == bad
    assert all(done[task].endswith(task) for task in good)
    assert "want of memory" in done["kill"].message
    assert "SIGSEGV" in done["crash"].message
    assert "exit 3" in done["exit 3"].message
    assert "call_timeout" in done["sleep 60"].message
    assert done["raise on purpose"].message == "ValueError: on purpose"
    assert "helpers.py" in caplog.text, "the traceback of the worker is in the log"


@pytest.mark.skipif("forkserver" not in multiprocessing.get_all_start_methods(), reason="no process forks the workers here")
@pytest.mark.parametrize("before", [1, 4])
def test_the_process_that_forks_the_workers_may_be_killed(before):
    """At the moment at which it is to fork another one, and later: it is started again, and what it had forked is watched no less."""
    tasks = [*(f"say {i}" for i in range(before)), "kill", "sleep 60", *(f"say {i}" for i in range(4, 12))]
    results = run_tasks(helpers.obey, tasks, prepare=helpers.prepared, processes=2, timeout=5)
    done = dict([next(results)])
    os.kill(forkserver._forkserver._forkserver_pid, signal.SIGKILL)
    began = time.monotonic()
    done |= dict(results)
    assert time.monotonic() - began < 30, "a task that hangs is given up in time"
    assert sorted(done) == sorted(tasks)
    lost = [task for task, answer in done.items() if isinstance(answer, Lost)]
    assert {"kill", "sleep 60"} <= set(lost)
    assert len(lost) <= 4, "what others had in hand is lost, and no more"


def test_a_task_that_eats_memory_costs_itself():
    tasks = ["say 1", "eat", *(f"say {i}" for i in range(2, 8))]
    done = dict(run_tasks(helpers.obey, tasks, prepare=helpers.prepared, processes=2, timeout=60, memory=1.0))
    assert done["eat"].kind == "memory"
    assert "more than the 1.0 GB of work.memory" in done["eat"].message
    assert sum(isinstance(answer, str) for answer in done.values()) == 7


def test_processes_share_the_machine_where_nothing_is_said(monkeypatch):
    monkeypatch.setattr("qa_audit.workers.memory.machine_memory", lambda: 100 * GIGABYTE)
    assert allowed(0.0, processes=4) == 20 * GIGABYTE
    assert allowed(0.0, processes=80) == LEAST
    assert allowed(0.5, processes=80) == GIGABYTE // 2
    assert resident(os.getpid()) > 10**7


def test_each_process_prepares_once():
    done = answers([f"say {i}" for i in range(30)])
    assert 1 <= len({answer.partition(":")[0] for answer in done.values()}) <= 2


def test_a_fault_of_the_setup_ends_it_all():
    with pytest.raises(EngineError, match="put one there"):
        list(run_tasks(helpers.obey, ["say 1"], prepare=helpers.cannot_prepare, processes=1, timeout=30))


@pytest.mark.parametrize(("prepare", "says"), [(helpers.die_preparing, "exit 7"), (helpers.stumble_preparing, "ValueError: no such file")])
def test_processes_that_cannot_begin_end_it_all(prepare, says):
    with pytest.raises(WorkerError, match=says):
        list(run_tasks(helpers.obey, ["say 1", "say 2"], prepare=prepare, processes=2, timeout=30))


def test_a_process_that_is_killed_while_it_answers_confuses_nobody():
    """Whatever the moment: every task is answered once, by its own answer or by `died`."""
    choice, tasks = random.Random(11), [f"big {i}" for i in range(60)]
    done = []
    for task, answer in run_tasks(helpers.obey, tasks, prepare=helpers.prepared, processes=3, timeout=60):
        done.append((task, answer if isinstance(answer, Lost) else answer.rstrip("x")))
        if len(done) % 4 == 0:
            time.sleep(choice.random() / 50)
            victims = multiprocessing.active_children()
            os.kill(choice.choice([v.pid for v in victims if v.pid]), signal.SIGKILL)
    assert sorted(task for task, _ in done) == sorted(tasks)
    lost = [answer for _, answer in done if isinstance(answer, Lost)]
    assert 1 <= len(lost) <= 15
    assert all(answer.kind == "died" for answer in lost)
    assert all(answer == task for task, answer in done if isinstance(answer, str))


def test_processes_are_replaced_after_a_while(monkeypatch):
    monkeypatch.setattr("qa_audit.workers.local.TASKS_PER_PROCESS", 5)
    done = answers([f"say {i}" for i in range(20)], processes=1)
    assert len({answer.partition(":")[0] for answer in done.values()}) == 4


def test_tasks_are_taken_as_needed():
    taken = []

    def stream():
        for i in range(1000):
            taken.append(i)
            yield f"say {i}"

    results = run_tasks(helpers.obey, stream(), prepare=helpers.prepared, processes=1, timeout=30)
    next(results)
    assert len(taken) < 10
    results.close()


def test_a_worker_killed_from_outside_costs_at_most_its_task(tmp_path):
    marker = tmp_path / "pid"
    results = run_tasks(
        helpers.obey, [f"touch {marker}", *(f"say {i}" for i in range(5))], prepare=helpers.prepared, processes=2, timeout=90
    )
    done = dict([next(results)])
    while not marker.exists() or not marker.read_text():
        time.sleep(0.02)
    os.kill(int(marker.read_text()), signal.SIGKILL)
    done |= dict(results)
    assert done[f"touch {marker}"].kind == "died"
    assert sum(isinstance(answer, str) for answer in done.values()) == 5


CHATTER = """
import sys
sys.path.insert(0, sys.argv[1])
import workers_helpers as helpers
from qa_audit.workers import run_tasks
if __name__ == "__main__":
    list(run_tasks(helpers.obey, ["print chatter"], prepare=helpers.prepared, processes=1, timeout=60))
"""


def test_what_a_library_prints_in_a_worker_does_not_reach_stdout(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(CHATTER)
    done = subprocess.run([sys.executable, str(script), str(Path(helpers.__file__).parent)], capture_output=True, text=True, check=True)
    assert done.stdout == ""
    assert "chatter" in done.stderr


def test_workers_log_to_the_parents_files(tmp_path, request):
    handler = logging.FileHandler(tmp_path / "log", delay=True)
    handler.setLevel(logging.ERROR)
    logging.getLogger().addHandler(handler)
    request.addfinalizer(lambda: (logging.getLogger().removeHandler(handler), handler.close()))
    answers(["raise on purpose"])
    assert "on purpose" in (tmp_path / "log").read_text()


ORPHAN = """
import sys
sys.path.insert(0, sys.argv[2])
import workers_helpers as helpers
from qa_audit.workers import run_tasks
if __name__ == "__main__":
    list(run_tasks(helpers.obey, [f"touch {sys.argv[1]}"], prepare=helpers.prepared, processes=1, timeout=60))
"""


def test_workers_do_not_outlive_a_killed_parent(tmp_path):
    script, marker = tmp_path / "parent.py", tmp_path / "pid"
    script.write_text(ORPHAN)
    parent = subprocess.Popen([sys.executable, str(script), str(marker), str(Path(helpers.__file__).parent)])
    while not marker.exists() or not marker.read_text():
        time.sleep(0.02)
    worker = int(marker.read_text())
    parent.kill()
    parent.wait()
    for _ in range(500):
        if not alive(worker):
            break
        time.sleep(0.02)
    assert not alive(worker)


def alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"
