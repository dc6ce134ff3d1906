"""PocketSphinx with the English model inside its wheel: clips go in one at a time, words with posteriors as trust come out.

It listens on any machine with no download, and mishears much on real telephone talk: for demonstrations, never for marking people.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from qa_audit.config import Speech
from qa_audit.errors import EngineError
from qa_audit.models import Heard, Word
from qa_audit.speech.engines.base import SAMPLE_RATE, Clip, EngineState, Hearing, Samples
from qa_audit.speech.engines.files import sha256_of_all

if TYPE_CHECKING:
    from pocketsphinx import Decoder, Segment

NAME = "sphinx"
MODEL = "en-us"
FRAMES_PER_SECOND = 100

ADVICE = "PocketSphinx is not installed: pip install 'qa-audit[sphinx]'."

_FILLER = re.compile(r"[<\[+]")
"""How the dictionary's sounds that are no words begin: `<sil>`, `[NOISE]`, `++UM++`."""

_VARIANT = re.compile(r"\(\d+\)$")
"""How the dictionary marks a second pronunciation: `your(2)`."""


def state(config: Speech) -> EngineState:
    """What is at hand. The model is part of the package."""
    if importlib.util.find_spec("pocketsphinx") is None:
        return EngineState(name=NAME, installed=False, advice=ADVICE)
    folder = _model_folder()
    return EngineState(name=NAME, installed=True, version=version("pocketsphinx"), model=str(folder), heard=_heard(folder))


def load(config: Speech) -> Sphinx:
    """The engine, ready; EngineError when the package is missing."""
    heard = state(config).heard
    if heard is None:
        raise EngineError(ADVICE)
    return Sphinx(heard)


class Sphinx:
    """A loaded recogniser of American English, whatever language is asked for."""

    def __init__(self, heard: Heard) -> None:
        from pocketsphinx import Decoder

        self.heard = heard
        self._decoder: Decoder = Decoder(samprate=SAMPLE_RATE, loglevel="FATAL")

    def transcribe(self, clips: Sequence[Clip], *, language: str | None) -> list[Hearing]:
        """One hearing per clip, in order; each clip is normalised by itself, so that its neighbours do not change its words."""
        return [Hearing(_words(self._segments(clip.samples), clip)) for clip in clips]

    def _segments(self, samples: Samples) -> Iterable[Segment]:
        if not len(samples):
            return ()
        decoder = self._decoder
        decoder.reinit_feat()  # forgets the noise of the clips before
        decoder.start_utt()
        decoder.process_raw(_pcm(samples), full_utt=True)
        decoder.end_utt()
        return decoder.seg() if decoder.hyp() else ()


def _pcm(samples: Samples) -> bytes:
    return (np.clip(samples, -1.0, 1.0) * 32767).astype(np.int16).tobytes()


def _words(segments: Iterable[Segment], clip: Clip) -> tuple[Word, ...]:
    """The words among the segments in call time; their last frame counts in."""
    return tuple(
        Word(
            _VARIANT.sub("", segment.word),
            round(clip.start + segment.start_frame / FRAMES_PER_SECOND, 3),
            round(min(clip.start + (segment.end_frame + 1) / FRAMES_PER_SECOND, clip.end), 3),
            round(min(max(segment.prob, 0.0), 1.0), 4),
        )
        for segment in segments
        if not _FILLER.match(segment.word)
    )


def _model_folder() -> Path:
    from pocketsphinx import get_model_path

    return Path(get_model_path()) / MODEL


def _heard(folder: Path) -> Heard:
    """The hash covers what listens: the acoustic model, the dictionary and the language model."""
    files = [folder / "cmudict-en-us.dict", folder / "en-us.lm.bin", *(p for p in (folder / "en-us").iterdir() if p.is_file())]
    return Heard(engine=NAME, model=MODEL, model_sha256=sha256_of_all(files, folder=folder), version=version("pocketsphinx"))
