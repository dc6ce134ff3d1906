"""Rule sets made of a few lines of YAML, for tests of the audit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from qa_audit.config import Rules
from qa_audit.rules import RuleSet, load_rules

CASES = Path(__file__).parent / "data" / "audit"

STANDARD = {
    "id": "test",
    "promise": "We keep our word.",
    "clauses": [{"id": "promise", "title": "We keep it", "good_looks_like": "It is kept.", "weight": 100, "family": "customer"}],
    "bands": {"good": 50, "poor": 0},
    "pass": {"score": 50, "no_critical": True},
    "minimum_calls": 1,
}
RULE = {
    "title": "A rule under test",
    "clause": "promise",
    "severity": "major",
    "status": "scored",
    "say_instead": "Something kinder.",
    "why": "Because it matters.",
}


def ruleset(folder: Path, behaviours: Mapping[str, Any], *rules: Mapping[str, Any]) -> RuleSet:
    """Write the behaviours and rules as compliance would and load them; ids are rule-0, rule-1, … where none is given."""
    (folder / "standard.yaml").write_text(yaml.safe_dump(STANDARD))
    (folder / "behaviours").mkdir(exist_ok=True)
    (folder / "behaviours" / "all.yaml").write_text(yaml.safe_dump(dict(behaviours)))
    (folder / "packs").mkdir(exist_ok=True)
    for number, rule in enumerate(rules):
        (folder / "packs" / f"{number}.yaml").write_text(yaml.safe_dump({"id": f"rule-{number}", **RULE, **rule}))
    return load_rules(Rules(paths=(str(folder),)))


def shared_behaviours() -> dict[str, Any]:
    """The behaviours that the cases speak of."""
    found: dict[str, Any] = yaml.safe_load((CASES / "behaviours.yaml").read_text())
    return found
