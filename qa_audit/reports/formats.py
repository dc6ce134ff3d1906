"""Dates, numbers and times of day in the words of a locale (Babel); clocks and intervals as the pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_interval, format_time, get_datetime_format
from babel.numbers import format_decimal, format_percent

NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Formats:
    """How one locale writes things. Every method takes None and then shows a dash."""

    locale: Locale

    def number(self, value: float | None, digits: int = 0) -> str:
        return NOTHING if value is None else _decimal(round(value, digits), digits, self.locale)

    def signed(self, value: float) -> str:
        """A change: always with its sign."""
        sign = "+" if value >= 0 else "−"
        return sign + _decimal(abs(round(value, 1)), 1, self.locale)

    def score(self, value: float | None) -> str:
        """0..100 with one decimal."""
        return self.number(value, 1)

    def between(self, low: float | None, high: float | None) -> str:
        """An interval of scores."""
        return NOTHING if low is None or high is None else f"{self.number(low)}–{self.number(high)}"

    def percent(self, share: float | None) -> str:
        return NOTHING if share is None else _percent(round(share, 2), self.locale)

    def shares(self, low: float | None, high: float | None) -> str:
        """An interval of shares 0..1, as percent."""
        return NOTHING if low is None or high is None else f"{self.number(100 * low)}–{self.percent(high)}"

    def trust(self, value: float | None) -> str:
        return self.number(value, 2)

    def day(self, value: date | datetime | None) -> str:
        return NOTHING if value is None else str(format_date(value, "medium", locale=self.locale))

    def days(self, first: date | None, last: date | None) -> str:
        """A stretch of days, in the shortest form the locale has for it."""
        if first is None or last is None:
            return NOTHING
        return self.day(first) if first == last else str(format_interval(first, last, "yMMMd", locale=self.locale))

    def moment(self, value: datetime | None) -> str:
        """Day and time of day in the zone the time itself carries."""
        if value is None:
            return NOTHING
        time = format_time(value, "short", tzinfo=value.tzinfo, locale=self.locale)
        pattern = str(get_datetime_format("medium", locale=self.locale)).replace("'", "")
        return pattern.replace("{0}", time).replace("{1}", self.day(value))

    def length(self, seconds: float) -> str:
        """How long something took: 0.4 s, 12 s, 3 min 20 s."""
        if seconds < 10:
            return f"{self.number(seconds, 1)} s"
        minutes, rest = divmod(round(seconds), 60)
        return f"{self.number(minutes)} min {rest} s" if minutes else f"{rest} s"

    @staticmethod
    def second(seconds: float) -> str:
        """A place in a call for the player, to a tenth of a second, the same in every locale."""
        return f"{seconds:.1f}"

    @staticmethod
    def clock(seconds: float | None) -> str:
        """A place in a call: 0:07, 12:30, 1:02:03."""
        if seconds is None:
            return NOTHING
        minutes, rest = divmod(max(int(seconds), 0), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@lru_cache(maxsize=16)
def formats(lang: str) -> Formats:
    """The formats of a locale such as `en`, `de_AT` or `pt-BR`; ValueError for one that is not known."""
    try:
        return Formats(Locale.parse(lang.replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        raise ValueError(f"unknown locale {lang!r}: write it like en, de_AT or pt_BR") from None


@lru_cache(maxsize=4096)
def _decimal(value: float, digits: int, locale: Locale) -> str:
    return str(format_decimal(value, format="#,##0" + ("." + "0" * digits if digits else ""), locale=locale))


@lru_cache(maxsize=256)
def _percent(share: float, locale: Locale) -> str:
    return str(format_percent(share, locale=locale))
