"""What goes on inside a worker of a cluster: each task goes to a process below it, which lives on with its model loaded.

A thread of a cluster's worker can be neither stopped nor saved from a decoder that crashes. A process below it can, by the
crew that does so on one machine: deaths, timeouts and defects cost one task here as there, and are told in the same words.
"""

from __future__ import annotations

import multiprocessing
import pickle
import platform
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from qa_audit import __version__
from qa_audit.errors import QaAuditError, WorkerError
from qa_audit.workers.local import Crew, Lost, cores
from qa_audit.workers.memory import GIGABYTE, allowed

IDLE = 600.0
"""Seconds after which a process without work ends, for its coordinator may have died without a word."""
REAPING = 30.0
"""Seconds between two looks for such processes."""


@dataclass(frozen=True, slots=True)
class Order:
    """What the members do for one stage of one run.

    `how` is (work, prepare), pickled once; `timeout` is in seconds for each task, `memory` in GB for each process, 0 for the share
    of one core.
    """

    id: str
    version: str
    how: bytes
    timeout: float
    memory: float = 0.0


def do_task(order: Order, task: Any) -> Any:
    """The task's answer, or Lost. Raises WorkerError, with the name of this machine, where the set-up is wrong."""
    if order.version != __version__:
        raise WorkerError(f"on {socket.gethostname()}: qa-audit {__version__} is installed, the coordinator has {order.version}")
    try:
        with HALL.crew(order) as crew:
            answers = list(crew.do(iter([task])))
    except QaAuditError as error:
        raise WorkerError(f"on {socket.gethostname()}: {error}") from None
    return answers[0][1] if answers else Lost("died", "it was called off")


def dismiss(order_id: str) -> None:
    """End every process of an order, whatever it is doing."""
    HALL.dismiss(order_id)


def versions() -> Mapping[str, str]:
    """What has to be the same on every machine."""
    import distributed

    python = ".".join(platform.python_version_tuple()[:2])
    return {"host": socket.gethostname(), "qa-audit": __version__, "Python": python, "distributed": str(distributed.__version__)}


class Hall:
    """The crews of this worker, one process each, by the order they are for; as many at once as the worker has threads."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.idle: dict[str, list[tuple[Crew[Any, Any], float]]] = {}
        self.busy: dict[str, list[Crew[Any, Any]]] = {}
        self.dismissed: set[str] = set()
        self.reaper: threading.Thread | None = None

    @contextmanager
    def crew(self, order: Order) -> Iterator[Crew[Any, Any]]:
        """A crew that did such tasks before, or a new one. It waits for its next task, unless this one raised or the order is over."""
        crew = self._take(order)
        fit = False
        try:
            yield crew
            fit = True
        finally:
            with self.lock:
                self.busy[order.id].remove(crew)
                waits = fit and order.id not in self.dismissed
                if waits:
                    self.idle.setdefault(order.id, []).append((crew, time.monotonic()))
            if not waits:
                crew.stop()

    def _take(self, order: Order) -> Crew[Any, Any]:
        with self.lock:
            waiting = self.idle.get(order.id)
            crew = waiting.pop()[0] if waiting else _new_crew(order)
            self.busy.setdefault(order.id, []).append(crew)
            if self.reaper is None:
                self.reaper = threading.Thread(target=self._reap, daemon=True)
                self.reaper.start()
        return crew

    def dismiss(self, order_id: str) -> None:
        """End the crews of an order; those at work by the threads that wait for them."""
        with self.lock:
            self.dismissed.add(order_id)
            over = self.idle.pop(order_id, [])
            for crew in self.busy.get(order_id, []):
                crew.call_off()
        for crew, _ in over:
            crew.stop()

    def _reap(self) -> None:
        while True:
            time.sleep(REAPING)
            with self.lock:
                early = time.monotonic() - IDLE
                over = [crew for crews in self.idle.values() for crew, since in crews if since < early]
                self.idle = {order: [one for one in crews if one[1] >= early] for order, crews in self.idle.items()}
            for crew in over:
                crew.stop()


HALL = Hall()


def _new_crew(order: Order) -> Crew[Any, Any]:
    multiprocessing.current_process().daemon = False  # Dask's nanny makes its worker one, and a daemon may have no processes below it
    work, prepare = pickle.loads(order.how)  # noqa: S301 - whoever may reach a Dask scheduler may run code on its workers anyway
    share = allowed(0, processes=cores()) / GIGABYTE  # one of as many workers as this machine has cores
    return Crew(work, prepare, 1, order.timeout, order.memory or share)
