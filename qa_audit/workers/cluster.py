"""Work done by a Dask cluster: tasks in, (task, answer or Lost) out, as they finish, as from the processes of one machine.

One task for every thread of the cluster is on its way at any time, however many there are. A worker that is lost costs its task
another try elsewhere; a task that takes several workers with it is given up (Dask's `allowed-failures`).
"""

from __future__ import annotations

import logging
import pickle
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from itertools import islice
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from qa_audit import __version__
from qa_audit.errors import QaAuditError, WorkerError
from qa_audit.workers.local import Lost
from qa_audit.workers.member import Order, dismiss, do_task, versions

if TYPE_CHECKING:
    from distributed import Client, Future

Task = TypeVar("Task")
Answer = TypeVar("Answer")

log = logging.getLogger(__name__)

SCHEMES = {"dask": "tcp", "dask+tls": "tls"}
UNANSWERED = {
    "tcp": "start one with `dask scheduler`, mend --workers, or write dask+tls:// for TLS",
    "tls": "start one with TLS, or mend --workers or distributed.comm.tls: all certificates must be of one CA, see docs/cluster.md",
}
"""What to do, by Dask's own scheme."""
CONNECTING = 15.0
"""Seconds a scheduler has to answer, and its first worker to join."""
LOOKING = 2.0
"""Seconds between two looks at who is there."""
PATIENCE = 120.0
"""Seconds without any worker after which the run ends: a nanny starts another one within a few."""


def run_on_cluster(
    work: Callable[[Any, Task], Answer],
    tasks: Iterator[Task],
    *,
    prepare: Callable[[], object],
    timeout: float,
    address: str,
    memory: float = 0.0,
) -> Iterator[tuple[Task, Answer | Lost]]:
    """As `run_tasks`, on the workers of the scheduler at `dask://HOST:PORT`.

    WorkerError when it cannot be reached, when a worker has another version of this program or cannot begin, and when no worker
    is left for some minutes.
    """
    first = next(tasks, None)
    if first is None:
        return
    with connected(address) as client:
        order = Order(secrets.token_hex(8), __version__, pickle.dumps((work, prepare)), timeout, memory)
        yield from _Errand(client, order, address).do(_chain(first, tasks))


def threads_of(address: str) -> int:
    """How many tasks the cluster does at once."""
    with connected(address) as client:
        return _threads(client)


@contextmanager
def connected(address: str) -> Iterator[Client]:
    """A connection to a scheduler that has workers of the right version."""
    try:
        import dask
        from distributed import Client
    except ModuleNotFoundError:
        raise WorkerError(
            f"{address} is a Dask cluster, and the package that speaks to it is missing: pip install 'qa-audit[cluster]'"
        ) from None
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # it tells at length what our errors say in a line
    dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GB"})  # a few kept calls are ten megabytes, and no mistake
    place = _dask_address(address)
    scheme = place.partition("://")[0]
    if not dask.config.get("distributed.client.security-loader", None):  # a program of one's own that brings the certificates
        _check_encryption(address, tls=scheme == "tls")

    class Ours(Client):  # type: ignore[misc]
        """Closed by us alone: one that could not be made would wait for itself for half a minute when it is collected."""

        def __del__(self) -> None:
            pass

    try:
        client = Ours(place, timeout=CONNECTING, set_as_default=False)
    except (OSError, TimeoutError, ValueError, RuntimeError) as error:
        raise WorkerError(f"no Dask scheduler answers at {address} ({error}); {UNANSWERED[scheme]}") from None
    try:
        _meet(client, address)
        yield client
    finally:
        with suppress(Exception):  # whatever it is, it is over
            client.close(timeout=5)


def _dask_address(address: str) -> str:
    scheme, _, place = address.partition("://")
    host, _, port = place.rpartition(":")
    if scheme not in SCHEMES or not host or not port.isdigit():
        raise WorkerError(f"{address!r} is no place for workers; write dask://HOST:PORT, or leave it empty for processes of this machine")
    return f"{SCHEMES[scheme]}://{place}"


def _check_encryption(address: str, *, tls: bool) -> None:
    """WorkerError where Dask's settings do not fit the address: its client would raise the like and then hang for half a minute."""
    from distributed import Security

    security = Security()
    if security.require_encryption and not tls:
        raise WorkerError(f"{address} is without TLS, which distributed.comm.require-encryption forbids; write dask+tls://HOST:PORT")
    if not tls:
        return
    files = {
        "distributed.comm.tls.ca-file": security.tls_ca_file,
        "distributed.comm.tls.client.cert": security.tls_client_cert,
        "distributed.comm.tls.client.key": security.tls_client_key,
    }
    if not (security.tls_ca_file and security.tls_client_cert):
        missing = " and ".join(name for name, file in files.items() if not file)
        raise WorkerError(f"{address} wants TLS, and Dask's configuration has no {missing}; see TLS in docs/cluster.md")
    try:
        security.get_connection_args("client")
    except OSError as error:
        named = ", ".join(f"{name} {file}" for name, file in files.items() if file)
        raise WorkerError(f"the certificates for {address} cannot be used ({error}); mend {named}") from None


