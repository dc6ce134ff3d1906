"""Every call that was found ends in exactly one place: scored, excluded or failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qa_audit.models import CallFailure, Recording
from qa_audit.pipeline.failures import told
from qa_audit.store import State

UNDONE = "not-done"
ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Balance:
    """What became of the calls that were found."""

    done: tuple[str, ...]
    excluded: tuple[CallFailure, ...]
    failed: tuple[CallFailure, ...]


def balance(done: Sequence[str], others: Sequence[CallFailure]) -> Balance:
    """Those not done are excluded when they were set aside on purpose, failed when not."""
    excluded = tuple(failure for failure in others if failure.excluded)
    failed = tuple(failure for failure in others if not failure.excluded)
    return Balance(tuple(done), excluded, failed)


def why_not(recording: Recording, state: State | None, *, stage: str, others: Sequence[str] = ()) -> CallFailure:
    """Why a call is not through the stage; `others` are the runs that share the store."""
    if state is not None and state.failure is not None:
        return told(state.failure)
    if others:
        message = f"it is left to another run on the same store, {' or '.join(others)}, whose pages will have it"
        return CallFailure(recording.call_id, recording.uri, stage, ELSEWHERE, message, excluded=True)
    return CallFailure(recording.call_id, recording.uri, stage, UNDONE, "its turn has not come yet; the next run takes it")


def by_reason(failures: Sequence[CallFailure]) -> Mapping[str, int]:
    """How many calls for each kind of trouble, the most frequent first."""
    return dict(Counter(failure.kind for failure in failures).most_common())
