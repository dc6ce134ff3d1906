"""What a run would do, without doing it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qa_audit.config import Config
from qa_audit.models import CallFailure
from qa_audit.pipeline.checking import to_mark
from qa_audit.pipeline.listening import choose_listener
from qa_audit.pipeline.marking import open_rulebook
from qa_audit.pipeline.night import find, heard
from qa_audit.pipeline.places import store_or_nothing
from qa_audit.pipeline.plan import plan
from qa_audit.pipeline.selection import EVERYTHING, Selection


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The calls that were found, and of them those to hear and those to mark without hearing."""

    found: int
    to_hear: tuple[str, ...]
    to_mark: tuple[str, ...]
    set_aside: tuple[CallFailure, ...]


def preview(settings: Config, *, sources: Sequence[str] = (), selection: Selection = EVERYTHING, retry: bool = False) -> Preview:
    """Look, and touch nothing."""
    rulebook = open_rulebook(settings)
    found = find(settings, sources, selection)
    listener = choose_listener(settings, found.recordings)
    with store_or_nothing(settings) as store:
        states = store.states([recording.call_id for recording in found.recordings], marked_by=rulebook.marked_by)
        todo = plan(found.recordings, states=states, listener=listener, store=store, retry=retry)
    reused = [recording.call_id for recording, _, _ in todo.reuse]
    known = to_mark(heard(found, states, listener), states=states, marked_by=rulebook.marked_by, retry=retry)
    return Preview(
        found=len(found.recordings) + len(found.set_aside),
        to_hear=tuple(task.recording.call_id for task in todo.tasks),
        to_mark=tuple(sorted({*reused, *known})),
        set_aside=found.set_aside,
    )
