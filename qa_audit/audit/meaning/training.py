"""Behaviours, lessons and an encoder in, a Model out: the same input always gives the same model, within about a minute.

Two regressions on top of each other. The second learns from scores that the first gave to lessons it had not seen
(five folds), so that it knows how far the first can be trusted (stacking, Wolpert 1992).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Protocol

import numpy as np

from qa_audit.audit.meaning.context import OWN_WEIGHT, Context, Said, log_odds, of_the_speaker, surroundings
from qa_audit.audit.meaning.grams import Grams, grams_of
from qa_audit.audit.meaning.heads import BEFORE_WEIGHT, Floats, Heads, mean_vector, odds_to_chance
from qa_audit.audit.meaning.lessons import Lesson
from qa_audit.audit.meaning.model import Model
from qa_audit.audit.meaning.teaching import WHOSE_TROUBLE, Taught, from_behaviours, from_lesson
from qa_audit.models import Speaker
from qa_audit.rules.language import Behaviour

METHOD = "2"
"""Changes whenever the same examples could teach something else."""

FOLDS = 5
FEWEST_EXAMPLES = 4
"""A behaviour shown less often is not learnt."""

FEWEST_GROUPS = 2
"""Pieces in which a word group must stand to be known."""

HEAD_C = 10.0
CONTEXT_C = 0.003
FREER_CONTEXT_C = 0.03
"""Inverse strengths of regularisation (Hastie et al., The Elements of Statistical Learning, 4.4)."""

FREER = frozenset(
    (
        "abrupt-close",
        "courteous-close",
        "dead-end",
        "deflection",
        "distress",
        "frustration",
        "let-down",
        "problem",
        "retention-push",
        "explanation",
    )
)
"""Behaviours that what stands around them says most about; their context may learn more freely."""


class Encodes(Protocol):
    """Turns texts into unit vectors."""

    def encode(self, texts: Sequence[str], /) -> Floats:
        """One vector a text, [n, dim]."""


@dataclass(frozen=True, slots=True)
class _Rows:
    """What is learnt from, as numbers; `lesson` and `turn` are -1 for a sentence that stands in no lesson."""

    taught: tuple[Taught, ...]
    lesson: np.ndarray[Any, Any]
    turn: np.ndarray[Any, Any]
    own: Floats
    before: Floats
    grams: tuple[frozenset[int], ...]

    def where(self, chosen: np.ndarray[Any, Any]) -> _Rows:
        rows = np.flatnonzero(chosen)
        return replace(
            self,
            taught=tuple(self.taught[row] for row in rows),
            lesson=self.lesson[rows],
            turn=self.turn[rows],
            own=self.own[rows],
            before=self.before[rows],
            grams=tuple(self.grams[row] for row in rows),
        )


def train(behaviours: Mapping[str, Behaviour], lessons: Sequence[Lesson], encoder: Encodes, *, key: str) -> Model:
    """Learn every behaviour that has `like` sentences or is marked in the lessons."""
    taught_in_lessons = frozenset(chain.from_iterable(turn.sure for lesson in lessons for turn in lesson.turns)) | WHOSE_TROUBLE.keys()
    known = taught_in_lessons & behaviours.keys()
    rows = _rows(behaviours.values(), lessons, known, encoder)
    names = tuple(name for name in sorted(behaviours) if _times_shown(rows, name) >= FEWEST_EXAMPLES)
    heads = _fit_heads(rows, names, behaviours)
    context = _fit_context(rows, names, behaviours, lessons)
    return Model(key, heads, context, tuple(name for name in names if name in known))


def _rows(behaviours: Iterable[Behaviour], lessons: Sequence[Lesson], known: frozenset[str], encoder: Encodes) -> _Rows:
    single = [(-1, -1, taught) for taught in from_behaviours(behaviours)]
    whole = [(number, turn, taught) for number, lesson in enumerate(lessons) for turn, taught in from_lesson(lesson, known)]
    taught = tuple(one for _, _, one in (*single, *whole))
    texts = sorted({text for one in taught for text in (*one.pieces, *one.before)})
    vectors = dict(zip(texts, encoder.encode(texts), strict=True))
    nothing = np.zeros((1, len(next(iter(vectors.values())))), np.float32)

    def mean(pieces: Sequence[str]) -> Floats:
        return mean_vector(np.stack([vectors[piece] for piece in pieces]) if pieces else nothing)

    return _Rows(
        taught=taught,
        lesson=np.array([lesson for lesson, _, _ in (*single, *whole)]),
        turn=np.array([turn for _, turn, _ in (*single, *whole)]),
        own=np.stack([mean(one.pieces) for one in taught]),
        before=np.stack([mean(one.before) for one in taught]),
        grams=tuple(grams_of(one.text) for one in taught),
    )


def _times_shown(rows: _Rows, name: str) -> int:
    return sum(name in one.shown for one in rows.taught)


def _fit_heads(rows: _Rows, names: tuple[str, ...], behaviours: Mapping[str, Behaviour]) -> Heads:
    from scipy import sparse
    from sklearn.linear_model import LogisticRegression

    counts = Counter(chain.from_iterable(rows.grams))
    vocabulary = {group: number for number, group in enumerate(sorted(g for g, n in counts.items() if n >= FEWEST_GROUPS))}
    rarity = np.array([1 + np.log((1 + len(rows.grams)) / (1 + counts[group])) for group in vocabulary], np.float32)
    words = _word_matrix(rows.grams, vocabulary, rarity)
    features = sparse.hstack([sparse.csr_matrix(rows.own), sparse.csr_matrix(BEFORE_WEIGHT * rows.before), words]).tocsr()
    weights, bias = [], []
    for name in names:
        chosen, shown = _target(rows.taught, name, behaviours[name].who)
        head = LogisticRegression(C=HEAD_C, class_weight="balanced", solver="liblinear", max_iter=300, random_state=0)
        head.fit(features[chosen], shown[chosen])
        weights.append(head.coef_[0])
        bias.append(head.intercept_[0])
    own, before, grams = np.split(np.array(weights, np.float32).T, [rows.own.shape[1], 2 * rows.own.shape[1]])
    return Heads(names, np.array(list(vocabulary), np.uint32), rarity, own, before, grams, np.array(bias, np.float32))


def _word_matrix(grams: Sequence[frozenset[int]], vocabulary: Mapping[int, int], rarity: Floats) -> Any:
    from scipy import sparse

    values, columns, starts = [], [], [0]
    for groups in grams:
        known = sorted(vocabulary[group] for group in groups if group in vocabulary)
        weights = rarity[known]
        values.append(weights / np.linalg.norm(weights) if known else weights)
        columns.extend(known)
        starts.append(len(columns))
    return sparse.csr_matrix((np.concatenate(values), columns, starts), shape=(len(grams), len(vocabulary)))


def _target(taught: Sequence[Taught], name: str, who: frozenset[Speaker]) -> tuple[Any, Any]:
    """Which rows say anything of a behaviour, and which of them show it."""
    shown = np.array([name in one.shown for one in taught])
    told = np.array([one.speaker in who and (name in one.shown or name in one.absent) for one in taught])
    return told, shown


def _fit_context(rows: _Rows, names: tuple[str, ...], behaviours: Mapping[str, Behaviour], lessons: Sequence[Lesson]) -> Context:
    from sklearn.linear_model import LogisticRegression

    chances = _unseen_chances(rows, names, behaviours, lessons)
    around = np.concatenate([surroundings(_said(lesson), chances[n]) for n, lesson in enumerate(lessons)])
    own = np.concatenate([chances[n] for n in range(len(lessons))])
    turns = _whole_turns(rows, lessons)
    mean, spread = around.mean(axis=0), around.std(axis=0) + 1e-6
    zeros = np.zeros((1 + around.shape[1] + 1, len(names)), np.float32)
    context = Context(zeros[0], zeros[1:-1], zeros[-1], mean, spread)
    for column, name in enumerate(names):
        chosen, shown = _target(turns, name, behaviours[name].who)
        if not shown[chosen].any():
            context.own[column] = 1 / OWN_WEIGHT
            continue
        features = np.hstack([OWN_WEIGHT * log_odds(own[:, [column]]), (around - mean) / spread])
        fit = LogisticRegression(C=FREER_CONTEXT_C if name in FREER else CONTEXT_C, max_iter=2000).fit(features[chosen], shown[chosen])
        context.own[column], context.around[:, column], context.bias[column] = fit.coef_[0, 0], fit.coef_[0, 1:], fit.intercept_[0]
    return context


def _unseen_chances(
    rows: _Rows, names: tuple[str, ...], behaviours: Mapping[str, Behaviour], lessons: Sequence[Lesson]
) -> dict[int, Floats]:
    """For each lesson the chances of every turn, from heads that never saw the lesson: the highest of the turn's pieces."""
    chances = {}
    for fold in range(FOLDS):
        inside = (rows.lesson >= 0) & (rows.lesson % FOLDS == fold)
        heads = _fit_heads(rows.where(~inside), names, behaviours)
        unseen = rows.where(inside)
        scores = heads.scores(unseen.own, unseen.before, Grams.of(unseen.grams))
        for number in sorted(set(unseen.lesson.tolist())):
            highest = np.full((len(lessons[number].turns), len(names)), -np.inf, np.float32)
            mine = unseen.lesson == number
            np.maximum.at(highest, unseen.turn[mine], scores[mine])
            who = [behaviours[name].who for name in names]
            chances[number] = of_the_speaker(odds_to_chance(highest), _said(lessons[number]), who)
    return chances


def _said(lesson: Lesson) -> tuple[Said, ...]:
    return tuple(Said(turn.speaker, turn.text) for turn in lesson.turns)


def _whole_turns(rows: _Rows, lessons: Sequence[Lesson]) -> tuple[Taught, ...]:
    """One Taught a turn, in the order of lessons and turns; the unit of the whole turn is the last of its turn."""
    last = {(lesson, turn): one for lesson, turn, one in zip(rows.lesson.tolist(), rows.turn.tolist(), rows.taught, strict=True)}
    return tuple(last[number, turn] for number, lesson in enumerate(lessons) for turn in range(len(lesson.turns)))
