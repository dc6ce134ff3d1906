"""Kept scores become pages, and whatever else a run leaves behind; nothing is written again while nothing has changed."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from qa_audit import __version__
from qa_audit.config import Config
from qa_audit.errors import OutputError
from qa_audit.models import Heard, RunResult
from qa_audit.pipeline.balance import Balance
from qa_audit.pipeline.beside import nightly_there, write_nightly
from qa_audit.pipeline.manifest import Shown, fingerprints, manifest
from qa_audit.pipeline.marking import Rulebook
from qa_audit.pipeline.period import call_key, report_of
from qa_audit.pipeline.places import alone_in
from qa_audit.pipeline.players import make_players
from qa_audit.pipeline.progress import Progress
from qa_audit.reconciled import Reconciled
from qa_audit.store import Run, State, Store

MANIFEST = "run.json"
FIRST_PAGE = "index.html"


def publish(
    session: Run,
    fate: Balance,
    *,
    out: Path,
    settings: Config,
    rulebook: Rulebook,
    states: Mapping[str, State],
    store: Store,
    heard: tuple[Heard, ...],
    stepped_down: tuple[str, ...],
    progress: Progress,
    listened: int = 0,
    marked: int = 0,
    call_log: Reconciled | None = None,
) -> RunResult:
    """The result of a run, with its pages written and its record left in the store. OutputError when the pages cannot be written."""
    result = RunResult(
        run_id=session.run_id,
        started_at=session.started_at,
        finished_at=datetime.now(UTC),
        scored=fate.done,
        excluded=fate.excluded,
        failed=fate.failed,
        listened=listened,
        marked=marked,
        heard=heard,
        warnings=(*stepped_down, *_warnings(rulebook)),
        pages=str(out),
        call_log=call_log,
    )
    try:
        with alone_in(out):
            shown = _pages(
                result,
                out=out,
                settings=settings,
                rulebook=rulebook,
                states=states,
                store=store,
                stepped_down=stepped_down,
                progress=progress,
            )
            session.manifest = manifest(result, settings=settings, rulebook=rulebook, shown=shown)
            write_aside(out / MANIFEST, session.manifest)
    except OSError as error:
        raise OutputError(
            f"the pages cannot be written to {out}: {error}; make room or give --out another folder, and run again"
        ) from error
    return result


def _warnings(rulebook: Rulebook) -> tuple[str, ...]:
    """What whoever reads marks made by these rules ought to know of them."""
    said = list(rulebook.ruleset.notes)
    if rulebook.by_meaning and not rulebook.meaning:
        said.append("phrases alone: what is meant in other words is not found; install the encoder with pip install 'qa-audit[meaning]'")
    return tuple(said)


def _pages(
    result: RunResult,
    *,
    out: Path,
    settings: Config,
    rulebook: Rulebook,
    states: Mapping[str, State],
    store: Store,
    stepped_down: tuple[str, ...],
    progress: Progress,
) -> Shown:
    """Write the pages, unless they stand there already for just these calls and marks; what they show."""
    inputs = _inputs(result, rulebook, states, (stepped_down, settings.reports, result.call_log))
    before = _before(out)
    if before.get("inputs") == inputs and nightly_there(settings):
        return Shown(inputs, before.get("scorecards", {}), stepped_down)
    from qa_audit.reports import write_pages  # slow, and needed only where something is new

    (out / MANIFEST).unlink(missing_ok=True)  # from here on the pages are not those of any run that finished
    players, complete = make_players(result.scored, states=states, out=out, work=settings.work, progress=progress)
    report = report_of(
        result, wanted=settings.reports, rulebook=rulebook, states=states, store=store, players=players, stepped_down=stepped_down
    )
    write_pages(report, out)
    write_nightly(report, settings, store)
    return Shown(inputs if complete else "", fingerprints(report.scorecards), stepped_down)


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
