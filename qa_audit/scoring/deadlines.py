"""The time an agent names becomes a deadline: words and the moment they were said go in, the last second of it comes out.

Where words can be read in two ways ("next Tuesday", "three to five days") the later one holds, since a promise should not be
called broken on a reading of ours. A day lasts to its end; working days know weekends and no holidays.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np

ONES = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
NUMBERS = {word: number for number, word in enumerate(ONES, start=1)} | {
    "a": 1,
    "an": 1,
    "couple": 2,
    "few": 3,
    "fifteen": 15,
    "twenty": 20,
    "thirty": 30,
}
NUMBERS |= {"twenty four": 24, "twenty-four": 24, "forty eight": 48, "forty-eight": 48}
ORDINALS = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
]
ORDINALS += [f"twenty {word}" for word in ORDINALS[:9]] + ["thirtieth", "thirty first"]
DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"]
SUNDAY = 6
CLOSING = time(23, 59, 59)


def _any(words: list[str] | dict[str, int]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


NUMBER = rf"(?:\d{{1,3}}|{_any(NUMBERS)})"
AMOUNT = rf"(?:in|within|under|next|inside|up to|about|another)\s+(?:the\s+)?(?:next\s+|about\s+|around\s+|another\s+)?(?:a\s+)?(?P<least>{NUMBER})(?:\s+of)?(?:\s*(?:to|or|-|–)\s*(?P<most>{NUMBER}))?\s+(?P<working>working |business )?(?P<unit>minute|hour|day|week|month)s?"
ORDINAL = rf"(?:\d{{1,2}}(?:st|nd|rd|th)|{_any(ORDINALS)})"
DATE = rf"(?:(?P<first>{ORDINAL}|\d{{1,2}})\s+(?:of\s+)?(?P<month>{_any(MONTHS)})|(?P<month2>{_any(MONTHS)})\s+(?:the\s+)?(?P<second>{ORDINAL}|\d{{1,2}}))"


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last moment at which a promise is kept, and the words that named it."""

    due: datetime
    words: str


def deadline(text: str, said_at: datetime) -> Deadline | None:
    """The latest time named in the text; None where none is ("as soon as I can")."""
    return max(_deadlines(" ".join(text.lower().split()), said_at), key=lambda found: found.due, default=None)


def _deadlines(text: str, said_at: datetime) -> Iterator[Deadline]:
    for pattern, reads in READINGS:
        for found in pattern.finditer(text):
            due = reads(found, said_at)
            if due is not None and due > said_at:
                yield Deadline(due, found.group())


def _end(day: date, said_at: datetime) -> datetime:
    return datetime.combine(day, CLOSING, tzinfo=said_at.tzinfo)


def _number(word: str) -> int:
    return int(word) if word.isdigit() else NUMBERS[word]


def _amount(found: re.Match[str], said_at: datetime) -> datetime | None:
    count, unit = _number(found["most"] or found["least"]), found["unit"]
    if unit in ("minute", "hour"):
        return said_at + timedelta(**{f"{unit}s": count})
    if unit == "day" and found["working"]:
        return _end(np.busday_offset(said_at.date(), count, roll="backward").astype(date), said_at)
    return _end(said_at.date() + timedelta(days=count * {"day": 1, "week": 7, "month": 31}[unit]), said_at)


def _today(found: re.Match[str], said_at: datetime) -> datetime | None:
    return _end(said_at.date(), said_at)


def _tomorrow(found: re.Match[str], said_at: datetime) -> datetime | None:
    days = 2 if found.group().startswith("the day after") else 1
    return _end(said_at.date() + timedelta(days=days), said_at)


def _weekday(found: re.Match[str], said_at: datetime) -> datetime | None:
    today = said_at.weekday()
    ahead = (DAYS.index(found["day"]) - today - 1) % 7 + 1
    if found["next"] and today + ahead <= SUNDAY:
        ahead += 7
    return _end(said_at.date() + timedelta(days=ahead), said_at)


def _week(found: re.Match[str], said_at: datetime) -> datetime | None:
    weeks = 1 if "next" in found.group() else 0
    return _end(said_at.date() + timedelta(days=SUNDAY - said_at.weekday() + 7 * weeks), said_at)


def _month(found: re.Match[str], said_at: datetime) -> datetime | None:
    today = said_at.date()
    return _end(today.replace(day=monthrange(today.year, today.month)[1]), said_at)


def _date(found: re.Match[str], said_at: datetime) -> datetime | None:
    word = found["first"] or found["second"]
    day = int(re.sub(r"\D", "", word)) if word[0].isdigit() else ORDINALS.index(word) + 1
    month = MONTHS.index(found["month"] or found["month2"]) + 1
    year = said_at.year + ((month, day) < (said_at.month, said_at.day))
    return _end(date(year, month, day), said_at) if 1 <= day <= monthrange(year, month)[1] else None


Reading = Callable[[re.Match[str], datetime], datetime | None]

READINGS: tuple[tuple[re.Pattern[str], Reading], ...] = tuple(
    (re.compile(rf"\b(?:{pattern})\b"), reads)
    for pattern, reads in (
        (AMOUNT, _amount),
        (r"today|tonight|this (?:morning|afternoon|evening)|(?:end|close) of (?:the )?(?:day|play|business)", _today),
        (
            rf"(?:by|before|at|around) (?:noon|midday|{NUMBER})(?: ?(?:o'clock|am|pm))?(?! ?(?:or|to|minute|hour|day|week|month|working|business|\d))",
            _today,
        ),
        (r"(?:the day after )?tomorrow", _tomorrow),
        (rf"(?P<next>next )?(?P<day>{_any(DAYS)})", _weekday),
        (r"(?:end of |this |over )(?:the |this )?(?:week|weekend)|next week", _week),
        (r"end of (?:the|this) month", _month),
        (DATE, _date),
    )
)
