"""A real Dask cluster does what the processes of one machine do: every task answered once, whatever dies meanwhile."""

from __future__ import annotations

import os
import signal

import pytest
import workers_helpers as helpers
from cluster_helpers import Cluster, cluster, wait_for

from qa_audit.errors import WorkerError
from qa_audit.workers import Lost, at_once, run_tasks


@pytest.fixture(scope="module")
def machines(tmp_path_factory):
    with cluster(tmp_path_factory.mktemp("cluster"), workers=2) as started:
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
