"""Whether the first contact about a problem was the last: a measure of the process, since why a customer calls again is not recorded."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta

from qa_audit.models import CallScore, Direction
from qa_audit.promises import Again, Resolution
from qa_audit.scoring.estimate import wilson
from qa_audit.scoring.ledger import by_customer
from qa_audit.scoring.matter import PROBLEM, common_words, shared_words

WITHIN_DAYS = 7
"""Days within which another call on the same matter counts against the first contact."""


def resolution(calls: Sequence[CallScore], *, days: int = WITHIN_DAYS) -> Resolution | None:
    """How often the first contact was the last one on its matter; None where no customer is named.

    Calls of the last `days` are left out, since their customers may still call.
    """
    customers = by_customer(calls)
    newest = max((call.started_at for group in customers.values() for call in group if call.started_at), default=None)
    if newest is None:
        return None
    window = timedelta(days=days)
    with_problem = [[call for call in group if PROBLEM in call.behaviours] for group in customers.values()]
    common = common_words(call for group in with_problem for call in group)
    contacts = 0
    again: list[Again] = []
    for group in with_problem:
        for place, call in enumerate(group):
            if call.started_at and call.started_at + window <= newest:
                contacts += 1
                again += _again(call, group[place + 1 :], window, common)
    found = Resolution(days=days, contacts=contacts, again=tuple(again), rate=None, low=None, high=None)
    if not (told := contacts - found.untold):
        return found
    share = wilson(told - found.same, told)
    return Resolution(days=days, contacts=contacts, again=found.again, rate=share.value, low=share.low, high=share.high)


def _again(call: CallScore, later: Sequence[CallScore], window: timedelta, common: Collection[str]) -> Iterator[Again]:
    """The first later call of the customer's own on the same matter, or else the first of any; nothing where there is none."""
    following = [
        other
        for other in later
        if call.started_at
        and other.started_at
        and other.started_at <= call.started_at + window
        and other.direction is not Direction.OUTBOUND
    ]
    if not following:
        return
    shared = ((other, shared_words(call, other, common=common)) for other in following)
    then, words = next(((other, words) for other, words in shared if words), (following[0], ()))
    told = bool(words) or bool(call.matter and all(other.matter for other in following))
    yield Again(first=call.call_id, then=then.call_id, shared=words, told=told, promised=bool(call.promises))
