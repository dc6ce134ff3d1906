"""A PostgreSQL server of one's own on a free port, for tests and benchmarks; gone afterwards."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def programs() -> list[Path]:
    """Folders with the server's programs, the newest last; none where it is not installed."""
    return sorted(Path("/usr/lib/postgresql").glob("*/bin"))


@contextmanager
def postgresql(*, fsync: bool = False) -> Iterator[str]:
    """Its address. Without `fsync` it is quicker and would not survive a power cut."""
    with tempfile.TemporaryDirectory(prefix="qa-audit-pg-") as folder, socket.socket() as free:
        Path(folder).chmod(0o777)
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        as_whom = {"user": "postgres"} if os.geteuid() == 0 else {}
        data, where = f"{folder}/data", programs()[-1]
        subprocess.run([where / "initdb", "-D", data, "-A", "trust", "-U", "qa", "-N"], check=True, capture_output=True, **as_whom)
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync={'on' if fsync else 'off'}"
        control = [where / "pg_ctl", "-D", data, "-w"]
        subprocess.run([*control, "-o", options, "-l", f"{folder}/log", "start"], check=True, stdout=subprocess.DEVNULL, **as_whom)
        try:
            yield f"postgresql://qa@127.0.0.1:{port}/postgres"
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], check=True, stdout=subprocess.DEVNULL, **as_whom)
