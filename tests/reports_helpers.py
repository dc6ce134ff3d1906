"""A small call centre made by hand: five clauses, seven ways a call can go, agents with plain and with hostile names."""

from __future__ import annotations

import random
import wave
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
from reports_rules import RULES, RULESET, STANDARD

from qa_audit.models import (
    Audit,
    CallFailure,
    Direction,
    Doubt,
    Finding,
    Heard,
    Moment,
    Outcome,
    Recording,
    RunResult,
    Sound,
    Speaker,
    Transcript,
    Turn,
    Window,
    Word,
)
from qa_audit.reports import CallEntry, CallRecord, Report
from qa_audit.scoring import score_call, scorecards, team_summary

A, C = Speaker.AGENT, Speaker.CUSTOMER
MET, MISSED, NONE, DOUBT = Outcome.MET, Outcome.MISSED, Outcome.NO_OPPORTUNITY, Outcome.CANNOT_JUDGE
MIN_TRUST = 0.5
HEARD = Heard("faster-whisper", "small", "5f0c" * 16, "1.2.1", {"beam_size": "1", "compute_type": "int8"})
START = datetime(2025, 3, 3, 8, 30, tzinfo=UTC)

HOSTILE = (
    "<script>document.title='owned'</script>",
    '"><img src=x onerror="document.title=\'owned\'">',
    "../../etc/passwd",
    "Evil \u202egnirts\u202c \x07bell\x00",
    "A" * 10_000,
    "javascript:alert(1)",
)
AGENTS = ("Maya", "Émile Dubois", "أمينة الحسن", "王小明", "Jonas", "Priya")

PARCEL = (
    (C, "Hello, I ordered a garden table three weeks ago and it never arrived."),
    (A, "Oh no, I am so sorry about that. Three weeks is far too long to wait for a table."),
    (C, "We have friends coming on Sunday, and I have nothing to put the food on."),
    (
        A,
        "I can see it stuck at the depot in Leeds. I will have it on the first van tomorrow and call you before noon to say it is on its way.",
    ),
    (C, "That would be wonderful, honestly."),
    (A, "Thank you for telling us. Have a lovely Sunday with your friends."),
)
SHRUG = (
    (C, "Good morning. My table still has not arrived and I am still waiting for somebody to ring me."),
    (A, "What is the order number?"),
    (C, "Four four one nine. I have rung three times now."),
    (A, "It says out for delivery. There is nothing more I can do from here."),
    (C, "So when will it come?"),
    (A, "I do not know. You will have to wait."),
)
PUSHY = (
    (C, "Hi, I would like to cancel my plan please."),
    (A, "Why would you want to do that? We are the cheapest in town."),
    (C, "I am moving abroad, so please just cancel it."),
    (A, "And why would you not keep it for holidays? I could give you three months free."),
    (C, "No. Cancel it."),
    (A, "Fine. It is cancelled. Thank you for having been with us, and good luck over there."),
)
GRACE = (
    (C, "I want to end the contract, we are moving in with my mother."),
    (A, "Of course. It ends today and you owe us nothing. Thank you for the years with us, and have a lovely time together."),
)
QUESTION = (
    (C, "Are you open on Easter Monday?"),
    (A, "We are, from ten to four. Thank you for asking, and have a lovely weekend."),
)

WAYS = {
    "parcel": (
        PARCEL,
        {"no-apology": (MET, 0, 1), "dead-end": (NONE, None, None), "pushy": (NONE, None, None), "cold-close": (MET, None, 5)},
    ),
    "shrug": (
        SHRUG,
        {"no-apology": (MISSED, 0, None), "dead-end": (MISSED, 2, 3), "pushy": (NONE, None, None), "cold-close": (MISSED, None, None)},
    ),
    "pushy": (
        PUSHY,
        {"no-apology": (NONE, None, None), "dead-end": (NONE, None, None), "pushy": (MISSED, 0, 3), "cold-close": (MET, None, 5)},
    ),
    "grace": (
        GRACE,
        {"no-apology": (NONE, None, None), "dead-end": (NONE, None, None), "pushy": (MET, 0, None), "cold-close": (MET, None, 1)},
    ),
    "question": (
        QUESTION,
        {"no-apology": (NONE, None, None), "dead-end": (NONE, None, None), "pushy": (NONE, None, None), "cold-close": (MET, None, 1)},
    ),
    "noisy": (
        PARCEL,
        {"no-apology": (DOUBT, 0, None), "dead-end": (NONE, None, None), "pushy": (NONE, None, None), "cold-close": (MET, None, 5)},
    ),
    "unheard": (
        SHRUG,
        {"no-apology": (MISSED, 0, None), "dead-end": (MISSED, 2, 3), "pushy": (NONE, None, None), "cold-close": (DOUBT, None, None)},
    ),
}
REASONS = {
    MET: "What the standard asks for was done.",
    MISSED: "The window was heard well and what was asked for is not in it.",
    DOUBT: "The window was heard too poorly to say.",
    NONE: "The situation did not come up.",
}


