"""A checkpoint of openai-whisper goes in, a CTranslate2 folder with the same weights comes out, made once and kept.

The weights go one to one into CTranslate2's Whisper specification; only the projections of an attention are laid together. The
tokeniser is made from the vocabulary that openai-whisper carries, so nothing is fetched from a hub.
"""

from __future__ import annotations

import itertools
import json
import pickle
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from qa_audit.errors import EngineError
from qa_audit.speech.engines.files import sha256_of
from qa_audit.speech.engines.weights import TOKENIZER_FILE, WEIGHTS_FILE, cache_home

if TYPE_CHECKING:
    from ctranslate2.specs.whisper_spec import WhisperSpec
    from whisper import Whisper
    from whisper.tokenizer import Tokenizer

VERSION = 1
"""Of what is written here; raise it when the same checkpoint would give another folder."""

Weights = Mapping[str, npt.NDArray[Any]]


def kept_folder(checkpoint: Path) -> Path:
    """Where the converted checkpoint is kept, whether or not it is there yet."""
    return cache_home() / "qa-audit" / f"whisper-{sha256_of(checkpoint)[:32]}-v{VERSION}"


def converted(checkpoint: Path) -> Path:
    """The CTranslate2 folder of a checkpoint; converted now when it is not kept. EngineError when it cannot be."""
    folder = kept_folder(checkpoint)
    if not (folder / WEIGHTS_FILE).is_file():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f"{folder.name}.") as aside:
            made = Path(aside) / "made"
            convert(checkpoint, made)
            _put(made, folder)
    return folder


def _put(made: Path, folder: Path) -> None:
    """Two processes may have made the same folder at the same time; the first wins."""
    try:
        made.rename(folder)
    except OSError:
        if not (folder / WEIGHTS_FILE).is_file():
            raise
        shutil.rmtree(made)


def load_checkpoint(checkpoint: Path) -> Whisper:
    """The model of a `.pt` file in float32 on the CPU, its alignment heads set where they are known; EngineError if it is none."""
    try:
        import whisper
    except ModuleNotFoundError as error:
        raise EngineError(f"Reading {checkpoint.name} needs {error.name}: pip install 'qa-audit[whisper]'.") from None
    try:
        model = whisper.load_model(str(checkpoint), device="cpu")
    except (RuntimeError, KeyError, TypeError, EOFError, pickle.UnpicklingError) as error:
        raise EngineError(f"{checkpoint} is not a checkpoint of openai-whisper ({type(error).__name__}); get it again.") from error
    name = known_name(checkpoint)
    if name is not None:
        model.set_alignment_heads(whisper._ALIGNMENT_HEADS[name])
    return model


def known_name(checkpoint: Path) -> str | None:
    """The published model that a file is, by its hash; which attention heads follow the sound is known for these alone."""
    import whisper

    digest = sha256_of(checkpoint)
    return next((name for name, url in whisper._MODELS.items() if url.split("/")[-2] == digest), None)


def convert(checkpoint: Path, folder: Path) -> None:
    """Write a checkpoint as a CTranslate2 folder, weights in float16 as they were published."""
    from whisper.tokenizer import get_tokenizer

    model = load_checkpoint(checkpoint)
    tokenizer = get_tokenizer(model.is_multilingual, num_languages=model.num_languages)
    spec = _spec(model)
    vocabulary = _vocabulary(tokenizer, model.dims.n_vocab)
    spec.register_vocabulary(vocabulary)
    spec.config.suppress_ids = spec.config.suppress_ids_begin = []
    spec.config.lang_ids = list(tokenizer.all_language_tokens) if model.is_multilingual else []
    spec.config.alignment_heads = model.alignment_heads.indices().T.tolist()
    spec.validate()
    spec.optimize(quantization="float16")
    folder.mkdir(parents=True)
    (folder / TOKENIZER_FILE).write_text(_tokenizer_json(tokenizer, vocabulary), encoding="utf-8")
    (folder / "preprocessor_config.json").write_text(json.dumps({"feature_size": model.dims.n_mels}), encoding="utf-8")
    spec.save(str(folder))


