"""What becomes of a call that cannot be processed: set aside with its reason, tried again a few times, then left alone."""

from __future__ import annotations

from dataclasses import replace

from qa_audit.errors import CallError
from qa_audit.models import CallFailure, Recording
from qa_audit.store import FailureRow, State
from qa_audit.workers import Lost

MAX_TRIES = 3
"""After so many tries of the same thing on the same file a call is left alone until `--retry`."""

BROKEN = frozenset({"damaged", "not-audio", "missing", "gone", "unreadable", "changing", "timeout", "memory", "died", "defect"})
"""Kinds of trouble that may pass, or that somebody has to mend; whatever else is said of a call is a reason not to judge it."""


def refused(recording: Recording, error: CallError) -> CallFailure:
    """The failure of a call that was refused with a reason."""
    message = str(error).removeprefix(f"{error.call_id}: ")
    return CallFailure(recording.call_id, recording.uri, error.stage, error.kind, message, excluded=error.kind not in BROKEN)


def lost(recording: Recording, stage: str, reason: Lost) -> CallFailure:
    """The failure of a call whose worker died, hung or stumbled over a defect."""
    return CallFailure(recording.call_id, recording.uri, stage, reason.kind, reason.message)


def is_held(row: FailureRow | None, file: Recording | State, *, attempt: str) -> bool:
    """Whether trying again would be no use: it was set aside on purpose, or failed too often in just this way."""
    return row is not None and row.same_attempt(file, attempt) and (row.failure.excluded or row.tries >= MAX_TRIES)


def next_try(failure: CallFailure, recording: Recording, *, attempt: str, state: State | None) -> FailureRow:
    """The row to keep of a failure, counting the tries before it."""
    before = state.failure if state else None
    tries = before.tries + 1 if before and before.same_attempt(recording, attempt) and before.tries < MAX_TRIES else 1
    return FailureRow(failure, recording.size, recording.modified, attempt, tries)


def told(row: FailureRow) -> CallFailure:
    """A kept failure as people are told of it."""
    if row.failure.excluded or row.tries < MAX_TRIES:
        return row.failure
    return replace(row.failure, message=f"{row.failure.message} (failed {row.tries} times; --retry tries it again)")
