"""A recording in, what lies beside it out: the transcript that is there already, and who spoke when."""

from __future__ import annotations

from qa_audit.models import Recording
from qa_audit.recordings.access import exists
from qa_audit.recordings.found import Found
from qa_audit.recordings.sidecar import is_metadata
from qa_audit.recordings.suffixes import SPEAKERS, TRANSCRIPTS, is_transcript, stem_of


def transcript_beside(recording: Recording) -> str | None:
    """The address of the ready transcript of a recording, or None. A transcript that is the call itself is its own.

    Looked for are `call.vcon.json`, `call.vcon`, `call.json`, `call.vtt`, `call.srt`, and the same after the whole name
    (`call.wav.json`), in this order. JSON that is metadata is passed over.
    """
    if is_transcript(recording.uri):
        return recording.uri
    folder, name = _parts(recording.uri)
    for suffix in TRANSCRIPTS:
        for beside in (stem_of(name) + suffix, name + suffix):
            if exists(folder + beside) and not is_metadata(Found(folder + beside, beside)):
                return folder + beside
    return None


def speakers_beside(recording: Recording) -> str | None:
    """The address of `call.rttm` beside a recording, or None."""
    folder, name = _parts(recording.uri)
    address = f"{folder}{stem_of(name)}{SPEAKERS}"
    return address if exists(address) else None


def _parts(uri: str) -> tuple[str, str]:
    folder, slash, name = uri.rpartition("/")
    return folder + slash, name
