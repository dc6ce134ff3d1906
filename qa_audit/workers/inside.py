"""What goes on inside a worker process: prepare once, do task after task, say how each went."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeVar

from qa_audit.errors import CallError, QaAuditError
from qa_audit.logs import Concern, LogFile, concern_of, log_to

Task = TypeVar("Task")
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Reply:
    """A task's answer."""

    value: Any


@dataclass(frozen=True, slots=True)
class Failure:
    """Said instead of an answer: an error about the set-up, or what went wrong in words, and the call it was about."""

    setup: QaAuditError | None
    message: str
    trace: str
    concern: Concern | None = None


READY = "ready"


def serve(pipe: Connection, work: Callable[[Any, Task], Answer], prepare: Callable[[], object], files: tuple[LogFile, ...]) -> None:
    """Prepare, say so, and do one task after the other until there are no more."""
    _settle_in(files)
    prepared = _attempt(prepare)
    pipe.send(prepared if isinstance(prepared, Failure) else READY)
    if isinstance(prepared, Failure):
        return
    while (task := pipe.recv()) is not None:
        said = _attempt(work, prepared.value, *task)
        try:
            pipe.send(said)
        except (pickle.PicklingError, TypeError, AttributeError) as error:
            pipe.send(_failure(error))


def _settle_in(files: tuple[LogFile, ...]) -> None:
    """Make this process a quiet worker that does not outlive its parent and is the first to go when memory is short."""
    threading.Thread(target=_die_with_parent, daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # stdout carries data, and libraries chatter
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")
    for file in files:
        log_to(file)


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _attempt(work: Callable[..., Any], *arguments: Any) -> Reply | Failure:
    try:
        return Reply(work(*arguments))
    except Exception as error:  # whatever nobody foresaw costs one task and is told with its traceback
        return _failure(error)


def _failure(error: Exception) -> Failure:
    about_setup = isinstance(error, QaAuditError) and not isinstance(error, CallError)
    return Failure(error if about_setup else None, f"{type(error).__name__}: {error}", traceback.format_exc(), concern_of(error))  # type: ignore[arg-type]
