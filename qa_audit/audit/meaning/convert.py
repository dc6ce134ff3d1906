"""A BERT encoder's safetensors go in, a folder that CTranslate2 can load comes out, in int8, made once and kept.

The mapping of names is that of CTranslate2's own BertLoader, without torch and transformers.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from qa_audit.errors import EngineError

FORMAT = "int8-1"
"""Names how the folder was made; part of its path, so that another way never meets an old folder."""

ACTIVATIONS = {"gelu": "GELU", "gelu_new": "GELUTanh", "relu": "RELU"}


def cache_folder() -> Path:
    """Where converted models and trained heads are kept for this user; QA_AUDIT_CACHE names another place."""
    root = os.environ.get("QA_AUDIT_CACHE") or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "qa-audit"
    return Path(root)


def converted(folder: Path, sha256: str, tuning: Path | None = None) -> Path:
    """The CTranslate2 form of the encoder in `folder`; made on first use, whole or not at all. EngineError when it is no BERT.

    `sha256` names encoder and tuning together. `tuning` is an npz of what is added to some of its matrices (see `_add`).
    """
    target = cache_folder() / f"encoder-{sha256[:16]}-{FORMAT}"
    if not target.is_dir():
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(dir=target.parent, prefix=".encoder-"))
        try:
            _convert(folder, tuning, aside / "model")
            _put(aside / "model", target)
        finally:
            shutil.rmtree(aside)
    return target


def _put(made: Path, target: Path) -> None:
    try:
        made.rename(target)
    except OSError:
        if not target.is_dir():  # another process was first: its folder is the same
            raise


def _convert(folder: Path, tuning: Path | None, out: Path) -> None:
    from ctranslate2.converters.utils import fuse_linear
    from ctranslate2.specs import common_spec, transformer_spec
    from safetensors.numpy import load_file

    config: Mapping[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    if config.get("model_type") != "bert" or config.get("hidden_act") not in ACTIVATIONS:
        raise EngineError(f"{folder} holds a {config.get('model_type')} model; only encoders of the BERT kind can be read")
    weights = {name.removeprefix("bert."): tensor for name, tensor in load_file(folder / "model.safetensors").items()}
    if tuning is not None:
        _add(tuning, weights)
    encoder = transformer_spec.TransformerEncoderSpec(
        config["num_hidden_layers"],
        config["num_attention_heads"],
        pre_norm=False,
        activation=getattr(common_spec.Activation, ACTIVATIONS[config["hidden_act"]]),
        layernorm_embedding=True,
        num_source_embeddings=2,
        embeddings_merge=common_spec.EmbeddingsMerge.ADD,
    )
    encoder.scale_embeddings = False
    encoder.embeddings[0].weight = weights["embeddings.word_embeddings.weight"]
    encoder.embeddings[1].weight = weights["embeddings.token_type_embeddings.weight"]
    encoder.position_encodings.encodings = weights["embeddings.position_embeddings.weight"]
    _norm(encoder.layernorm_embedding, weights, "embeddings.LayerNorm")
    for number, layer in enumerate(encoder.layer):
        at = f"encoder.layer.{number}"
        parts = [common_spec.LinearSpec() for _ in range(3)]
        for part, name in zip(parts, ("query", "key", "value"), strict=True):
            _linear(part, weights, f"{at}.attention.self.{name}")
        fuse_linear(layer.self_attention.linear[0], parts)
        _linear(layer.self_attention.linear[1], weights, f"{at}.attention.output.dense")
        _norm(layer.self_attention.layer_norm, weights, f"{at}.attention.output.LayerNorm")
        _linear(layer.ffn.linear_0, weights, f"{at}.intermediate.dense")
        _linear(layer.ffn.linear_1, weights, f"{at}.output.dense")
        _norm(layer.ffn.layer_norm, weights, f"{at}.output.LayerNorm")
    spec = transformer_spec.TransformerEncoderModelSpec(encoder)
    spec.config.unk_token = "[UNK]"  # noqa: S105 - a vocabulary entry, not a secret
    spec.config.layer_norm_epsilon = config["layer_norm_eps"]
    spec.register_vocabulary([f"token-{n}" for n in range(config["vocab_size"] - 1)] + ["[UNK]"])
    spec.validate()
    spec.optimize(quantization="int8")
    out.mkdir()
    spec.save(str(out))


def _add(tuning: Path, weights: dict[str, np.ndarray[Any, Any]]) -> None:
    """Add a low-rank change, `NAME.up` times `NAME.down`, to each matrix it names (LoRA; Hu et al. 2021)."""
    with np.load(tuning, allow_pickle=False) as kept:
        for name in (key.removesuffix(".up") for key in kept if key.endswith(".up")):
            weights[name] = weights[name] + kept[f"{name}.up"].astype(np.float32) @ kept[f"{name}.down"].astype(np.float32)


def _linear(spec: Any, weights: Mapping[str, np.ndarray[Any, Any]], name: str) -> None:
    spec.weight, spec.bias = weights[f"{name}.weight"], weights[f"{name}.bias"]


def _norm(spec: Any, weights: Mapping[str, np.ndarray[Any, Any]], name: str) -> None:
    spec.gamma, spec.beta = weights[f"{name}.weight"], weights[f"{name}.bias"]
