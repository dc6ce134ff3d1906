"""How a run ended, for those who look after it: whoever is told gets the balance, and no name of anybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from qa_audit import __version__
from qa_audit.models import RunResult
from qa_audit.pipeline.balance import by_reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """`state` is finished, interrupted or failed; `error` the kind of error that ended it, empty when none; `result` only of a finished one."""

    state: str
    started_at: datetime
    ended_at: datetime
    error: str = ""
    result: RunResult | None = None

    @property
    def finished(self) -> bool:
        return self.state == "finished"

    def figures(self) -> dict[str, Any]:
        """What is told: counts, times, reasons. No path, no call, no agent."""
        said: dict[str, Any] = {
            "state": self.state,
            "error": self.error,
            "qa_audit": __version__,
            "started_at": self.started_at.isoformat(),
            "ended_at": self.ended_at.isoformat(),
        }
        if self.result is not None:
            said |= _figures(self.result)
        return said


def _figures(result: RunResult) -> dict[str, Any]:
    log = result.call_log
    return {
        "run_id": result.run_id,
        "found": result.found,
        "scored": len(result.scored),
        "excluded": len(result.excluded),
        "failed": len(result.failed),
        "listened": result.listened,
        "marked": result.marked,
        "reasons": dict(by_reason((*result.excluded, *result.failed))),
        "warnings": len(result.warnings),
        "without_recording": len(log.without_recording) if log else None,
        "without_call": len(log.without_call) if log else None,
    }


def ended(state: str, started_at: datetime, *, error: BaseException | None = None, result: RunResult | None = None) -> Ending:
    """A run that ended just now."""
    return Ending(
        state=state, started_at=started_at, ended_at=datetime.now(UTC), error=type(error).__name__ if error else "", result=result
    )
