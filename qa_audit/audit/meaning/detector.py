"""A call in, moments out that were found by what was meant: the detector that the audit uses when an encoder is at hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from qa_audit.audit.detector import Detected
from qa_audit.audit.kept import Kept
from qa_audit.audit.meaning.context import of_the_speaker, surroundings
from qa_audit.audit.meaning.heads import Floats, odds_to_chance
from qa_audit.audit.meaning.model import Model
from qa_audit.audit.meaning.structure import whole_call
from qa_audit.audit.meaning.talk import Talk, talk
from qa_audit.audit.meaning.thresholds import Threshold, Thresholds
from qa_audit.audit.sentences import Sentence
from qa_audit.models import Moment, Speaker, Tier, Transcript, Turn
from qa_audit.rules.language import Behaviour

NOT_BY_WORDS = frozenset(("let-down",))
"""Behaviours that the whole call decides against a phrase."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What a model makes of a talk. `scores` are log-odds [pieces, behaviours]; `alone` and `chances` are [turns, behaviours],
    each turn by itself and in the light of the dialogue.
    """

    talk: Talk
    scores: Floats
    alone: Floats
    chances: Floats

    def best_sentence(self, row: int, column: int) -> Sentence:
        """The sentence of a turn that shows a behaviour most."""
        begin, sentences = self.talk.begins[row], self.talk.sentences[row]
        return sentences[int(np.argmax(self.scores[begin : begin + len(sentences), column]))]


@dataclass(frozen=True, slots=True)
class MeaningDetector:
    """Finds by meaning, then looks at the call as a whole. Without a model it only looks at the whole."""

    behaviours: Mapping[str, Behaviour]
    model: Model | None
    thresholds: Thresholds

    def detect(self, transcript: Transcript, kept: Kept) -> Detected:
        """What is meant, each behaviour at most once a turn, with the sentence that says it best."""
        found = talk(transcript, kept) if self.model is not None else None
        if self.model is None or found is None:
            return Detected(())
        judged, names = judge(self.model, self.behaviours, found), self.model.heads.names
        thresholds = self.thresholds.of(transcript)
        shown = tuple(moments(transcript, judged, judged.chances, names, self.behaviours, thresholds=thresholds))
        return Detected(shown, frozenset(_denied(self.model, judged, thresholds)))

    def revise(self, transcript: Transcript, found: Sequence[Moment]) -> Sequence[Moment]:
        """The moments and what the call as a whole says: how it ended, what is still open."""
        return whole_call(transcript, found, self.behaviours)


def judge(model: Model, behaviours: Mapping[str, Behaviour], found: Talk) -> Judged:
    """What the model makes of a talk; behaviours that the rule set does not have are shown by nobody."""
    scores = model.heads.scores(found.vectors, found.grams)
    highest = np.maximum.reduceat(scores, found.begins)
    who = [behaviours[name].who if name in behaviours else frozenset() for name in model.heads.names]
    alone = of_the_speaker(odds_to_chance(highest), found.said, who)
    chances = of_the_speaker(model.context.chances(alone, surroundings(found.said, alone)), found.said, who)
    return Judged(found, scores, alone, model.calls.settled(chances))


def moments(
    transcript: Transcript,
    judged: Judged,
    chances: Floats,
    names: Sequence[str],
    behaviours: Mapping[str, Behaviour],
    *,
    thresholds: Mapping[str, Threshold],
) -> Iterator[Moment]:
    """The moments of the behaviours `names` whose chances, [turns, names], reach the thresholds."""
    for column, name in enumerate(names):
        threshold = thresholds.get(name, Threshold())
        if name in behaviours:
            for row in np.flatnonzero(chances[:, column] >= threshold.lenient).tolist():
                sentence = judged.best_sentence(row, column)
                yield _moment(name, transcript.turns[judged.talk.turns[row]], sentence, float(chances[row, column]), threshold)


def _denied(model: Model, judged: Judged, thresholds: Mapping[str, Threshold]) -> Iterator[tuple[str, int]]:
    """Words tell of trouble and not whose it is: where the whole call says that it is nobody's fault here, no phrase counts."""
    for column in model.calls.columns:
        name = model.heads.names[column]
        if name in NOT_BY_WORDS and judged.chances[:, column].max() < thresholds.get(name, Threshold()).lenient:
            yield from ((name, turn) for turn in judged.talk.turns)


def _moment(name: str, turn: Turn, sentence: Sentence, chance: float, threshold: Threshold) -> Moment:
    words = turn.words[sentence.first : sentence.last]
    is_sure = chance >= threshold.strict and turn.speaker is not Speaker.UNKNOWN
    return Moment(
        behaviour=name,
        turn=turn.index,
        speaker=turn.speaker,
        start=words[0].start,
        end=words[-1].end,
        quote=" ".join(word.text for word in words),
        span=(sentence.first, sentence.last),
        trust=fmean(word.trust for word in words) * turn.role_trust,
        how="example",
        tier=Tier.STRICT if is_sure else Tier.LENIENT,
        because=f"It means {name.replace('-', ' ')}, by what it says and by what stands around it ({chance:.0%}).",
    )
