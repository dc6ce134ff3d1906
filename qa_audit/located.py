"""A YAML file people wrote goes in, its plain values come out with the place of each; whatever is unsafe or unreadable is said with its place.

Values are text, whole and decimal numbers, true/false, nothing, lists and mappings, and nothing else: no tags, no anchors and aliases (with
them go cycles and bombs), one document, no key twice. `no`, `on` and `12:30` are text. Reading follows the events of the parser, not its
recursion, so depth is checked before it can hurt.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

import yaml

from qa_audit.errors import Location, Problem, UserFileError

LARGEST = 1_000_000
"""Bytes in a file."""
DEEPEST = 12
"""Lists and mappings within each other."""

MOST_OPEN = 500
"""Brackets open at once before the parser is let near the file."""

Where = tuple[str | int, ...]
"""Keys and list positions that lead from the top of the file to a value."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the text, counted from 1. `style` is how the text there is quoted: empty, ' or " or | or >."""

    line: int
    column: int
    style: str = ""


@dataclass(frozen=True, slots=True)
class Located:
    """The values of one file and where each stands: `values` by path, `keys` the places of the keys that lead to them."""

    path: str
    value: object
    lines: tuple[str, ...]
    values: dict[Where, Mark] = field(default_factory=dict)
    keys: dict[Where, Mark] = field(default_factory=dict)

    def location(self, where: Where, *, key: bool = False, offset: int = 0) -> Location:
        """The place of a value (or of its key), `offset` characters into its text; of what holds it where it has none of its own."""
        while where and where not in (self.keys if key else self.values):
            where, offset = where[:-1], 0
        mark = (self.keys if key else self.values).get(where, Mark(1, 1))
        return Location(self.path, mark.line, mark.column + self._within(mark, offset))

    def problem(self, where: Where, message: str, *, key: bool = False, offset: int = 0) -> Problem:
        """A problem at that place, with its line for the caret."""
        return problem_at(self.location(where, key=key, offset=offset), message, self.lines)

    def _within(self, mark: Mark, offset: int) -> int:
        """How many columns after the mark the `offset`-th character of its text stands; block text keeps the mark itself."""
        if mark.style in {"|", ">"} or not offset:
            return 0
        if mark.style == "":
            return offset if mark.column + offset <= len(self.lines[mark.line - 1]) + 1 else 0
        source = self.lines[mark.line - 1][mark.column :]
        doubled = source[:offset].count("''") if mark.style == "'" else 0
        return 1 + offset + doubled


def problem_at(location: Location, message: str, lines: tuple[str, ...]) -> Problem:
    """A problem with the line it points into."""
    source = lines[location.line - 1] if 0 < location.line <= len(lines) else ""
    return Problem(location, message, source.rstrip())


def read(path: Path, shown: str) -> Located:
    """The values of a YAML file; `shown` is how messages call it. Raises UserFileError with everything that is wrong in it."""
    text = _text(path, shown)
    lines = tuple(text.splitlines())
    builder = _Builder(shown, lines)
    try:
        for event in yaml.parse(text, Loader=_Parser):
            builder.take(event)
    except yaml.MarkedYAMLError:
        builder.problems.append(_syntax_problem(text, shown, lines))
    if builder.problems:
        raise UserFileError(builder.problems)
    return Located(shown, builder.value, lines, builder.values, builder.keys)


_Parser = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _text(path: Path, shown: str) -> str:
    """The text of the file, or why it is none."""
    size = path.stat().st_size
    if size > LARGEST:
        raise UserFileError([Problem(Location(shown), f"the file has {size:,} bytes; at most {LARGEST:,} are read")])
    data = path.read_bytes()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UserFileError([Problem(Location(shown), "the file is in UTF-16; save it as UTF-8")])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig").splitlines(keepends=True) or [""]
        ends = before[-1].endswith("\n")
        place = Location(shown, len(before) + ends, 1 if ends else len(before[-1]) + 1)
        message = f"byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8"
        raise UserFileError([Problem(place, message)]) from None
    text = text.replace("\r\n", "\n")
    lines = tuple(_FORBIDDEN.sub("\ufffd", line) for line in text.split("\n"))
    if _nesting(text) > MOST_OPEN:
        raise UserFileError([Problem(Location(shown), f"more than {MOST_OPEN} brackets [ or {{ are open at once")])
    if problems := [problem_at(Location(shown, line, column), message, lines) for line, column, message in _forbidden(text)]:
        raise UserFileError(problems)
    return text


def _nesting(text: str) -> int:
    """How many [ and { are open at once at most, quotes left aside: the parser's time grows with the square of it."""
    return max(accumulate(1 if bracket in "[{" else -1 for bracket in re.findall(r"[][{}]", text)), default=0)


_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")


def _forbidden(text: str) -> Iterator[tuple[int, int, str]]:
    """Characters that nobody sees and that could make a rule say something else than it shows."""
    for number, line in enumerate(text.split("\n"), start=1):
        for found in _FORBIDDEN.finditer(line):
            name = unicodedata.name(found.group(), "control character")
            yield number, found.start() + 1, f"an invisible character stands here (U+{ord(found.group()):04X}, {name.lower()}); delete it"


_SYNTAX: tuple[tuple[str, str], ...] = (
    (r"found character '\\t'", "a tab stands here; YAML is indented with spaces"),
    (r"found character .* that cannot start any token", "text that begins with this character needs quotes"),
    (
        r"mapping values are not allowed here",
        "a ':' stands where none is expected; put text that has one in quotes, indent keys alike, and look whether the line before lacks its ':'",
    ),
    (r"could not find expected ':'", "a ':' is missing after a key"),
    (r"found unexpected end of stream", "a quote is opened and not closed"),
    (r"found unknown escape character", "a backslash has a meaning of its own between double quotes; use single quotes"),
    (r"expected alphabetic or numeric character|did not find expected alphabetic", "text that begins with & or * needs quotes"),
    (r"expected ',' or '\]'", "a list in [ ] is not closed; a phrase that begins with [ needs quotes around all of it"),
    (r"expected ',' or '}'", "a mapping in { } is not closed"),
    (r"expected <block end>, but found '(<scalar>|\[|,|\]|})'", "more text after a closing quote or bracket; put quotes around all of it"),
    (r"expected <block end>", "this line is indented differently from those it belongs to"),
    (r"undefined tag handle|expected the node content|tag", "text that begins with ! or % needs quotes"),
)


def _syntax_problem(text: str, shown: str, lines: tuple[str, ...]) -> Problem:
    """What the parser stumbled over; asked of the parser in Python, whose wording does not depend on the machine."""
    try:
        for _ in yaml.parse(text, Loader=yaml.SafeLoader):
            pass
    except yaml.MarkedYAMLError as error:
        what = str(error.problem or error.context or "not YAML")
        mark = error.context_mark if "end of stream" in what and error.context_mark else error.problem_mark or error.context_mark
        message = next((plain for pattern, plain in _SYNTAX if re.search(pattern, what)), f"not YAML: {what}")
        place = Location(shown, mark.line + 1, mark.column + 1) if mark else Location(shown)
        return problem_at(place, message, lines)
    return Problem(Location(shown), "not YAML")


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come yet; in a mapping `key` is the key that waits for its value."""

    value: list[object] | dict[str, object]
    where: Where
    key: str | None = None


class _Builder:
    """Makes values of parser events and notes where each began."""

    def __init__(self, path: str, lines: tuple[str, ...]) -> None:
        self.path, self.lines = path, lines
        self.value: object = None
        self.values: dict[Where, Mark] = {}
        self.keys: dict[Where, Mark] = {}
        self.problems: list[Problem] = []
        self._open: list[_Open] = []
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        handler = _HANDLERS.get(type(event))
        if handler:
            handler(self, event)

    def _problem(self, event: yaml.Event, message: str) -> None:
        place = Location(self.path, event.start_mark.line + 1, event.start_mark.column + 1)
        self.problems.append(problem_at(place, message, self.lines))

    def document(self, event: yaml.Event) -> None:
        self._documents += 1
        if self._documents == 2:
            self._problem(event, "a second document begins here (---); put it into a file of its own")

    def alias(self, event: yaml.AliasEvent) -> None:
        self._problem(event, f"*{event.anchor} points elsewhere in the file; write it out")
        self._add(None, event)

    def scalar(self, event: yaml.ScalarEvent) -> None:
        self._check(event)
        plain = event.style in {None, ""}
        self._add(_scalar(event.value) if plain and not self._awaits_key() else event.value, event)

    def collection(self, event: yaml.CollectionStartEvent) -> None:
        self._check(event)
        if len(self._open) == DEEPEST:
            self._problem(event, f"lists and mappings stand in each other more than {DEEPEST} deep")
            raise UserFileError(self.problems)
        new: list[object] | dict[str, object] = [] if isinstance(event, yaml.SequenceStartEvent) else {}
        if self._awaits_key():
            self._problem(event, "a key must be a word; put text that begins with [ or { in quotes")
        where = self._add(new, event)
        self._open.append(_Open(new, where))

    def end(self, _: yaml.Event) -> None:
        self._open.pop()

    def _check(self, event: yaml.NodeEvent) -> None:
        if event.anchor:
            self._problem(event, f"&{event.anchor} names this place for use elsewhere; write it out where it is needed")
        if tag := str(getattr(event, "tag", None) or "").replace("tag:yaml.org,2002:", "!!"):
            self._problem(event, f"a tag ({tag}) is not allowed; put text that begins with ! in quotes")

    def _awaits_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].value, dict) and self._open[-1].key is None

    def _add(self, value: object, event: yaml.Event) -> Where:
        """Put a value where it belongs; its path is returned."""
        mark = Mark(event.start_mark.line + 1, event.start_mark.column + 1, getattr(event, "style", None) or "")
        if not self._open:
            self.value, self.values[()] = value, mark
            return ()
        parent = self._open[-1]
        if isinstance(parent.value, list):
            where: Where = (*parent.where, len(parent.value))
            parent.value.append(value)
        elif parent.key is None:
            parent.key = value if isinstance(value, str) else ""
            where = (*parent.where, parent.key)
            self._note_key(where, mark, event)
            return where
        else:
            where = (*parent.where, parent.key)
            parent.value.setdefault(parent.key, value)
            parent.key = None
        self.values.setdefault(where, mark)
        return where

    def _note_key(self, where: Where, mark: Mark, event: yaml.Event) -> None:
        if where in self.keys:
            self._problem(event, f"'{where[-1]}' stands here a second time; it was already given in line {self.keys[where].line}")
        self.keys.setdefault(where, mark)


_HANDLERS: dict[type[yaml.Event], Callable[[_Builder, yaml.Event], None]] = {
    yaml.DocumentStartEvent: _Builder.document,
    yaml.AliasEvent: _Builder.alias,
    yaml.ScalarEvent: _Builder.scalar,
    yaml.SequenceStartEvent: _Builder.collection,
    yaml.MappingStartEvent: _Builder.collection,
    yaml.SequenceEndEvent: _Builder.end,
    yaml.MappingEndEvent: _Builder.end,
}

_WHOLE = re.compile(r"[-+]?(?:0|[1-9]\d{0,14})")
_DECIMAL = re.compile(r"[-+]?(?:0|[1-9]\d{0,14})\.\d{1,15}")
_WORDS: dict[str, object] = {"true": True, "false": False, "null": None, "~": None, "": None}


def _scalar(text: str) -> object:
    """What unquoted text stands for; far less than YAML 1.1 allows, so that `no` and `on` stay words."""
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text
