"""The stage that marks: kept transcripts against the rules that hold, in worker processes, kept a few at a time."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence

from qa_audit import config
from qa_audit.logs import Concern
from qa_audit.models import CallFailure
from qa_audit.pipeline.failures import is_held, lost, next_try
from qa_audit.pipeline.marking import CHUNK, STAGE, Rulebook, in_chunks, mark
from qa_audit.pipeline.progress import Progress, Step
from qa_audit.store import AuditRow, Material, State, Store
from qa_audit.workers import Lost, at_once, run_tasks

log = logging.getLogger(__name__)


def check_kept(
    call_ids: Sequence[str], *, rulebook: Rulebook, states: Mapping[str, State], store: Store, work: config.Work, progress: Progress
) -> int:
    """Mark these calls; returns how many were marked. A worker that dies over a few calls is given them one by one again."""
    if not call_ids:
        return 0
    rulebook.learn()
    size = max(1, min(CHUNK, len(call_ids) // (4 * at_once(processes=work.processes, cluster=work.workers))))
    stage = _Stage(rulebook, states, store, progress, total=len(call_ids))
    doubtful: list[str] = []
    for chunk, answer in _marked(call_ids, size, rulebook, store, work):
        if not isinstance(answer, Lost):
            stage.keep(chunk, answer)
        elif len(chunk) == 1:
            stage.keep(chunk, (lost(chunk[0].recording, STAGE, answer),))
        else:
            doubtful.extend(material.recording.call_id for material in chunk)
    for chunk, answer in _marked(doubtful, 1, rulebook, store, work):
        stage.keep(chunk, (lost(chunk[0].recording, STAGE, answer),) if isinstance(answer, Lost) else answer)
    return stage.marked


Chunk = tuple[Material, ...]
Answers = tuple[AuditRow | CallFailure, ...]


def _marked(
    call_ids: Sequence[str], size: int, rulebook: Rulebook, store: Store, work: config.Work
) -> Iterator[tuple[Chunk, Answers | Lost]]:
    chunks = in_chunks(store.material(call_ids, view=rulebook.view), size)
    prepare = rulebook.marker_elsewhere if work.workers else rulebook.marker
    return run_tasks(
        mark, chunks, prepare=prepare, processes=work.processes, timeout=work.call_timeout, memory=work.memory, cluster=work.workers
    )


class _Stage:
    """Keeps the answers and says how far it is."""

    def __init__(self, rulebook: Rulebook, states: Mapping[str, State], store: Store, progress: Progress, *, total: int) -> None:
        self.rulebook, self.states, self.store, self.progress, self.total = rulebook, states, store, progress, total
        self.marked = self.done = 0

    def keep(self, chunk: Chunk, answers: Answers) -> None:
        rows = [answer for answer in answers if isinstance(answer, AuditRow)]
        self.store.keep_audits(rows, marked_by=self.rulebook.marked_by, ruleset=self.rulebook.ruleset.hash, view=self.rulebook.view)
        self.marked += len(rows)
        for material, answer in zip(chunk, answers, strict=True):
            note = "marked" if isinstance(answer, AuditRow) else self._note(material, answer)
            self.done += 1
            log.info("%s", note, extra={"concern": Concern(material.recording.call_id, STAGE)})
            self.progress(Step(STAGE, self.done, self.total, material.recording.call_id, note))

    def _note(self, material: Material, failure: CallFailure) -> str:
        recording, attempt = material.recording, self.rulebook.marked_by
        self.store.keep_failure(next_try(failure, recording, attempt=attempt, state=self.states.get(recording.call_id)))
        return f"{failure.kind}: {failure.message}"


def to_mark(call_ids: Iterable[str], *, states: Mapping[str, State], marked_by: str, retry: bool) -> tuple[str, ...]:
    """Which of these calls were heard, are not marked under these rules, and are worth a try."""
    heard = (state for call_id in call_ids if (state := states.get(call_id)) and state.fingerprint)
    return tuple(
        state.call_id for state in heard if not state.up_to_date and (retry or not is_held(state.failure, state, attempt=marked_by))
    )
