"""Kept scores become pages: the figures in memory, each call fetched from the store when its page is written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from qa_audit import __version__
from qa_audit.config import Config
from qa_audit.errors import OutputError
from qa_audit.models import RunResult
from qa_audit.pipeline.manifest import manifest
from qa_audit.pipeline.marking import Rulebook
from qa_audit.pipeline.players import make_players
from qa_audit.pipeline.progress import Progress
from qa_audit.store import State, Store

MANIFEST = "run.json"
FIRST_PAGE = "index.html"


def _write_pages(
    result: RunResult,
    *,
    out: Path,
    rulebook: Rulebook,
    states: Mapping[str, State],
    players: Mapping[str, str],
    store: Store,
    stepped_down: tuple[str, ...],
) -> None:
    """`players` are the player's files by call id, relative to `out`."""
    from qa_audit.reports import CallEntry, CallRecord, Report, write_pages  # slow, and needed only where something is new
    from qa_audit.scoring import scorecards, team_summary

    ruleset, standard = rulebook.ruleset, rulebook.ruleset.standard
    scores = store.scores(result.scored, marked_by=rulebook.marked_by)

    def load_call(call_id: str) -> CallRecord:
        kept = store.call(call_id, marked_by=rulebook.marked_by)
        return CallRecord(recording=kept.recording, transcript=kept.transcript, audit=kept.audit, score=kept.score)

    report = Report(
        standard=standard,
        ruleset=ruleset,
        team=team_summary(scores, standard=standard, ruleset=ruleset),
        scorecards=scorecards(scores, standard=standard),
        calls={s.call_id: CallEntry(score=s, key=call_key(states[s.call_id], rulebook), audio=players.get(s.call_id)) for s in scores},
        load_call=load_call,
        run=result,
        min_trust=rulebook.min_trust,
        stepped_down=stepped_down,
    )
    write_pages(report, out)


def call_key(state: State, rulebook: Rulebook) -> str:
    """Changes whenever the call's recording, transcript or marks do."""
    shape = (state.uri, state.sha256, state.fingerprint, state.facts, rulebook.marked_by)
    return hashlib.sha256(repr(shape).encode()).hexdigest()[:32]


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
    inputs = _inputs(result, rulebook, states, stepped_down)
    document = manifest(result, settings=settings, rulebook=rulebook, inputs=inputs)
    try:
        if _inputs_before(out) != inputs:
            players = make_players(result.scored, states=states, out=out, work=settings.work, progress=progress)
            _write_pages(result, out=out, rulebook=rulebook, states=states, players=players, store=store, stepped_down=stepped_down)
        write_aside(out / MANIFEST, document)
    except OSError as error:
        raise OutputError(
            f"the pages cannot be written to {out}: {error}; make room or give --out another folder, and run again"
        ) from error
    return document


def _inputs(result: RunResult, rulebook: Rulebook, states: Mapping[str, State], stepped_down: tuple[str, ...]) -> str:
    """A hash of everything the pages show, apart from when the run was."""
    calls = [call_key(states[call_id], rulebook) for call_id in result.scored]
    shown = (__version__, rulebook.marked_by, calls, result.excluded, result.failed, result.warnings, stepped_down)
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:32]


def _inputs_before(out: Path) -> str:
    """What the pages that stand there were made from; empty when there are none, or nobody knows."""
    if not (out / FIRST_PAGE).is_file():
        return ""
    try:
        document = json.loads((out / MANIFEST).read_bytes())
    except (FileNotFoundError, ValueError):
        return ""
    return str(document.get("inputs", "")) if isinstance(document, dict) else ""


def write_aside(file: Path, data: bytes) -> None:
    """Put a whole file in place at once."""
    aside = file.with_name(f".{file.name}.part")
    aside.write_bytes(data)
    aside.replace(file)
