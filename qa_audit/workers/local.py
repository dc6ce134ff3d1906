"""Work done in processes that may die: tasks in, (task, answer or Lost) out, as they finish.

A decoder that crashes, a file that hangs or eats memory costs its own task and nothing else. An error about the set-up (no
engine, a bad file) ends it all; any other exception is a defect and costs its task.

Every process has a pipe of its own and no lock is shared, so that one killed at any moment, even while it answers, cannot
hold up or confuse another. Pools that share a queue cannot promise that.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext, SpawnContext
from multiprocessing.process import BaseProcess
from typing import Any, Generic, TypeVar

from qa_audit.errors import WorkerError
from qa_audit.logs import log_files
from qa_audit.workers.inside import Failure, serve
from qa_audit.workers.memory import GIGABYTE, allowed, resident

Task = TypeVar("Task")
Answer = TypeVar("Answer")

log = logging.getLogger(__name__)

TASKS_PER_PROCESS = 200
"""After so many a process is replaced, so that whatever a decoder leaks goes with it."""
FALSE_STARTS = 3
"""So many processes in a row that die before their first task mean that something is wrong with all of them."""
LOOKING = 0.25
"""Seconds between two looks at how much memory the processes take."""
SETTLING = 0.2
"""Seconds between two tries to start a process."""
PATIENCE = 5.0
"""Seconds a process has to be gone by itself when its work is over or its pipe is closed."""
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
PRELOAD = ("qa_audit.pipeline.listening", "qa_audit.pipeline.marking", "qa_audit.scoring", "qa_audit.reports")
"""By name: this module knows of no stage, but its processes are there for these."""


@dataclass(frozen=True, slots=True)
class Lost:
    """Why a task has no answer. `kind` is `timeout`, `memory`, `died` or `defect`."""

    kind: str
    message: str


def run_tasks(
    work: Callable[[Any, Task], Answer],
    tasks: Iterable[Task],
    *,
    prepare: Callable[[], object],
    processes: int,
    timeout: float,
    memory: float = 0.0,
) -> Iterator[tuple[Task, Answer | Lost]]:
    """Do `work(prepared, task)` for every task, in any order; `prepare()` is called once in each process.

    `processes` 0 means one for every core; `timeout` is in seconds for each task, and for the preparation; `memory` in GB
    for each process, 0 means a fair share of the machine. Everything must be picklable. Tasks are taken as they are needed, so
    `tasks` may be a long stream. Leaving the loop early stops the processes. Raises what `prepare` or `work` raise about the
    set-up, and WorkerError when no process can begin.
    """
    crew: Crew[Task, Answer] = Crew(work, prepare, processes or cores(), timeout, memory)
    try:
        yield from crew.do(iter(tasks))
    finally:
        crew.stop()


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(eq=False, slots=True)
class _Worker(Generic[Task]):
    """A process at the other end of a pipe: `fresh` until it is prepared, idle while it has no `task`."""

    process: BaseProcess
    pipe: Connection
    deadline: float
    fresh: bool = True
    task: tuple[Task] | None = None
    done: int = 0

    @property
    def idle(self) -> bool:
        return not self.fresh and self.task is None

    def end(self, *, patience: float = 0.0) -> int:
        """Kill it if it still lives after so many seconds; its exit code, which is its own where it died by itself."""
        self.process.join(patience)
        self.process.kill()
        self.process.join()
        self.pipe.close()
        return self.process.exitcode or 0


class InWorker(Exception):
    """The traceback of an exception in another process, on its way into our log; never raised."""


class Crew(Generic[Task, Answer]):
    """The processes, and who of them does what."""

    def __init__(
        self, work: Callable[[Any, Task], Answer], prepare: Callable[[], object], size: int, timeout: float, memory: float = 0.0
    ) -> None:
        self.work, self.prepare, self.size, self.timeout = work, prepare, size, timeout
        self.memory = allowed(memory, processes=size)
        self.workers: list[_Worker[Task]] = []
        self.upcoming: deque[Task] = deque()
        self.false_starts = 0
        self.called_off = False

    def do(self, tasks: Iterator[Task]) -> Iterator[tuple[Task, Answer | Lost]]:
        """Hand out all tasks; what comes back, as it comes."""
        heard: list[tuple[Task, Answer | Lost]] = []
        while True:
            self._hand_out(tasks)  # before anybody looks at the answers: no process waits for that
            yield from heard
            if self.called_off or (not self.upcoming and all(worker.task is None for worker in self.workers)):
                return
            heard = self._hear()

    def _hand_out(self, tasks: Iterator[Task]) -> None:
        """Give every idle process a task, and hire where there are more tasks than processes."""
        self.upcoming.extend(islice(tasks, self.size - len(self.upcoming)))
        for worker in [worker for worker in self.workers if worker.idle]:
            if worker.done == TASKS_PER_PROCESS:
                self._send_home(worker)
            elif self.upcoming:
                self._hand(worker, self.upcoming.popleft())
        self.upcoming.extend(islice(tasks, self.size - len(self.upcoming)))
        fresh = sum(worker.fresh for worker in self.workers)
        for _ in range(min(len(self.upcoming) - fresh, self.size - len(self.workers))):
            self.workers.append(self._hire())

    def _hire(self) -> _Worker[Task]:
        context = _context()
        ours, theirs = context.Pipe()
        for _ in range(FALSE_STARTS):
            process = context.Process(target=serve, args=(theirs, self.work, self.prepare, log_files()), daemon=True)
            try:
                process.start()
            except (EOFError, OSError) as error:  # the server that forks it was killed; the next try starts another one
                trouble = f"{type(error).__name__}: {error}"
                time.sleep(SETTLING)
            else:
                theirs.close()
                return _Worker(process, ours, time.monotonic() + self.timeout)
        raise WorkerError(f"no worker process can be started ({trouble}); is there memory, and may this user have more processes?")

    def _hand(self, worker: _Worker[Task], task: Task) -> None:
        try:
            worker.pipe.send((task,))
        except OSError:  # it died while it had nothing to do
            self.upcoming.appendleft(task)
            self._bury(worker)
        else:
            worker.task, worker.deadline = (task,), time.monotonic() + self.timeout

    def _hear(self) -> list[tuple[Task, Answer | Lost]]:
        """Wait a little for processes that answer, die, are late or take too much memory."""
        awaited = [worker for worker in self.workers if not worker.idle]
        patience = min(worker.deadline for worker in awaited) - time.monotonic()
        stirred = wait([end for worker in awaited for end in (worker.pipe, worker.process.sentinel)], min(max(patience, 0), LOOKING))
        heard: list[tuple[Task, Answer | Lost]] = []
        for worker in awaited:
            died = worker.process.sentinel in stirred
            if worker.pipe in stirred or (died and worker.pipe.poll()):
                heard += self._take(worker)
            elif died:  # and its pipe is not closed: it lives, but the server that would tell of its end was killed
                heard += self._bury(worker)
            elif time.monotonic() > worker.deadline:
                heard += self._bury(worker, Lost("timeout", f"it took more than {self.timeout:g} s (work.call_timeout) and was given up"))
            elif (taken := resident(worker.process.pid or 0)) > self.memory:
                heard += self._bury(worker, Lost("memory", _greedy(taken, self.memory)))
        return heard

    def _take(self, worker: _Worker[Task]) -> list[tuple[Task, Answer | Lost]]:
        """What a process has to say."""
        try:
            said = worker.pipe.recv()
        except (EOFError, OSError):
            return self._bury(worker)
        if isinstance(said, Failure) and said.setup:
            raise said.setup
        if worker.fresh:
            if isinstance(said, Failure):
                raise WorkerError(f"the worker processes cannot begin: {said.message}\n{said.trace}")
            worker.fresh, self.false_starts = False, 0
            return []
        task = _of(worker)
        worker.task, worker.done = None, worker.done + 1
        if isinstance(said, Failure):
            log.error(
                "a task failed for no foreseen reason: %s", said.message, exc_info=InWorker(said.trace), extra={"concern": said.concern}
            )
            return [(task, Lost("defect", said.message))]
        return [(task, said.value)]

    def _bury(self, worker: _Worker[Task], why: Lost | None = None) -> list[tuple[Task, Answer | Lost]]:
        """Let a process go that died, or is to die for this reason; what it was doing is lost."""
        ending = _ending(worker.end(patience=0.0 if why else PATIENCE))
        self.workers.remove(worker)
        if worker.fresh:
            self.false_starts += 1
            if self.false_starts == FALSE_STARTS:
                raise WorkerError(
                    f"the worker processes cannot begin: {FALSE_STARTS} in a row {why.message if why else f'died ({ending})'}"
                )
        if worker.task is None:
            return []
        return [(_of(worker), why or Lost("died", f"the process that worked on it died ({ending})"))]

    def _send_home(self, worker: _Worker[Task]) -> None:
        """Let a process end by itself, and see to it that it does."""
        self.workers.remove(worker)
        with suppress(OSError):
            worker.pipe.send(None)
        worker.end(patience=PATIENCE)

    def call_off(self) -> None:
        """From another thread: kill all processes, and let the one that waits for them find out and hire no more."""
        self.called_off = True
        for worker in list(self.workers):
            worker.process.kill()

    def stop(self) -> None:
        """End all processes, whatever they are doing."""
        while self.workers:
            self.workers.pop().end()


def _of(worker: _Worker[Task]) -> Task:
    assert worker.task is not None
    return worker.task[0]


def _context() -> ForkServerContext | SpawnContext:
    """Processes forked from a clean server that has the stages imported, so that a new one is there at once."""
    for name in THREADS:
        os.environ.setdefault(name, "1")  # one process a core: more threads only wait for each other
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(PRELOAD))
    return context


def _greedy(taken: int, allowed: int) -> str:
    return f"it took {taken / GIGABYTE:.1f} GB of memory, more than the {allowed / GIGABYTE:.1f} GB of work.memory, and was given up"


def _ending(code: int) -> str:
    if code == -signal.SIGKILL:
        return "it was killed, perhaps for want of memory"
    try:
        return signal.Signals(-code).name if code < 0 else f"exit {code}"
    except ValueError:
        return f"signal {-code}"
