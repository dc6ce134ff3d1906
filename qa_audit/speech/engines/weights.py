"""Where Whisper's weights are on this machine: a model's name or path goes in, what is at hand and what to do come out.

Nothing is ever downloaded. A checkpoint is one `.pt` file of openai-whisper; a CTranslate2 folder holds the same weights for
faster-whisper.
"""

from __future__ import annotations

import os
from difflib import get_close_matches
from pathlib import Path

_SIZES = ("tiny", "base", "small", "medium")

NAMES = (*_SIZES, *(f"{size}.en" for size in _SIZES), "large-v1", "large-v2", "large-v3", "large", "large-v3-turbo", "turbo")
"""The models that both Whispers know by name."""

_ALIASES = {"large": "large-v3", "turbo": "large-v3-turbo"}

WEIGHTS_FILE = "model.bin"
TOKENIZER_FILE = "tokenizer.json"


def cache_home() -> Path:
    """The folder of caches of this user."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def checkpoint_place(name: str) -> Path:
    """Where openai-whisper keeps the checkpoint of a model with this name."""
    return cache_home() / "whisper" / f"{_ALIASES.get(name, name)}.pt"


def find_checkpoint(model: str) -> Path | None:
    """The `.pt` file of a name or path, if it is on this machine."""
    path = checkpoint_place(model) if model in NAMES else Path(model).expanduser()
    return path.resolve() if path.is_file() else None


def find_folder(model: str) -> Path | None:
    """The CTranslate2 folder of a name, a hub id (`owner/name`) or a path, if it is on this machine."""
    path = Path(model).expanduser()
    if (path / WEIGHTS_FILE).is_file():
        return path.resolve()
    if path.exists() or (model not in NAMES and model.count("/") != 1):
        return None
    return _in_hub_cache(model)


def _in_hub_cache(model: str) -> Path | None:
    from faster_whisper.utils import download_model
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        folder = Path(download_model(model, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError):
        return None
    return folder if (folder / WEIGHTS_FILE).is_file() else None


def looks_like_path(model: str) -> bool:
    """Whether a model that is not at hand was meant as a path and not as a name."""
    return model.endswith((".pt", ".bin")) or model.startswith((".", "/", "~")) or model.count("/") > 1 or Path(model).exists()


def missing(model: str, *, download: str, place: str) -> str:
    """What to do about a model that is not at hand. `download` is the command where there is a network; `place` says where to
    put the files by hand."""
    other = "or choose another engine (speech: engine: sphinx listens with no model, for trying out only)"
    if looks_like_path(model):
        return f"No Whisper model at {model}: correct speech: model, {other}."
    if model not in NAMES and "/" not in model:
        near = get_close_matches(model, NAMES, n=1)
        hint = f" Did you mean {near[0]}?" if near else f" Known: {', '.join(NAMES)}."
        return f"There is no Whisper model called {model}.{hint} A path is possible too."
    return (
        f"The Whisper model {model} is not on this machine, and qa-audit never downloads: where there is a network, run\n"
        f"    {download}\nor {place},\n{other}."
    )
