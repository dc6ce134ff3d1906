"""Amazon Transcribe Call Analytics: turns by participant, with items for words where they are kept.

Shape: `Transcript[]` with `ParticipantRole`, `Content`, `Items[]`, offsets in milliseconds.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from qa_audit.models import Doubt, Word
from qa_audit.recordings.importers.base import (
    LONGEST,
    UNSTATED,
    Imported,
    Pascal,
    Passage,
    Refused,
    has,
    joined,
    passage,
    shaped,
    spread,
    word,
)

KIND = "call-analytics"

Millis = Annotated[float, msgspec.Meta(ge=0, le=LONGEST * 1000)]


class Item(Pascal, frozen=True):
    content: str = ""
    type: str = "pronunciation"
    confidence: float | None = None
    begin_offset_millis: Millis | None = None
    end_offset_millis: Millis | None = None


class Said(Pascal, frozen=True):
    participant_role: str
    content: str = ""
    items: tuple[Item, ...] = ()
    begin_offset_millis: Millis | None = None
    end_offset_millis: Millis | None = None


class Characteristics(Pascal, frozen=True):
    total_conversation_duration_millis: Millis | None = None


class Content(Pascal, frozen=True):
    output: str = "Raw"


class File(Pascal, frozen=True):
    transcript: tuple[Said, ...]
    language_code: str | None = None
    job_status: str = "COMPLETED"
    conversation_characteristics: Characteristics = Characteristics()
    content_metadata: Content = Content()


def sniff(document: object) -> bool:
    turns = document.get("Transcript") if isinstance(document, dict) else None
    return isinstance(turns, list) and all(has(turn, "ParticipantRole", "Content") and "ParticipantId" not in turn for turn in turns[:3])


def read(document: object) -> Imported:
    file = shaped(document, File)
    if file.job_status != "COMPLETED":
        raise Refused("no-words", f"an Amazon Transcribe Call Analytics job that did not end well: {file.job_status}")
    return Imported(
        kind=KIND,
        passages=tuple(map(_passage, file.transcript)),
        language=file.language_code,
        duration=seconds(file.conversation_characteristics.total_conversation_duration_millis),
        doubts=redacted(file.content_metadata.output),
    )


def seconds(millis: float | None) -> float | None:
    return None if millis is None else millis / 1000


def redacted(output: str) -> tuple[Doubt, ...]:
    """The doubt that words were taken out before the transcript was kept."""
    return (Doubt("redacted", "personal data were taken out of the transcript before it came here"),) if output == "Redacted" else ()


def _passage(said: Said) -> Passage:
    if not said.items:
        return passage(
            said.participant_role, spread(said.content, seconds(said.begin_offset_millis), seconds(said.end_offset_millis), UNSTATED)
        )
    words: list[Word] = []
    for item in said.items:
        if item.type == "punctuation" or item.begin_offset_millis is None:
            words = joined(words, item.content)
        elif spoken := word(item.content, seconds(item.begin_offset_millis), seconds(item.end_offset_millis), item.confidence):
            words.append(spoken)
    return passage(said.participant_role, words)
