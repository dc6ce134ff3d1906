"""What can go wrong, who is told, and how the program ends.

    QaAuditError
    ├── UserFileError     a file people wrote (configuration, rule, standard, manifest) is wrong    exit 2
    ├── EngineError       the configured speech engine or its model is not at hand                 exit 2
    ├── StoreError        the kept state cannot be read, written or locked                          exit 2
    ├── WorkerError       the processes that do the work cannot begin                              exit 2
    ├── OutputError       pages or another result cannot be written                                exit 2
    └── CallError         one call cannot be processed; it is set aside and the night goes on      exit 3 (single-call commands only)

Anything else is a defect of ours: exit 4, a traceback in the log file, one line on the terminal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum


class ExitCode(IntEnum):
    """How a command ends. Findings are normal: a run that found misses ends with 0."""

    OK = 0
    """The command ran; findings and set-aside calls are normal."""
    CHECK_FAILED = 1
    """`--fail-on` was reached, or the examples of a rule failed."""
    SETUP = 2
    """A file people wrote, the command line, the engine or the store is wrong; nothing was processed."""
    CALL = 3
    """The only call asked for could not be processed."""
    DEFECT = 4
    """A defect of qa-audit; the log file has the traceback."""
    INTERRUPTED = 130
    """Interrupted by Ctrl-C or a termination signal; what was finished is kept."""


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a file people wrote: line and column count from 1; 0 means the file as a whole."""

    path: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}" if self.line else self.path


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong in a file, said in full: what, where, what to do.

    `source` is the line of text it points into, for the caret; empty when there is none.
    """

    location: Location
    message: str
    source: str = ""

    def __str__(self) -> str:
        return f"{self.location}: {self.message}"

    def drawn(self) -> str:
        """The message, the line it points into and a caret under the column."""
        if not self.source or not self.location.column:
            return str(self)
        lead = "".join("\t" if c == "\t" else " " for c in self.source[: self.location.column - 1])
        return f"{self}\n    {self.source}\n    {lead}^"


class QaAuditError(Exception):
    """Every error this program raises on purpose."""

    exit_code = ExitCode.DEFECT


class UserFileError(QaAuditError):
    """All problems of the files people wrote, at once, in the order of the files."""

    exit_code = ExitCode.SETUP

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[type[UserFileError], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)


class EngineError(QaAuditError):
    """A speech engine or its model is not at hand; the message says what to do."""

    exit_code = ExitCode.SETUP


class StoreError(QaAuditError):
    """The kept state cannot be used; the message says why and what to do."""

    exit_code = ExitCode.SETUP


class WorkerError(QaAuditError):
    """The processes that do the work cannot begin; the message says why."""

    exit_code = ExitCode.SETUP


class OutputError(QaAuditError):
    """Pages or another result cannot be written; the message says why and what to do."""

    exit_code = ExitCode.SETUP


class CallError(QaAuditError):
    """One call cannot be processed. `kind` is a stable word for counting (`damaged`, `empty`, `no-agent`, …)."""

    exit_code = ExitCode.CALL

    def __init__(self, call_id: str, stage: str, kind: str, message: str) -> None:
        self.call_id, self.stage, self.kind, self.message = call_id, stage, kind, message
        super().__init__(f"{call_id}: {message}")

    def __reduce__(self) -> tuple[type[CallError], tuple[str, str, str, str]]:
        return type(self), (self.call_id, self.stage, self.kind, self.message)
