"""Behaviours, lessons and an encoder in, a Model out: the same input always gives the same model, within a few minutes.

Two regressions on top of each other. The second learns from scores that the first gave to lessons it had not seen, about
every third, so that it knows how far the first can be trusted (stacking, Wolpert 1992). The encoder that ships was tuned
without those lessons too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from qa_audit.audit.kept import Encoder
from qa_audit.audit.meaning.calls import Calls
from qa_audit.audit.meaning.context import OWN_WEIGHT, Context, Said, of_the_speaker, surroundings
from qa_audit.audit.meaning.grams import Grams, grams_of
from qa_audit.audit.meaning.heads import Floats, Heads, log_odds, mean_vector, odds_to_chance
from qa_audit.audit.meaning.lessons import Lesson
from qa_audit.audit.meaning.logistic import fit_logistic
from qa_audit.audit.meaning.model import Model
from qa_audit.audit.meaning.teaching import WHOSE_TROUBLE, Taught, Unit, from_behaviours, from_lesson
from qa_audit.models import Outcome, Speaker
from qa_audit.rules.language import Behaviour

Numbers = NDArray[np.int64]

METHOD = "5"
"""Changes whenever the same examples could teach something else."""

KEPT_BACK = 3
"""About every third lesson, chosen by its title, is kept from the encoder and from the first heads."""

FEWEST_EXAMPLES = 4
"""A behaviour shown less often is not learnt."""

FEWEST_GROUPS = 3
"""Pieces in which a word group must stand to be known."""

HEAD_C = 10.0
CONTEXT_C = 0.003
FREER_CONTEXT_C = 0.03
CALLS_C = 0.003
"""Inverse strengths of regularisation (Hastie et al., The Elements of Statistical Learning, 4.4)."""

FREER = frozenset(("abrupt-close", "courteous-close", "dead-end", "distress", "retention-push"))
"""Behaviours that what stands around them says most about; their context may learn more freely."""


@dataclass(frozen=True, slots=True)
class _Rows:
    """What is learnt from: a row a unit. `lesson` and `turn` are -1 for a sentence that stands in no lesson."""

    speakers: tuple[Speaker, ...]
    units: tuple[Unit, ...]
    lesson: Numbers
    turn: Numbers
    vectors: Floats
    grams: tuple[frozenset[int], ...]

    def where(self, chosen: NDArray[np.bool_]) -> _Rows:
        rows = np.flatnonzero(chosen)
        return _Rows(
            speakers=tuple(self.speakers[row] for row in rows),
            units=tuple(self.units[row] for row in rows),
            lesson=self.lesson[rows],
            turn=self.turn[rows],
            vectors=self.vectors[rows],
            grams=tuple(self.grams[row] for row in rows),
        )

    def target(self, name: str, who: frozenset[Speaker]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Which rows say anything of a behaviour, and which of them show it."""
        shown = np.array([name in unit.shown for unit in self.units])
        told = np.array([name in unit.shown or name in unit.absent for unit in self.units])
        return told & np.array([speaker in who for speaker in self.speakers]), shown


def train(behaviours: Mapping[str, Behaviour], lessons: Sequence[Lesson], encoder: Encoder, *, key: str) -> Model:
    """Learn every behaviour that has `like` sentences or is marked in the lessons."""
    known = marked(lessons) & behaviours.keys()
    rows = _rows(behaviours.values(), lessons, known, encoder)
    names = tuple(name for name in sorted(behaviours) if sum(name in unit.shown for unit in rows.units) >= FEWEST_EXAMPLES)
    heads = _fit_heads(rows, names, behaviours)
    kept_back = [number for number, lesson in enumerate(lessons) if is_kept_back(lesson)] or list(range(len(lessons)))
    inside = np.isin(rows.lesson, kept_back)
    unseen = _Unseen.by(_fit_heads(rows.where(~inside), names, behaviours), rows.where(inside), behaviours, lessons)
    context = fit_context(unseen, names, behaviours)
    return Model(key, heads, context, fit_calls(unseen, context, names, behaviours), tuple(name for name in names if name in known))