def said(text: str, start: float, trust: float = 0.94) -> tuple[Word, ...]:
    return tuple(Word(word, round(start + 0.32 * i, 2), round(start + 0.32 * i + 0.3, 2), trust) for i, word in enumerate(text.split()))


def transcript(call_id: str, lines, *, trust: float = 0.94, noisy: range = range(0), timed: bool = True) -> Transcript:
    turns, at = [], 1.0
    for index, (speaker, text) in enumerate(lines):
        words = said(text, at, 0.3 if index in noisy else trust)
        end = words[-1].end or 0.0
        if not timed:
            words = tuple(Word(w.text, None, None, w.trust) for w in words)
        turns.append(Turn(index=index, speaker=speaker, start=at if timed else None, end=end if timed else None, words=words))
        at = end - 0.4 if index == 1 else end + (6.0 if index == 2 else 0.8)
    speech = tuple(Sound(t.speaker, t.start, t.end) for t in turns) if timed else ()
    return Transcript(
        call_id=call_id,
        fingerprint="f",
        heard=HEARD if timed else Heard("imported", ""),
        language="en",
        duration=at + 4 if timed else None,
        turns=tuple(turns),
        speech=speech,
        holds=((turns[2].end + 1, turns[2].end + 5),) if timed and len(turns) > 3 else (),
        struck=(Word("thanks", at + 1, at + 1.3, 0.1), Word("for watching", at + 1.4, at + 2, 0.1)) if noisy else (),
        doubts=(Doubt("clipped", "The customer's side is clipped for two seconds.", 2.0, 4.0),) if noisy else (),
        trust=trust,
    )


def moment(script: Transcript, turn: int, behaviour: str) -> Moment:
    spoken = script.turns[turn]
    first, last = 0, min(9, len(spoken.words))
    quote = " ".join(word.text for word in spoken.words[first:last])
    return Moment(
        behaviour=behaviour,
        turn=turn,
        speaker=spoken.speaker,
        start=spoken.words[first].start,
        end=spoken.words[last - 1].end,
        quote=quote,
        span=(first, last),
        trust=spoken.words[0].trust,
        how="phrase",
    )


def audit_of(script: Transcript, outcomes) -> Audit:
    findings = []
    for rule in RULES:
        outcome, trigger, found = outcomes.get(rule.id, (NONE, None, None))
        last = len(script.turns) - 1
        window = Window(trigger or 0, last, script.turns[trigger or 0].start, script.turns[last].end, 0.3 if outcome is DOUBT else 0.96)
        findings.append(
            Finding(
                call_id=script.call_id,
                rule=rule.id,
                rule_version=rule.version,
                clause=rule.clause,
                outcome=outcome,
                severity=rule.severity,
                status=rule.status,
                triggers=(moment(script, trigger, (rule.when or ("turn",))[0]),) if trigger is not None else (),
                found=(moment(script, found, (rule.expect or rule.never)[0]),) if found is not None else (),
                searched=(window,) if outcome is not NONE else (),
                trust=0.3 if outcome is DOUBT else 0.93,
                reason=REASONS[outcome],
            )
        )
    moments = tuple(m for f in findings for m in (*f.triggers, *f.found))
    moments += tuple(moment(script, turn.index, "follow-up-promise") for turn in script.turns if "call you before" in turn.text)
    return Audit(call_id=script.call_id, ruleset="rules-1", moments=moments, findings=tuple(findings), outcomes={})


