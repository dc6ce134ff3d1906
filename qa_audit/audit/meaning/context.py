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

from qa_audit.audit.meaning.heads import Floats, log_odds, odds_to_chance
from qa_audit.models import Speaker

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


def of_the_speaker(chances: Floats, turns: Sequence[Said], who: Sequence[frozenset[Speaker]]) -> Floats:
    """The chances with 0 where a speaker never shows a behaviour; a speaker nobody knows may show any."""
    may = {speaker: [speaker in speakers or speaker is Speaker.UNKNOWN for speakers in who] for speaker in Speaker}
    return np.where([may[said.speaker] for said in turns], chances, np.float32(0))


def surroundings(turns: Sequence[Said], chances: Floats) -> Floats:
    """What stands around each turn, [turns, features]: highest chances near it, before and after it, and its place."""
    near = np.concatenate([*_near(turns, chances), _before(chances), _before(chances[::-1])[::-1]], axis=1)
    return np.concatenate([near, _places(turns)], axis=1)


def _runs(turns: Sequence[Said]) -> list[list[int]]:
    """The rows of each stretch of turns by one speaker."""
    return [list(rows) for _, rows in groupby(range(len(turns)), key=lambda row: turns[row].speaker)]


def _before(chances: Floats) -> Floats:
    """The highest chance in all turns before each."""
    return np.concatenate([np.zeros((1, chances.shape[1]), np.float32), np.maximum.accumulate(chances[:-1], axis=0)])


def _near(turns: Sequence[Said], chances: Floats) -> list[Floats]:
    """The highest chances in the other side's last turns, one's own last and next two, and the other side's next ones."""
    runs = _runs(turns)
    of_runs = np.maximum.reduceat(chances, [rows[0] for rows in runs])
    highest = np.pad(of_runs, ((2, 4), (0, 0)))
    number = np.repeat(np.arange(len(runs)), [len(rows) for rows in runs])
    earlier, later = np.zeros_like(chances), np.zeros_like(chances)
    for rows in runs:
        if len(rows) > 1:
            earlier[rows], later[rows] = _before(chances[rows]), _before(chances[rows][::-1])[::-1]
    return [
        highest[number + 1],
        np.maximum(highest[number], earlier),
        np.maximum(later, np.maximum(highest[number + 4], highest[number + 6])),
        highest[number + 3],
    ]


def _places(turns: Sequence[Said]) -> Floats:
    """Where each turn stands in the call, and its shape."""
    runs = _runs(turns)
    number = np.repeat(np.arange(len(runs)), [len(rows) for rows in runs])
    left, row = len(runs) - 1 - number, np.arange(len(turns))
    last = {said.speaker: row for row, said in enumerate(turns)}
    words = np.array([len(said.text.split()) for said in turns])
    return np.column_stack(
        (
            *(left == n for n in range(4)),
            left >= 6,
            number == 0,
            number == 1,
            number <= 3,
            row >= last.get(Speaker.AGENT, -1),
            row >= last.get(Speaker.CUSTOMER, -1),
            ["?" in said.text for said in turns],
            [said.text.rstrip().endswith("?") for said in turns],
            words <= FEW_WORDS,
            words > MANY_WORDS,
        )
    ).astype(np.float32)
