"""Which engine listens: the configured ones in order go in, the first that is at hand comes out, or an error that says what to do."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from qa_audit.config import Speech
from qa_audit.errors import EngineError
from qa_audit.models import Heard
from qa_audit.speech.activity import packaged_model
from qa_audit.speech.engines import REGISTRY
from qa_audit.speech.engines.base import Engine, EngineState

VERSION = "1"
"""Of everything in this folder that shapes a transcript besides the engine. Raise it when the same audio would be heard differently."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The engine that listens in this run. `stepped_down` says in a sentence, for each better one that is not at hand, why not.

    `fingerprint` names all that shapes the words: the engine, its model and options, the voice activity model, this program.
    """

    name: str
    heard: Heard
    fingerprint: str
    stepped_down: tuple[str, ...] = ()


def choose_engine(config: Speech) -> Chosen:
    """The first configured engine that can listen; never downloads. EngineError, with what to do for each, when none can."""
    missing: list[EngineState] = []
    for name in config.engine:
        state = _state(name, config)
        if state.heard is not None:
            return Chosen(name, state.heard, _fingerprint(state.heard), tuple(_stepped_down(better, name, config) for better in missing))
        missing.append(state)
    if not missing:
        raise EngineError(f"speech.engine names nobody who listens; choose from {', '.join(REGISTRY)}.")
    raise EngineError("\n".join(f"{state.name} is not at hand: {state.advice}" for state in missing))


def _stepped_down(better: EngineState, chosen: str, config: Speech) -> str:
    """A sentence for pages, which travel: it names no path of this machine."""
    lack = f"has no model {Path(config.model).name} on this machine" if better.installed else "is not installed"
    return f"{better.name} {lack}, so {chosen} listened; qa-audit doctor says what to do."


def engines_at_hand(config: Speech) -> tuple[EngineState, ...]:
    """Every engine there is, and whether it could listen now."""
    return tuple(kind.state(config) for kind in REGISTRY.values())


@functools.cache
def loaded(name: str, config: Speech) -> Engine:
    """The engine with its model in memory, once a process."""
    return REGISTRY[name].load(config)


def _state(name: str, config: Speech) -> EngineState:
    if name in REGISTRY:
        return REGISTRY[name].state(config)
    near = get_close_matches(name, REGISTRY, n=1)
    raise EngineError(
        f"there is no speech engine {name!r}{f' (did you mean {near[0]!r}?)' if near else ''}; choose from {', '.join(REGISTRY)}."
    )


def _fingerprint(heard: Heard) -> str:
    _, file = packaged_model()
    activity = hashlib.sha256(file.read_bytes()).hexdigest()
    shape = (VERSION, heard.engine, heard.model, heard.model_sha256, heard.version, sorted(heard.options.items()), activity)
    return hashlib.sha256(repr(shape).encode()).hexdigest()[:32]
