"""Files go in; behaviours, rules and standards of the right shape come out, each with its file, and everything wrong on the way."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import ValidationError

from qa_audit.errors import Location, Problem, UserFileError
from qa_audit.located import Located, Where, read
from qa_audit.plain import problems_of
from qa_audit.rules.shape import BehaviourShape, RuleShape, Shape, StandardShape, kebab

SUFFIXES = frozenset({".yaml", ".yml"})
MOST_FILES = 5_000

AnyShape = TypeVar("AnyShape", bound=Shape)


@dataclass(frozen=True, slots=True)
class Piece(Generic[AnyShape]):
    """One behaviour, rule or standard, and where it stands: `where` leads to it in its file."""

    id: str
    shape: AnyShape
    file: Located
    where: Where

    @property
    def location(self) -> Location:
        return self.file.location((*self.where, "id") if not self.where else self.where, key=True)

    def problem(self, message: str, *path: str | int, key: bool = False, offset: int = 0) -> Problem:
        """A problem at a value of this piece (or at its key)."""
        where = (*self.where, *path)
        if path and where not in self.file.values and where[:-1] in self.file.values and path[-1] == 0:
            where = where[:-1]  # one text or id that stands where a list may stand
        return self.file.problem(where, message, key=key or not where, offset=offset)


@dataclass(slots=True)
class Pieces:
    """Everything read so far, by kind, and the problems met.

    `names` are all behaviours that are written down, broken ones too; `unread` tells that a file could not be read, so there may be more.
    """

    behaviours: dict[str, Piece[BehaviourShape]] = field(default_factory=dict)
    rules: dict[str, Piece[RuleShape]] = field(default_factory=dict)
    standards: list[Piece[StandardShape]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    unread: bool = False

    @property
    def standard(self) -> Piece[StandardShape] | None:
        return self.standards[0] if self.standards else None


def collect(paths: Sequence[Path]) -> Pieces:
    """All files of all paths, read and shaped; nothing is raised, the problems are with the pieces."""
    pieces = Pieces()
    files = list(_files(paths, pieces.problems))
    if len(files) > MOST_FILES:
        pieces.problems.append(Problem(Location(shown(paths[0])), f"{len(files):,} rule files are too many; there may be {MOST_FILES:,}"))
        return pieces
    for path in files:
        if file := _read(path, pieces):
            _shape(file, pieces)
    return pieces


def _read(path: Path, pieces: Pieces) -> Located | None:
    try:
        return read(path, shown(path))
    except UserFileError as error:
        pieces.problems += error.problems
    except OSError as error:
        pieces.problems.append(Problem(Location(shown(path)), f"the file cannot be read: {error.strerror}"))
    pieces.unread = True
    return None


def shown(path: Path) -> str:
    """How messages call a path: from the current folder where it lies below it."""
    relative = os.path.relpath(path)
    return relative if not relative.startswith(os.pardir) else str(path)


def _files(paths: Sequence[Path], problems: list[Problem]) -> Iterator[Path]:
    seen: set[Path] = set()
    for path in paths:
        if not path.exists():
            problems.append(Problem(Location(shown(path)), "there is no such file or folder"))
        for file in _below(path):
            if file.resolve() not in seen:
                seen.add(file.resolve())
                yield file


def _below(path: Path) -> Iterator[Path]:
    """The YAML files of a folder, in the order of their names; links to folders are not followed."""
    if path.is_file():
        yield path
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = Path(folder, name)
            if file.suffix in SUFFIXES and not name.startswith(".") and file.is_file():
                yield file


_STANDARD_KEYS = frozenset({"promise", "clauses", "bands"})
_RULE_KEYS = frozenset({"clause", "severity", "never", "expect", "limit", "in_order", "when", "status"})


def _shape(file: Located, pieces: Pieces) -> None:
    before = len(pieces.problems)
    _shape_as_its_kind(file, file.value, pieces)
    holes = [file.problem(where, _HOLE, key=isinstance(where[-1], str)) for where in _holes(file.value)]
    told = {hole.location for hole in holes}
    pieces.problems[before:] = [*holes, *(problem for problem in pieces.problems[before:] if problem.location not in told)]


_HOLE = "nothing stands here; delete it or give it a value"


def _shape_as_its_kind(file: Located, value: object, pieces: Pieces) -> None:
    if not isinstance(value, dict) or not value:
        found = "the file is empty" if value is None else "a rule file holds keys and values"
        pieces.problems.append(file.problem((), f"{found}; it is a rule, behaviours by name, or the standard"))
    elif _STANDARD_KEYS & value.keys():
        if piece := _piece(StandardShape, file, (), value, pieces.problems):
            pieces.standards.append(piece)
    elif _RULE_KEYS & value.keys() or not any(isinstance(inner, dict) for inner in value.values()):
        if piece_of_rule := _piece(RuleShape, file, (), value, pieces.problems):
            _keep(pieces.rules, piece_of_rule, pieces.problems)
    else:
        for name, inner in value.items():
            _shape_behaviour(file, name, inner, pieces)


def _holes(value: object, where: Where = ()) -> Iterator[Where]:
    """Keys and list items without a value; a file that is empty altogether is told otherwise."""
    if value is None and where:
        yield where
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _holes(inner, (*where, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _holes(inner, (*where, number))


def _shape_behaviour(file: Located, name: str, value: object, pieces: Pieces) -> None:
    pieces.names.add(name)
    try:
        kebab(name)
    except ValueError as error:
        pieces.problems.append(file.problem((name,), str(error), key=True))
    if piece := _piece(BehaviourShape, file, (name,), value, pieces.problems):
        _keep(pieces.behaviours, piece, pieces.problems)


def _piece(model: type[AnyShape], file: Located, where: Where, value: object, problems: list[Problem]) -> Piece[AnyShape] | None:
    try:
        shape = model.model_validate(value)
    except ValidationError as error:
        problems.extend(problems_of(error, file, model=model, root=where))
        return None
    name = str(where[-1]) if where else str(value["id"]) if isinstance(value, Mapping) else ""
    return Piece(name, shape, file, where)


def _keep(known: dict[str, Piece[AnyShape]], piece: Piece[AnyShape], problems: list[Problem]) -> None:
    earlier = known.setdefault(piece.id, piece)
    if earlier is not piece:
        path = () if piece.where else ("id",)
        problems.append(piece.problem(f"'{piece.id}' is already defined in {earlier.location}", *path, key=bool(piece.where)))
