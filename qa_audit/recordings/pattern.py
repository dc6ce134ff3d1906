"""A file-name pattern with named fields in, a reader of file names out.

`{agent}_{started_at:%Y%m%d-%H%M%S}_{customer}.wav` reads `kim_20260301-101500_C-17.wav`. `{}` passes over anything. A
pattern with slashes reads the last folders too; one without a suffix reads names with any suffix. Fields take as little as
they can, from the left. Matching is linear in the length of the name (RE2), whatever the pattern.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from string import Formatter
from typing import Any

import re2

from qa_audit.errors import Location, Problem, UserFileError
from qa_audit.recordings.facts import FIELDS, Said
from qa_audit.recordings.suffixes import stem_of

DIRECTIVES = {
    "Y": r"\d{4}", "y": r"\d{2}", "m": r"\d{2}", "d": r"\d{2}", "j": r"\d{3}", "H": r"\d{2}", "I": r"\d{2}", "M": r"\d{2}", "S": r"\d{2}",
    "f": r"\d{1,6}", "z": r"(?:Z|[+-]\d{2}:?\d{2})", "b": r"\pL{3}", "B": r"\pL+", "p": r"[AaPp][Mm]", "%": "%",
}  # fmt: skip
"""What each strptime directive looks like in a file name."""

ANYTHING = r"[^/]+?"


@dataclass(frozen=True, slots=True)
class NamePattern:
    """`regex` has a group for each of `fields`; `depth` is how many parts of the path it reads; `suffix` says whether it
    reads the suffix too."""

    regex: Any
    fields: tuple[str, ...]
    depth: int
    suffix: bool
    date_format: str | None

    def read(self, relative: str) -> Said | None:
        """What the name of a file says, or None when it does not have this shape. `relative` has slashes."""
        name = "/".join(relative.split("/")[-self.depth :])
        match = self.regex.fullmatch(name if self.suffix else stem_of(name))
        return Said("its file name", dict(zip(self.fields, match.groups(), strict=True)), self.date_format) if match else None


def compile_pattern(text: str, *, path: str) -> NamePattern:
    """The reader of names; UserFileError with all problems of the pattern, said to be in the file `path`."""
    problems: list[str] = []
    fields: list[str] = []
    regex, date_format = "", None
    for literal, name, spec in _pieces(text, problems):
        regex += f"(?i:{re2.escape(literal)})"
        if name is None:
            continue
        problems.extend(_field_problems(name, spec, fields))
        fields.append(name)
        date_format = spec or date_format
        shape = _date_shape(spec, problems) if spec else ANYTHING
        regex += f"({shape})" if name else shape
    if not any(fields):
        problems.append("it names no field")
    if problems:
        raise UserFileError(Problem(Location(path), f"recordings.pattern {text!r}: {problem}") for problem in problems)
    ending = text.rpartition("}")[2]
    return NamePattern(re2.compile(regex), tuple(filter(None, fields)), text.count("/") + 1, "." in ending, date_format)


def _field_problems(name: str, spec: str, before: Sequence[str]) -> Iterator[str]:
    if name and name not in FIELDS:
        near = get_close_matches(name, FIELDS, n=1)
        yield f"unknown field {{{name}}}" + (f" (did you mean {{{near[0]}}}?)" if near else f"; known are {', '.join(FIELDS)}")
    if name and name in before:
        yield f"field {{{name}}} stands there twice"
    if spec and name != "started_at":
        yield f"only {{started_at:…}} takes a format, {{{name}}} does not"


def _pieces(text: str, problems: list[str]) -> Iterator[tuple[str, str | None, str]]:
    try:
        for literal, name, spec, _ in Formatter().parse(text):
            yield literal, name, spec or ""
    except ValueError as error:
        problems.append(f"{error}; write a brace of the name itself twice")


def _date_shape(spec: str, problems: list[str]) -> str:
    shape, rest = "", iter(spec)
    for character in rest:
        if character != "%":
            shape += re2.escape(character)
            continue
        directive = next(rest, "")
        if directive in DIRECTIVES:
            shape += DIRECTIVES[directive]
        else:
            problems.append(f"%{directive} is not read from file names; known are {' '.join(f'%{known}' for known in DIRECTIVES)}")
    return shape
