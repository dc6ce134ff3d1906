"""From which chance on a behaviour counts: two numbers each, one to acquit (lenient) and one to accuse (strict)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Threshold:
    """Chances 0..1, as a behaviour of one's own starts with."""

    lenient: float = 0.4
    strict: float = 0.6


@cache
def starter_thresholds() -> Mapping[str, Threshold]:
    """Those of the starter behaviours, set by `benchmarks/quality.py --fit` on labelled conversations."""
    kept = json.loads(files(__package__).joinpath("thresholds.json").read_text(encoding="utf-8"))
    return {name: Threshold(**values) for name, values in kept.items()}
