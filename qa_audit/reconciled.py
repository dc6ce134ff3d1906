"""The nouns of the call log: what the telephone system says was said, against what was found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedCall:
    """One call of the log, as it is written there; `line` counts from 1."""

    line: int
    call_id: str = ""
    file: str = ""
    agent: str = ""
    started_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """A call log against the recordings: `calls` in the log, those of them without a recording, recordings without a call."""

    log: str
    calls: int
    without_recording: tuple[LoggedCall, ...]
    without_call: tuple[str, ...]
    unreadable: tuple[str, ...]
    """Rows that name no call, each with its line and why."""

    @property
    def matched(self) -> int:
        """Calls whose recording was found."""
        return self.calls - len(self.without_recording)
