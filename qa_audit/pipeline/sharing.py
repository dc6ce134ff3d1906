"""Which calls this run does: all of them, or, where others share the store, those it could claim just before they are done."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice

from qa_audit.store import ALONE, Claims, State, Store
from qa_audit.store.claims import LEASE, RENEWING

LOOKING = 1.0
"""Seconds between two looks at what others have not finished."""

Undone = Callable[[str, State | None], bool]
"""Whether there is still something to do about a call."""


class Share:
    """This run's share of a stage's calls, in rounds."""

    def __init__(self, store: Store, claims: Claims = ALONE, *, marked_by: str = "") -> None:
        self.store, self.claims, self.marked_by = store, claims, marked_by

    def rounds(self, call_ids: Sequence[str], *, undone: Undone, size: int = 1) -> Iterator[Iterator[str]]:
        """Streams of call ids to do, each to be worked off before the next is asked for; claimed so many at once, as they are asked for.

        After the first, in which others may have been quicker with some, come those of them that another run gave back or left
        behind when it died. Whatever others still have in hand after a lease is theirs.
        """
        if not self.claims.shared:
            yield iter(call_ids)
            return
        rest, done = call_ids, set[str]()
        patience = LEASE + RENEWING
        until = time.monotonic() + patience
        while rest:
            ours = self._claimed(rest, undone, size)
            first = next(ours, None)
            if first is not None:
                yield _noted(chain([first], ours), done)
                until = time.monotonic() + patience
            states = self._states(rest)
            rest = [call_id for call_id in rest if call_id not in done and undone(call_id, states.get(call_id))]
            if rest and first is None:
                if time.monotonic() > until:
                    return
                time.sleep(LOOKING)

    def _claimed(self, call_ids: Iterable[str], undone: Undone, size: int) -> Iterator[str]:
        """Those that nobody else has in hand and nobody has done since they were planned."""
        waiting = iter(call_ids)
        while batch := list(islice(waiting, size)):
            free = self.claims.take(batch)
            states = self._states(free)
            ours = [call_id for call_id in batch if call_id in free and undone(call_id, states.get(call_id))]
            self.claims.drop(free.difference(ours))
            yield from ours

    def _states(self, call_ids: Collection[str]) -> Mapping[str, State]:
        few = len(call_ids) <= 1000
        return self.store.states(call_ids if few else None, marked_by=self.marked_by) if call_ids else {}


def _noted(call_ids: Iterable[str], done: set[str]) -> Iterator[str]:
    for call_id in call_ids:
        done.add(call_id)
        yield call_id
