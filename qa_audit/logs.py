"""The log: one line a message, whatever a file name or a transcript brings along; a file that several processes may share."""

from __future__ import annotations

import copy
import logging
import sys
from pathlib import Path

FILE = "qa_audit.log"


def safe(text: str, *, keep: str = "") -> str:
    """The text with every character that is no print (controls, line ends, direction marks) shown as �; `keep` are let through."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in keep else "\N{REPLACEMENT CHARACTER}" for c in text)


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
        return safe(super().formatMessage(record))


def start_logging(folder: Path, *, verbose: int) -> None:
    """Log to `qa_audit.log` in that folder, made when there is something to say, and to stderr.

    `verbose` -1 lets only errors through to stderr, 0 warnings too, 1 everything. Where the folder cannot be written, stderr
    gets the tracebacks as well.
    """
    forget_logging()
    file = folder / FILE
    writable = _can_write(file)
    if writable:
        log_to(str(file.absolute()))
    terminal = logging.StreamHandler(sys.stderr)
    terminal.setLevel({-1: logging.ERROR, 0: logging.WARNING}.get(verbose, logging.INFO))
    terminal.setFormatter(Line("qa-audit: %(message)s", traceback=not writable))
    logging.getLogger().addHandler(terminal)


def log_to(path: str) -> None:
    """Add a file to what is logged to; several processes may share it."""
    handler = logging.FileHandler(path, encoding="utf-8", errors="backslashreplace", delay=True)
    handler.setFormatter(Line("%(asctime)s %(levelname)s %(name)s %(message)s", traceback=True))
    logging.getLogger().addHandler(handler)
    logging.getLogger("qa_audit").setLevel(logging.INFO)


def log_files() -> tuple[str, ...]:
    """The files that are logged to."""
    return tuple(h.baseFilename for h in logging.getLogger().handlers if isinstance(h, logging.FileHandler))


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
