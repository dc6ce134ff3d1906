"""Behaviours with their `like` / `unlike` and lessons in, what there is to learn from out: one `Taught` a turn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from qa_audit.audit.kept import Reading, said_before
from qa_audit.audit.meaning.lessons import Lesson, LessonTurn
from qa_audit.models import Outcome, Speaker
from qa_audit.rules.language import Behaviour

WHOSE_TROUBLE = {
    "let-down": ("apologise", frozenset(("problem", "frustration"))),
    "distress": ("empathise", frozenset(("frustration", "hardship"))),
}
"""What lessons do not mark, because it follows: trouble is a let-down where the lesson has an opportunity to apologise, and so on."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Some pieces of a turn (by number) and what they show. Of behaviours in neither `shown` nor `absent` nothing is known."""

    pieces: tuple[int, ...]
    shown: frozenset[str]
    absent: frozenset[str]


@dataclass(frozen=True, slots=True)
class Taught:
    """One speaker's turn: every piece of it, and the turn as a whole where it has several. The last unit is the whole turn."""

    speaker: Speaker
    reading: Reading
    units: tuple[Unit, ...]


def from_behaviours(behaviours: Iterable[Behaviour]) -> Iterator[Taught]:
    """What the sentences in the behaviours' own files teach, each of its behaviour alone."""
    for behaviour in behaviours:
        speaker, nothing, name = next(iter(sorted(behaviour.who))), frozenset[str](), frozenset((behaviour.id,))
        for example in behaviour.like:
            yield Taught(speaker, Reading((example.text,), example.after), (Unit((0,), name, nothing),))
        for example in behaviour.unlike:
            yield Taught(speaker, Reading((example.text,), example.after), (Unit((0,), nothing, name),))


def from_lesson(lesson: Lesson, known: frozenset[str]) -> Iterator[Taught]:
    """What the turns of a lesson teach of the `known` behaviours."""
    before = said_before((turn.speaker, turn.text) for turn in lesson.turns)
    for turn, earlier in zip(lesson.turns, before, strict=True):
        reading = Reading(tuple(piece.text for piece in turn.said), earlier)
        yield Taught(turn.speaker, reading, tuple(_unit(lesson, turn, pieces, known) for pieces in _units(len(turn.said))))


def _unit(lesson: Lesson, turn: LessonTurn, pieces: tuple[int, ...], known: frozenset[str]) -> Unit:
    inside = [turn.said[number] for number in pieces]
    shown = frozenset().union(*(piece.sure for piece in inside))
    unsure = frozenset().union(*(piece.unsure for piece in inside)) - shown
    shown, unsure = _with_what_follows(lesson, shown, unsure)
    return Unit(pieces, shown & known, known - shown - unsure)


def _with_what_follows(lesson: Lesson, shown: frozenset[str], unsure: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """What the trouble in a piece amounts to, by what the lesson says of the whole conversation."""
    for name, (clause, trouble) in WHOSE_TROUBLE.items():
        outcome = lesson.outcomes.get(clause)
        if trouble & shown and outcome not in (None, Outcome.NO_OPPORTUNITY):
            shown |= {name}
        elif trouble & unsure or (trouble & shown and outcome is None):
            unsure |= {name}
    return shown, unsure


def _units(pieces: int) -> Iterator[tuple[int, ...]]:
    for number in range(pieces):
        yield (number,)
    if pieces > 1:
        yield tuple(range(pieces))
