"""Kept scores become pages, and whatever else a run leaves behind; nothing is written again while nothing has changed."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qa_audit import __version__
from qa_audit.config import Config
from qa_audit.errors import OutputError
from qa_audit.models import RunResult
from qa_audit.pipeline.beside import nightly_there, write_nightly
from qa_audit.pipeline.manifest import Shown, fingerprints, manifest
from qa_audit.pipeline.marking import Rulebook
from qa_audit.pipeline.period import call_key, report_of
from qa_audit.pipeline.players import make_players
from qa_audit.pipeline.progress import Progress
from qa_audit.store import State, Store

MANIFEST = "run.json"
FIRST_PAGE = "index.html"


def publish(
    result: RunResult,
    *,
    out: Path,
    settings: Config,
    rulebook: Rulebook,
    states: Mapping[str, State],
    store: Store,
    stepped_down: tuple[str, ...],
    progress: Progress,
) -> bytes:
    """Write the pages, unless they stand there already for just these calls and marks, and then run.json, which is returned."""
    inputs = _inputs(result, rulebook, states, (stepped_down, settings.reports, result.call_log))
    before = _before(out)
    complete, cards = True, before.get("scorecards", {})
    try:
        if before.get("inputs") != inputs or not nightly_there(settings):
            from qa_audit.reports import write_pages  # slow, and needed only where something is new

            (out / MANIFEST).unlink(missing_ok=True)  # from here on the pages are not those of any run that finished
            players, complete = make_players(result.scored, states=states, out=out, work=settings.work, progress=progress)
            report = report_of(
                result, wanted=settings.reports, rulebook=rulebook, states=states, store=store, players=players, stepped_down=stepped_down
            )
            write_pages(report, out)
            write_nightly(report, settings, store)
            cards = fingerprints(report.scorecards)
        shown = Shown(inputs if complete else "", cards, stepped_down)
        document = manifest(result, settings=settings, rulebook=rulebook, shown=shown)
        write_aside(out / MANIFEST, document)
    except OSError as error:
        raise OutputError(
            f"the pages cannot be written to {out}: {error}; make room or give --out another folder, and run again"
        ) from error
    return document


def _inputs(result: RunResult, rulebook: Rulebook, states: Mapping[str, State], besides: object) -> str:
    """A hash of everything the pages show, apart from when the run was."""
    calls = [call_key(states[call_id], rulebook) for call_id in result.scored]
    shown = (__version__, rulebook.marked_by, calls, result.excluded, result.failed, result.warnings, besides)
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:32]


def _before(out: Path) -> dict[str, Any]:
    """The record of the run whose pages stand there; empty when there is none, or nobody knows."""
    if not (out / FIRST_PAGE).is_file():
        return {}
    try:
        document = json.loads((out / MANIFEST).read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def write_aside(file: Path, data: bytes) -> None:
    """Put a whole file in place at once, safely on the disk."""
    aside = file.with_name(f".{file.name}.part")
    with aside.open("wb") as whole:
        whole.write(data)
        whole.flush()
        os.fsync(whole.fileno())
    aside.replace(file)
