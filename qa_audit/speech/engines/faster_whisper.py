"""faster-whisper: the Whisper of CTranslate2, the quickest engine on a CPU.

It takes a CTranslate2 folder, or a checkpoint of openai-whisper, which is converted once and kept.
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from qa_audit.config import Speech
from qa_audit.errors import EngineError
from qa_audit.models import Heard
from qa_audit.speech.engines.base import SAMPLE_RATE, Clip, EngineState, Hearing, Samples
from qa_audit.speech.engines.files import sha256_of
from qa_audit.speech.engines.listening import LEADING, TRAILING, Decoded, Manner, listen
from qa_audit.speech.engines.packing import WINDOW, Spoken
from qa_audit.speech.engines.weights import (
    NAMES,
    TOKENIZER_FILE,
    WEIGHTS_FILE,
    checkpoint_place,
    find_checkpoint,
    find_folder,
    missing,
)

if TYPE_CHECKING:
    from ctranslate2 import StorageView
    from ctranslate2.models import WhisperGenerationResult
    from faster_whisper import WhisperModel
    from faster_whisper.tokenizer import Tokenizer

NAME = "faster-whisper"

MARGIN = 1.0
"""Seconds of silence after the speech of a window whose context is fitted to it."""

NOT_INSTALLED = "faster-whisper is not installed: pip install 'qa-audit[faster-whisper]'."


def state(config: Speech) -> EngineState:
    """What is at hand for the configured model: a CTranslate2 folder, or else a checkpoint that can be converted."""
    if importlib.util.find_spec("faster_whisper") is None:
        return EngineState(name=NAME, installed=False, advice=NOT_INSTALLED)
    here = EngineState(name=NAME, installed=True, version=version("faster-whisper"))
    found = find_folder(config.model) or find_checkpoint(config.model)
    if found is None:
        return replace(here, advice=_missing(config.model))
    if found.is_dir() and not (found / TOKENIZER_FILE).is_file():
        return replace(here, model=str(found), advice=f"{found} lacks {TOKENIZER_FILE}: put the one of its model beside the weights.")
    if found.is_file() and importlib.util.find_spec("whisper") is None:
        return replace(here, model=str(found), advice=f"Converting {found} needs openai-whisper: pip install 'qa-audit[whisper]'.")
    return replace(here, model=str(found), heard=_heard(found, config))


def load(config: Speech) -> FasterWhisper:
    """The engine with its model in memory; EngineError when something is missing."""
    found = state(config)
    if found.heard is None:
        raise EngineError(found.advice)
    folder = Path(found.model)
    if folder.is_file():
        from qa_audit.speech.engines.conversion import converted

        folder = converted(folder)
    return FasterWhisper(_model(folder, config), found.heard, manner=_manner(config))


def _manner(config: Speech) -> Manner:
    """A fitted context wants shorter windows: the encoder's cost grows faster than their length."""
    if config.audio_context == "full":
        return Manner(beam_size=config.beam_size)
    return Manner(beam_size=config.beam_size, window=15.0, least_context=10.0)


def _missing(model: str) -> str:
    download = f"python -c \"from faster_whisper import download_model; download_model('{model}')\""
    place = f"copy the folder it makes under ~/.cache/huggingface/hub here, or give its path as speech: model, or put {checkpoint_place(model)} there"
    return missing(model, download=download, place=place)


def _device(config: Speech) -> str:
    from ctranslate2 import get_cuda_device_count

    if config.device != "auto":
        return config.device
    return "cuda" if get_cuda_device_count() else "cpu"


def _heard(found: Path, config: Speech) -> Heard:
    weights = found / WEIGHTS_FILE if found.is_dir() else found
    return Heard(
        engine=NAME,
        model=config.model if config.model in NAMES else found.name,
        model_sha256=sha256_of(weights),
        version=f"{version('faster-whisper')} with CTranslate2 {version('ctranslate2')}",
        options={"device": _device(config), "compute_type": config.compute_type, **_manner(config).as_options()},
    )


def _model(folder: Path, config: Speech) -> WhisperModel:
    from faster_whisper import WhisperModel

    try:
        return WhisperModel(str(folder), device=_device(config), compute_type=config.compute_type, cpu_threads=1, local_files_only=True)
    except (RuntimeError, ValueError) as error:
        raise EngineError(f"faster-whisper cannot use {folder} as {config.compute_type} on {_device(config)}: {error}") from error


