"""Four ways of judging the same conversations: the whole product, and three that lack a part of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from labelled import Labelled, Marked
from numpy.typing import NDArray

from qa_audit.audit import Auditor, Kept, prepare
from qa_audit.audit.detector import Detected
from qa_audit.audit.meaning.context import of_the_speaker
from qa_audit.audit.meaning.detector import Judged, MeaningDetector, judge, moments
from qa_audit.audit.meaning.encoder import load_encoder
from qa_audit.audit.meaning.learnt import model_for
from qa_audit.audit.meaning.model import Model
from qa_audit.audit.meaning.talk import talk
from qa_audit.audit.meaning.thresholds import Threshold, Thresholds
from qa_audit.config import Rules
from qa_audit.models import Audit
from qa_audit.rules import load_rules
from qa_audit.rules.language import RuleSet

Chances = NDArray[np.float32]
Fitted = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""Medium, behaviour, the values of its Threshold."""

MEDIA = {"written": False, "spoken": True}
GRID = 1 / (1 + np.exp(-np.linspace(-5, 5, 101)))
AS_MANY = 20
"""Times a medium must show a behaviour for its own F to count as much as that of both media together (shrinkage)."""


CALL_LEVEL = {
    "let-down": ("apologise", ("met", "missed")),
    "distress": ("empathise", ("met", "missed")),
    "cancel-request": ("let-go", ("met", "missed")),
    "blame": ("no-blame", ("missed",)),
}
"""Behaviours whose threshold is set by whole conversations: present at all where the clause has one of these outcomes."""

ACCUSING = frozenset(("abrupt-close", "blame", "dead-end", "retention-push"))
FEWEST_SEEN = 3
"""Times a behaviour must be there for a threshold to be set by it."""

BETA_TO_ACCUSE = 0.5
"""Precision counts twice as much as recall where a find accuses somebody (F0.5; van Rijsbergen, Information Retrieval, 1979)."""

LEAST_TO_DOUBT, LEAST_TO_ACCUSE = 0.6, 0.75
"""What accuses somebody must be three times as likely as not, and more likely than not to be in doubt, whatever the labels say."""


@dataclass(frozen=True)
class Material:
    """The conversations with all that no threshold changes."""

    conversations: tuple[Labelled, ...]
    ruleset: RuleSet
    kept: tuple[Kept, ...]
    judged: tuple[Judged, ...]
    model: Model
    encoder: Any

    @classmethod
    def of(cls, conversations: Sequence[Labelled]) -> Material:
        ruleset, encoder = load_rules(Rules()), load_encoder()
        kept = tuple(prepare(one.transcript, encoder) for one in conversations)
        model = model_for(ruleset.behaviours, encoder)
        talks = [talk(one.transcript, k) for one, k in zip(conversations, kept, strict=True)]
        judged = tuple(judge(model, ruleset.behaviours, found) for found in talks)
        return cls(tuple(conversations), ruleset, kept, judged, model, encoder)


@dataclass(frozen=True, slots=True)
class Peer:
    """A way of judging: what it fits on some conversations, and how it marks others with that."""

    name: str
    fit: Callable[[Material, Sequence[int]], Any]
    mark: Callable[[Material, Any, Sequence[int]], Mapping[str, Marked]]


def fit_thresholds(chances: Callable[[Material, int], Chances]) -> Callable[[Material, Sequence[int]], Fitted]:
    """Fits for each behaviour the chance from which on it counts, by medium."""

    def fit(material: Material, numbers: Sequence[int]) -> Fitted:
        found: dict[str, dict[str, Any]] = {medium: {} for medium in MEDIA}
        table = {number: chances(material, number) for number in numbers}
        for column, name in enumerate(material.model.heads.names):
            for medium, curve in _curves(material, name, column, table, beta=BETA_TO_ACCUSE if name in ACCUSING else 1.0).items():
                best = _middle_of_best(curve)
                lenient, strict = (max(best, LEAST_TO_DOUBT), max(best, LEAST_TO_ACCUSE)) if name in ACCUSING else (best, best)
                found[medium][name] = {"lenient": round(lenient, 3), "strict": round(strict, 3)}
        return found

    return fit


def _curves(material: Material, name: str, column: int, table: Mapping[int, Chances], *, beta: float) -> Mapping[str, Chances]:
    """For each medium the F of every threshold of GRID, drawn towards the F over both media where the medium shows it rarely."""
    media = {
        medium: {n: t for n, t in table.items() if material.conversations[n].transcript.timed is timed} for medium, timed in MEDIA.items()
    }
    pairs = {medium: list(_evidence(material, name, column, inside)) for medium, inside in media.items()}
    every = _f_by_threshold([pair for inside in pairs.values() for pair in inside], beta=beta)
    curves = {}
    for medium, inside in pairs.items():
        own = sum(there for _, there in inside) / (sum(there for _, there in inside) + AS_MANY)
        curves[medium] = own * _f_by_threshold(inside, beta=beta) + (1 - own) * every
    return curves


def _f_by_threshold(pairs: Sequence[tuple[float, bool]], *, beta: float) -> Chances:
    """F for every threshold of GRID; nought where the behaviour is hardly ever there."""
    chances, there = np.array([chance for chance, _ in pairs]), np.array([one for _, one in pairs], bool)
    if there.sum() < FEWEST_SEEN:
        return np.zeros(len(GRID))
    found = chances[None] >= GRID[:, None]
    return (1 + beta**2) * (found & there).sum(axis=1) / np.maximum(1, found.sum(axis=1) + beta**2 * there.sum())


