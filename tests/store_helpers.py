"""Hand-made nouns for the tests of the store and the pipeline."""

from __future__ import annotations

from datetime import UTC, datetime

from qa_audit.models import (
    Audit,
    CallScore,
    Doubt,
    Finding,
    Heard,
    Moment,
    Outcome,
    Recording,
    Severity,
    Sound,
    Speaker,
    Status,
    Transcript,
    Turn,
    Window,
    Word,
)


def recording(call_id: str = "a", **changes: object) -> Recording:
    known: dict[str, object] = {"call_id": call_id, "uri": f"/calls/{call_id}.wav", "size": 1000, "modified": 1.5, "agent": "Ines"}
    return Recording(**(known | changes))  # type: ignore[arg-type]


def transcript(call_id: str = "a", *, fingerprint: str = "f1", words: int = 6) -> Transcript:
    heard = tuple(Word(f"wörd{i}", i / 3, i / 3 + 0.2, 0.1 + 0.8 * (i % 7) / 7) for i in range(words))
    turns = (
        Turn(index=0, speaker=Speaker.AGENT, start=0.0, end=words / 3, words=heard),
        Turn(index=1, speaker=Speaker.CUSTOMER, start=None, end=None, words=(Word("\u202e<b>", None, None, 1.0),), role_trust=0.25),
    )
    return Transcript(
        call_id=call_id,
        fingerprint=fingerprint,
        heard=Heard("sphinx", "en-us", "ab" * 32, "5.1", {"beam": "1"}),
        language="en",
        duration=12.5,
        turns=turns,
        speech=(Sound(Speaker.AGENT, 0.0, 2.0),),
        holds=((3.0, 4.5),),
        struck=(Word("thanks", 9.0, 9.5, 0.01),),
        doubts=(Doubt("mono", "one channel"), Doubt("clipped", "too loud", 1.0, 2.0)),
        trust=0.625,
    )


def audit(call_id: str = "a", *, outcome: Outcome = Outcome.MISSED) -> Audit:
    moment = Moment(
        behaviour="apology", turn=0, speaker=Speaker.AGENT, start=0.0, end=1.0, quote="sorry", span=(0, 1), trust=0.5, how="phrase"
    )
    finding = Finding(
        call_id=call_id,
        rule="say-sorry",
        rule_version="v1",
        clause="apologise",
        outcome=outcome,
        severity=Severity.MAJOR,
        status=Status.SCORED,
        triggers=(moment,),
        searched=(Window(0, 1, None, 3.5, 0.75),),
        reason="nothing was said",
    )
    return Audit(
        call_id=call_id,
        ruleset="r1",
        moments=(moment,),
        findings=(finding,),
        outcomes={"apologise": outcome, "let-go": Outcome.NO_OPPORTUNITY},
        metrics={"overlap_seconds": 0.5},
    )


def score(call_id: str = "a", *, points: float | None = 80.0) -> CallScore:
    return CallScore(
        call_id=call_id,
        agent="Ines",
        started_at=datetime(2026, 3, 1, 9, 30, tzinfo=UTC),
        outcomes={"apologise": Outcome.MET},
        score=points,
        critical=("let-go",),
        trust=0.75,
    )
