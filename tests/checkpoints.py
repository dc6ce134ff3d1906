"""Whisper checkpoints made in seconds: real shape, small size, for tests that run the true code of both Whispers.

Nothing of them is kept. `random_checkpoint` says nothing sensible; `speaking_checkpoint` says one known text in every window.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

MULTILINGUAL, ENGLISH = 51865, 51864
"""Tokens in the vocabulary of the multilingual models up to large-v2, and of those for English alone."""

TINY: dict[str, int] = {"state": 384, "heads": 6, "layers": 4}
BASE: dict[str, int] = {"state": 512, "heads": 8, "layers": 6}
SMALL_ENOUGH: dict[str, int] = {"state": 64, "heads": 2, "layers": 2}
"""Width, attention heads and layers of encoder and decoder alike. The last is for tests."""


def dimensions(*, state: int, heads: int, layers: int, vocabulary: int = MULTILINGUAL) -> dict[str, int]:
    """What openai-whisper writes into a checkpoint as `dims`."""
    encoder = {"n_audio_ctx": 1500, "n_audio_state": state, "n_audio_head": heads, "n_audio_layer": layers}
    decoder = {"n_text_ctx": 448, "n_text_state": state, "n_text_head": heads, "n_text_layer": layers}
    return {"n_mels": 80, "n_vocab": vocabulary, **encoder, **decoder}


def random_checkpoint(path: Path, *, seed: int = 0, size: dict[str, int] = SMALL_ENOUGH) -> Path:
    """Write a checkpoint with random weights of these dimensions."""
    return _save(path, _random_model(seed, size))


def speaking_checkpoint(path: Path, text: str, *, seed: int = 0, size: dict[str, int] = SMALL_ENOUGH) -> Path:
    """Write a checkpoint that hears `text`, whatever it listens to.

    The decoder's embedding of position p is the embedding of the token to be said there, and is so much larger than all else
    that the token wins. The text stands between a timestamp of 0 s and the end of the text.
    """
    import torch
    from whisper.tokenizer import get_tokenizer

    model = _random_model(seed, size)
    tokenizer = get_tokenizer(model.is_multilingual, language="en", task="transcribe")
    said = [tokenizer.timestamp_begin, *tokenizer.encode(text), tokenizer.eot]
    first = len(tokenizer.sot_sequence) - 1  # at the last token of the prompt the first one is said
    with torch.no_grad():
        embedding = torch.nn.functional.normalize(model.decoder.token_embedding.weight, dim=1)
        model.decoder.token_embedding.weight.copy_(embedding)
        for layer in [model.decoder.ln, *(block for block in model.decoder.blocks)]:
            _quieten(layer)
        model.decoder.ln.weight.fill_(10.0)
        model.decoder.positional_embedding.copy_(embedding[tokenizer.eot].expand(448, -1) * 100)
        model.decoder.positional_embedding[first : first + len(said)] = embedding[torch.tensor(said)] * 100
    return _save(path, model)


def _quieten(layer: Any) -> None:
    """Blocks add next to nothing, so that position alone decides."""
    import torch

    with torch.no_grad():
        for name, parameter in layer.named_parameters():
            if name.endswith(("out.weight", "mlp.2.weight")):
                parameter.mul_(1e-3)


def _random_model(seed: int, size: dict[str, int]) -> Any:
    import torch
    from whisper.model import ModelDimensions, Whisper

    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = Whisper(ModelDimensions(**dimensions(**size)))
        torch.nn.init.normal_(model.decoder.positional_embedding, std=0.02)
    return model


def _save(path: Path, model: Any) -> Path:
    from dataclasses import asdict

    import torch

    weights = {name: tensor.half() for name, tensor in model.state_dict().items()}
    torch.save({"dims": asdict(model.dims), "model_state_dict": weights}, path)
    return path


def words_of(hearings: Sequence[Any]) -> list[str]:
    """The text of each hearing."""
    return [" ".join(word.text for word in hearing.words) for hearing in hearings]