def _middle_of_best(curve: Chances) -> float:
    """The threshold in the middle of those within 0.01 of the best; the default where nothing tells them apart."""
    near = np.flatnonzero(curve >= curve.max() - 0.01)
    return float(GRID[near[len(near) // 2]]) if curve.max() > 0 else Threshold().strict


def _evidence(material: Material, name: str, column: int, tables: Mapping[int, Chances]) -> Any:
    """Pairs of a chance and whether the behaviour is there: by turn, or by conversation for those of CALL_LEVEL."""
    for number, table in tables.items():
        one, turns = material.conversations[number], material.judged[number].talk.turns
        if name in CALL_LEVEL:
            clause, outcomes = CALL_LEVEL[name]
            if one.outcomes[clause] is not None:
                yield float(table[:, column].max()), one.outcomes[clause] in outcomes
            continue
        sure, unsure = one.turns.get(name, (frozenset(), frozenset()))
        for row, turn in enumerate(turns):
            if turn not in unsure and table[row, column] > 0:
                yield float(table[row, column]), turn in sure


def in_context(material: Material, number: int) -> Chances:
    """Chances by turn as the product sees them."""
    return material.judged[number].chances


def alone(material: Material, number: int) -> Chances:
    """Chances by turn of the heads alone, whatever stands around a turn."""
    return material.judged[number].alone


def nearest(material: Material, number: int) -> Chances:
    """The cosine of each turn's best sentence to the nearest `like` sentence of each behaviour."""
    found, names = material.judged[number].talk, material.model.heads.names
    table = np.zeros((len(found.turns), len(names)), np.float32)
    for column, name in enumerate(names):
        likes = [example.text for example in material.ruleset.behaviours[name].like]
        if likes:
            closest = (found.vectors @ _vectors(material.encoder, tuple(likes)).T).max(axis=1)
            table[:, column] = np.maximum.reduceat(closest, found.begins)
    who = [material.ruleset.behaviours[name].who for name in names]
    return of_the_speaker(table, found.said, who)


_VECTORS: dict[tuple[str, ...], Chances] = {}


def _vectors(encoder: Any, texts: tuple[str, ...]) -> Chances:
    if texts not in _VECTORS:
        _VECTORS[texts] = encoder.encode(texts)
    return _VECTORS[texts]


def product(material: Material, thresholds: Fitted, numbers: Sequence[int]) -> Mapping[str, Marked]:
    """Marks by the Auditor, as `check` does."""
    detector = MeaningDetector(material.ruleset.behaviours, material.model, Thresholds.read(thresholds))
    return _audited(material, Auditor(material.ruleset, encoder=material.encoder, detector=detector), numbers)


def phrases(material: Material, _: None, numbers: Sequence[int]) -> Mapping[str, Marked]:
    """Marks by the same rules where only phrases find anything, in the manner of keyword tools."""
    return _audited(material, Auditor(material.ruleset), numbers)


def by_chances(chances: Callable[[Material, int], Chances]) -> Callable[[Material, Thresholds, Sequence[int]], Mapping[str, Marked]]:
    """Marks turns by chances alone, and clauses by the same rules over moments so found."""

    def mark(material: Material, thresholds: Fitted, numbers: Sequence[int]) -> Mapping[str, Marked]:
        detector = _Plain(material, chances, Thresholds.read(thresholds))
        return _audited(material, Auditor(material.ruleset, encoder=material.encoder, detector=detector), numbers)

    return mark


class _Plain:
    """A detector that takes every turn by itself."""

    def __init__(self, material: Material, chances: Callable[[Material, int], Chances], thresholds: Thresholds) -> None:
        self._numbers = {one.call_id: number for number, one in enumerate(material.conversations)}
        self._material, self._chances, self._thresholds = material, chances, thresholds

    def detect(self, transcript: Any, kept: Kept) -> Any:
        material, number = self._material, self._numbers[transcript.call_id]
        names, behaviours = material.model.heads.names, material.ruleset.behaviours
        chances = self._chances(material, number)
        thresholds = self._thresholds.of(transcript)
        return Detected(tuple(moments(transcript, material.judged[number], chances, names, behaviours, thresholds=thresholds)))

    def revise(self, transcript: Any, found: Any) -> Any:
        return found


def _audited(material: Material, auditor: Auditor, numbers: Sequence[int]) -> Mapping[str, Marked]:
    return {
        material.conversations[number].call_id: _marked(
            auditor.audit(material.conversations[number].transcript, kept=material.kept[number])
        )
        for number in numbers
    }


def _marked(audit: Audit) -> Marked:
    turns: dict[str, set[int]] = {}
    for moment in audit.moments:
        turns.setdefault(moment.behaviour, set()).add(moment.turn)
    return Marked({name: frozenset(found) for name, found in turns.items()}, {name: str(one) for name, one in audit.outcomes.items()})


PEERS = (
    Peer("the product", fit_thresholds(in_context), product),
    Peer("heads without structure", fit_thresholds(alone), by_chances(alone)),
    Peer("nearest example", fit_thresholds(nearest), by_chances(nearest)),
    Peer("phrases only", lambda material, numbers: None, phrases),
)