def marked(lessons: Iterable[Lesson]) -> frozenset[str]:
    """The behaviours that lessons say anything of."""
    return frozenset(chain.from_iterable(turn.sure for lesson in lessons for turn in lesson.turns)) | WHOSE_TROUBLE.keys()


def is_kept_back(lesson: Lesson) -> bool:
    """Whether a lesson is kept from the encoder and from the heads that the context learns from; a new lesson moves no other."""
    return crc32(lesson.title.encode()) % KEPT_BACK == 0


def _rows(behaviours: Iterable[Behaviour], lessons: Sequence[Lesson], known: frozenset[str], encoder: Encoder) -> _Rows:
    single = [(-1, -1, taught) for taught in from_behaviours(behaviours)]
    whole = [(n, turn, taught) for n, lesson in enumerate(lessons) for turn, taught in enumerate(from_lesson(lesson, known))]
    places = [(lesson, turn, taught, unit) for lesson, turn, taught in (*single, *whole) for unit in taught.units]
    return _Rows(
        speakers=tuple(taught.speaker for *_, taught, _ in places),
        units=tuple(unit for *_, unit in places),
        lesson=np.array([lesson for lesson, *_ in places]),
        turn=np.array([turn for _, turn, *_ in places]),
        vectors=np.stack(list(_vectors([taught for *_, taught in (*single, *whole)], encoder))),
        grams=tuple(grams_of(" ".join(taught.reading.pieces[piece] for piece in unit.pieces)) for *_, taught, unit in places),
    )


def _vectors(taught: Sequence[Taught], encoder: Encoder) -> Iterator[Floats]:
    """A vector a unit."""
    vectors = encoder.read([one.reading for one in taught])
    first = 0
    for one in taught:
        for unit in one.units:
            yield mean_vector(vectors[[first + piece for piece in unit.pieces]])
        first += len(one.reading.pieces)


def _fit_heads(rows: _Rows, names: tuple[str, ...], behaviours: Mapping[str, Behaviour]) -> Heads:
    counts = Counter(chain.from_iterable(rows.grams))
    vocabulary = {group: number for number, group in enumerate(sorted(g for g, n in counts.items() if n >= FEWEST_GROUPS))}
    rarity = np.array([1 + np.log((1 + len(rows.grams)) / (1 + counts[group])) for group in vocabulary], np.float32)
    words = _word_matrix(rows.grams, vocabulary, rarity)
    targets = [rows.target(name, behaviours[name].who) for name in names]
    shown = np.array([shown for _, shown in targets]).T
    weights, bias = fit_logistic(rows.vectors, words, shown, _balance(targets), strength=HEAD_C)
    own, grams = np.split(weights, [rows.vectors.shape[1]])
    return Heads(names, np.array(list(vocabulary), np.uint32), rarity, own, grams, bias)


def _word_matrix(grams: Sequence[frozenset[int]], vocabulary: Mapping[int, int], rarity: Floats) -> Any:
    from scipy import sparse

    known = [sorted(number for group in groups if (number := vocabulary.get(group)) is not None) for groups in grams]
    values = [rarity[numbers] / np.linalg.norm(rarity[numbers]) if numbers else rarity[:0] for numbers in known]
    starts = np.cumsum([0, *map(len, known)])
    return sparse.csr_matrix((np.concatenate(values), list(chain.from_iterable(known)), starts), shape=(len(grams), len(vocabulary)))


def _balance(targets: Sequence[tuple[NDArray[np.bool_], NDArray[np.bool_]]]) -> Floats:
    """Weights of the rows, [rows, behaviours], with which what shows a behaviour counts as much as what does not; 0 where nothing is told."""
    columns = []
    for told, shown in targets:
        there, absent = (told & shown).sum(), (told & ~shown).sum()
        columns.append(np.where(shown, 1 / max(1, there), 1 / max(1, absent)) * told * told.sum() / 2)
    return np.array(columns, np.float32).T


