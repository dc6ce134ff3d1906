"""Local or cluster: the one place that chooses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from qa_audit.workers import local
from qa_audit.workers.local import Lost

Task = TypeVar("Task")
Answer = TypeVar("Answer")


def run_tasks(
    work: Callable[[Any, Task], Answer],
    tasks: Iterable[Task],
    *,
    prepare: Callable[[], object],
    processes: int,
    timeout: float,
    memory: float = 0.0,
    cluster: str = "",
) -> Iterator[tuple[Task, Answer | Lost]]:
    """Do `work(prepared, task)` for every task, in any order; `prepare()` is called once in each process.

    `cluster` is the address of a Dask scheduler (dask://HOST:PORT), empty for this machine; there `processes` 0 means one for
    every core. `timeout` is in seconds for each task, and for the preparation; `memory` in GB for each process, 0 means a fair
    share of its machine. Everything must be picklable. Tasks are taken as they are needed, so `tasks` may be a long stream.
    Leaving the loop early stops the processes. Raises what `prepare` or `work` raise about the set-up (on a cluster WorkerError,
    with the name of the machine), and WorkerError when no process can begin.
    """
    if cluster:
        from qa_audit.workers.cluster import run_on_cluster

        return run_on_cluster(work, iter(tasks), prepare=prepare, timeout=timeout, memory=memory, address=cluster)
    return local.run_tasks(work, tasks, prepare=prepare, processes=processes, timeout=timeout, memory=memory)


def at_once(*, processes: int, cluster: str = "") -> int:
    """How many tasks are done at the same time."""
    if cluster:
        from qa_audit.workers.cluster import threads_of

        return threads_of(cluster)
    return processes or local.cores()
