"""A call and its transcript in, a vCon out (IETF draft-ietf-vcon-vcon-core, version 0.3.0)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from qa_audit.models import Recording, Speaker, Transcript
from qa_audit.recordings.importers.own import SCHEMA, to_json

VENDOR = "qa-audit"
JSON = "application/json"


def to_vcon(recording: Recording, transcript: Transcript, *, analyses: Sequence[Mapping[str, Any]] = ()) -> str:
    """The vCon as JSON: agent and customer as parties, the recording by its address, the transcript as an analysis.

    `analyses` are added as they are (findings, scores: `{"type", "body", …}`). The same call always gives the same bytes:
    its UUID is drawn from the call id, its date of creation is that of the call.
    """
    started_at = (recording.started_at or datetime.fromtimestamp(recording.modified, UTC)).isoformat()
    dialog = {
        "type": "recording",
        "start": started_at,
        "duration": transcript.duration,
        "parties": [0, 1],
        "originator": 0 if recording.direction == "outbound" else 1,
        "url": recording.uri,
    }
    vcon = {
        "vcon": "0.3.0",
        "uuid": str(uuid5(NAMESPACE_URL, f"{VENDOR}:{recording.call_id}")),
        "created_at": started_at,
        "redacted": _redacted(transcript),
        "parties": [_party(recording.agent, Speaker.AGENT), _party(recording.customer, Speaker.CUSTOMER)],
        "dialog": [{name: value for name, value in dialog.items() if value is not None}],
        "analysis": [_analysis(transcript), *analyses],
    }
    return json.dumps({name: value for name, value in vcon.items() if value is not None}, ensure_ascii=False) + "\n"


def _party(name: str | None, role: Speaker) -> dict[str, str]:
    return {"name": name, "role": role.value} if name else {"role": role.value}


def _analysis(transcript: Transcript) -> dict[str, Any]:
    return {
        "type": "transcript",
        "dialog": 0,
        "mediatype": JSON,
        "vendor": VENDOR,
        "product": f"{transcript.heard.engine} {transcript.heard.model}",
        "schema": SCHEMA,
        "encoding": "json",
        "body": json.loads(to_json(transcript)),
    }


def _redacted(transcript: Transcript) -> dict[str, str] | None:
    """Says that something was taken out, when the transcript knows it."""
    reasons = [doubt.message for doubt in transcript.doubts if doubt.kind == "redacted"]
    return {"type": "; ".join(reasons)} if reasons else None
