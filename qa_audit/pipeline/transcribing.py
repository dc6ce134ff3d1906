"""The stage that listens: every call of the plan, in worker processes, each transcript kept as soon as it is there."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from functools import partial

from qa_audit import config
from qa_audit.logs import Concern
from qa_audit.models import CallFailure
from qa_audit.pipeline.failures import lost, next_try
from qa_audit.pipeline.listening import STAGE, HeardBefore, Listener, ListenTask, listen
from qa_audit.pipeline.plan import Plan
from qa_audit.pipeline.progress import Progress, Step
from qa_audit.pipeline.sharing import Share
from qa_audit.store import State, TranscriptRow
from qa_audit.workers import Lost, run_tasks

log = logging.getLogger(__name__)

Heard = TranscriptRow | HeardBefore | CallFailure | Lost


def transcribe_planned(
    plan: Plan, *, listener: Listener, states: Mapping[str, State], share: Share, work: config.Work, progress: Progress
) -> int:
    """Do of the plan what is this run's; returns how many calls were listened to."""
    share.store.keep_recordings(plan.changed)
    share.store.reuse_transcripts(plan.reuse)
    listened = 0
    for done, (task, answer) in enumerate(_answers(plan, listener, states, share, work), start=1):
        note = _keep(task, answer, share=share, state=states.get(task.recording.call_id))
        listened += isinstance(answer, TranscriptRow)
        log.info("%s", note, extra={"concern": Concern(task.recording.call_id, STAGE)})
        progress(Step(STAGE, done, len(plan.tasks), task.recording.call_id, note))
    return listened


def _answers(
    plan: Plan, listener: Listener, states: Mapping[str, State], share: Share, work: config.Work
) -> Iterator[tuple[ListenTask, Heard]]:
    tasks = {task.recording.call_id: task for task in plan.tasks}

    def undone(call_id: str, state: State | None) -> bool:
        """Neither heard nor tried by anybody since the plan was made."""
        task, before = tasks[call_id], states.get(call_id)
        through = state is not None and state.same_file(task.recording) and state.fingerprint == task.fingerprint
        return not through and (state and state.failure) == (before and before.failure)

    elsewhere = work.workers and plan.tasks
    prepare = partial(listener.ready_elsewhere, plan.tasks[0].recording.uri) if elsewhere else listener.ready
    for call_ids in share.rounds(list(tasks), undone=undone):
        yield from run_tasks(
            listen,
            (tasks[call_id] for call_id in call_ids),
            prepare=prepare,
            processes=work.processes,
            timeout=work.call_timeout,
            memory=work.memory,
            cluster=work.workers,
        )


def _keep(task: ListenTask, answer: Heard, *, share: Share, state: State | None) -> str:
    """Put the answer into the store; how it went, in a few words."""
    recording, store = task.recording, share.store
    if isinstance(answer, TranscriptRow):
        if not store.keep_transcript(recording, answer, claims=share.claims):
            return "another run has taken it over, or found another file in its place"
        return f"heard by {answer.engine}, trust {answer.trust:.2f}"
    if isinstance(answer, HeardBefore):
        store.reuse_transcripts([(recording, answer.sha256, task.fingerprint)], claims=share.claims)
        return "known content, not heard again"
    failure = lost(recording, STAGE, answer) if isinstance(answer, Lost) else answer
    store.keep_failure(next_try(failure, recording, attempt=task.fingerprint, state=state), claims=share.claims)
    return f"{failure.kind}: {failure.message}"
