"""Which of the calls that were found a command is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from qa_audit.models import Recording


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Empty means all. `since` and `until` carry a zone, `until` is not included; a call without a start time is in no period."""

    since: datetime | None = None
    until: datetime | None = None
    agents: frozenset[str] = frozenset()
    queues: frozenset[str] = frozenset()
    limit: int | None = None

    def of(self, recordings: Iterable[Recording]) -> tuple[Recording, ...]:
        """The recordings that are meant, the first `limit` of them, in their order."""
        return tuple(recording for recording in recordings if self._means(recording))[: self.limit]

    def _means(self, recording: Recording) -> bool:
        return (
            (not self.agents or recording.agent in self.agents)
            and (not self.queues or recording.queue in self.queues)
            and self._in_period(recording.started_at)
        )

    def _in_period(self, started_at: datetime | None) -> bool:
        if self.since is None and self.until is None:
            return True
        return (
            started_at is not None and (self.since is None or started_at >= self.since) and (self.until is None or started_at < self.until)
        )


EVERYTHING = Selection()
