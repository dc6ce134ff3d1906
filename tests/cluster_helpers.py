"""A real Dask cluster of processes on this machine, a free port, and ways to end a part of it as a power cut would."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from distributed import Security

TESTS = Path(__file__).parent


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Cluster:
    """A scheduler and its workers, each with a nanny that starts it again, each group of processes a machine of its own."""

    def __init__(self, folder: Path, environment: Mapping[str, str], scheme: str) -> None:
        self.folder, self.environment = folder, environment
        self.port = free_port()
        self.place = f"{scheme}://127.0.0.1:{self.port}"
        self.address = f"{'dask+tls' if scheme == 'tls' else 'dask'}://127.0.0.1:{self.port}"
        self.machines: list[subprocess.Popen[bytes]] = []

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """`dask WORDS` in a group of processes of its own."""
        log = (self.folder / f"{len(self.machines)}.log").open("wb")
        path = os.pathsep.join([str(TESTS.parent), str(TESTS), os.environ.get("PYTHONPATH", "")])
        machine = subprocess.Popen(
            [sys.executable, "-m", "dask", *words],
            stdout=log,
            stderr=log,
            cwd=self.folder,
            env=os.environ | {"PYTHONPATH": path} | self.environment,
            start_new_session=True,
        )
        log.close()
        self.machines.append(machine)
        return machine

    def start_scheduler(self) -> subprocess.Popen[bytes]:
        return self.start("scheduler", "--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard")

    def start_worker(self) -> subprocess.Popen[bytes]:
        return self.start("worker", self.place, "--nworkers", "1", "--nthreads", "1", "--no-dashboard", "--memory-limit", "0")

    def cut_power(self, machine: subprocess.Popen[bytes]) -> None:
        """Everything on it is gone at once."""
        os.killpg(machine.pid, signal.SIGKILL)
        machine.wait()

    def said(self) -> str:
        """What all of them logged."""
        return "\n".join(file.read_text(errors="replace") for file in sorted(self.folder.glob("*.log")))


@contextmanager
def cluster(
    folder: Path, *, workers: int, environment: Mapping[str, str] | None = None, security: Security | None = None
) -> Iterator[Cluster]:
    """A cluster with so many workers that have all joined; with `security` one that speaks TLS, as its environment must say."""
    from distributed import Client

    machines = Cluster(folder, environment or {}, "tls" if security else "tcp")
    try:
        machines.start_scheduler()
        for _ in range(workers):
            machines.start_worker()
        with Client(machines.place, timeout=30, set_as_default=False, security=security) as client:
            while len(client.nthreads()) < workers:
                time.sleep(0.05)
        yield machines
    finally:
        for machine in machines.machines:
            if machine.poll() is None:
                machines.cut_power(machine)


def wait_for(file: Path, *, seconds: float = 60.0) -> str:
    """What somebody writes into a file."""
    until = time.monotonic() + seconds
    while not file.exists() or not file.read_text():
        assert time.monotonic() < until, f"nobody wrote {file}"
        time.sleep(0.02)
    return file.read_text()
