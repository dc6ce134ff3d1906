"""The nouns of the promise ledger: what an agent said would happen after a call, by when, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Means(StrEnum):
    """By what a promise can be kept. Only a call can be seen in the recordings."""

    CALL = "call"
    OTHER = "other"


class State(StrEnum):
    """What became of a promise, as far as the recordings tell."""

    KEPT = "kept"
    LATE = "late"
    BROKEN = "broken"
    OPEN = "open"
    UNTOLD = "untold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """Something an agent said would happen later.

    `start` is seconds into the call and `turn` its turn; `due` is None where no time was named and `due_words` are the
    words that named it. `settled_by` is the call that shows what became of it, `note` says it in a sentence.
    """

    call_id: str
    agent: str
    customer: str | None
    made_at: datetime | None
    turn: int
    start: float | None
    quote: str
    means: Means
    due: datetime | None = None
    due_words: str = ""
    state: State = State.OPEN
    settled_by: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """A call about a problem, and the later one in which its customer called about one again.

    `shared` are words of both that say it is the same matter; empty when nothing says so, and `told` is False where one of
    the calls has no words to compare. `promised` says that the agent of the first call had promised something.
    """

    first: str
    then: str
    shared: tuple[str, ...]
    told: bool
    promised: bool

    @property
    def same(self) -> bool:
        return bool(self.shared)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """How often a customer with a problem did not have to call again on the same matter within `days`; 95 % interval, 0..1.

    `again` are all who called again; the rate leaves out `contacts` where the matter cannot be told.
    """

    days: int
    contacts: int
    again: tuple[Again, ...]
    rate: float | None
    low: float | None
    high: float | None

    @property
    def same(self) -> int:
        """Contacts followed by another on the same matter."""
        return sum(each.same for each in self.again)

    @property
    def promised(self) -> int:
        """Those of them in which the agent had promised something, so that it does not lie with the process alone."""
        return sum(each.same and each.promised for each in self.again)

    @property
    def untold(self) -> int:
        """Contacts followed by another where the matter cannot be told."""
        return sum(not each.told for each in self.again)
