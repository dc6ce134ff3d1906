"""What a run leaves behind for machines and auditors: run.json, with everything that shaped its scores, and how it balances."""

from __future__ import annotations

import platform
from typing import Any

import msgspec

from qa_audit import __version__
from qa_audit.config import Config
from qa_audit.models import CallFailure, RunResult
from qa_audit.pipeline.balance import by_reason
from qa_audit.pipeline.marking import Rulebook
from qa_audit.reconciled import Reconciled
from qa_audit.store.opening import address, shown

SCHEMA = 1


def summary(result: RunResult) -> dict[str, Any]:
    """The result as plain values: four integers that balance, and the lists behind them."""
    return {
        "run_id": result.run_id,
        "started_at": result.started_at.isoformat(),
        "finished_at": result.finished_at.isoformat(),
        "found": result.found,
        "scored": len(result.scored),
        "excluded": len(result.excluded),
        "failed": len(result.failed),
        "listened": result.listened,
        "marked": result.marked,
        "scored_calls": list(result.scored),
        "excluded_calls": [as_dict(failure) for failure in result.excluded],
        "failed_calls": [as_dict(failure) for failure in result.failed],
        "reasons": dict(by_reason((*result.excluded, *result.failed))),
        "heard": msgspec.to_builtins(result.heard),
        "warnings": list(result.warnings),
        "pages": result.pages,
        "call_log": _call_log(result.call_log) if result.call_log else None,
    }


def _shown_config(settings: Config) -> dict[str, Any]:
    """The configuration without what may be a secret: run.json lies beside the pages."""
    said = settings.model_dump(mode="json", exclude={"night": {"on_finish"}})
    return said | {"store": shown(address(settings.store))}


def _call_log(log: Reconciled) -> dict[str, Any]:
    return {"matched": log.matched} | dict(msgspec.to_builtins(log))


def as_dict(failure: CallFailure) -> dict[str, Any]:
    """A failure as plain values."""
    return dict(msgspec.to_builtins(failure))


def manifest(result: RunResult, *, settings: Config, rulebook: Rulebook, inputs: str) -> bytes:
    """run.json: what was done, by which version, under which rules, with which configuration; `inputs` names what the pages show."""
    return msgspec.json.format(
        msgspec.json.encode(
            {
                "schema": SCHEMA,
                "qa_audit": __version__,
                "python": platform.python_version(),
                "rules": rulebook.ruleset.hash,
                "standard": {"id": rulebook.ruleset.standard.id, "hash": rulebook.ruleset.standard.hash},
                "encoder": rulebook.meaning,
                "marked_by": rulebook.marked_by,
                "inputs": inputs,
                "config": _shown_config(settings),
            }
            | summary(result)
        ),
        indent=2,
    )
