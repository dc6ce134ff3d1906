"""Lessons: whole conversations of our own, labelled sentence by sentence, that teach the detectors how calls really go.

A folder of `*.txt` goes in, `Lesson`s come out; every mistake in every file is reported at once. The format is explained
in `rules/lessons/README.md`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import chain
from pathlib import Path

from qa_audit.errors import Location, Problem, UserFileError
from qa_audit.models import Outcome, Speaker

MARKS = {
    Speaker.AGENT: (
        "apology", "empathy", "refusal", "dead-end", "deflection", "blame", "retention-push", "explanation", "remedy", "compensation",
        "follow-up-promise", "courteous-close", "abrupt-close",
    ),
    Speaker.CUSTOMER: ("problem", "frustration", "cancel-request", "hardship"),
    Speaker.SYSTEM: (),
}  # fmt: skip
"""The behaviours that lessons mark, by who shows them."""

CLAUSES = (
    "apologise", "empathise", "no-dead-end", "no-blame", "let-go", "own-next-step", "explain", "make-right", "close-well",
)  # fmt: skip
"""The clauses of the starter standard, of which lessons tell the outcome."""

CHANNELS = ("chat", "phone", "tweet")
RESOLVED = ("yes", "partly", "no", "unclear")
UNSURE = "?"

_SPOKEN = re.compile(r"(agent|customer|system):\s*(.*)")
_PIECE = re.compile(r"([^{}]*)\{([^{}]*)\}|([^{}]+)")


@dataclass(frozen=True, slots=True)
class Said:
    """A stretch of a turn and the behaviours in it; `unsure` ones are neither taught nor counted against."""

    text: str
    sure: frozenset[str] = frozenset()
    unsure: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class LessonTurn:
    """What one speaker says, in the stretches its labels cut it into."""

    speaker: Speaker
    said: tuple[Said, ...]

    @property
    def text(self) -> str:
        return " ".join(piece.text for piece in self.said)

    @property
    def sure(self) -> frozenset[str]:
        return frozenset().union(*(piece.sure for piece in self.said))

    @property
    def unsure(self) -> frozenset[str]:
        return frozenset().union(*(piece.unsure for piece in self.said)) - self.sure


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One labelled conversation. A clause that is absent from `outcomes` is in doubt and teaches nothing."""

    title: str
    channel: str
    turns: tuple[LessonTurn, ...]
    outcomes: Mapping[str, Outcome]
    resolved: str
    location: Location


def read_lessons(folder: Path) -> tuple[Lesson, ...]:
    """All lessons of the folder in the order of file name and place. Raises UserFileError with every problem of every file."""
    reader = _Reader()
    lessons = [lesson for path in sorted(folder.glob("*.txt")) for lesson in reader.read(path)]
    if reader.problems:
        raise UserFileError(reader.problems)
    return tuple(lessons)


@dataclass(slots=True)
class _Reader:
    problems: list[Problem] = field(default_factory=list)

    def read(self, path: Path) -> Iterator[Lesson]:
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            self._problem(Location(path.as_posix()), "this file is not UTF-8 text; save it as UTF-8")
            return
        for start, lines in _blocks(text.splitlines()):
            yield self._lesson(path.as_posix(), start, lines)

    def _lesson(self, path: str, start: int, lines: list[str]) -> Lesson:
        head: dict[str, str] = {}
        turns: list[LessonTurn] = []
        for number, line in enumerate(lines[1:], start + 1):
            place = Location(path, number, 1)
            if not line.strip() or line.startswith("#"):
                continue
            if spoken := _SPOKEN.fullmatch(line.strip()):
                turns.append(self._turn(Speaker(spoken[1]), spoken[2], place))
            elif turns:
                self._problem(place, "a turn starts with `agent:`, `customer:` or `system:`; a turn stands on one line")
            else:
                head.update(self._head(line, place))
        place = Location(path, start, 1)
        if not turns:
            self._problem(place, "a lesson without turns")
        return Lesson(
            title=lines[0].removeprefix("==").strip(),
            channel=head.pop("channel", "chat"),
            resolved=head.pop("resolved", "unclear"),
            turns=tuple(turns),
            outcomes=self._outcomes(head),
            location=place,
        )

    def _head(self, line: str, place: Location) -> Iterator[tuple[str, str]]:
        for pair in line.split(","):
            key, _, value = (part.strip() for part in pair.partition(":"))
            known = {"channel": CHANNELS, "resolved": RESOLVED}.get(key, (*Outcome, UNSURE))
            if key not in (*CLAUSES, "channel", "resolved"):
                self._problem(place, f"unknown clause '{key}'{_near(key, CLAUSES)}")
            elif value not in known:
                self._problem(place, f"'{key}' cannot be '{value}'; use one of {', '.join(known)}")
            else:
                yield key, value

    def _outcomes(self, head: Mapping[str, str]) -> dict[str, Outcome]:
        usual = {clause: Outcome.MET if clause == "no-blame" else Outcome.NO_OPPORTUNITY for clause in CLAUSES}
        return {clause: Outcome(head.get(clause, outcome)) for clause, outcome in usual.items() if head.get(clause) != UNSURE}

    def _turn(self, speaker: Speaker, text: str, place: Location) -> LessonTurn:
        said = []
        for labelled, names, bare in _PIECE.findall(text):
            if labels := [name.strip() for name in names.split(",") if name.strip()]:
                for name in labels:
                    self._check(name.removesuffix(UNSURE), speaker, place)
                said.append(_said(labelled, labels))
            elif words := (bare or labelled).strip():
                said.append(Said(words))
        if not said or not all(piece.text for piece in said):
            self._problem(place, "a label stands after the words it marks")
        return LessonTurn(speaker, tuple(said))

    def _check(self, name: str, speaker: Speaker, place: Location) -> None:
        known = tuple(chain.from_iterable(MARKS.values()))
        if name not in known:
            self._problem(place, f"unknown behaviour '{name}'{_near(name, known)}")
        elif name not in MARKS[speaker]:
            self._problem(place, f"'{name}' is not something the {speaker} does")

    def _problem(self, place: Location, message: str) -> None:
        self.problems.append(Problem(place, message))


def _blocks(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    starts = [number for number, line in enumerate(lines) if line.startswith("==")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield start + 1, lines[start:end]


def _said(text: str, labels: list[str]) -> Said:
    unsure = frozenset(name.removesuffix(UNSURE) for name in labels if name.endswith(UNSURE))
    return Said(text.strip(), frozenset(name for name in labels if not name.endswith(UNSURE)), unsure)


def _near(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), n=1)
    return f" (did you mean '{near[0]}'?)" if near else ""
