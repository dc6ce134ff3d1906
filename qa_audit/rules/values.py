"""Patterns of the values a phrase may ask for (<number>, <money>, <date>, <time>, <name>), over the lines of `words`."""

from __future__ import annotations

from collections.abc import Iterable

from qa_audit.rules.english import CURRENCIES, MONTHS, WEEKDAYS

_FORM = "(?:=[^ ]+)?"


def _one_of(words: Iterable[str]) -> str:
    return f" (?:{'|'.join(sorted(words))}){_FORM}"


_FIGURE = r" \d[^ ]*"
_NUMBER = rf"(?:{_FIGURE}(?:(?: (?:and|to|or|point))?{_FIGURE}){{0,5}}| <number>)"
_CURRENCY = _one_of(CURRENCIES)
_DAY = _one_of(WEEKDAYS)
_MONTH = _one_of(MONTHS)
_PART = _one_of(("morning", "afternoon", "evening", "night"))
_STRETCH = _one_of(("week", "month", "year", "day", "quarter", "weekend", "business"))

VALUES = {
    "number": _NUMBER,
    "money": rf"(?:{_NUMBER}{_CURRENCY}(?:(?: and)?{_NUMBER}(?:{_CURRENCY})?)?|{_CURRENCY}{_NUMBER}| <money>)",
    "date": "|".join(
        (
            rf"(?: (?:next|this|last|coming))?{_DAY}(?:{_PART})?",
            rf"{_MONTH}(?: the)?{_FIGURE}(?:{_FIGURE})?",
            rf"(?: the)?{_FIGURE}(?:{_FIGURE})?(?: of)?{_MONTH}(?:{_FIGURE})?",
            rf"(?: the)?(?:{_FIGURE})? \d+(?:st|nd|rd|th){_FORM}",
            r" (?:today|tonight|tomorrow|yesterday)" + rf"(?:{_PART})?",
            rf" (?:next|this|last|coming)(?:{_STRETCH}|{_PART}|{_MONTH})",
            rf" (?:the )?end of (?:the |this |next )?{_STRETCH.lstrip()}",
            r" \d+[/.]\d+(?:[/.]\d+)?",
            r" <date>",
        )
    ),
    "time": "|".join(
        (
            rf"{_FIGURE}(?:{_FIGURE})? (?:a\.m|p\.m|o'clock)",
            r" \d+[:.]\d\d",
            rf"(?: half|{_FIGURE}| a? ?quarter) (?:past|to){_FIGURE}",
            r" (?:noon|midday|midnight)",
            r" <time>",
        )
    ),
    "name": r"(?: (?:mr|mrs|ms|miss|dr|doctor))?(?: [^ =]+=\^[^ ]+){1,3}| <name>",
}
"""Each takes the space before its first token, as every part of a phrase does."""
