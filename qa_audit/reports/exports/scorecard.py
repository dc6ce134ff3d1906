"""A scorecard becomes a JSON file that another program can rely on: a name and a version of its shape stand in it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from qa_audit.models import Scorecard

SCHEMA: Literal["qa-audit/scorecard"] = "qa-audit/scorecard"
VERSION: Literal[1] = 1
"""Goes up whenever a field goes or changes its meaning; a field that is added does not change it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorecardFile:
    """What stands in agents/<slug>.json. Scores are 0..100, rates and trust 0..1, times ISO 8601 with their zone."""

    schema: Literal["qa-audit/scorecard"] = SCHEMA
    version: Literal[1] = VERSION
    standard: str
    promise: str
    scorecard: Scorecard


def scorecard_json(card: Scorecard, *, standard: str, promise: str) -> str:
    """The file's content."""
    file = ScorecardFile(standard=standard, promise=promise, scorecard=card)
    return json.dumps(msgspec.to_builtins(file), indent=1) + "\n"


def scorecard_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the file."""
    return msgspec.json.schema(ScorecardFile)
