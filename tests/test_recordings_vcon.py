"""vCons out, and in again; vCons of many makers in."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from qa_audit.models import Direction, Doubt, Heard, Recording, Speaker, Transcript, Turn, Word
from qa_audit.recordings import to_vcon
from qa_audit.recordings.importers import read_data
from qa_audit.recordings.importers.vcon import call_facts

RECORDING = Recording(
    call_id="c-1",
    uri="/calls/1.wav",
    size=9,
    modified=0.0,
    agent="kim",
    customer="c-9",
    started_at=datetime(2026, 3, 1, 10, 15, tzinfo=UTC),
    direction=Direction.INBOUND,
)
TRANSCRIPT = Transcript(
    call_id="c-1",
    fingerprint="f",
    heard=Heard("whisper", "small"),
    language="en",
    duration=12.5,
    turns=(
        Turn(index=0, speaker=Speaker.AGENT, start=0.0, end=1.0, words=(Word("Hello", 0.0, 1.0, 0.9),)),
        Turn(index=1, speaker=Speaker.CUSTOMER, start=2.0, end=3.0, words=(Word("Hi", 2.0, 3.0, 0.8),)),
    ),
    trust=0.85,
)


def test_a_vcon_of_a_call():
    vcon = json.loads(to_vcon(RECORDING, TRANSCRIPT, analyses=[{"type": "qa-audit-score", "body": {"score": 90}}]))
    assert vcon["vcon"] == "0.3.0"
    assert str(UUID(vcon["uuid"])) == vcon["uuid"]
    assert vcon["created_at"] == "2026-03-01T10:15:00+00:00"
    assert vcon["parties"] == [{"name": "kim", "role": "agent"}, {"name": "c-9", "role": "customer"}]
    assert vcon["dialog"] == [
        {
            "type": "recording",
            "start": "2026-03-01T10:15:00+00:00",
            "duration": 12.5,
            "parties": [0, 1],
            "originator": 1,
            "url": "/calls/1.wav",
        }
    ]
    assert [analysis["type"] for analysis in vcon["analysis"]] == ["transcript", "qa-audit-score"]
    assert "redacted" not in vcon


def test_what_is_written_can_be_read():
    again = read_data(to_vcon(RECORDING, TRANSCRIPT).encode(), name="x.vcon", call_id="c-1")
    assert [(turn.speaker, turn.start, turn.end, turn.words) for turn in again.turns] == [
        (turn.speaker, turn.start, turn.end, turn.words) for turn in TRANSCRIPT.turns
    ]


def test_the_same_call_gives_the_same_bytes_and_another_call_another_uuid():
    assert to_vcon(RECORDING, TRANSCRIPT) == to_vcon(RECORDING, TRANSCRIPT)
    assert json.loads(to_vcon(replace(RECORDING, call_id="c-2"), TRANSCRIPT))["uuid"] != json.loads(to_vcon(RECORDING, TRANSCRIPT))["uuid"]


def test_what_was_redacted_goes_out_and_comes_in():
    redacted = to_vcon(RECORDING, replace(TRANSCRIPT, doubts=(Doubt("redacted", "card numbers were taken out"),)))
    assert json.loads(redacted)["redacted"] == {"type": "card numbers were taken out"}
    assert "redacted" in [doubt.kind for doubt in read_data(redacted.encode(), name="x.vcon", call_id="c-1").doubts]


def test_facts_of_a_call():
    assert call_facts(json.loads(to_vcon(RECORDING, TRANSCRIPT))) == {
        "call_id": json.loads(to_vcon(RECORDING, TRANSCRIPT))["uuid"],
        "agent": "kim",
        "customer": "c-9",
        "started_at": "2026-03-01T10:15:00+00:00",
        "direction": "",
    }
    assert call_facts({"hello": "world"}) == {}
