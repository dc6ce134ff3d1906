"""The stage that marks: kept transcripts against the rules that hold, in worker processes, kept a few at a time."""

from __future__ import annotations

import logging
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

from qa_audit import config
from qa_audit.logs import Concern
from qa_audit.models import CallFailure
from qa_audit.pipeline.failures import is_held, lost, next_try
from qa_audit.pipeline.marking import CHUNK, STAGE, Rulebook, in_chunks, mark
from qa_audit.pipeline.progress import Progress, Step
from qa_audit.pipeline.sharing import Share
from qa_audit.store import AuditRow, Material, State, Store
from qa_audit.workers import Lost, at_once, run_tasks

log = logging.getLogger(__name__)

LENT = 8
"""Calls that a worker of a cluster is handed at once: they lie in the memory of its scheduler meanwhile."""


def check_kept(
    call_ids: Sequence[str], *, rulebook: Rulebook, states: Mapping[str, State], share: Share, work: config.Work, progress: Progress
) -> int:
    """Mark of these calls those that are this run's; returns how many were marked.

    A worker that dies over a few calls is given them one by one again.
    """
    if not call_ids:
        return 0
    rulebook.learn()
    most = LENT if work.workers else CHUNK
    size = max(1, min(most, len(call_ids) // (4 * at_once(processes=work.processes, cluster=work.workers))))
    stage = _Stage(rulebook, states, share, progress, total=len(call_ids))
    for ours in share.rounds(call_ids, undone=stage.undone, size=size):
        doubtful: list[str] = []
        for chunk, answer in _marked(ours, size, rulebook, share.store, work):
            if not isinstance(answer, Lost):
                stage.keep(chunk, answer)
            elif len(chunk) == 1:
                stage.keep(chunk, (lost(chunk[0].recording, STAGE, answer),))
            else:
                doubtful.extend(material.recording.call_id for material in chunk)
        for chunk, answer in _marked(doubtful, 1, rulebook, share.store, work):
            stage.keep(chunk, (lost(chunk[0].recording, STAGE, answer),) if isinstance(answer, Lost) else answer)
    return stage.marked


Chunk = tuple[Material, ...]
Answers = tuple[AuditRow | CallFailure, ...]


def _marked(
    call_ids: Iterable[str], size: int, rulebook: Rulebook, store: Store, work: config.Work
) -> Iterator[tuple[Chunk, Answers | Lost]]:
    chunks = (tuple(store.material(few, view=rulebook.view)) for few in in_chunks(call_ids, size))
    prepare = rulebook.marker_elsewhere if work.workers else rulebook.marker
    return run_tasks(
        mark, chunks, prepare=prepare, processes=work.processes, timeout=work.call_timeout, memory=work.memory, cluster=work.workers
    )


class _Stage:
    """Keeps the answers and says how far it is."""

    def __init__(self, rulebook: Rulebook, states: Mapping[str, State], share: Share, progress: Progress, *, total: int) -> None:
        self.rulebook, self.states, self.share, self.progress, self.total = rulebook, states, share, progress, total
        self.marked = self.done = 0

    def undone(self, call_id: str, state: State | None) -> bool:
        """Neither marked nor tried by anybody since the stage began."""
        return state is not None and not state.up_to_date and state.failure == self.states[call_id].failure

    def keep(self, chunk: Chunk, answers: Answers) -> None:
        rows = [answer for answer in answers if isinstance(answer, AuditRow)]
        rulebook, claims = self.rulebook, self.share.claims
        ours = self.share.store.keep_audits(
            rows, marked_by=rulebook.marked_by, ruleset=rulebook.ruleset.hash, view=rulebook.view, claims=claims
        )
        self.marked += len(ours)
        for material, answer in zip(chunk, answers, strict=True):
            note = _fate(answer, ours) if isinstance(answer, AuditRow) else self._note(material, answer)
            self.done += 1
            log.info("%s", note, extra={"concern": Concern(material.recording.call_id, STAGE)})
            self.progress(Step(STAGE, self.done, self.total, material.recording.call_id, note))

    def _note(self, material: Material, failure: CallFailure) -> str:
        recording, attempt = material.recording, self.rulebook.marked_by
        row = next_try(failure, recording, attempt=attempt, state=self.states.get(recording.call_id))
        self.share.store.keep_failure(row, claims=self.share.claims)
        return f"{failure.kind}: {failure.message}"


def _fate(row: AuditRow, ours: Container[str]) -> str:
    return "marked" if row.call_id in ours else "another run has taken it over"


def to_mark(call_ids: Iterable[str], *, states: Mapping[str, State], marked_by: str, retry: bool) -> tuple[str, ...]:
    """Which of these calls were heard, are not marked under these rules, and are worth a try."""
    heard = (state for call_id in call_ids if (state := states.get(call_id)) and state.heard)
    return tuple(
        state.call_id for state in heard if not state.up_to_date and (retry or not is_held(state.failure, state, attempt=marked_by))
    )
