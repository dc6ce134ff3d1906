"""What every importer gives: passages of words with the labels of their voices, before anybody knows who is who."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, groupby
from operator import itemgetter
from typing import Annotated, Any, TypeGuard, TypeVar

import msgspec

from qa_audit.models import Doubt, Speaker, Word

LARGEST = 32 * 1024 * 1024
"""Bytes of one transcript: the most talkative format needs about 1 MB for ten minutes."""
MOST_WORDS = 300_000
LONGEST = 7 * 24 * 3600.0

TYPED = 1.0
"""Trust of what was typed: nobody had to hear it."""
UNSTATED = 0.8
"""Trust of heard words where the recogniser did not say how sure it was."""
SECONDS_PER_WORD = 0.4
"""How long a word is taken to last where only the beginning of a turn is known (150 words a minute)."""

Seconds = Annotated[float, msgspec.Meta(ge=0, le=LONGEST)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
INVISIBLE = re.compile("[\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]")


class Refused(ValueError):
    """Why a file is no transcript that can be used. `kind` is a stable word: `unknown-format`, `no-words`, `damaged`, …"""

    def __init__(self, kind: str, message: str) -> None:
        self.kind, self.message = kind, message
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Passage:
    """What one voice says. `label` is the speaker as the file names it, empty when it does not."""

    label: str
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A transcript as its file tells it. `roles` are the labels whose role the file states; `keep_turns` says that the
    passages are turns already; `model` is the recogniser's, where it is named."""

    kind: str
    passages: tuple[Passage, ...]
    roles: Mapping[str, Speaker] = field(default_factory=dict)
    language: str | None = None
    duration: float | None = None
    keep_turns: bool = False
    model: str = ""
    doubts: tuple[Doubt, ...] = ()


class Shape(msgspec.Struct, frozen=True):
    """The part of a format that is read; unknown fields are passed over."""


class Camel(Shape, frozen=True, rename="camel"):
    """The same, for formats that write namesLikeThis."""


class Pascal(Shape, frozen=True, rename="pascal"):
    """The same, for formats that write NamesLikeThis."""


T = TypeVar("T")


def parse_json(text: str) -> Any:
    """The document, NaN and Infinity as null. Refused with line and column when it is none, or nested without end."""
    try:
        return json.loads(text, parse_constant=lambda _: None)
    except json.JSONDecodeError as error:
        raise Refused("damaged", f"line {error.lineno}, column {error.colno}: not valid JSON: {error.msg}") from None
    except RecursionError:
        raise Refused("damaged", "JSON nested too deep for any transcript") from None
    except ValueError as error:
        raise Refused("damaged", f"not valid JSON: {error}") from None


def shaped(document: object, shape: type[T]) -> T:
    """The document as its format promises it. Refused with the path of the first thing that is otherwise."""
    try:
        return msgspec.convert(document, shape, strict=False)
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        raise Refused("damaged", f"not as its format says: {error}") from None
    except RecursionError:
        raise Refused("damaged", "JSON nested too deep for any transcript") from None


def has(document: object, *keys: str) -> TypeGuard[dict[str, Any]]:
    """Whether a document is a JSON object with all of these keys."""
    return isinstance(document, dict) and all(key in document for key in keys)


def clean(text: str) -> str:
    """Text without controls, lone surrogates and direction overrides."""
    text = INVISIBLE.sub("", text)
    if text.isprintable():
        return text
    return "".join(" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else "\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)


def within_a_call(seconds: float) -> float:
    """The seconds, refused when no call has that moment."""
    if not 0 <= seconds <= LONGEST:
        raise Refused("damaged", f"a word at {seconds} s, where no call has one")
    return seconds


def as_share(confidence: float) -> float:
    """A confidence as a trust of 0..1, whatever the file says."""
    return min(1.0, max(0.0, confidence))


def runs(labelled: Iterable[tuple[str, T]]) -> list[tuple[str, list[T]]]:
    """Neighbours of one label together."""
    return [(label, [item for _, item in run]) for label, run in groupby(labelled, key=itemgetter(0))]


def word(text: str, start: float | None, end: float | None, trust: float | None) -> Word | None:
    """One word as it was heard, or None where nothing is left of it. Blanks inside are closed; an end before the start is the start."""
    text = "".join(clean(text).split())
    if not text:
        return None
    if start is not None:
        start, end = round(start, 3), round(start if end is None else max(start, end), 3)
    return Word(text, start, end, UNSTATED if trust is None else as_share(trust))


def passage(label: str | int | None, words: Iterable[Word | None]) -> Passage:
    return Passage("" if label is None else " ".join(clean(str(label)).split()), tuple(filter(None, words)))


def spread(text: str, start: float | None, end: float | None, trust: float) -> tuple[Word, ...]:
    """The words of a text, each with the share of the time that its length has of the text's."""
    words, trust = clean(text).split(), as_share(trust)
    if start is None or not words:
        return tuple(Word(text, None, None, trust) for text in words)
    if end is None or end < start:
        end = start + SECONDS_PER_WORD * len(words)
    places = [0, *accumulate(len(text) + 1 for text in words)]
    times = [round(start + (end - start) * place / places[-1], 3) for place in places]
    return tuple(Word(text, begin, stop, trust) for text, begin, stop in zip(words, times, times[1:], strict=False))


def talk_until(turns: Sequence[tuple[str, float | None, float | None]]) -> list[float | None]:
    """The end of every turn `(text, start, end)`: as given, else as long as its words take, but not beyond the next start."""
    ends: list[float | None] = []
    following: float | None = None
    for text, start, given in reversed(turns):
        if start is None or given is not None:
            ends.append(given)
        else:
            needed = start + SECONDS_PER_WORD * len(text.split())
            ends.append(needed if following is None or following < start else min(needed, following))
        following = following if start is None else start
    return ends[::-1]


def joined(words: Sequence[Word], mark: str) -> list[Word]:
    """The words with a punctuation mark put on the last of them."""
    if not words:
        return []
    *before, last = words
    return [*before, Word(last.text + "".join(clean(mark).split()), last.start, last.end, last.trust)]
