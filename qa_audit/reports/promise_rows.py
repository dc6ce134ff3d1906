"""The ledger as the pages show it: each promise with both its calls, those that need somebody first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import time

from qa_audit.promises import Promise, State
from qa_audit.reports.paths import agent_path, call_path
from qa_audit.reports.report import CallEntry

SHOWN = 12
"""Promises listed on one page; all of them are in the export."""

END_OF_DAY = time(23, 59, 59)

NAMES: Mapping[State, str] = {
    State.BROKEN: "broken",
    State.LATE: "kept late",
    State.OPEN: "open",
    State.UNTOLD: "cannot be told",
    State.KEPT: "kept",
}
"""In the order in which they ask for attention."""


@dataclass(frozen=True, slots=True)
class PromiseRow:
    """One promise. `page` leads to the turn it was made in, `settled_page` to the call that shows what became of it."""

    promise: Promise
    state: str
    page: str
    settled_page: str
    agent_page: str

    @property
    def whole_day(self) -> bool:
        """Whether a day was named and no hour."""
        return self.promise.due is not None and self.promise.due.time() == END_OF_DAY


@dataclass(frozen=True, slots=True)
class Ledger:
    """How many promises came to what, and the first of them."""

    counts: tuple[tuple[str, int], ...]
    rows: tuple[PromiseRow, ...]
    total: int


def ledger_view(promises: Iterable[Promise], calls: Mapping[str, CallEntry]) -> Ledger:
    """Promises of calls that have a page, by state, the newest of each state first."""
    order = list(NAMES)
    shown = [promise for promise in promises if promise.call_id in calls]
    shown.sort(key=lambda promise: promise.made_at.timestamp() if promise.made_at else 0.0, reverse=True)
    shown.sort(key=lambda promise: order.index(promise.state))
    found = Counter(promise.state for promise in shown)
    rows = tuple(_row(promise, calls) for promise in shown[:SHOWN])
    return Ledger(tuple((name, found[state]) for state, name in NAMES.items() if found[state]), rows, len(shown))


def _row(promise: Promise, calls: Mapping[str, CallEntry]) -> PromiseRow:
    settled = call_path(promise.settled_by) if promise.settled_by in calls else ""
    page = f"{call_path(promise.call_id)}#turn-{promise.turn}"
    return PromiseRow(promise, NAMES[promise.state], page, settled, agent_path(promise.agent))
