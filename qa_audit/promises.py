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
class Resolution:
    """How often a customer with a problem did not have to call about one again within `days`; 95 % interval, 0..1.

    `again` are pairs of calls: the first, and the one that followed it.
    """

    days: int
    contacts: int
    again: tuple[tuple[str, str], ...]
    rate: float | None
    low: float | None
    high: float | None
