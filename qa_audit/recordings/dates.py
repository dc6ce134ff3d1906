"""A date as somebody wrote it in, a point in time with its zone out, or the reason why it is none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from qa_audit.recordings.trouble import Kind, Trouble

ISO = re.compile(r"\d{4}-?\d{2}-?\d{2}(?P<time>[T ]\d{2}:?\d{2}(?P<seconds>:?\d{2}([.,]\d+)?)?)?\s*(Z|[+-]\d{2}(:?\d{2})?)?", re.IGNORECASE)
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""A recorder whose clock was never set says 1970."""
CLOCK_SKEW = 600.0
"""Seconds by which the clock of a recorder may be fast."""

DAY, MINUTE, SECOND = timedelta(days=1), timedelta(minutes=1), timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Instant:
    """A point in time and how exactly it was told: to the day, the minute or the second."""

    at: datetime
    unit: timedelta

    def agrees_with(self, other: Instant) -> bool:
        """Whether both can be true: the finer lies inside the coarser."""
        fine, coarse = sorted((self, other), key=lambda instant: instant.unit)
        return coarse.at <= fine.at < coarse.at + coarse.unit or fine.at <= coarse.at < fine.at + fine.unit

    def __str__(self) -> str:
        return self.at.isoformat(sep=" ")


@dataclass(frozen=True, slots=True)
class Calendar:
    """How dates are read: `zone` for times that carry none, `now` to know the future, `pattern` where they are not ISO 8601."""

    zone: ZoneInfo
    now: datetime
    pattern: str | None = None

    def read(self, text: str, pattern: str | None = None) -> Instant:
        """The instant, or Trouble: not a date, not possible in the zone, possible twice, in the future."""
        naive, unit = _parsed(text.strip(), pattern or self.pattern)
        at = naive if naive.tzinfo else self._placed(naive, text)
        seconds = at.timestamp()
        if seconds > self.now.timestamp() + CLOCK_SKEW:
            raise Trouble(Kind.FUTURE_DATE, f"{text!r} lies in the future (now is {self.now.isoformat(sep=' ', timespec='seconds')})")
        if seconds < EARLIEST.timestamp():
            raise Trouble(Kind.BAD_DATE, f"{text!r} is before {EARLIEST.year}: the recorder's clock was not set")
        return Instant(at, unit)

    def _placed(self, naive: datetime, text: str) -> datetime:
        """A wall-clock time in the configured zone; around a change of clocks it may not exist, or exist twice."""
        at = naive.replace(tzinfo=self.zone)
        if self.zone.utcoffset(at) == self.zone.utcoffset(at.replace(fold=1)):
            return at
        if at.astimezone(UTC).astimezone(self.zone).replace(tzinfo=None) != naive:
            raise Trouble(
                Kind.BAD_DATE, f"{text!r} does not exist in {self.zone.key}: the clocks were set forward; write the time with its zone"
            )
        raise Trouble(
            Kind.AMBIGUOUS_DATE, f"{text!r} happened twice in {self.zone.key}: the clocks were set back; write the time with its zone"
        )


def _parsed(text: str, pattern: str | None) -> tuple[datetime, timedelta]:
    if pattern:
        return _by_pattern(text, pattern), unit_of(pattern)
    shape = ISO.fullmatch(text)
    if not shape:
        raise Trouble(Kind.BAD_DATE, f"{text!r} is not a date; write it like 2026-03-31 14:05:00+02:00, or set recordings.date_format")
    unit = DAY if not shape["time"] else SECOND if shape["seconds"] else MINUTE
    try:
        return datetime.fromisoformat(text.upper().replace(" ", "T", 1).replace(" ", "")), unit
    except ValueError as error:
        raise Trouble(Kind.BAD_DATE, f"{text!r} is not a date: {error}") from None


def _by_pattern(text: str, pattern: str) -> datetime:
    try:
        return datetime.strptime(text, pattern)
    except ValueError:
        raise Trouble(Kind.BAD_DATE, f"{text!r} is not a date as {pattern!r} tells") from None


def unit_of(pattern: str) -> timedelta:
    """How exact a date written by this strptime pattern is."""
    if any(part in pattern for part in ("%S", "%c", "%X", "%T")):
        return SECOND
    return MINUTE if "%M" in pattern else DAY
