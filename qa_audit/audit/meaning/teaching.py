"""Behaviours with their `like` / `unlike` and lessons in, what there is to learn from out: one `Taught` a piece of talk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from qa_audit.audit.meaning.lessons import Lesson
from qa_audit.models import Outcome, Speaker
from qa_audit.rules.language import Behaviour

WHOSE_TROUBLE = {
    "let-down": ("apologise", frozenset(("problem", "frustration"))),
    "distress": ("empathise", frozenset(("frustration", "hardship"))),
}
"""What lessons do not mark, because it follows: trouble is a let-down where the lesson has an opportunity to apologise, and so on."""


@dataclass(frozen=True, slots=True)
class Taught:
    """Pieces of one speaker's talk and what they show.

    `before` is what the other side had said last. Of behaviours in neither `shown` nor `absent` nothing is known.
    """

    speaker: Speaker
    pieces: tuple[str, ...]
    before: tuple[str, ...]
    shown: frozenset[str]
    absent: frozenset[str]

    @property
    def text(self) -> str:
        return " ".join(self.pieces)


def from_behaviours(behaviours: Iterable[Behaviour]) -> Iterator[Taught]:
    """What the sentences in the behaviours' own files teach, each of its behaviour alone."""
    for behaviour in behaviours:
        speaker = next(iter(sorted(behaviour.who)))
        for example in behaviour.like:
            yield Taught(speaker, (example.text,), _some(example.after), frozenset((behaviour.id,)), frozenset())
        for example in behaviour.unlike:
            yield Taught(speaker, (example.text,), _some(example.after), frozenset(), frozenset((behaviour.id,)))


def from_lesson(lesson: Lesson, known: frozenset[str]) -> Iterator[tuple[int, Taught]]:
    """What a lesson teaches of the `known` behaviours, with the turn it belongs to: every piece, and every turn of several pieces."""
    last: dict[Speaker, tuple[str, ...]] = {}
    before_that: Speaker | None = None
    for number, turn in enumerate(lesson.turns):
        before = next((said for who, said in last.items() if who is not turn.speaker), ())
        for pieces in _units(tuple(piece.text for piece in turn.said)):
            inside = [piece for piece in turn.said if piece.text in pieces]
            shown = frozenset().union(*(piece.sure for piece in inside))
            unsure = frozenset().union(*(piece.unsure for piece in inside)) - shown
            shown, unsure = _with_what_follows(lesson, shown, unsure)
            yield number, Taught(turn.speaker, pieces, before, shown & known, known - shown - unsure)
        said = tuple(piece.text for piece in turn.said)
        last[turn.speaker] = (*last.get(turn.speaker, ()), *said) if before_that is turn.speaker else said
        before_that = turn.speaker


def _with_what_follows(lesson: Lesson, shown: frozenset[str], unsure: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """What the trouble in a piece amounts to, by what the lesson says of the whole conversation."""
    for name, (clause, trouble) in WHOSE_TROUBLE.items():
        outcome = lesson.outcomes.get(clause)
        if trouble & shown and outcome not in (None, Outcome.NO_OPPORTUNITY):
            shown |= {name}
        elif trouble & unsure or (trouble & shown and outcome is None):
            unsure |= {name}
    return shown, unsure


def _units(pieces: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for piece in pieces:
        yield (piece,)
    if len(pieces) > 1:
        yield pieces


def _some(text: str) -> tuple[str, ...]:
    return (text,) if text else ()
