"""The file of a ready transcript in, the Transcript out, whatever wrote it; the table of kinds stands in `table`."""

from __future__ import annotations

from pathlib import Path

from qa_audit.errors import CallError
from qa_audit.models import Recording, Transcript
from qa_audit.recordings.importers import own, rttm, vcon
from qa_audit.recordings.importers.assemble import assemble
from qa_audit.recordings.importers.base import LARGEST, Refused, parse_json
from qa_audit.recordings.importers.rttm import VoiceSpan
from qa_audit.recordings.importers.table import JSON_KINDS, NO_TRANSCRIPTS, TEXT_KINDS, refused_text, tells_what_was_said
from qa_audit.recordings.text import decode

STAGE = "import"

__all__ = ["STAGE", "VoiceSpan", "read_data", "read_document", "read_speakers", "read_transcript", "tells_what_was_said"]


def read_transcript(path: Path, *, call_id: str, recording: Recording | None = None) -> Transcript:
    """The transcript in a file. CallError (stage `import`) says what the file is when it cannot be used."""
    try:
        data = _bytes(path)
    except Refused as refused:
        raise CallError(call_id, STAGE, refused.kind, f"{path.name}: {refused.message}") from None
    return read_data(data, name=path.name, call_id=call_id, recording=recording)


def read_data(data: bytes, *, name: str, call_id: str, recording: Recording | None = None) -> Transcript:
    """The same for the bytes of a file."""
    try:
        _within_limit(data)
        return _read(decode(data, name=name), data, name=name, call_id=call_id, recording=recording)
    except Refused as refused:
        raise CallError(call_id, STAGE, refused.kind, f"{name}: {refused.message}") from None


def read_speakers(path: Path, *, call_id: str) -> tuple[VoiceSpan, ...]:
    """Who spoke when, of a file beside a recording (RTTM, BBC Kaldi). CallError when it is no such file."""
    try:
        text = decode(_bytes(path), name=str(path))
        if rttm.sniff(text):
            return rttm.read(text)
        document = parse_json(text)
        if rttm.sniff_kaldi(document):
            return rttm.read_kaldi(document)
        raise Refused("unknown-format", "neither RTTM nor the speaker segments of Kaldi")
    except Refused as refused:
        raise CallError(call_id, STAGE, refused.kind, f"{path.name}: {refused.message}") from None


def read_document(document: object, *, call_id: str, recording: Recording | None, data: bytes) -> Transcript:
    """The transcript in a JSON document; `data` are the bytes it was read from. Refused when it is none."""
    ours = document if own.sniff(document) else vcon.own_transcript(document)
    if ours is not None:
        return own.read(ours, call_id=call_id)
    for entry in JSON_KINDS:
        if entry.sniff(document):
            return assemble(entry.read(document), call_id=call_id, recording=recording, data=data)
    for known in NO_TRANSCRIPTS:
        if known.sniff(document):
            raise Refused(known.kind, known.what)
    raise Refused("unknown-format", "JSON, but no transcript of a kind that is read here")


def _read(text: str, data: bytes, *, name: str, call_id: str, recording: Recording | None) -> Transcript:
    if not text.strip():
        raise Refused("empty", "an empty file")
    if text.lstrip()[0] in "{[":
        return read_document(parse_json(text), call_id=call_id, recording=recording, data=data)
    for entry in TEXT_KINDS:
        if entry.sniff(text):
            return assemble(entry.read(text), call_id=call_id, recording=recording, data=data)
    raise Refused(*refused_text(text, name=name))


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return _within_limit(file.read(LARGEST + 1))
    except OSError as error:
        raise Refused("unreadable", f"it cannot be read ({error.strerror})") from None


def _within_limit(data: bytes) -> bytes:
    if len(data) > LARGEST:
        raise Refused("too-large", f"larger than {LARGEST >> 20} MiB; no transcript of one call is")
    return data
