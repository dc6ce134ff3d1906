"""Checked pieces go in, the frozen nouns of `language` come out, each with a version that changes when its meaning does."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from graphlib import TopologicalSorter

from pydantic import BaseModel

from qa_audit.models import Outcome, Speaker
from qa_audit.rules.language import (
    AppliesTo,
    Behaviour,
    Bound,
    Clause,
    Example,
    Kind,
    Rule,
    RuleExample,
    Span,
    Standard,
)
from qa_audit.rules.pieces import Piece
from qa_audit.rules.references import named_by, used_by
from qa_audit.rules.shape import BehaviourShape, ClauseShape, RuleShape, Sentence, StandardShape

EVERYBODY = frozenset(Speaker)
CLAUSE_HASH_LENGTH = 12
_VERSION_LENGTH = 16
_NO_PART_OF_A_VERSION = {"examples", "owner", "clause_seen"}
_GRACE = 10.0


def digest(*parts: object, length: int = _VERSION_LENGTH) -> str:
    """A short SHA-256 of values that JSON can hold."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def behaviours(pieces: Mapping[str, Piece[BehaviourShape]]) -> dict[str, Behaviour]:
    """All behaviours by id, in the order of the files. There are no circles among them."""
    versions: dict[str, str] = {}
    for name in TopologicalSorter({name: named_by(piece.shape) for name, piece in pieces.items()}).static_order():
        shape = pieces[name].shape
        versions[name] = digest(name, _plain(shape), [versions[other] for other in named_by(shape)])
    return {name: _behaviour(piece, versions[name]) for name, piece in pieces.items()}


def _behaviour(piece: Piece[BehaviourShape], version: str) -> Behaviour:
    shape = piece.shape
    who = EVERYBODY if shape.who is None or "any" in shape.who else frozenset(map(Speaker, shape.who))
    return Behaviour(
        id=piece.id,
        who=who,
        does=shape.does or "",
        meaning=shape.meaning or "",
        says=shape.says or (),
        ignore=shape.ignore or (),
        regex=shape.regex or (),
        tokens=shape.tokens or (),
        like=tuple(map(_example, shape.like or ())),
        unlike=tuple(map(_example, shape.unlike or ())),
        any_of=shape.any_of or (),
        measure=shape.measure or "",
        longer_than=shape.longer_than,
        of=shape.of or "",
        without=shape.without or (),
        within_turns=shape.within_turns,
        only_after=shape.only_after or "",
        negatable=shape.negatable,
        location=piece.location,
        version=version,
    )


def _example(sentence: Sentence) -> Example:
    return Example(sentence.text, sentence.after or "")


def rule(piece: Piece[RuleShape], known: Mapping[str, Behaviour]) -> Rule:
    """One rule; its version covers the behaviours it names."""
    shape = piece.shape
    which, nth = shape.every
    applies = shape.applies_to
    return Rule(
        id=piece.id,
        title=shape.title,
        clause=shape.clause,
        severity=shape.severity,
        status=shape.status,
        kind=Kind.NEVER if shape.never else Kind.LIMIT if shape.limit else Kind.EXPECT,
        when=shape.when or (),
        expect=shape.expect or (),
        never=shape.never or (),
        limit={name: Bound(bound.min, bound.max) for name, bound in (shape.limit or {}).items()},
        in_order=shape.in_order or (),
        at_least=shape.at_least or 1,
        allow=shape.allow or 0,
        within=_length(shape.within),
        after=shape.after,
        before=shape.before or "",
        first=_length(shape.first),
        last=_length(shape.last),
        which=which,
        nth=nth,
        grace=_GRACE if shape.grace is None else shape.grace,
        unless=shape.unless or (),
        applies_to=AppliesTo(
            queue=applies.queue,
            direction=tuple(applies.direction),
            language=applies.language,
            agent_group=applies.agent_group,
            tag=applies.tag,
            min_duration=applies.min_duration,
        ),
        say_instead=shape.say_instead or "",
        why=shape.why or "",
        examples=_examples(piece),
        owner=shape.owner or "",
        clause_hash=shape.clause_seen or "",
        location=piece.location,
        version=digest(_plain(shape, exclude=_NO_PART_OF_A_VERSION), [known[name].version for name in used_by(shape)]),
    )


def _length(span: Span | None) -> Span | None:
    """An empty span is the whole call, which is what holds without one."""
    return None if span in (None, Span()) else span


def _examples(piece: Piece[RuleShape]) -> tuple[RuleExample, ...]:
    examples = []
    for number, example in enumerate(piece.shape.examples):
        outcome = next(outcome for outcome in Outcome if getattr(example, outcome.value) is not None)
        place = piece.file.location(("examples", number, outcome.value), key=True)
        examples.append(RuleExample(outcome, getattr(example, outcome.value), example.known_miss, place))
    return tuple(examples)


def standard(piece: Piece[StandardShape]) -> Standard:
    """The standard, its bands from the highest down."""
    shape = piece.shape
    clauses = tuple(_clause(piece, number, clause) for number, clause in enumerate(shape.clauses))
    return Standard(
        id=shape.id,
        promise=shape.promise,
        clauses=clauses,
        bands=tuple(sorted(shape.bands.items(), key=lambda band: -band[1])),
        pass_score=shape.passes.score,
        pass_without_critical=shape.passes.no_critical,
        minimum_calls=shape.minimum_calls,
        hash=digest(_plain(shape)),
    )


def _clause(piece: Piece[StandardShape], number: int, shape: ClauseShape) -> Clause:
    return Clause(
        id=shape.id,
        title=shape.title,
        good_looks_like=shape.good_looks_like,
        weight=shape.weight,
        family=shape.family,
        critical=shape.critical,
        hash=digest(shape.title, shape.good_looks_like, length=CLAUSE_HASH_LENGTH),
        location=piece.file.location(("clauses", number)),
    )


def _plain(shape: BaseModel, exclude: set[str] | None = None) -> object:
    return shape.model_dump(mode="json", exclude=exclude, exclude_defaults=True)
