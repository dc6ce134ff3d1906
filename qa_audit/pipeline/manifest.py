"""What a run leaves behind for machines and auditors: run.json, with everything that shaped its scores, and how it balances."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from qa_audit import __version__
from qa_audit.config import Config
from qa_audit.models import CallFailure, RunResult, Scorecard
from qa_audit.pipeline.balance import by_reason
from qa_audit.pipeline.marking import Rulebook
from qa_audit.reconciled import Reconciled
from qa_audit.store.opening import address
from qa_audit.store.opening import shown as shown_address

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
    return said | {"store": shown_address(address(settings.store))}


def result_of(document: Mapping[str, Any]) -> RunResult:
    """The result that a run.json tells of."""
    renamed = {name: document[f"{name}_calls"] for name in ("scored", "excluded", "failed")}
    return msgspec.convert(dict(document) | renamed, RunResult)


def _call_log(log: Reconciled) -> dict[str, Any]:
    return {"matched": log.matched} | dict(msgspec.to_builtins(log))


def as_dict(failure: CallFailure) -> dict[str, Any]:
    """A failure as plain values."""
    return dict(msgspec.to_builtins(failure))


@dataclass(frozen=True, slots=True)
class Shown:
    """What the pages show: `inputs` names all of it, `scorecards` has a fingerprint for every agent."""

    inputs: str
    scorecards: Mapping[str, str]
    stepped_down: tuple[str, ...]


def fingerprints(cards: Iterable[Scorecard]) -> dict[str, str]:
    """A hash of all that each agent's scorecard says, down to the last digit, by agent."""
    return {card.agent: hashlib.sha256(msgspec.msgpack.encode(card)).hexdigest()[:32] for card in cards}


def manifest(result: RunResult, *, settings: Config, rulebook: Rulebook, shown: Shown) -> bytes:
    """run.json: what was done, by which version, under which rules, with which configuration, and what came of it."""
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
                "inputs": shown.inputs,
                "scorecards": dict(shown.scorecards),
                "stepped_down": list(shown.stepped_down),
                "config": _shown_config(settings),
            }
            | summary(result)
        ),
        indent=2,
    )
