"""Promises meet the calls that came after them: what became of each.

Nothing here is part of a score. A promise is called broken only where the recordings show it: the customer had to call
after the time was up, or calls to customers are recorded and there was none to this one in time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from qa_audit.models import CallScore, Direction
from qa_audit.promises import Means, Promise, State
from qa_audit.scoring.matter import PROBLEM

GRACE = timedelta(hours=1)
"""A call a little after the time named is still in time."""

Verdict = tuple[State, str, str]
"""What became of a promise, the call that shows it, and a sentence."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the recordings can tell: calls by customer in the order of time, the newest call, whether calls out are recorded."""

    by_customer: Mapping[str, list[CallScore]]
    now: datetime | None
    rings_out: bool


def ledger(calls: Sequence[CallScore]) -> tuple[Promise, ...]:
    """Every promise with what became of it by the time of the newest call; in the order in which they were made."""
    known = Known(
        by_customer=by_customer(calls),
        now=max((call.started_at for call in calls if call.started_at), default=None),
        rings_out=any(call.direction is Direction.OUTBOUND for call in calls),
    )
    made = sorted((promise for call in calls for promise in call.promises), key=_order)
    return tuple(_settled(promise, known) for promise in made)


def _settled(promise: Promise, known: Known) -> Promise:
    if promise.customer is None or promise.made_at is None or known.now is None:
        note = "The call names no customer or no time, so no later call can be matched."
        return replace(promise, state=State.UNTOLD, note=note)
    made_at, due = promise.made_at, promise.due
    later = [call for call in known.by_customer.get(promise.customer, ()) if _after(call, made_at)]
    over = due is not None and due + GRACE < known.now
    verdict = _by_call(promise, later) if promise.means is Means.CALL else _by_other_means(promise, later)
    state, settled_by, note = verdict or _unsettled(promise, over=over, rings_out=known.rings_out)
    return replace(promise, state=state, settled_by=settled_by, note=note)


def _by_call(promise: Promise, later: Iterable[CallScore]) -> Verdict | None:
    """The first call to the customer keeps the promise; a customer who calls after the time shows that it was broken."""
    for call in later:
        in_time = promise.due is None or not _after(call, promise.due + GRACE)
        if call.direction is Direction.OUTBOUND:
            if in_time:
                return State.KEPT, call.call_id, "The customer was called."
            return State.LATE, call.call_id, "The customer was called after the time was up."
        if call.direction is Direction.INBOUND and not in_time:
            return State.BROKEN, call.call_id, "The time was up, and the customer had to call."
    return None


def _by_other_means(promise: Promise, later: Iterable[CallScore]) -> Verdict | None:
    """What was to be sent, checked or paid leaves no recording; a customer who calls with a problem is a sign, no proof."""
    overdue = (call for call in later if promise.due and _after(call, promise.due) and PROBLEM in call.behaviours)
    if again := next(overdue, None):
        return State.UNTOLD, again.call_id, "The time was up when the customer called with a problem."
    return None


def _unsettled(promise: Promise, *, over: bool, rings_out: bool) -> Verdict:
    if not over:
        return State.OPEN, "", "The time is not up yet." if promise.due else "No time was named."
    if promise.means is Means.OTHER:
        return State.UNTOLD, "", "The time is up; a recording cannot show whether it was done."
    if rings_out:
        return State.BROKEN, "", "The time is up, and no call to this customer is among the recordings."
    return State.UNTOLD, "", "The time is up; calls to customers are not among the recordings."


def _order(promise: Promise) -> tuple[bool, float, str, int]:
    return promise.made_at is None, promise.made_at.timestamp() if promise.made_at else 0.0, promise.call_id, promise.turn


def _after(call: CallScore, moment: datetime) -> bool:
    return call.started_at is not None and call.started_at > moment


def by_customer(calls: Iterable[CallScore]) -> dict[str, list[CallScore]]:
    """Dated calls by customer, in the order of time."""
    found: dict[str, list[CallScore]] = defaultdict(list)
    dated = ((call.started_at.timestamp(), call.call_id, call) for call in calls if call.started_at)
    for _, _, call in sorted(dated, key=lambda each: each[:2]):
        if call.customer is not None:
            found[call.customer].append(call)
    return found