def _meet(client: Client, address: str) -> None:
    """Wait for the first worker, and see that all speak our language."""
    try:
        client.wait_for_workers(1, timeout=CONNECTING)
    except TimeoutError:
        raise WorkerError(
            f"the Dask scheduler at {address} has no worker; start some with `dask worker {_dask_address(address)}`"
        ) from None
    try:
        there = _everywhere(client, versions)
    except ModuleNotFoundError as error:
        raise WorkerError(
            f"a worker of {address} cannot begin: {error}; install this version of qa-audit, {__version__}, on every machine"
        ) from None
    here = versions()
    for worker, said in there.items():
        for what in ("Python", "distributed"):
            if said[what] != here[what]:
                log.warning(
                    "the worker %s on %s has %s %s, this machine %s; install the same", worker, said["host"], what, said[what], here[what]
                )
        if said["qa-audit"] != __version__:
            raise WorkerError(
                f"the worker {worker} on {said['host']} has qa-audit {said['qa-audit']}, this machine {__version__}; install the same"
            )


def _everywhere(client: Client, function: Callable[..., Any], *arguments: Any) -> Mapping[str, Any]:
    """What a function says on every worker; nothing where one does not answer in time, for `Client.run` would wait on."""
    answers: SimpleQueue[tuple[Mapping[str, Any], Exception | None]] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put((client.run(function, *arguments), None))
        except Exception as error:  # raised below
            answers.put(({}, error))

    threading.Thread(target=ask, daemon=True).start()
    try:
        said, error = answers.get(timeout=CONNECTING)
    except Empty:
        log.warning("not every worker of the Dask cluster answers; work goes to those that do")
        return {}
    if error is not None:
        raise error
    return said


def _threads(client: Client) -> int:
    return sum(client.nthreads().values())


class _Errand:
    """One stream of tasks on its way through the cluster."""

    def __init__(self, client: Client, order: Order, address: str) -> None:
        self.client, self.order, self.address = client, order, address
        self.pending: dict[Future, Any] = {}
        self.ready: SimpleQueue[Future] = SimpleQueue()
        self.threads = _threads(client)
        self.looked = self.manned = time.monotonic()
        self.lost = False

    def do(self, tasks: Iterator[Task]) -> Iterator[tuple[Task, Answer | Lost]]:
        """Send all tasks; what comes back, as it comes. One that workers died over, perhaps for another's fault, goes again, alone."""
        doubtful: list[Task] = []
        try:
            for task, answer in self._stream(tasks):
                if _killed(answer):
                    doubtful.append(task)
                else:
                    yield task, answer
            for task in doubtful:
                for _, answer in self._stream(iter([task])):
                    yield task, _given_up(answer) if _killed(answer) else answer
        finally:
            self._end()

    def _stream(self, tasks: Iterator[Task]) -> Iterator[tuple[Task, Any]]:
        while self._send(tasks):
            self._look()
            try:
                future = self.ready.get(timeout=LOOKING)
            except Empty:
                continue
            task = self.pending.pop(future)
            self._send(tasks)  # before anybody looks at the answer: no worker waits for that
            yield task, self._answer(future)

    def _send(self, tasks: Iterator[Task]) -> bool:
        """Send what there are threads for; whether anything is on its way.

        Nothing more: a task that waits beside another would be blamed with it when their worker dies.
        """
        for task in islice(tasks, max(0, max(1, self.threads) - len(self.pending))):
            key = f"qa-audit-{self.order.id}-{secrets.token_hex(8)}"
            future = self.client.submit(do_task, self.order, task, key=key, pure=False)
            self.pending[future] = task
            future.add_done_callback(self.ready.put)
        return bool(self.pending)

    def _look(self) -> None:
        """See who is there, now and then."""
        now = time.monotonic()
        if now - self.looked < LOOKING:
            return
        self.looked = now
        try:
            self.threads = _threads(self.client)
        except Exception:
            raise self._gone() from None
        if self.threads:
            self.manned = now
        elif now - self.manned > PATIENCE:
            raise WorkerError(f"no worker is left at {self.address}; start some and run again, what was finished is kept")

    def _answer(self, future: Future) -> Any:
        from distributed import KilledWorker

        try:
            return future.result()
        except KilledWorker as error:
            return error
        except QaAuditError:
            raise
        except CancelledError:
            raise self._gone() from None
        except Exception as error:
            raise WorkerError(f"the cluster at {self.address} cannot do the work: {type(error).__name__}: {error}") from error

    def _gone(self) -> WorkerError:
        self.lost = True
        return WorkerError(f"the Dask scheduler at {self.address} went away; start it and run again, what was finished is kept")

    def _end(self) -> None:
        """Call back what is on its way, and end the processes that were made for it."""
        if self.lost:
            return  # its workers end with it, and what they were doing after some idle minutes
        with suppress(Exception):  # a worker may go at this moment
            self.client.cancel(list(self.pending), force=True)
            _everywhere(self.client, dismiss, self.order.id)


def _killed(answer: Any) -> bool:
    from distributed import KilledWorker

    return isinstance(answer, KilledWorker)


def _given_up(error: Any) -> Lost:
    return Lost(
        "died", f"{error.allowed_failures + 1} workers of the cluster died while it was theirs alone, the last on {error.last_worker.host}"
    )


def _chain(first: Task, rest: Iterator[Task]) -> Iterator[Task]:
    yield first
    yield from rest
