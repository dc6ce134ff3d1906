"""The voices of each agent's kept calls are compared, to find calls in which agent and customer seem to have changed places.

Nothing is relabelled, and nothing of a voice is kept: the recordings are listened to again, without words, when somebody asks.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa_audit.config import Config, Recordings
from qa_audit.errors import CallError
from qa_audit.models import Recording
from qa_audit.pipeline.places import opened_store
from qa_audit.pipeline.progress import Progress, Step, quiet
from qa_audit.pipeline.selection import EVERYTHING, Selection
from qa_audit.recordings import is_transcript, localise
from qa_audit.speech import CallVoices, swapped, voices_of
from qa_audit.store import Material, Store
from qa_audit.workers import Lost, run_tasks

log = logging.getLogger(__name__)

STAGE = "voices"
NEWEST = 40
"""Calls of one agent that are compared."""


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
        heard = dict(_voices(wanted, store, settings, progress))
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


def _voices(wanted: Sequence[Recording], store: Store, settings: Config, progress: Progress) -> Iterator[tuple[str, CallVoices]]:
    tasks = ((material, settings.recordings) for material in store.material([r.call_id for r in wanted], view=""))
    answers = run_tasks(
        _hear, tasks, prepare=_nothing, processes=settings.work.processes, timeout=settings.work.call_timeout, memory=settings.work.memory
    )
    for done, ((material, _), answer) in enumerate(answers, 1):
        call_id = material.recording.call_id
        note = "compared" if isinstance(answer, CallVoices) else answer.message if isinstance(answer, Lost) else answer
        log.info("call=%s stage=%s %s", call_id, STAGE, note)
        progress(Step(STAGE, done, len(wanted), call_id, note))
        if isinstance(answer, CallVoices):
            yield call_id, answer


def _hear(_: object, task: tuple[Material, Recordings]) -> CallVoices | str:
    """The voices of one call, or why there are none."""
    material, limits = task
    try:
        with localise(material.recording.uri) as path:
            found = voices_of(path, transcript=material.transcript(), limits=limits)
    except (CallError, OSError) as error:
        return str(error)
    return found or "both people share a channel, or too little is said"


def _nothing() -> None:
    """There is nothing to load."""


def _suspicions(recordings: Sequence[Recording], heard: dict[str, CallVoices]) -> Iterator[Suspicion]:
    for recording in recordings:
        others = [heard[other.call_id] for other in recordings if other is not recording]
        if sureness := swapped(heard[recording.call_id], others):
            yield Suspicion(recording, sureness, len(others))