class FasterWhisper:
    """A loaded model. One thread: several calls are heard at once by several processes."""

    def __init__(self, model: WhisperModel, heard: Heard, *, manner: Manner) -> None:
        self.heard = heard
        self._model, self._manner = model, manner

    def transcribe(self, clips: Sequence[Clip], *, language: str | None) -> list[Hearing]:
        """One hearing per clip, in order. The same clips in the same order give the same words."""
        return listen(self, clips, language=language, manner=self._manner)

    def language_of(self, windows: Sequence[Samples]) -> str:
        """The language with the highest mean probability over the windows; English for a model that knows no other."""
        if not self._model.model.is_multilingual:
            return "en"
        chances: dict[str, float] = {}
        for guesses in self._model.model.detect_language(self._encode(windows)):
            for token, probability in guesses:
                chances[token[2:-2]] = chances.get(token[2:-2], 0.0) + probability
        return max(chances, key=lambda language: chances[language])

    def decode(self, windows: Sequence[Samples], *, language: str, beam_size: int) -> list[Decoded]:
        """What is heard in each window, all in one batch."""
        tokenizer = self._tokenizer(language)
        encoded = self._encode(windows)
        seconds = [len(window) / SAMPLE_RATE for window in windows]
        results = self._generate(encoded, tokenizer, count=len(windows), seconds=max(seconds), beam_size=beam_size)
        texts = [[token for token in result.sequences_ids[0] if token < tokenizer.eot] for result in results]
        frames = [max(2, round(length * self._model.frames_per_second)) for length in seconds]
        aligned = self._model.find_alignment(tokenizer, texts, encoded, frames)
        return [Decoded(_spoken(words), result.no_speech_prob) for words, result in zip(aligned, results, strict=True)]

    def _tokenizer(self, language: str) -> Tokenizer:
        from faster_whisper.tokenizer import Tokenizer

        many = self._model.model.is_multilingual
        try:
            return Tokenizer(self._model.hf_tokenizer, many, task="transcribe", language=language if many else "en")
        except ValueError as error:
            raise EngineError(f"Whisper does not know the language {language!r}; give its code, such as en.") from error

    def _encode(self, windows: Sequence[Samples]) -> StorageView:
        """A GPU takes all windows at once; on a CPU one after another is quicker, since each then stays in the cache."""
        features = self._features(windows)
        if self._model.model.device == "cuda":
            return self._model.encode(features)
        from ctranslate2 import StorageView

        return StorageView.from_array(np.concatenate([np.asarray(self._model.encode(window)) for window in features]))

    def _features(self, windows: Sequence[Samples]) -> Samples:
        """Log-mel spectrograms padded with silence to one length, 30 s or what fits: float32 [windows, mels, frames]."""
        extract = self._model.feature_extractor
        longest = max(len(window) for window in windows) / SAMPLE_RATE
        size = math.ceil(min(WINDOW, max(self._manner.least_context, longest + MARGIN))) * SAMPLE_RATE
        return np.stack(
            [extract(np.pad(window[:size], (0, size - len(window[:size]))))[:, : size // extract.hop_length] for window in windows]
        )

    def _generate(
        self, encoded: StorageView, tokenizer: Tokenizer, *, count: int, seconds: float, beam_size: int
    ) -> list[WhisperGenerationResult]:
        from faster_whisper.transcribe import get_suppressed_tokens

        prompt = self._model.get_prompt(tokenizer, previous_tokens=[], without_timestamps=False)
        return list(
            self._model.model.generate(
                encoded,
                [prompt] * count,
                beam_size=beam_size,
                max_length=2 * self._manner.token_limit(seconds),  # CTranslate2 leaves half of it to the prompt
                suppress_tokens=list(get_suppressed_tokens(tokenizer, [-1])),
                return_no_speech_prob=True,
            )
        )


def _spoken(words: list[dict[str, Any]]) -> tuple[Spoken, ...]:
    """Aligned words of one window, punctuation joined to its word."""
    from faster_whisper.transcribe import merge_punctuations

    merge_punctuations(words, LEADING, TRAILING)
    return tuple(
        Spoken(w["word"], float(w["start"]), float(w["end"]), float(w["probability"]), len(w["tokens"])) for w in words if w["word"]
    )
