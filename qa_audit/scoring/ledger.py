"""Promises meet the calls that came after them: what became of each, and whether a first contact was the last.

Nothing here is part of a score. A promise is called broken only where the recordings show it: the customer had to call
after the time was up, or calls to customers are recorded and there was none to this one in time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from qa_audit.models import CallScore, Direction
from qa_audit.promises import Means, Promise, Resolution, State
from qa_audit.scoring.estimate import wilson

PROBLEM = "problem"
"""The behaviour by which a contact about a problem is known."""

GRACE = timedelta(hours=1)
"""A call a little after the time named is still in time."""

WITHIN_DAYS = 7
"""Days within which another call about a problem counts against the first contact."""

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
        by_customer=_by_customer(calls),
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


def _by_customer(calls: Iterable[CallScore]) -> dict[str, list[CallScore]]:
    """Dated calls by customer, in the order of time."""
    found: dict[str, list[CallScore]] = defaultdict(list)
    dated = ((call.started_at.timestamp(), call.call_id, call) for call in calls if call.started_at)
    for _, _, call in sorted(dated, key=lambda each: each[:2]):
        if call.customer is not None:
            found[call.customer].append(call)
    return found


def resolution(calls: Sequence[CallScore], *, days: int = WITHIN_DAYS) -> Resolution | None:
    """How often the first contact was the last one about a problem; None where no customer is named.

    Calls of the last `days` are left out, since their customers may still call. It is a measure of the process: why a
    customer calls again is not in the recording.
    """
    by_customer = _by_customer(calls)
    newest = max((call.started_at for group in by_customer.values() for call in group if call.started_at), default=None)
    if newest is None:
        return None
    window = timedelta(days=days)
    contacts, again = 0, []
    for group in by_customer.values():
        for call, following in _problems(group):
            if call.started_at and call.started_at + window <= newest:
                contacts += 1
                if following and following.started_at and following.started_at <= call.started_at + window:
                    again.append((call.call_id, following.call_id))
    share = wilson(contacts - len(again), contacts) if contacts else None
    return Resolution(
        days=days,
        contacts=contacts,
        again=tuple(again),
        rate=share.value if share else None,
        low=share.low if share else None,
        high=share.high if share else None,
    )


def _problems(group: Sequence[CallScore]) -> Iterator[tuple[CallScore, CallScore | None]]:
    """Each call with a problem, and the customer's next call with one that the customer made."""
    with_problem = [call for call in group if PROBLEM in call.behaviours]
    for place, call in enumerate(with_problem):
        yield call, next((later for later in with_problem[place + 1 :] if later.direction is not Direction.OUTBOUND), None)
