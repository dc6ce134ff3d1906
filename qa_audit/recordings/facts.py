"""What several sources say of one call in, one agreed set of facts out, with everything that is wrong with it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from qa_audit.models import Direction, Speaker
from qa_audit.recordings.dates import Calendar, Instant
from qa_audit.recordings.trouble import Kind, Trouble

LONGEST_VALUE = 200
SEPARATORS = re.compile(r"[\s,;|/+]+")
DIRECTIONS = {"in": "inbound", "incoming": "inbound", "out": "outbound", "outgoing": "outbound"}
TURNERS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Direction overrides: with them `cod.exe` reads as `exe.doc`."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one source says of a call, as it was written. `origin` names the source for people (`manifest.csv:17`).

    `date_format` is how this source writes dates, when it does so otherwise than the rest. `fills` are fields in which it is
    heard only where nobody else says anything, because it names things in its own way.
    """

    origin: str
    values: Mapping[str, object]
    date_format: str | None = None
    fills: frozenset[str] = frozenset()
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """The agreed values by field, and all that is wrong."""

    values: Mapping[str, Any]
    troubles: tuple[Trouble, ...] = field(default=())


def plain_text(value: object) -> str:
    """One line of text without controls, in Unicode's composed form."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Trouble(Kind.BAD_VALUE, f"{shown(value)} is not a text")
    text = str(value).strip()
    text = text if text.isascii() else unicodedata.normalize("NFC", text)
    if is_odd(text):
        raise Trouble(Kind.BAD_VALUE, f"{shown(text)} has control characters")
    if len(text) > LONGEST_VALUE:
        raise Trouble(Kind.BAD_VALUE, f"{shown(text)} is longer than {LONGEST_VALUE} characters")
    return text


def is_odd(text: str) -> bool:
    """Whether a text has characters that hide, break or disguise a line: controls, lone surrogates, direction overrides."""
    return not text.isprintable() and any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} or c in TURNERS for c in text)


def shown(value: object) -> str:
    """A value as it can be printed anywhere, cut to a readable length."""
    text = ascii(value)
    return text if len(text) <= 80 else f"{text[:77]}…"


def printable(path: str) -> str:
    """A path as it can be printed and stored anywhere, with nothing in it that hides, breaks or disguises it."""
    return "".join(ascii(c)[1:-1] if is_odd(c) else c for c in path) if is_odd(path) else path


def _direction(value: object) -> Direction:
    word = plain_text(value).lower()
    try:
        return Direction(DIRECTIONS.get(word, word))
    except ValueError:
        raise Trouble(Kind.BAD_VALUE, f"{shown(value)} is not one of {', '.join(Direction)}") from None


def _names(value: object) -> tuple[str, ...]:
    parts = value if isinstance(value, list | tuple) else SEPARATORS.split(plain_text(value))
    return tuple(filter(None, map(plain_text, parts)))


def _channels(value: object) -> tuple[Speaker, ...]:
    names = _names(value)
    try:
        return tuple(Speaker(name.lower()) for name in names)
    except ValueError:
        raise Trouble(Kind.BAD_VALUE, f"{shown(value)} names something other than {', '.join(Speaker)}") from None


READERS: Mapping[str, Callable[[object], object]] = {
    "call_id": plain_text,
    "agent": plain_text,
    "customer": plain_text,
    "direction": _direction,
    "queue": plain_text,
    "language": plain_text,
    "channels": _channels,
    "agent_group": plain_text,
    "tags": _names,
}
FIELDS = {**dict.fromkeys(READERS), "started_at": None}
"""Everything that can be said of a call, in order."""


def agree(sources: Sequence[Said], *, calendar: Calendar) -> Facts:
    """The values on which all sources agree. A field that a source leaves empty is not said by it."""
    troubles = [said.trouble for said in sources if said.trouble]
    values: dict[str, Any] = {}
    for name, told in _by_field(sources).items():
        firm = [said for said in told if name not in said.fills]
        heard: list[tuple[str, Any]] = []
        for said in firm or told[:1]:
            try:
                value = _read(name, said, calendar)
            except Trouble as trouble:
                troubles.append(Trouble(trouble.kind, f"{name}: {trouble.message} ({said.origin})", name))
                continue
            if value not in ("", ()):
                heard.append((said.origin, value))
        if heard:
            values[name] = _finest(heard)
            troubles.extend(_disagreement(name, heard))
    return Facts(values, tuple(troubles))


def _by_field(sources: Sequence[Said]) -> dict[str, list[Said]]:
    """Who says something of each field."""
    told: dict[str, list[Said]] = {}
    for said in sources:
        for name, value in said.values.items():
            if name in FIELDS and value is not None and value not in ("", []):
                told.setdefault(name, []).append(said)
    return told


def _read(name: str, said: Said, calendar: Calendar) -> object:
    raw = said.values[name]
    return calendar.read(plain_text(raw), said.date_format) if name == "started_at" else READERS[name](raw)


def _finest(heard: Sequence[tuple[str, Any]]) -> Any:
    values = [value for _, value in heard]
    return min(values, key=lambda value: value.unit) if isinstance(values[0], Instant) else values[0]


def _disagreement(name: str, heard: Sequence[tuple[str, Any]]) -> list[Trouble]:
    if len(heard) == 1:
        return []
    (_, first), *rest = heard
    if all(first.agrees_with(value) if isinstance(first, Instant) else first == value for _, value in rest):
        return []
    said = "; ".join(f"{_written(value)!r} says {origin}" for origin, value in heard)
    return [Trouble(Kind.CONFLICT, f"{name}: sources disagree: {said}", name)]


def _written(value: object) -> str:
    return " ".join(value) if isinstance(value, tuple) else str(value)