@cache
def prepared(way: str) -> tuple[Transcript, Audit]:
    lines, outcomes = WAYS[way]
    script = transcript("", lines, trust=0.41 if way == "unheard" else 0.94, noisy=range(1, 3) if way == "noisy" else range(0))
    return script, audit_of(script, outcomes)


def record(
    call_id: str,
    way: str,
    agent: str,
    *,
    day: float = 0.0,
    customer: str | None = "K-2041",
    queue: str | None = "orders",
    direction: Direction = Direction.INBOUND,
) -> CallRecord:
    script, audit = prepared(way)
    script, audit = replace(script, call_id=call_id), replace(audit, call_id=call_id)
    recording = Recording(
        call_id=call_id,
        uri=f"{call_id}.wav",
        size=1,
        modified=0.0,
        agent=agent,
        customer=customer,
        started_at=START + timedelta(days=day),
        direction=direction,
        queue=queue,
    )
    trust = {"trust": script.trust, "min_trust": MIN_TRUST}
    score = score_call(audit, recording=recording, standard=STANDARD, ruleset=RULESET, transcript=script, **trust)
    return CallRecord(recording=recording, transcript=script, audit=audit, score=score)


def records(agents=AGENTS, per_agent: int = 30, seed: int = 4) -> dict[str, CallRecord]:
    rng = random.Random(seed)
    made = {}
    for place, agent in enumerate(agents):
        bad = 0.6 if place == 3 else 0.12
        weights = {"parcel": 4, "grace": 2, "question": 3, "shrug": 12 * bad, "pushy": 4 * bad, "noisy": 0.6, "unheard": 0.4}
        for number in range(per_agent if place != 5 else max(per_agent // 4, 1)):
            way = rng.choices([*weights], [*weights.values()])[0]
            call_id = f"call-{place}-{number:03}"
            made[call_id] = record(
                call_id,
                way,
                agent,
                day=number % 28 + rng.random() / 3,
                queue=rng.choice(["orders", "billing"]),
                customer=f"K-{rng.randrange(2000, 2040)}",
                direction=Direction.OUTBOUND if way == "question" else Direction.INBOUND,
            )
    return made


def run_result(made: dict[str, CallRecord], **more) -> RunResult:
    excluded = (
        CallFailure(
            "x-1", "in/nobody.wav", "discover", "no-agent", "No agent is named for nobody.wav: add it to the manifest.", excluded=True
        ),
        CallFailure("x-2", "in/short.wav", "discover", "too-short", "short.wav is 1.2 seconds long; the least is 3.", excluded=True),
    )
    failed = (CallFailure("x-3", "in/broken.wav", "transcribe", "damaged", "broken.wav cannot be decoded: fetch it again."),)
    return RunResult(
        **{
            "run_id": "2025-03-31-a",
            "started_at": START + timedelta(days=28),
            "finished_at": START + timedelta(days=28, minutes=42),
            "scored": tuple(made),
            "excluded": excluded,
            "failed": failed,
            "listened": len(made),
            "marked": len(made),
            "heard": (HEARD,),
            "warnings": ("The meaning model is not installed: phrases alone were used.",),
            **more,
        }
    )


def report(made: dict[str, CallRecord], *, audio: dict[str, str] | None = None, **more) -> Report:
    scores = [each.score for each in made.values()]
    audio = audio or {}
    return Report(
        **{
            "standard": STANDARD,
            "ruleset": RULESET,
            "team": team_summary(scores, standard=STANDARD, ruleset=RULESET),
            "scorecards": scorecards(scores, standard=STANDARD),
            "calls": {id_: CallEntry(score=each.score, key=f"key-{id_}", audio=audio.get(id_)) for id_, each in made.items()},
            "load_call": made.__getitem__,
            "run": run_result(made),
            "min_trust": MIN_TRUST,
            **more,
        }
    )


def write_tone(path: Path, seconds: float, *, rate: int = 8_000, channels: int = 2) -> None:
    """A recording with a rising tone for each channel."""
    at = np.arange(int(rate * seconds)) / rate
    tones = [np.sin(2 * np.pi * (220 * (n + 1) + 5 * at) * at) * 9_000 for n in range(channels)]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.stack(tones, axis=1).astype("<i2").tobytes())
