"""Behaviours and an encoder in, the detector that goes with them out; learnt at most once for the same examples.

The model of the starter rules ships with the program. Changed `like` sentences, other lessons or another encoder give
another key; then the model is learnt again, kept in the user's cache, and found there from then on.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

from filelock import FileLock

from qa_audit.audit.kept import Encoder
from qa_audit.audit.meaning.convert import cache_folder
from qa_audit.audit.meaning.detector import MeaningDetector
from qa_audit.audit.meaning.lessons import Lesson, LessonTurn, read_lessons
from qa_audit.audit.meaning.model import Model, read_model, write_model
from qa_audit.audit.meaning.thresholds import starter_thresholds
from qa_audit.audit.meaning.training import METHOD, train
from qa_audit.rules import LESSONS, starter_folder
from qa_audit.rules.language import Behaviour
from qa_audit.rules.words import WORDS_VERSION

SHIPPED = "starter.npz"
"""The model of the starter rules, beside this file; `benchmarks/quality.py --ship` makes it again."""

Folders = Sequence[Path]
"""Folders of lessons; none means those of the starter rules."""

log = logging.getLogger(__name__)


def detector_for(behaviours: Mapping[str, Behaviour], encoder: Encoder | None, *, lessons: Folders = ()) -> MeaningDetector:
    """The detector of these behaviours; without an encoder it only draws conclusions from what phrases found."""
    to_learn = encoder is not None and any(behaviour.like for behaviour in behaviours.values())
    return MeaningDetector(
        behaviours, model_for(behaviours, encoder, lessons=lessons) if encoder and to_learn else None, starter_thresholds()
    )


def taught(lessons: Folders) -> tuple[Lesson, ...]:
    """The lessons of these folders, or of the starter rules where there are none. UserFileError in a lesson."""
    return tuple(lesson for folder in lessons or (starter_folder() / LESSONS,) for lesson in read_lessons(folder))


def model_for(behaviours: Mapping[str, Behaviour], encoder: Encoder, *, lessons: Folders = ()) -> Model:
    """What was learnt from these behaviours and lessons: as shipped, as kept, or learnt now. UserFileError in a lesson."""
    talks = taught(lessons)
    key = _key(behaviours, talks, encoder)
    shipped = _shipped()
    if shipped is not None and shipped.key == key:
        return shipped
    kept = cache_folder() / f"meaning-{key[:32]}.npz"
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{kept}.lock"):  # the workers of a cluster's machine all ask at once, and one of them learns
            if not kept.is_file():
                log.info("Learning %d behaviours from their examples; this takes a few minutes and is done once.", len(behaviours))
                write_model(train(behaviours, talks, encoder, key=key), kept)
    return read_model(kept)


def learnt_name(behaviours: Mapping[str, Behaviour], encoder: Encoder, *, lessons: Folders = ()) -> str:
    """A name for all that detection by meaning rests on: encoder, examples, lessons, method and thresholds."""
    key = _key(behaviours, taught(lessons), encoder)
    return hashlib.sha256(repr((key, starter_thresholds())).encode()).hexdigest()


def ship(behaviours: Mapping[str, Behaviour], encoder: Encoder, path: Path) -> None:
    """Learn the starter behaviours and write the model that ships."""
    lessons = taught(())
    write_model(train(behaviours, lessons, encoder, key=_key(behaviours, lessons, encoder)), path)


@cache
def _shipped() -> Model | None:
    with as_file(files(__package__).joinpath(SHIPPED)) as path:
        return read_model(path) if path.is_file() else None


def _key(behaviours: Mapping[str, Behaviour], lessons: Sequence[Lesson], encoder: Encoder) -> str:
    """A hash of everything that shapes what is learnt."""
    sentences = [(name, sorted(one.who), one.like, one.unlike) for name, one in sorted(behaviours.items()) if one.like]
    talks = [([_as_taught(turn) for turn in lesson.turns], sorted(lesson.outcomes.items())) for lesson in lessons]
    return hashlib.sha256(repr((METHOD, WORDS_VERSION, encoder.sha256, sentences, talks)).encode()).hexdigest()


def _as_taught(turn: LessonTurn) -> tuple[str, list[tuple[str, list[str], list[str]]]]:
    return turn.speaker, [(piece.text, sorted(piece.sure), sorted(piece.unsure)) for piece in turn.said]
