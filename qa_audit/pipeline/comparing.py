"""The stage that compares voices, where an organisation asks for it: new calls that the voices of the agent's other calls contradict are set aside.

A call is compared once, with the agent's newest calls that stood the comparison before, which are listened to again; while there
are too few of those, with the other new ones. So nothing of a voice has to be kept, and a day on which a recorder turns its channels
round stands out against the days before. Runs that share a store may both compare the same call, and then find the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappush, heappushpop

from qa_audit.config import Config
from qa_audit.models import Recording
from qa_audit.pipeline.progress import Progress
from qa_audit.pipeline.voices import NoVoices, voices_in
from qa_audit.sides import CONFIRMED, confirmed
from qa_audit.speech import OTHERS, CallVoices, swapped
from qa_audit.store import ComparisonRow, State, Store

KNOWN = 8
"""Calls of an agent that stood the comparison and are listened to again, to compare new ones with."""


@dataclass(slots=True)
class _Agent:
    """The calls of one agent: new ones, those to compare them with, and the voices of both as far as they were heard."""

    new: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    heard: dict[str, CallVoices | NoVoices] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        return len(self.heard) == len(self.new) + len(self.known)

    def voices(self, call_ids: Sequence[str]) -> dict[str, CallVoices]:
        return {call_id: heard for call_id in call_ids if isinstance(heard := self.heard[call_id], CallVoices)}


def compare_new(call_ids: Sequence[str], *, states: Mapping[str, State], store: Store, settings: Config, progress: Progress) -> bool:
    """Compare those of the heard calls that never were; whether anything about any call may have changed.

    Where comparing is switched off, whatever came of it before is forgotten.
    """
    if not settings.speech.compare_voices:
        return store.forget_comparisons()
    agents = _agents([call_id for call_id in call_ids if not states[call_id].compared], store)
    waiting = {call_id: agent for agent in agents for call_id in (*agent.new, *agent.known)}
    for call_id, answer in voices_in(list(waiting), store=store, settings=settings, progress=progress):
        agent = waiting[call_id]
        agent.heard[call_id] = answer
        if agent.complete:
            store.keep_comparisons(list(_compared(agent, states)))
    return bool(agents)


def _agents(call_ids: Sequence[str], store: Store) -> list[_Agent]:
    """The agents of these calls, in the order of their names; calls that a person vouches for are left out."""
    found: dict[str, _Agent] = defaultdict(_Agent)
    for recording in store.recordings(call_ids):
        if not confirmed(recording):
            found[recording.agent].new.append(recording.call_id)
    if found:
        for name, known in _newest(store.vouched(), found).items():
            found[name].known = known
    return [found[name] for name in sorted(found)]


def _newest(recordings: Iterator[Recording], agents: Collection[str]) -> dict[str, list[str]]:
    """The newest few of these calls of each of these agents; there may be very many."""
    newest: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for recording in recordings:
        if recording.agent in agents:
            kept = newest[recording.agent]
            entry = (recording.started_at.timestamp() if recording.started_at else 0.0, recording.call_id)
            if len(kept) < KNOWN:
                heappush(kept, entry)
            else:
                heappushpop(kept, entry)
    return {agent: [call_id for _, call_id in kept] for agent, kept in newest.items()}


def _compared(agent: _Agent, states: Mapping[str, State]) -> Iterator[ComparisonRow]:
    """What came of the new calls. One that has too few others, or cannot be read just now, has its turn another time."""
    new, known = agent.voices(agent.new), agent.voices(agent.known)
    company = known if len(known) >= OTHERS else known | new
    for call_id in agent.new:
        contradiction = None
        if call_id in new:
            others = [voices for other, voices in company.items() if other != call_id]
            if len(others) < OTHERS:
                continue
            sureness = swapped(new[call_id], others)
            contradiction = _told(sureness, len(others)) if sureness else None
        elif not (isinstance(heard := agent.heard[call_id], NoVoices) and heard.lasting):
            continue
        state = states[call_id]
        yield ComparisonRow(
            call_id=call_id,
            sha256=state.sha256 or "",
            fingerprint=state.fingerprint or "",
            usable=call_id in new,
            contradiction=contradiction,
        )


def _told(sureness: float, others: int) -> str:
    return (
        f"Agent and customer seem swapped: the customer has the voice that the agent has in {others} other calls, and the agent has not "
        f"(sureness {sureness:.2f} of 1). Listen to it: if they are, correct `channels` in the manifest or the configuration; if they are "
        f"not, give the call the tag `{CONFIRMED}`."
    )
