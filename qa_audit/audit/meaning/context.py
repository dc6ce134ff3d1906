"""Every turn's scores in, the same in the light of the whole dialogue out: who said what before, what follows, where it stands.

"Bye" closes a call well after a solved matter and badly after an unanswered question; a counter-offer pushes only somebody
who wants to leave. A second logistic regression a behaviour sees the turn's own score, the highest scores around it and
its place, and nothing else: few numbers, so that it cannot learn the lessons by heart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from qa_audit.audit.meaning.heads import Floats, odds_to_chance
from qa_audit.models import Speaker

LEAST = 1e-3
"""Chances are kept this far from 0 and 1, so that no single score drowns all the others."""

OWN_WEIGHT = 3.0
"""How much less the turn's own score is held back by the regularisation than what stands around it."""

FEW_WORDS, MANY_WORDS = 3, 30


@dataclass(frozen=True, slots=True)
class Said:
    """What the context needs to know of a turn besides its scores."""

    speaker: Speaker
    text: str


@dataclass(frozen=True, slots=True)
class Context:
    """`own` is [behaviours], `around` [features, behaviours]; features are standardised by `mean` and `spread`."""

    own: Floats
    around: Floats
    bias: Floats
    mean: Floats
    spread: Floats

    def chances(self, chances: Floats, around: Floats) -> Floats:
        """Chances 0..1 of every behaviour in every turn, [turns, behaviours], from the first ones and `surroundings`."""
        scores = OWN_WEIGHT * log_odds(chances) * self.own + ((around - self.mean) / self.spread) @ self.around + self.bias
        return odds_to_chance(np.asarray(scores, np.float32))


def log_odds(chances: Floats) -> Floats:
    """Chances as log-odds, within bounds."""
    kept = np.clip(chances, LEAST, 1 - LEAST)
    return np.asarray(np.log(kept / (1 - kept)), np.float32)


def of_the_speaker(chances: Floats, turns: Sequence[Said], who: Sequence[frozenset[Speaker]]) -> Floats:
    """The chances with 0 where a speaker never shows a behaviour; a speaker nobody knows may show any."""
    may = [[said.speaker in speakers or said.speaker is Speaker.UNKNOWN for speakers in who] for said in turns]
    return np.where(may, chances, np.float32(0))


def surroundings(turns: Sequence[Said], chances: Floats) -> Floats:
    """What stands around each turn, [turns, features]: highest chances near it, before and after it, and its place."""
    runs = [list(rows) for _, rows in groupby(range(len(turns)), key=lambda row: turns[row].speaker)]
    run_of = {row: number for number, run in enumerate(runs) for row in run}
    return np.asarray([_around(turns, chances, runs, run_of[row], row) for row in range(len(turns))], np.float32).reshape(len(turns), -1)


def _around(turns: Sequence[Said], chances: Floats, runs: list[list[int]], number: int, row: int) -> Floats:
    padded = [[], [], *runs, [], [], [], []]
    before_that, before, mine, after, after_that, _, still_later = padded[number : number + 7]
    near = (
        before,
        [*before_that, *(r for r in mine if r < row)],
        [*(r for r in mine if r > row), *after_that, *still_later],
        after,
        range(row),
        range(row + 1, len(turns)),
    )
    return np.concatenate([*(_highest(chances, rows) for rows in near), _place(turns, len(runs), number, row)])


def _highest(chances: Floats, rows: Sequence[int]) -> Floats:
    return chances[list(rows)].max(axis=0) if len(rows) else np.zeros(chances.shape[1], np.float32)


def _place(turns: Sequence[Said], runs: int, number: int, row: int) -> Floats:
    after, left = [said.speaker for said in turns[row + 1 :]], runs - 1 - number
    words = turns[row].text.split()
    return np.asarray(
        (
            *(left == n for n in range(4)),
            left >= 6,
            number == 0,
            number == 1,
            number <= 3,
            Speaker.AGENT not in after,
            Speaker.CUSTOMER not in after,
            "?" in turns[row].text,
            turns[row].text.rstrip().endswith("?"),
            len(words) <= FEW_WORDS,
            len(words) > MANY_WORDS,
        ),
        np.float32,
    )
