"""From which chance on a behaviour counts: one number to acquit (lenient) and one to accuse (strict)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from qa_audit.models import Transcript


@dataclass(frozen=True, slots=True)
class Threshold:
    """Chances 0..1 of a turn in its dialogue; a behaviour of one's own starts with these."""

    lenient: float = 0.4
    strict: float = 0.6


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Those of each behaviour, by medium: people write shorter and plainer than they speak."""

    written: Mapping[str, Threshold]
    spoken: Mapping[str, Threshold]

    def of(self, transcript: Transcript) -> Mapping[str, Threshold]:
        """The ones for this conversation; one without times was written."""
        return self.spoken if transcript.timed else self.written

    @classmethod
    def read(cls, kept: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Thresholds:
        """From plain numbers: medium, behaviour, values."""
        return cls(**{medium: {name: Threshold(**values) for name, values in of.items()} for medium, of in kept.items()})


@cache
def starter_thresholds() -> Thresholds:
    """Those of the starter behaviours, set by `benchmarks/quality.py --fit` on labelled conversations."""
    return Thresholds.read(json.loads(files(__package__).joinpath("thresholds.json").read_text(encoding="utf-8")))
