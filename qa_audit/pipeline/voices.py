"""The voices of each agent's kept calls are compared, to find calls in which agent and customer seem to have changed places.

Nothing is relabelled, and nothing of a voice is kept: the recordings are listened to again, without words.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa_audit.config import Config, Recordings
from qa_audit.errors import CallError
from qa_audit.logs import Concern
from qa_audit.models import Recording
from qa_audit.pipeline.places import opened_store
from qa_audit.pipeline.progress import Progress, Step, quiet
from qa_audit.pipeline.selection import EVERYTHING, Selection
from qa_audit.recordings import hash_file, is_transcript, localise
from qa_audit.speech import CallVoices, comparable, swapped, voices_of
from qa_audit.store import VOICES, Material, Store
from qa_audit.workers import Lost, run_tasks

log = logging.getLogger(__name__)

NEWEST = 40
"""Calls of one agent that are compared."""


@dataclass(frozen=True, slots=True)
class NoVoices:
    """Why a call has no voices to compare; `lasting`: and will have none tomorrow."""

    why: str
    lasting: bool


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A call in which agent and customer seem swapped, how sure that is (0..1), and from how many other calls it is told."""

    recording: Recording
    sureness: float
    others: int


@dataclass(frozen=True, slots=True)
class Compared:
    """Calls whose voices could be compared, and those of them that are suspicious, the surest first."""

    calls: int
    agents: int
    suspicions: tuple[Suspicion, ...]


def compare_voices(settings: Config, *, selection: Selection = EVERYTHING, progress: Progress = quiet) -> Compared:
    """Compare the newest calls of each agent that have a channel for each person. StoreError when nothing is kept yet."""
    with opened_store(settings) as store:
        wanted = _newest([r for r in selection.of(store.recordings()) if not is_transcript(r.uri)])
        answers = voices_in([r.call_id for r in wanted], store=store, settings=settings, progress=progress)
        heard = {call_id: answer for call_id, answer in answers if isinstance(answer, CallVoices)}
    by_agent: dict[str, list[Recording]] = defaultdict(list)
    for recording in wanted:
        if recording.call_id in heard:
            by_agent[recording.agent].append(recording)
    found = [suspicion for recordings in by_agent.values() for suspicion in _suspicions(recordings, heard)]
    found.sort(key=lambda each: (-each.sureness, each.recording.call_id))
    return Compared(calls=len(heard), agents=len(by_agent), suspicions=tuple(found))


def _newest(recordings: Sequence[Recording]) -> list[Recording]:
    by_agent: dict[str, list[Recording]] = defaultdict(list)
    for recording in sorted(recordings, key=lambda r: r.started_at.timestamp() if r.started_at else 0.0, reverse=True):
        if len(by_agent[recording.agent]) < NEWEST:
            by_agent[recording.agent].append(recording)
    return [recording for of_agent in by_agent.values() for recording in of_agent]


def voices_in(
    call_ids: Sequence[str], *, store: Store, settings: Config, progress: Progress
) -> Iterator[tuple[str, CallVoices | NoVoices]]:
    """The voices of each of these calls that was heard, as they come."""
    work = settings.work
    answers = run_tasks(
        _hear,
        ((material, settings.recordings) for material in store.material(call_ids, view="")),
        prepare=_nothing,
        processes=work.processes,
        timeout=work.call_timeout,
        memory=work.memory,
        cluster=work.workers,
    )
    for done, ((material, _), answer) in enumerate(answers, 1):
        call_id = material.recording.call_id
        found = NoVoices(answer.message, lasting=True) if isinstance(answer, Lost) else answer
        note = found.why if isinstance(found, NoVoices) else "listened to again"
        log.info("%s", note, extra={"concern": Concern(call_id, VOICES)})
        progress(Step(VOICES, done, len(call_ids), call_id, note))
        yield call_id, found


def _hear(_: object, task: tuple[Material, Recordings]) -> CallVoices | NoVoices:
    """The voices of one call, or why there are none."""
    material, limits = task
    transcript = material.transcript()
    if is_transcript(material.recording.uri) or not comparable(transcript):
        return NOTHING_TO_COMPARE
    try:
        with localise(material.recording.uri) as path:
            if hash_file(path) != material.sha256:
                return NoVoices("the recording is not the one that was heard", lasting=False)
            return voices_of(path, transcript=transcript, limits=limits) or NOTHING_TO_COMPARE
    except (CallError, OSError) as error:
        return NoVoices(str(error), lasting=False)


NOTHING_TO_COMPARE = NoVoices("both people share a channel, or too little is said", lasting=True)


def _nothing() -> None:
    """There is nothing to load."""


def _suspicions(recordings: Sequence[Recording], heard: dict[str, CallVoices]) -> Iterator[Suspicion]:
    for recording in recordings:
        others = [heard[other.call_id] for other in recordings if other is not recording]
        if sureness := swapped(heard[recording.call_id], others):
            yield Suspicion(recording, sureness, len(others))
