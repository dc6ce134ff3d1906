"""The log: one line a message, whatever a file name or a transcript brings along; a file that several processes may share.

A line that concerns a call names it: as `call=… stage=…` before the message, or where JSON is asked for, as keys of their own.
"""

from __future__ import annotations

import copy
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

FILE = "qa_audit.log"


def safe(text: str, *, keep: str = "") -> str:
    """The text with every character that is no print (controls, line ends, direction marks) shown as �; `keep` are let through."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in keep else "\N{REPLACEMENT CHARACTER}" for c in text)


@dataclass(frozen=True, slots=True)
class Concern:
    """The call that work is about, and the stage it is in."""

    call: str
    stage: str


_CONCERN: ContextVar[Concern | None] = ContextVar("concern", default=None)


@contextmanager
def concerning(call_id: str, stage: str) -> Iterator[None]:
    """Whatever is logged in here names the call, and so does an exception that leaves."""
    before = _CONCERN.set(Concern(call_id, stage))
    try:
        yield
    except Exception as error:
        error.add_note(f"call={safe(call_id)} stage={stage}")
        error.__dict__.setdefault("concern", _CONCERN.get())
        raise
    finally:
        _CONCERN.reset(before)


def concern_of(error: BaseException) -> Concern | None:
    """The call during which it was raised."""
    found: Concern | None = error.__dict__.get("concern")
    return found


class Line(logging.Formatter):
    """One line for the message, with time and place; a traceback follows it where `traceback` says so."""

    def __init__(self, layout: str, *, traceback: bool) -> None:
        super().__init__(layout)
        self.traceback = traceback

    def format(self, record: logging.LogRecord) -> str:
        if not self.traceback:
            record = copy.copy(record)  # others format the same record, and leave their traceback in it
            record.exc_info = record.exc_text = None
        return super().format(record)

    def formatMessage(self, record: logging.LogRecord) -> str:
        if concern := _concern(record):
            record.message = f"call={concern.call} stage={concern.stage} {record.message}"
        return safe(super().formatMessage(record))


class JsonLine(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message, process; call and stage where it concerns one; traceback."""

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
        }
        if concern := _concern(record):
            said |= {"call": concern.call, "stage": concern.stage}
        if record.exc_info:
            said["traceback"] = self.formatException(record.exc_info)
        return json.dumps(said)


def _concern(record: logging.LogRecord) -> Concern | None:
    given: Concern | None = getattr(record, "concern", None)
    return given or _CONCERN.get()


@dataclass(frozen=True, slots=True)
class LogFile:
    """A file that is logged to; travels to worker processes, which log to it too."""

    path: str
    as_json: bool = False


def start_logging(folder: Path, *, verbose: int, as_json: bool = False) -> None:
    """Log to `qa_audit.log` in that folder, made when there is something to say, and to stderr.

    `verbose` -1 lets only errors through to stderr, 0 warnings too, 1 everything. Where the folder cannot be written, stderr
    gets the tracebacks as well.
    """
    forget_logging()
    file = folder / FILE
    writable = _can_write(file)
    if writable:
        log_to(LogFile(str(file.absolute()), as_json))
    terminal = logging.StreamHandler(sys.stderr)
    terminal.setLevel({-1: logging.ERROR, 0: logging.WARNING}.get(verbose, logging.INFO))
    terminal.setFormatter(JsonLine() if as_json else Line("qa-audit: %(message)s", traceback=not writable))
    logging.getLogger().addHandler(terminal)


def log_to(file: LogFile) -> None:
    """Add a file to what is logged to; several processes may share it."""
    handler = logging.FileHandler(file.path, encoding="utf-8", errors="backslashreplace", delay=True)
    handler.setFormatter(JsonLine() if file.as_json else Line("%(asctime)s %(levelname)s %(name)s %(message)s", traceback=True))
    logging.getLogger().addHandler(handler)
    logging.getLogger("qa_audit").setLevel(logging.INFO)


def log_files() -> tuple[LogFile, ...]:
    """The files that are logged to."""
    files = (handler for handler in logging.getLogger().handlers if isinstance(handler, logging.FileHandler))
    return tuple(LogFile(handler.baseFilename, isinstance(handler.formatter, JsonLine)) for handler in files)


def forget_logging() -> None:
    """Close everything that is logged to."""
    for handler in list(logging.getLogger().handlers):
        logging.getLogger().removeHandler(handler)
        handler.close()


def _can_write(file: Path) -> bool:
    try:
        with file.open("ab"):
            pass
        if not file.stat().st_size:
            file.unlink()
    except OSError:
        return False
    return True
