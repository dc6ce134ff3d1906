"""Every kind of file: how it is known, and how it is read, or why it is refused. The first that fits is taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from qa_audit.recordings.importers import (
    amazon_transcribe,
    assemblyai,
    aws_bda,
    aws_pca,
    azure_batch,
    azure_conversation,
    call_analytics,
    contact_lens,
    conversation,
    deepgram,
    google_ccai,
    google_stt,
    own,
    rttm,
    srt,
    vcon,
    watson,
    webvtt,
    whisper,
    zoom_chat,
)
from qa_audit.recordings.importers.base import Imported, has


@dataclass(frozen=True, slots=True)
class JsonKind:
    """A kind of JSON document."""

    kind: str
    sniff: Callable[[object], bool]
    read: Callable[[object], Imported]


@dataclass(frozen=True, slots=True)
class TextKind:
    """A kind of text file."""

    kind: str
    sniff: Callable[[str], bool]
    read: Callable[[str], Imported]


@dataclass(frozen=True, slots=True)
class NoTranscript:
    """A kind of JSON document that is known and is none; `what` says what it is, `kind` is the stable word of the refusal."""

    what: str
    sniff: Callable[[object], bool]
    kind: str = "unknown-format"


def read_inner(document: object) -> Imported | None:
    """The file of a recogniser inside a vCon; None when it is of no known kind."""
    found = next((entry for entry in JSON_KINDS if entry.kind != vcon.KIND and entry.sniff(document)), None)
    return found.read(document) if found else None


JSON_KINDS = (
    JsonKind(vcon.KIND, vcon.sniff, lambda document: vcon.read(document, read_inner=read_inner)),
    JsonKind(conversation.KIND, conversation.sniff, conversation.read),
    JsonKind(whisper.KIND, whisper.sniff, whisper.read),
    JsonKind(amazon_transcribe.KIND, amazon_transcribe.sniff, amazon_transcribe.read),
    JsonKind(contact_lens.KIND, contact_lens.sniff, contact_lens.read),
    JsonKind(call_analytics.KIND, call_analytics.sniff, call_analytics.read),
    JsonKind(aws_pca.KIND, aws_pca.sniff, aws_pca.read),
    JsonKind(aws_bda.KIND, aws_bda.sniff, aws_bda.read),
    JsonKind(google_stt.KIND, google_stt.sniff, google_stt.read),
    JsonKind(google_ccai.KIND, google_ccai.sniff, google_ccai.read),
    JsonKind(azure_batch.KIND, azure_batch.sniff, azure_batch.read),
    JsonKind(azure_conversation.KIND, azure_conversation.sniff, azure_conversation.read),
    JsonKind(deepgram.KIND, deepgram.sniff, deepgram.read),
    JsonKind(assemblyai.KIND, assemblyai.sniff, assemblyai.read),
    JsonKind(watson.KIND, watson.sniff, watson.read),
)

TEXT_KINDS = (
    TextKind(webvtt.KIND, webvtt.sniff, webvtt.read),
    TextKind(zoom_chat.KIND, zoom_chat.sniff, zoom_chat.read),
    TextKind(srt.KIND, srt.sniff, srt.read),
)


def _is_schema(document: object) -> bool:
    return has(document, "properties") and ("$schema" in document or document.get("type") == "object")


NO_TRANSCRIPTS = (
    NoTranscript("a JSON schema, not a transcript", _is_schema),
    NoTranscript("an evaluation form of Amazon Connect, not a transcript", lambda document: has(document, "evaluationId")),
    NoTranscript(
        "a summary by Bedrock Data Automation (custom output), without the words; give its standard output",
        lambda document: has(document, "matched_blueprint", "inference_result"),
        "no-words",
    ),
    NoTranscript("Zoom's recording.conf, which lists files and holds no words", lambda document: has(document, "magic_number", "items")),
    NoTranscript("who spoke when, without the words; it belongs beside its recording", rttm.sniff_kaldi, "no-words"),
    NoTranscript("an encrypted vCon; decrypt it first", lambda document: has(document, "ciphertext")),
    NoTranscript("a signed vCon; take it out of its signature first", lambda document: has(document, "payload", "signatures")),
)

MARKDOWN = ("# ", "## ", "```", "<a name")


def refused_text(text: str, *, name: str) -> tuple[str, str]:
    """The stable word and the reason for a text of no kind that is read; its name tells what it was meant to be."""
    if rttm.sniff(text):
        return "no-words", "who spoke when (RTTM), without the words; it belongs beside its recording"
    if name.lower().endswith((".srt", ".vtt")):
        return "no-words", "captions without a single line of times"
    if text.startswith(MARKDOWN):
        return "unknown-format", "documentation in Markdown, not a transcript"
    if text.lstrip().startswith("<"):
        return "unknown-format", "HTML or XML, not a transcript of a kind that is read here"
    return "unknown-format", "no transcript of a kind that is read here"


def tells_what_was_said(document: object) -> bool:
    """Whether a JSON document is a transcript, or of a kind that accompanies one; everything else may be metadata."""
    return own.sniff(document) or any(entry.sniff(document) for entry in (*JSON_KINDS, *NO_TRANSCRIPTS))
