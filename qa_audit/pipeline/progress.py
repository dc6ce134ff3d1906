"""How a stage tells the door how far it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One call is through a stage. `done` of `total`; `note` says how it went when that is worth a word."""

    stage: str
    done: int
    total: int
    call_id: str = ""
    note: str = ""


Progress = Callable[[Step], None]


def quiet(_: Step) -> None:
    """Nobody wants to know."""