@dataclass(frozen=True, slots=True)
class _Unseen:
    """Lessons with the chances of every turn by heads that never saw them; `turns` has a row a turn, in order."""

    lessons: tuple[Lesson, ...]
    chances: tuple[Floats, ...]
    turns: _Rows

    @classmethod
    def by(cls, heads: Heads, rows: _Rows, behaviours: Mapping[str, Behaviour], lessons: Sequence[Lesson]) -> _Unseen:
        """The lessons of these rows. A turn has the highest chance of its units; the last of them is the whole turn."""
        ends = np.flatnonzero(np.diff(rows.lesson, append=-1) | np.diff(rows.turn, append=-1))
        highest = np.maximum.reduceat(heads.scores(rows.vectors, Grams.of(rows.grams)), [0, *(ends[:-1] + 1)])
        turns, who = rows.where(np.isin(np.arange(len(rows.units)), ends)), [behaviours[name].who for name in heads.names]
        numbers = list(dict.fromkeys(turns.lesson.tolist()))
        mine = tuple(lessons[number] for number in numbers)
        chances = (of_the_speaker(odds_to_chance(highest[turns.lesson == n]), said_in(lessons[n]), who) for n in numbers)
        return cls(mine, tuple(chances), turns)


def said_in(lesson: Lesson) -> tuple[Said, ...]:
    """What the context needs to know of a lesson's turns."""
    return tuple(Said(turn.speaker, turn.text) for turn in lesson.turns)


def fit_context(unseen: _Unseen, names: tuple[str, ...], behaviours: Mapping[str, Behaviour]) -> Context:
    """What stands around a turn, learnt from unseen lessons; a behaviour that they do not show keeps its chances."""
    from sklearn.linear_model import LogisticRegression

    around = np.concatenate([surroundings(said_in(lesson), table) for lesson, table in zip(unseen.lessons, unseen.chances, strict=True)])
    own = log_odds(np.concatenate(unseen.chances))
    mean, spread = around.mean(axis=0), around.std(axis=0) + 1e-6
    zeros = np.zeros((1 + around.shape[1] + 1, len(names)), np.float32)
    context = Context(zeros[0], zeros[1:-1], zeros[-1], mean, spread)
    for column, name in enumerate(names):
        chosen, shown = unseen.turns.target(name, behaviours[name].who)
        if not shown[chosen].any():
            context.own[column] = 1 / OWN_WEIGHT
            continue
        features = np.hstack([OWN_WEIGHT * own[:, [column]], (around - mean) / spread])
        fit = LogisticRegression(C=FREER_CONTEXT_C if name in FREER else CONTEXT_C, max_iter=2000).fit(features[chosen], shown[chosen])
        context.own[column], context.around[:, column], context.bias[column] = fit.coef_[0, 0], fit.coef_[0, 1:], fit.intercept_[0]
    return context


def fit_calls(unseen: _Unseen, context: Context, names: tuple[str, ...], behaviours: Mapping[str, Behaviour]) -> Calls:
    """What whole calls decide, learnt from the outcomes of unseen lessons."""
    from sklearn.linear_model import LogisticRegression

    who, highest = [behaviours[name].who for name in names], []
    for lesson, table in zip(unseen.lessons, unseen.chances, strict=True):
        said = said_in(lesson)
        highest.append(of_the_speaker(context.chances(table, surroundings(said, table)), said, who).max(axis=0))
    seen = log_odds(np.array(highest))
    columns, weights, bias = [], [], []
    for name, (clause, _) in WHOSE_TROUBLE.items():
        outcomes = [lesson.outcomes.get(clause) for lesson in unseen.lessons]
        told = np.array([outcome in (Outcome.MET, Outcome.MISSED, Outcome.NO_OPPORTUNITY) for outcome in outcomes])
        there = np.array([outcome in (Outcome.MET, Outcome.MISSED) for outcome in outcomes])
        if name in names and len(set(there[told].tolist())) > 1:
            fit = LogisticRegression(C=CALLS_C, max_iter=2000).fit(seen[told], there[told])
            columns.append(names.index(name))
            weights.append(fit.coef_[0])
            bias.append(fit.intercept_[0])
    return Calls(tuple(columns), np.array(weights, np.float32).reshape(-1, len(names)).T, np.array(bias, np.float32))
