"""Work done in processes that may die: tasks in, (task, answer or Lost) out, as they finish.

A decoder that crashes, a file that hangs or eats memory costs its own task and nothing else. A task that raises an error
about the set-up (no engine, no store, a bad file) ends it all; any other exception is a defect and costs its task.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar

from pebble import ProcessExpired, ProcessPool

from qa_audit.errors import CallError, QaAuditError
from qa_audit.logs import log_files, log_to

Task = TypeVar("Task")
Answer = TypeVar("Answer")

log = logging.getLogger(__name__)

TASKS_PER_PROCESS = 200
"""After so many a worker is replaced, so that whatever a decoder leaks goes with it."""
BREAKS = 3
"""How many times all workers may die at once while a task waits, before the task is given up."""
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")

PRELOAD = ("qa_audit.pipeline.listening", "qa_audit.pipeline.marking", "qa_audit.scoring", "qa_audit.reports")
"""By name: this module knows of no stage, but its processes are there for these."""


@dataclass(frozen=True, slots=True)
class Lost:
    """Why a task has no answer. `kind` is `timeout`, `died` or `defect`."""

    kind: str
    message: str


def run_tasks(
    work: Callable[[Any, Task], Answer],
    tasks: Iterable[Task],
    *,
    prepare: Callable[[], object],
    processes: int,
    timeout: float,
) -> Iterator[tuple[Task, Answer | Lost]]:
    """Do `work(prepared, task)` for every task, in any order; `prepare()` is called once in each process.

    `processes` 0 means one for every core; `timeout` is in seconds for each task. Everything must be picklable. Tasks are
    taken as they are needed, so `tasks` may be a long stream. Leaving the loop early stops the processes.
    """
    crew: _Crew[Task, Answer] = _Crew(work, prepare, processes or cores(), timeout)
    source = iter(tasks)
    try:
        while True:
            crew.fill(source)
            if crew.idle:
                break
            yield from crew.finished()
        crew.dismiss()
    finally:
        crew.stop()


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Crew(Generic[Task, Answer]):
    """A pool, replaced when it breaks, and the tasks it has in hand."""

    def __init__(self, work: Callable[[Any, Task], Answer], prepare: Callable[[], object], processes: int, timeout: float) -> None:
        self.work, self.prepare, self.processes, self.timeout = work, prepare, processes, timeout
        self.pool: ProcessPool | None = None
        self.running: dict[Future[Answer], tuple[Task, int]] = {}
        self.again: deque[tuple[Task, int]] = deque()

    @property
    def idle(self) -> bool:
        return not self.running

    def fill(self, source: Iterator[Task]) -> None:
        """Give every process one task to do and one to wait for."""
        while len(self.running) < 2 * self.processes:
            if self.again:
                task, breaks = self.again.popleft()
            else:
                try:
                    task, breaks = next(source), 0
                except StopIteration:
                    return
            future = self._open().schedule(_do, args=(self.work, task), timeout=self.timeout)
            self.running[future] = (task, breaks)

    def finished(self) -> Iterator[tuple[Task, Answer | Lost]]:
        """Wait until something is finished and hand it over."""
        for future in wait(self.running, return_when=FIRST_COMPLETED).done:
            task, breaks = self.running.pop(future)
            error = future.exception()
            if error is None:
                yield task, future.result()
            elif isinstance(error, BrokenProcessPool) and breaks + 1 < BREAKS:
                self.again.append((task, breaks + 1))
            else:
                yield task, _lost(error)

    def _open(self) -> ProcessPool:
        if self.pool is None or not self.pool.active:
            self.stop()
            self.pool = ProcessPool(
                max_workers=self.processes,
                max_tasks=TASKS_PER_PROCESS,
                initializer=_start,
                initargs=(self.prepare, log_files()),
                context=_context(),
            )
        return self.pool

    def dismiss(self) -> None:
        """Let the processes go home when there is nothing left to do."""
        if self.pool is not None:
            self.pool.close()  # type: ignore[no-untyped-call]
            self.pool.join()
            self.pool = None

    def stop(self) -> None:
        """End the processes, whatever they are doing."""
        if self.pool is not None:
            self.pool.stop()  # type: ignore[no-untyped-call]
            self.pool.join()
            self.pool = None


def _context() -> multiprocessing.context.BaseContext:
    """Processes forked from a clean server that has the stages imported, so that a new worker is there at once."""
    for name in THREADS:
        os.environ.setdefault(name, "1")  # one process a core: more threads only wait for each other
    method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(method)
    context.set_forkserver_preload(list(PRELOAD))
    return context


def _lost(error: BaseException) -> Lost:
    if isinstance(error, ProcessExpired):
        return Lost("died", f"the process that worked on it died ({_ending(error.exitcode)})")
    if isinstance(error, TimeoutError):
        return Lost("timeout", "it took too long and was given up; work.call_timeout sets how long a call may take")
    if isinstance(error, BrokenProcessPool):
        return Lost("died", f"all worker processes died {BREAKS} times while it waited")
    if isinstance(error, QaAuditError) and not isinstance(error, CallError):
        raise error
    log.error("a task failed for no foreseen reason", exc_info=error)
    return Lost("defect", f"{type(error).__name__}: {error}")


def _ending(code: int) -> str:
    if code == -signal.SIGKILL:
        return "it was killed, perhaps for want of memory"
    try:
        return signal.Signals(-code).name if code < 0 else f"exit {code}"
    except ValueError:
        return f"signal {-code}"


# ------------------------------------------------------------------------------------- inside a worker process

_HERE: dict[str, Callable[[], object]] = {}


def _start(prepare: Callable[[], object], files: tuple[str, ...]) -> None:
    """Make this process a quiet worker that does not outlive its parent."""
    threading.Thread(target=_die_with_parent, daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # stdout carries data, and libraries chatter
    for path in files:
        log_to(path)
    _HERE["prepare"] = prepare


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@cache
def _prepared() -> object:
    return _HERE["prepare"]()


def _do(work: Callable[[Any, Task], Answer], task: Task) -> Answer:
    return work(_prepared(), task)
