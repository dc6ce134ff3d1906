"""Every line of the semantics, with the call that goes wrong without it: the cases are in data/audit/semantics.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from audit_helpers import CASES, ruleset, shared_behaviours

from qa_audit.audit import Auditor, Kept, prepare
from qa_audit.audit.conversation import conversation

TABLE = yaml.safe_load((CASES / "semantics.yaml").read_text())


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case["line"])
def test_semantics(case: dict[str, Any], tmp_path: Path) -> None:
    rules = ruleset(tmp_path, shared_behaviours() | case.get("behaviours", {}), case["rule"])
    transcript = conversation(case["call"])
    kept = Kept.from_bytes(prepare(transcript).to_bytes())
    audit = Auditor(rules).audit(transcript, kept=kept)

    (finding,) = audit.findings
    assert finding.outcome == case["outcome"], finding.reason
    assert audit.outcomes == {"promise": case["outcome"]}
    assert case.get("because", "") in finding.reason
    if "found" in case:
        assert [moment.quote for moment in finding.found] == case["found"]
    if "triggers" in case:
        assert [moment.quote for moment in finding.triggers] == case["triggers"]
