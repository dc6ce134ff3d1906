"""openai-whisper: the original, in torch. It takes a model's name or the path of a checkpoint (.pt)."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from qa_audit.config import Speech
from qa_audit.errors import EngineError
from qa_audit.models import Heard
from qa_audit.speech.engines.base import SAMPLE_RATE, Clip, EngineState, Hearing, Samples
from qa_audit.speech.engines.conversion import load_checkpoint
from qa_audit.speech.engines.files import sha256_of
from qa_audit.speech.engines.listening import LEADING, TRAILING, Decoded, Manner, listen
from qa_audit.speech.engines.packing import Spoken
from qa_audit.speech.engines.weights import NAMES, checkpoint_place, find_checkpoint, find_folder, missing

if TYPE_CHECKING:
    from torch import Tensor
    from whisper import Whisper as Model
    from whisper.decoding import DecodingResult
    from whisper.tokenizer import Tokenizer

    Attention = Callable[[Tensor, Tensor, Tensor, Tensor | None], tuple[Tensor, Tensor | None]]

NAME = "whisper"

NOT_INSTALLED = "openai-whisper is not installed: pip install 'qa-audit[whisper]'."


def state(config: Speech) -> EngineState:
    """What is at hand for the configured model."""
    if importlib.util.find_spec("whisper") is None:
        return EngineState(name=NAME, installed=False, advice=NOT_INSTALLED)
    here = EngineState(name=NAME, installed=True, version=version("openai-whisper"))
    found = find_checkpoint(config.model)
    if found is None:
        return replace(here, advice=_missing(config.model))
    return replace(here, model=str(found), heard=_heard(found, config))


def load(config: Speech) -> Whisper:
    """The engine with its model in memory; EngineError when something is missing."""
    found = state(config)
    if found.heard is None:
        raise EngineError(found.advice)
    import torch

    torch.set_num_threads(1)
    _align_without_threads()
    model = load_checkpoint(Path(found.model)).to(_device(config))
    for block in model.decoder.blocks:
        block.cross_attn.qkv_attention = _at_once(block.cross_attn.qkv_attention)
    return Whisper(model, found.heard, manner=Manner(beam_size=config.beam_size))


def _missing(model: str) -> str:
    if find_folder(model) is not None and model not in NAMES:
        return f"{model} is a CTranslate2 folder, which faster-whisper reads and openai-whisper cannot: set speech: engine: faster-whisper."
    download = f"python -c \"import whisper; whisper.load_model('{model}')\""
    return missing(model, download=download, place=f"put {checkpoint_place(model).name} into {checkpoint_place(model).parent}")


def _device(config: Speech) -> str:
    if config.device != "auto":
        return config.device
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def _heard(checkpoint: Path, config: Speech) -> Heard:
    device = _device(config)
    return Heard(
        engine=NAME,
        model=config.model if config.model in NAMES else checkpoint.name,
        model_sha256=sha256_of(checkpoint),
        version=f"{version('openai-whisper')} with torch {version('torch')}",
        options={
            "device": device,
            "precision": "float16" if device == "cuda" else "float32",
            **Manner(beam_size=config.beam_size).as_options(),
        },
    )


def _align_without_threads() -> None:
    """Compile the library's alignment for one thread.

    It asks for many, which it has no use for; starting them, numba gives torch every core again, so that processes get into each
    other's way and take six times as long, and leaves a lock behind that Python warns of when the night ends.
    """
    import numba
    from whisper import timing

    timing.dtw_cpu = numba.njit(timing.dtw_cpu.py_func)


class Whisper:
    """A loaded model. One thread: several calls are heard at once by several processes."""

    def __init__(self, model: Model, heard: Heard, *, manner: Manner) -> None:
        self.heard = heard
        self._model, self._manner = model, manner

    def transcribe(self, clips: Sequence[Clip], *, language: str | None) -> list[Hearing]:
        """One hearing per clip, in order. The same clips in the same order give the same words."""
        return listen(self, clips, language=language, manner=self._manner)

    def language_of(self, windows: Sequence[Samples]) -> str:
        """The language with the highest mean probability over the windows; English for a model that knows no other."""
        if not self._model.is_multilingual:
            return "en"
        guesses: list[dict[str, float]] = self._model.detect_language(self._features(windows))[1]
        return max(guesses[0], key=lambda language: sum(guess[language] for guess in guesses))

    def decode(self, windows: Sequence[Samples], *, language: str, beam_size: int) -> list[Decoded]:
        """What is heard in each window, all in one batch."""
        from whisper.decoding import DecodingOptions
        from whisper.decoding import decode as decode_batch

        tokenizer = self._tokenizer(language)
        encoded = self._encode(windows)
        seconds = [len(window) / SAMPLE_RATE for window in windows]
        options = DecodingOptions(
            language=language if self._model.is_multilingual else "en",
            beam_size=beam_size if beam_size > 1 else None,
            sample_len=self._manner.token_limit(max(seconds)),
            fp16=self._model.device.type == "cuda",
        )
        results: list[DecodingResult] = (
            [decode_batch(self._model, one, options) for one in encoded]  # a beam over several windows at once fails in the library
            if options.beam_size
            else decode_batch(self._model, encoded, options)
        )
        return [
            Decoded(self._align(features, result, tokenizer, seconds=length), result.no_speech_prob)
            for features, result, length in zip(encoded, results, seconds, strict=True)
        ]

    def _tokenizer(self, language: str) -> Tokenizer:
        from whisper.tokenizer import get_tokenizer

        try:
            return get_tokenizer(self._model.is_multilingual, num_languages=self._model.num_languages, language=language)
        except ValueError as error:
            raise EngineError(f"Whisper does not know the language {language!r}; give its code, such as en.") from error

    def _features(self, windows: Sequence[Samples]) -> Tensor:
        """Log-mel spectrograms padded to 30 s: [windows, mels, 3000]."""
        import torch
        from whisper.audio import N_SAMPLES, log_mel_spectrogram, pad_or_trim

        mels = [
            log_mel_spectrogram(pad_or_trim(window, N_SAMPLES), self._model.dims.n_mels, device=self._model.device)
            for window in windows  # each by itself: they are scaled by their loudest part
        ]
        stacked = torch.stack(mels)
        return stacked.half() if self._model.device.type == "cuda" else stacked

    def _encode(self, windows: Sequence[Samples]) -> Tensor:
        import torch

        with torch.inference_mode():
            encoded: Tensor = self._model.encoder(self._features(windows))
        return encoded

    def _align(self, features: Tensor, result: DecodingResult, tokenizer: Tokenizer, *, seconds: float) -> tuple[Spoken, ...]:
        """The words of one window with times and probabilities, punctuation joined to its word."""
        from whisper.timing import find_alignment, merge_punctuations

        text = [token for token in result.tokens if token < tokenizer.eot]
        frames = max(2, round(seconds * 100))
        timed = find_alignment(_Encoded(self._model), tokenizer, text, features, frames)
        merge_punctuations(timed, LEADING, TRAILING)
        return tuple(Spoken(w.word, float(w.start), float(w.end), float(w.probability), len(w.tokens)) for w in timed if w.word)


def _at_once(attention: Attention) -> Attention:
    """Attention to the sound in which the texts of a beam, which all listen to one window, are looked up together.

    The library lays them out as a batch over that one window, for which torch has but its slowest way: 18 times as long. They do
    not see each other, so they may as well be more positions of one text: [texts, positions, width] -> [1, texts * positions, width].
    """

    def attend(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        if mask is not None or len(k) == len(q):
            return attention(q, k, v, mask)
        found, weights = attention(q.reshape(1, -1, q.shape[2]), k, v, None)
        return found.reshape(q.shape), weights

    return attend


class _Encoded:
    """The model as `find_alignment` sees it, given sound that is encoded already: encoding it again would double the cost."""

    def __init__(self, model: Model) -> None:
        self.dims, self.decoder, self.device, self.alignment_heads = model.dims, model.decoder, model.device, model.alignment_heads

    def __call__(self, features: Tensor, tokens: Tensor) -> Tensor:
        logits: Tensor = self.decoder(tokens, features)
        return logits
