"""Every turn's chances in, those that hang on the whole call set right: whose trouble it is shows in all that is said of it.

"It's broken" lets nobody down where the customer dropped it; whether they did is said elsewhere. One logistic regression a name
sees the highest chance of every behaviour in the call. Its answer becomes the highest chance of the name in the call, and the
turns keep their order, so that the sentence shown is still the one that says it most.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qa_audit.audit.meaning.heads import Floats, log_odds, odds_to_chance


@dataclass(frozen=True, slots=True)
class Calls:
    """`columns` are the behaviours that whole calls decide, by their place in the heads; `weights` is [behaviours, columns]."""

    columns: tuple[int, ...]
    weights: Floats
    bias: Floats

    def settled(self, chances: Floats) -> Floats:
        """The chances, [turns, behaviours], with those of `columns` brought to what the whole call says."""
        highest = chances.max(axis=0)
        whole = odds_to_chance(log_odds(highest) @ self.weights + self.bias)
        factors = np.ones_like(highest)
        for column, chance in zip(self.columns, whole, strict=True):
            factors[column] = chance / max(highest[column], 1e-6)
        return np.asarray(chances * factors, np.float32)
