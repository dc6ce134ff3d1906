"""The stage that listens: every call of the plan, in worker processes, each transcript kept as soon as it is there."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from qa_audit import config
from qa_audit.logs import Concern
from qa_audit.models import CallFailure
from qa_audit.pipeline.failures import lost, next_try
from qa_audit.pipeline.listening import STAGE, HeardBefore, Listener, ListenTask, listen
from qa_audit.pipeline.plan import Plan
from qa_audit.pipeline.progress import Progress, Step
from qa_audit.store import State, Store, TranscriptRow
from qa_audit.workers import Lost, run_tasks

log = logging.getLogger(__name__)


def transcribe_planned(
    plan: Plan, *, listener: Listener, states: Mapping[str, State], store: Store, work: config.Work, progress: Progress
) -> int:
    """Do what the plan says; returns how many calls were listened to."""
    store.keep_recordings(plan.changed)
    store.reuse_transcripts(plan.reuse)
    listened = 0
    prepare = listener.ready_elsewhere if work.workers else listener.ready
    answers = run_tasks(
        listen, plan.tasks, prepare=prepare, processes=work.processes, timeout=work.call_timeout, memory=work.memory, cluster=work.workers
    )
    for done, (task, answer) in enumerate(answers, start=1):
        note = _keep(task, answer, store=store, state=states.get(task.recording.call_id))
        listened += isinstance(answer, TranscriptRow)
        log.info("%s", note, extra={"concern": Concern(task.recording.call_id, STAGE)})
        progress(Step(STAGE, done, len(plan.tasks), task.recording.call_id, note))
    return listened


def _keep(task: ListenTask, answer: TranscriptRow | HeardBefore | CallFailure | Lost, *, store: Store, state: State | None) -> str:
    """Put the answer into the store; how it went, in a few words."""
    recording = task.recording
    if isinstance(answer, TranscriptRow):
        store.keep_transcript(recording.call_id, answer)
        return f"heard by {answer.engine}, trust {answer.trust:.2f}"
    if isinstance(answer, HeardBefore):
        store.reuse_transcripts([(recording.call_id, answer.sha256, task.fingerprint)])
        return "known content, not heard again"
    failure = lost(recording, STAGE, answer) if isinstance(answer, Lost) else answer
    store.keep_failure(next_try(failure, recording, attempt=task.fingerprint, state=state))
    return f"{failure.kind}: {failure.message}"
