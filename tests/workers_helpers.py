"""Tasks for worker processes: they must be importable there, so they live in a module."""

from __future__ import annotations

import ctypes
import logging
import multiprocessing
import os
import signal
import time
from pathlib import Path

from qa_audit.errors import EngineError
from qa_audit.logs import concerning


def prepared() -> str:
    return f"prepared {os.getpid()}"


def cannot_prepare() -> str:
    raise EngineError("no model; put one there")


def die_preparing() -> str:
    os._exit(7)


def stumble_preparing() -> str:
    raise ValueError("no such file")


def obey(context: str, task: str) -> str:
    """Do what the task's first word says."""
    word, _, rest = task.partition(" ")
    match word:
        case "sleep":
            time.sleep(float(rest))
        case "kill" if rest == "worker":  # the process that gave us the task, not only ourselves
            parent = multiprocessing.parent_process()
            assert parent is not None
            assert parent.pid is not None
            os.kill(parent.pid, signal.SIGKILL)
            time.sleep(60)
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "crash":
            ctypes.string_at(0)
        case "exit":
            os._exit(int(rest))
        case "raise":
            raise ValueError(rest)
        case "stumble":
            with concerning(rest, "check"):
                logging.getLogger("qa_audit.helpers").warning("about to stumble")
                raise ValueError(rest)
        case "print":
            print(rest, flush=True)
        case "touch":
            Path(rest).write_text(str(os.getpid()))
            time.sleep(60)
        case "first":  # whoever does it a second time has it easy
            if not Path(rest).exists():
                Path(rest).write_text(str(os.getpid()))
                time.sleep(5)
        case "eat":
            eaten = []
            while len(eaten) < 40:  # 4 GB at most, whatever the watch does
                eaten.append(b"x" * 100_000_000)
                time.sleep(0.05)
        case "big":
            return task + "x" * 4_000_000
    return f"{context}: {task}"
