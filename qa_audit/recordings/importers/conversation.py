"""Plain conversations: `{"call_id", "turns": [{"speaker", "text", "start"?, "end"?}]}`, the format that is easiest to write.

Turns stay the turns they are, also empty ones: what counts them from outside keeps its count.
"""

from __future__ import annotations

import msgspec

from qa_audit.recordings.importers.base import TYPED, Imported, Refused, Seconds, Shape, has, passage, shaped, spread, talk_until

KIND = "conversation"
MOST_TURNS = 50_000


class Said(Shape, frozen=True):
    speaker: str = "unknown"
    text: str = ""
    message: str = ""
    start: Seconds | None = None
    end: Seconds | None = None

    @property
    def words(self) -> str:
        return self.text or self.message


class Conversation(Shape, frozen=True):
    turns: tuple[Said, ...]
    call_id: str | int | None = None
    language: str | None = None
    channel: str | msgspec.UnsetType = msgspec.UNSET


def sniff(document: object) -> bool:
    turns = document.get("turns") if isinstance(document, dict) else document
    if not isinstance(turns, list) or not turns:
        return has(document, "turns")
    return all(has(turn, "speaker") and ("text" in turn or "message" in turn) for turn in turns[:3])


def read(document: object, *, trust: float = TYPED) -> Imported:
    """The conversation, given as an object or as its bare list of turns; `trust` is that of its words."""
    told = shaped({"turns": document} if isinstance(document, list) else document, Conversation)
    if len(told.turns) > MOST_TURNS:
        raise Refused("too-large", f"{len(told.turns)} turns; a conversation has at most {MOST_TURNS}")
    ends = talk_until([(turn.words, turn.start, turn.end) for turn in told.turns])
    return Imported(
        kind=KIND,
        passages=tuple(
            passage(turn.speaker, spread(turn.words, turn.start, end, trust)) for turn, end in zip(told.turns, ends, strict=True)
        ),
        language=told.language,
        keep_turns=True,
    )
