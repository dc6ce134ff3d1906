"""A call in, moments out that were found by what was meant: the detector that the audit uses when an encoder is at hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from qa_audit.audit.kept import Kept
from qa_audit.audit.meaning.context import of_the_speaker, surroundings
from qa_audit.audit.meaning.heads import Floats, odds_to_chance
from qa_audit.audit.meaning.model import Model
from qa_audit.audit.meaning.structure import whole_call
from qa_audit.audit.meaning.talk import Piece, Talk, talk
from qa_audit.audit.meaning.thresholds import Threshold
from qa_audit.models import Moment, Speaker, Tier, Transcript
from qa_audit.rules.language import Behaviour


@dataclass(frozen=True, slots=True)
class MeaningDetector:
    """Finds by meaning, then looks at the call as a whole. Without a model it only looks at the whole."""

    behaviours: Mapping[str, Behaviour]
    model: Model | None
    thresholds: Mapping[str, Threshold]

    def detect(self, transcript: Transcript, kept: Kept) -> Sequence[Moment]:
        """What is meant, each behaviour at most once a turn, with the sentence that says it best."""
        found = talk(transcript, kept) if self.model is not None else None
        if self.model is None or found is None:
            return ()
        return tuple(_moments(self, self.model, transcript, found))

    def revise(self, transcript: Transcript, moments: Sequence[Moment]) -> Sequence[Moment]:
        """The moments and what the call as a whole says: how it ended, what is still open."""
        return whole_call(transcript, moments, self.behaviours)


def _moments(detector: MeaningDetector, model: Model, transcript: Transcript, found: Talk) -> Iterator[Moment]:
    scores = model.heads.scores(found.own, found.before, found.grams)
    chances = _in_context(model, detector.behaviours, found, scores)
    for column, name in enumerate(model.heads.names):
        behaviour, threshold = detector.behaviours.get(name), detector.thresholds.get(name, Threshold())
        if behaviour is None:
            continue
        for row in np.flatnonzero(chances[:, column] >= threshold.lenient):
            if found.said[row].speaker in (*behaviour.who, Speaker.UNKNOWN):
                chance = float(chances[row, column])
                yield _moment(transcript, found, int(row), name=name, scores=scores[:, column], chance=chance, threshold=threshold)


def _in_context(model: Model, behaviours: Mapping[str, Behaviour], found: Talk, scores: Floats) -> Floats:
    """Chances of every behaviour in every turn, [turns, behaviours]."""
    highest = np.full((len(found.turns), scores.shape[1]), -np.inf, np.float32)
    np.maximum.at(highest, [piece.row for piece in found.pieces], scores)
    who = [behaviours[name].who if name in behaviours else frozenset() for name in model.heads.names]
    chances = of_the_speaker(odds_to_chance(highest), found.said, who)
    return model.context.chances(chances, surroundings(found.said, chances))


def _moment(transcript: Transcript, found: Talk, row: int, *, name: str, scores: Floats, chance: float, threshold: Threshold) -> Moment:
    """The moment of a behaviour in a turn, at the sentence that says it best."""
    turn = transcript.turns[found.turns[row]]
    piece = _best_sentence(found, row, scores)
    words = turn.words[piece.first : piece.last]
    sure = chance >= threshold.strict and turn.speaker is not Speaker.UNKNOWN
    return Moment(
        behaviour=name,
        turn=turn.index,
        speaker=turn.speaker,
        start=words[0].start,
        end=words[-1].end,
        quote=" ".join(word.text for word in words),
        span=(piece.first, piece.last),
        trust=min(word.trust for word in words) * turn.role_trust,
        how="example",
        tier=Tier.STRICT if sure else Tier.LENIENT,
        because=f"It means what {name.replace('-', ' ')} means, with a chance of {chance:.0%}.",
    )


def _best_sentence(found: Talk, row: int, scores: Floats) -> Piece:
    rows = [number for number, piece in enumerate(found.pieces) if piece.row == row and not piece.is_turn]
    return found.pieces[max(rows, key=lambda number: (scores[number], -number))]
