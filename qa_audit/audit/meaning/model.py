"""What was learnt, as numbers in one file: written from a Model, read back as the same Model."""

from __future__ import annotations

import os
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from qa_audit.audit.meaning.calls import Calls
from qa_audit.audit.meaning.context import Context
from qa_audit.audit.meaning.heads import Heads

STORED = np.float16
"""Weights are kept in half precision; the rounding is far below what a threshold sees."""

READABLE = 0o644
"""Permissions of a kept model: it may be shared, and only its maker changes it."""


@dataclass(frozen=True, slots=True)
class Model:
    """`key` is a hash of everything it was learnt from; `in_context` names the behaviours that lessons taught in whole calls."""

    key: str
    heads: Heads
    context: Context
    calls: Calls
    in_context: tuple[str, ...]


def write_model(model: Model, path: Path) -> None:
    """Keep a model, whole or not at all; the same model gives the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    heads, context = model.heads, model.context
    arrays: dict[str, Any] = {
        "key": np.array(model.key),
        "names": np.array(heads.names),
        "in_context": np.array(model.in_context),
        "vocabulary": heads.vocabulary,
        **{name: getattr(heads, name).astype(STORED) for name in ("rarity", "own", "words", "bias")},
        "calls_columns": np.array(model.calls.columns, np.int64),
        **{f"calls_{name}": getattr(model.calls, name).astype(np.float32) for name in ("weights", "bias")},
        **{f"context_{name}": getattr(context, name).astype(np.float32) for name in ("own", "around", "bias", "mean", "spread")},
    }
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            _write_arrays(file, arrays)
        Path(aside).chmod(READABLE)
        Path(aside).replace(path)
    finally:
        Path(aside).unlink(missing_ok=True)


def _write_arrays(file: Any, arrays: dict[str, Any]) -> None:
    """As np.savez_compressed, but with no time of writing in it."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w") as member:
                np.lib.format.write_array(member, np.asarray(array), allow_pickle=False)


def read_model(path: Path) -> Model:
    """A kept model."""
    with np.load(path, allow_pickle=False) as kept:
        return Model(
            key=str(kept["key"]),
            in_context=tuple(kept["in_context"].tolist()),
            heads=Heads(
                names=tuple(kept["names"].tolist()),
                vocabulary=kept["vocabulary"],
                **{name: kept[name].astype(np.float32) for name in ("rarity", "own", "words", "bias")},
            ),
            calls=Calls(tuple(kept["calls_columns"].tolist()), kept["calls_weights"], kept["calls_bias"]),
            context=Context(**{name: kept[f"context_{name}"] for name in ("own", "around", "bias", "mean", "spread")}),
        )
