"""Lengths as people write them (90s, 2 min, 5 turns, 10%, call) and ordinals (first, 2nd) go in, numbers come out."""

from __future__ import annotations

import re
from typing import TypeVar

from qa_audit.rules.language import Span, Which

WHOLE_CALL = "call"

Number = TypeVar("Number", int, float)

_SECONDS = {"s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3600, "hour": 3600}
_TIME = re.compile(r"(\d+(?:\.\d+)?)\s*(h|hour|m|min|minute|s|sec|second)s?(?![a-z])")
_TURNS = re.compile(r"(\d+)\s*turns?")
_SHARE = re.compile(r"(\d+(?:\.\d+)?)\s*%")
_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th)")
_NAMED_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5}


def seconds(text: str | float) -> float:
    """90, 90s, 2 min, 1h 30m -> seconds. ValueError says what would do."""
    if isinstance(text, int | float):
        return float(text)
    parts = list(_TIME.finditer(text.strip().lower()))
    if not parts or _TIME.sub("", text.strip().lower()).strip():
        raise ValueError(f"'{text}' is no length of time; write 90s or 2 min")
    return sum(float(part[1]) * _SECONDS[part[2]] for part in parts)


def span(text: str | float) -> Span:
    """90s, 3 turns, 10 % or `call` (an empty Span: all of it). ValueError says what would do."""
    if isinstance(text, int | float):
        raise ValueError(f"{text} of what? write {text:g}s, {text:g} turns or {text:g}%")
    cleaned = text.strip().lower()
    if cleaned == WHOLE_CALL:
        return Span()
    if turns := _TURNS.fullmatch(cleaned):
        return Span(turns=_positive(int(turns[1]), text))
    if share := _SHARE.fullmatch(cleaned):
        if not 0 < float(share[1]) <= 100:
            raise ValueError(f"'{text}' is not between 0 and 100 %")
        return Span(share=float(share[1]) / 100)
    try:
        return Span(seconds=_positive(seconds(cleaned), text))
    except ValueError:
        raise ValueError(f"'{text}' is no length of a call; write 90s, 2 min, 3 turns, 10% or call") from None


def _positive(value: Number, text: str) -> Number:
    if value <= 0:
        raise ValueError(f"'{text}' is no length at all")
    return value


def ordinal(text: str) -> int | None:
    """1st, 2nd, first, third -> 1, 2, 1, 3; None when it is no ordinal."""
    cleaned = text.strip().lower()
    found = _ORDINAL.fullmatch(cleaned)
    return int(found[1]) if found else _NAMED_ORDINALS.get(cleaned)


def which(text: str) -> tuple[Which, int | None]:
    """Which trigger counts: occurrence (every one), first, last, 2nd, 3rd …"""
    cleaned = text.strip().lower()
    if cleaned in {"occurrence", "first", "last"}:
        return Which(cleaned), None
    if number := ordinal(cleaned):
        return (Which.FIRST, None) if number == 1 else (Which.NTH, number)
    raise ValueError(f"'{text}' is none of occurrence, first, last, 2nd, 3rd …")


def counted(text: str) -> tuple[int, str]:
    """`1st cancel-request` or `cancel-request` -> (1, "cancel-request")."""
    head, _, tail = text.strip().partition(" ")
    number = ordinal(head) if tail else None
    return (number, tail.strip()) if number else (1, text.strip())
