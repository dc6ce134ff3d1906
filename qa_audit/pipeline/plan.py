"""What is kept and what was found, compared: which calls have to be heard, which need no listening, which are left alone.

No file is opened: a known file is told by its place, size and time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qa_audit.models import Recording
from qa_audit.pipeline.failures import is_held
from qa_audit.pipeline.listening import Listener, ListenTask
from qa_audit.store import State, Store
from qa_audit.store.codec import facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What there is to do before marking. `reuse` are (recording, sha256, fingerprint) of transcripts that are there already."""

    changed: tuple[Recording, ...]
    reuse: tuple[tuple[Recording, str, str], ...]
    tasks: tuple[ListenTask, ...]

    @property
    def anything(self) -> bool:
        """Whether there is anything to do at all."""
        return bool(self.changed or self.reuse or self.tasks)


def plan(recordings: Sequence[Recording], *, states: Mapping[str, State], listener: Listener, store: Store, retry: bool) -> Plan:
    """Compare what was found with what is kept."""
    changed, waiting = [], []
    for recording in recordings:
        state = states.get(recording.call_id)
        same_file = state is not None and state.same_file(recording)
        if not (same_file and state is not None and state.facts == facts(recording)):
            changed.append(recording)
        fingerprint = listener.fingerprint(recording)
        if same_file and state is not None and state.fingerprint == fingerprint:
            continue
        if retry or state is None or not is_held(state.failure, recording, attempt=fingerprint):
            waiting.append((recording, fingerprint, state.sha256 if same_file and state is not None and state.fingerprint else None))
    known = store.hashes({recording.size for recording, _, _ in waiting})
    heard = store.heard({sha256 for _, _, sha256 in waiting if sha256}.union(*known.values()))
    reuse = tuple((r, sha256, print_) for r, print_, sha256 in waiting if sha256 and (sha256, print_) in heard)
    reused = {r.call_id for r, _, _ in reuse}
    tasks = tuple(
        ListenTask(r, print_, frozenset(sha256 for sha256 in known[r.size] if (sha256, print_) in heard))
        for r, print_, _ in waiting
        if r.call_id not in reused
    )
    return Plan(changed=tuple(changed), reuse=reuse, tasks=tasks)
