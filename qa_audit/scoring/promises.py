"""One audited call goes in, what its agent promised comes out: the words, by what means, and by when."""

from __future__ import annotations

import re
from datetime import timedelta

from qa_audit.models import Audit, Recording, Transcript
from qa_audit.promises import Means, Promise
from qa_audit.scoring.deadlines import deadline

PROMISE = "follow-up-promise"
"""The behaviour by which promises are known; without it in the rules the ledger stays empty."""

BY_CALL = re.compile(r"\b(?:call|ring|phone|bell|give you a (?:call|ring|bell|shout))\b", re.IGNORECASE)
NOT_BY_CALL = re.compile(r"\b(?:e-?mail|write|letter|text|message|sms|post)\b", re.IGNORECASE)

QUOTE = 300
"""Characters of the turn that are quoted."""


def promises_in(audit: Audit, *, transcript: Transcript, recording: Recording) -> tuple[Promise, ...]:
    """Every turn in which the agent promises something, with the time it names."""
    turns = {turn.index: turn for turn in transcript.turns}
    made = {moment.turn: moment for moment in reversed(audit.moments) if moment.behaviour == PROMISE and moment.turn in turns}
    return tuple(_promise(turns[turn].text, moment.start, turn, recording) for turn, moment in sorted(made.items()))


def _promise(text: str, start: float | None, turn: int, recording: Recording) -> Promise:
    said_at = recording.started_at + timedelta(seconds=start or 0.0) if recording.started_at else None
    due = deadline(text, said_at) if said_at else None
    by_call = BY_CALL.search(text) and not NOT_BY_CALL.search(text)
    return Promise(
        call_id=recording.call_id,
        agent=recording.agent,
        customer=recording.customer,
        made_at=said_at,
        turn=turn,
        start=start,
        quote=text[:QUOTE],
        means=Means.CALL if by_call else Means.OTHER,
        due=due.due if due else None,
        due_words=due.words if due else "",
    )
