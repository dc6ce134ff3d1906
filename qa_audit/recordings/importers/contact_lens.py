"""Amazon Connect Contact Lens: turns by participant, of voice (offsets in milliseconds) or of chat (points in time).

Shape: `Transcript[]` with `ParticipantId` that `Participants[]` gives a role. Turns of a chat stay the turns they are
and carry no times, as a minute in a chat is not a minute of talk; events and attachments without content are passed over.
"""

from __future__ import annotations

from qa_audit.recordings.importers.base import TYPED, UNSTATED, Imported, Pascal, Passage, has, passage, shaped, spread
from qa_audit.recordings.importers.call_analytics import Characteristics, Content, Millis, redacted, seconds
from qa_audit.recordings.importers.roles import role_of

KIND = "contact-lens"
CHAT = "CHAT"


class Participant(Pascal, frozen=True):
    participant_id: str
    participant_role: str = ""


class Said(Pascal, frozen=True):
    participant_id: str = ""
    participant_role: str = ""
    content: str = ""
    begin_offset_millis: Millis | None = None
    end_offset_millis: Millis | None = None


class File(Pascal, frozen=True):
    transcript: tuple[Said, ...]
    participants: tuple[Participant, ...] = ()
    channel: str = "VOICE"
    language_code: str | None = None
    conversation_characteristics: Characteristics = Characteristics()
    content_metadata: Content = Content()


def sniff(document: object) -> bool:
    return (
        has(document, "Transcript", "Participants")
        and isinstance(document["Transcript"], list)
        and all(has(turn, "ParticipantId") for turn in document["Transcript"][:3])
    )


def read(document: object) -> Imported:
    file = shaped(document, File)
    people: tuple[Participant | Said, ...] = (*file.participants, *file.transcript)
    stated = {person.participant_id: role for person in people if (role := role_of(person.participant_role))}
    chat = file.channel == CHAT
    return Imported(
        kind=KIND,
        passages=tuple(_typed(said) if chat else _spoken(said) for said in file.transcript if said.content),
        roles=stated,
        language=file.language_code,
        duration=seconds(file.conversation_characteristics.total_conversation_duration_millis),
        keep_turns=chat,
        doubts=redacted(file.content_metadata.output),
    )


def _spoken(said: Said) -> Passage:
    return passage(said.participant_id, spread(said.content, seconds(said.begin_offset_millis), seconds(said.end_offset_millis), UNSTATED))


def _typed(said: Said) -> Passage:
    return passage(said.participant_id, spread(said.content, None, None, TYPED))
