"""Labelled and marked conversations in; precision, recall, F1, kappa and their bootstrap intervals out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from labelled import Labelled, Marked

Pairs = Sequence[tuple[Labelled, Marked]]

RESAMPLES = 400
MISSED, NONE = "missed", "no_opportunity"
JUDGED = ("met", MISSED)


def agreement(pairs: Pairs, clause: str) -> Mapping[str, float | None]:
    """Precision, recall and F1 of "missed", and Cohen's kappa over all outcomes."""
    both = [(one.outcomes[clause], marked.outcomes.get(clause, "no_opportunity")) for one, marked in pairs if one.outcomes[clause]]
    right = sum(truth == said == MISSED for truth, said in both)
    wrong = sum(truth != MISSED == said for truth, said in both)
    lost = sum(truth == MISSED != said for truth, said in both)
    return {**_rates(right, wrong, lost), "kappa": _kappa(both)}


def found_and_missed(pairs: Pairs, behaviour: str) -> Mapping[str, float | None]:
    """Precision, recall and F1 by turn; a turn that only one reader marked counts neither way."""
    right = wrong = lost = 0
    for one, marked in pairs:
        sure, unsure = one.turns.get(behaviour, (frozenset(), frozenset()))
        found = marked.turns.get(behaviour, frozenset())
        right += len(found & sure)
        lost += len(sure - found)
        wrong += len(found - sure - unsure)
    return _rates(right, wrong, lost)


CAUSES = {
    "occasion seen, none there": lambda truth, said: truth == NONE and said in JUDGED,
    "occasion there, not seen": lambda truth, said: truth in JUDGED and said == NONE,
    "missed, was met": lambda truth, said: (truth, said) == ("met", MISSED),
    "met, was missed": lambda truth, said: (truth, said) == (MISSED, "met"),
    "judged or not": lambda truth, said: "cannot_judge" in (truth, said),
}
"""Why an outcome is wrong; each wrong one has one cause."""


def causes(pairs: Pairs, clause: str) -> Mapping[str, int]:
    """How often an outcome of the clause is right, and how often it is wrong for each cause."""
    both = [(one.outcomes[clause], marked.outcomes.get(clause, NONE)) for one, marked in pairs if one.outcomes[clause]]
    wrong = [(truth, said) for truth, said in both if truth != said]
    return {"right": len(both) - len(wrong), **{name: sum(is_it(*pair) for pair in wrong) for name, is_it in CAUSES.items()}}


def _rates(right: int, wrong: int, lost: int) -> dict[str, float | None]:
    return {
        "precision": _share(right, right + wrong),
        "recall": _share(right, right + lost),
        "f1": _share(2 * right, 2 * right + wrong + lost),
        "truth": right + lost,
        "flagged": right + wrong,
    }


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _kappa(both: Sequence[tuple[str, str]]) -> float | None:
    """Cohen (1960); None where it is not defined."""
    if not both:
        return None
    agree = sum(truth == said for truth, said in both) / len(both)
    truths, said = Counter(truth for truth, _ in both), Counter(said for _, said in both)
    chance = sum(truths[name] * said[name] for name in truths) / len(both) ** 2
    return None if chance == 1 else (agree - chance) / (1 - chance)


def interval(pairs: Pairs, measure: Callable[[Pairs], float | None]) -> tuple[float, float]:
    """The middle 95 % of a figure over resampled conversations; not a number where it is hardly ever defined."""
    draw = np.random.default_rng(0)
    values = []
    for _ in range(RESAMPLES):
        value = measure([pairs[n] for n in draw.integers(0, len(pairs), len(pairs))])
        if value is not None:
            values.append(value)
    return tuple(np.percentile(values, [2.5, 97.5])) if len(values) > RESAMPLES / 2 else (float("nan"), float("nan"))


def macro(pairs: Pairs) -> Iterator[tuple[str, float, float, float]]:
    """The mean kappa of the clauses and the mean F1 of the behaviours, each with its interval."""
    clauses, behaviours = tuple(pairs[0][0].outcomes), sorted({name for one, _ in pairs for name in one.turns})
    figures = {
        "clause kappa": lambda some: _mean(agreement(some, clause)["kappa"] for clause in clauses),
        "clause F1": lambda some: _mean(agreement(some, clause)["f1"] for clause in clauses),
        "behaviour F1": lambda some: _mean(found_and_missed(some, behaviour)["f1"] for behaviour in behaviours),
    }
    for name, figure in figures.items():
        yield name, figure(pairs), *interval(pairs, figure)


def _mean(values: Iterator[float | None]) -> float:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else float("nan")
