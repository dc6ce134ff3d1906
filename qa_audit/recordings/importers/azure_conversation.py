"""Azure conversation analysis input: `analysisInput.conversations[].conversationItems[]`, text of chat or of a transcript."""

from __future__ import annotations

from qa_audit.recordings.importers.base import TYPED, UNSTATED, Camel, Imported, Refused, has, passage, shaped, spread
from qa_audit.recordings.importers.roles import role_of

KIND = "azure-conversation"


class Item(Camel, frozen=True):
    participant_id: str = ""
    role: str = ""
    text: str = ""
    modality: str = ""


class Conversation(Camel, frozen=True):
    conversation_items: tuple[Item, ...]
    language: str | None = None
    modality: str = "text"


class Input(Camel, frozen=True):
    conversations: tuple[Conversation, ...]


class File(Camel, frozen=True):
    analysis_input: Input


def sniff(document: object) -> bool:
    return has(document, "analysisInput") and has(document["analysisInput"], "conversations")


def read(document: object) -> Imported:
    conversations = shaped(document, File).analysis_input.conversations
    if len(conversations) != 1:
        raise Refused("several-calls", f"{len(conversations)} conversations in one file; give each a file of its own")
    told = conversations[0]
    trust = TYPED if told.modality == "text" else UNSTATED
    return Imported(
        kind=KIND,
        passages=tuple(passage(item.participant_id, spread(item.text, None, None, trust)) for item in told.conversation_items),
        roles={item.participant_id: role for item in told.conversation_items if (role := role_of(item.role))},
        language=told.language,
        keep_turns=True,
    )
