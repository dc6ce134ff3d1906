"""What a speech engine is: clips of one side's speech go in, one hearing for each comes out, with words in call time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from qa_audit.config import Speech
from qa_audit.models import Heard, Word

SAMPLE_RATE = 16_000
"""Samples a second of everything the stage listens to; Whisper, Silero and PocketSphinx all take this."""

LONGEST_CLIP = 28.0
"""Seconds. No clip is longer, so that each fits Whisper's window of 30 s with room at both ends."""

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Clip:
    """One stretch of speech of one side: mono float32 [samples] at 16 kHz in -1..1, and where it starts in the call (seconds)."""

    samples: Samples
    start: float
    side: int

    @property
    def end(self) -> float:
        return self.start + len(self.samples) / SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Hearing:
    """What an engine heard in one clip.

    `words` carry call times and, as their trust, the engine's own probability (0..1). The rest is what the engine knows
    of the clip as a whole, None where it does not: Whisper's no-speech probability, its mean log-probability per token,
    and how well the text compresses. `language` is the one it was heard as, empty when the engine has but one.
    """

    words: tuple[Word, ...]
    no_speech: float | None = None
    avg_logprob: float | None = None
    compression_ratio: float | None = None
    language: str = ""


class Engine(Protocol):
    """A loaded recogniser. `heard` names everything that shapes its words."""

    heard: Heard

    def transcribe(self, clips: Sequence[Clip], *, language: str | None) -> list[Hearing]:
        """One hearing per clip, in order. With `language` None the engine decides once over all clips, never per clip."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineState:
    """Whether an engine can listen now. `heard` is known without loading the model; None when it cannot listen.

    `model` says where the model was found, `advice` what to do when something is missing (empty when nothing is).
    """

    name: str
    installed: bool
    version: str = ""
    model: str = ""
    heard: Heard | None = None
    advice: str = ""

    @property
    def ready(self) -> bool:
        return self.heard is not None


class EngineKind(Protocol):
    """One file of this folder, as the registry sees it. Neither function ever downloads anything."""

    def state(self, config: Speech) -> EngineState:
        """What is at hand for this configuration; never raises for something missing."""
        ...

    def load(self, config: Speech) -> Engine:
        """The engine with its model in memory; EngineError when it is not at hand."""
        ...
