"""What the audit says of a call becomes analyses that a vCon can carry beside the transcript."""

from __future__ import annotations

from typing import Any

import msgspec

from qa_audit.reports.report import CallRecord

VENDOR = "qa-audit"


def vcon_analyses(record: CallRecord) -> tuple[dict[str, Any], ...]:
    """The score and the findings of one call, as `analyses` of its vCon: JSON bodies with the name of their shape."""
    score, findings = msgspec.to_builtins(record.score), msgspec.to_builtins(record.audit.findings)
    return _analysis("score", score), _analysis("findings", list(findings))


def _analysis(kind: str, body: object) -> dict[str, Any]:
    named = {"type": kind, "dialog": 0, "mediatype": "application/json", "vendor": VENDOR, "schema": f"{VENDOR}/{kind}/1"}
    return {**named, "encoding": "json", "body": body}