def _spec(model: Whisper) -> WhisperSpec:
    from ctranslate2.specs.whisper_spec import WhisperSpec

    dims = model.dims
    weights = {name: tensor.float().numpy() for name, tensor in model.state_dict().items() if not tensor.is_sparse}
    spec = WhisperSpec(dims.n_audio_layer, dims.n_audio_head, dims.n_text_layer, dims.n_text_head)
    encoder, decoder = spec.encoder, spec.decoder
    for number in (1, 2):
        _put_pair(getattr(encoder, f"conv{number}"), weights, f"encoder.conv{number}")
    encoder.position_encodings.encodings = weights["encoder.positional_embedding"]
    _put_norm(encoder.layer_norm, weights, "encoder.ln_post")
    for number, layer in enumerate(encoder.layer):
        _put_block(layer, weights, f"encoder.blocks.{number}")
    decoder.embeddings.weight = decoder.projection.weight = weights["decoder.token_embedding.weight"]
    decoder.position_encodings.encodings = weights["decoder.positional_embedding"]
    _put_norm(decoder.layer_norm, weights, "decoder.ln")
    for number, layer in enumerate(decoder.layer):
        name = f"decoder.blocks.{number}"
        _put_block(layer, weights, name)
        _put_norm(layer.attention.layer_norm, weights, f"{name}.cross_attn_ln")
        _put_fused(layer.attention.linear[0], weights, [f"{name}.cross_attn.query"])
        _put_fused(layer.attention.linear[1], weights, [f"{name}.cross_attn.key", f"{name}.cross_attn.value"])
        _put_pair(layer.attention.linear[2], weights, f"{name}.cross_attn.out")
    return spec


def _put_block(layer: Any, weights: Weights, name: str) -> None:
    _put_norm(layer.self_attention.layer_norm, weights, f"{name}.attn_ln")
    _put_fused(layer.self_attention.linear[0], weights, [f"{name}.attn.{part}" for part in ("query", "key", "value")])
    _put_pair(layer.self_attention.linear[1], weights, f"{name}.attn.out")
    _put_norm(layer.ffn.layer_norm, weights, f"{name}.mlp_ln")
    _put_pair(layer.ffn.linear_0, weights, f"{name}.mlp.0")
    _put_pair(layer.ffn.linear_1, weights, f"{name}.mlp.2")


def _put_norm(spec: Any, weights: Weights, name: str) -> None:
    spec.gamma, spec.beta = weights[f"{name}.weight"], weights[f"{name}.bias"]


def _put_pair(spec: Any, weights: Weights, name: str) -> None:
    spec.weight, spec.bias = weights[f"{name}.weight"], weights[f"{name}.bias"]


def _put_fused(spec: Any, weights: Weights, names: Iterable[str]) -> None:
    """Several projections as one. Whisper's keys have no bias."""
    matrices = [(weights[f"{name}.weight"], weights.get(f"{name}.bias")) for name in names]
    spec.weight = np.concatenate([matrix for matrix, _ in matrices])
    spec.bias = np.concatenate([np.zeros(len(matrix), np.float32) if bias is None else bias for matrix, bias in matrices])


def _vocabulary(tokenizer: Tokenizer, size: int) -> list[str]:
    """Every token as text in the order of its id, bytes written as GPT-2 writes them."""
    letters = _byte_letters()
    special = {number: text for text, number in tokenizer.special_tokens.items()}
    return [
        special.get(number) or "".join(letters[byte] for byte in tokenizer.encoding.decode_single_token_bytes(number))
        for number in range(size)
    ]


def _byte_letters() -> list[str]:
    """GPT-2's letter for each byte: printable ones stand for themselves, the rest for letters from 256 upwards."""
    printable = {*range(33, 127), *range(161, 173), *range(174, 256)}
    others = itertools.count(256)
    return [chr(byte) if byte in printable else chr(next(others)) for byte in range(256)]


def _tokenizer_json(tokenizer: Tokenizer, vocabulary: list[str]) -> str:
    """The same tokeniser for the `tokenizers` library."""
    import tokenizers
    from tokenizers import decoders, models, pre_tokenizers

    plain = vocabulary[: tokenizer.eot]
    ranks = {token: rank for rank, token in enumerate(plain)}
    made = tokenizers.Tokenizer(models.BPE(vocab=ranks, merges=_merges(plain, ranks)))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens([tokenizers.AddedToken(token, special=True, normalized=False) for token in vocabulary[tokenizer.eot :]])
    return str(made.to_str())


def _merges(plain: list[str], ranks: Mapping[str, int]) -> list[tuple[str, str]]:
    """Which two tokens each longer token was merged from: its own letters, merged by the tokens that came before it."""
    merges = []
    for rank, token in enumerate(plain):
        parts = list(token)
        while len(parts) > 2:
            pairs = [ranks.get(a + b, rank) for a, b in itertools.pairwise(parts)]
            best = min(range(len(pairs)), key=pairs.__getitem__)
            if pairs[best] >= rank:
                break
            parts[best : best + 2] = [parts[best] + parts[best + 1]]
        if len(parts) == 2:
            merges.append((parts[0], parts[1]))
    return merges
