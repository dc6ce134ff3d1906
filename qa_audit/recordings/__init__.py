"""Where calls are found and what is known of them: sources in, recordings out; files of ready transcripts in, transcripts out."""

from __future__ import annotations

from qa_audit.recordings.access import hash_file, localise
from qa_audit.recordings.beside import speakers_beside, transcript_beside
from qa_audit.recordings.buckets import size_and_time
from qa_audit.recordings.call_log import reconcile
from qa_audit.recordings.conversations import Conversation, read_conversations
from qa_audit.recordings.discovery import Discovery, discover
from qa_audit.recordings.importers import VoiceSpan, read_speakers, read_transcript
from qa_audit.recordings.importers.own import to_json
from qa_audit.recordings.importers.vcon_out import to_vcon
from qa_audit.recordings.suffixes import is_transcript
from qa_audit.recordings.trouble import Kind

__all__ = [
    "Conversation",
    "Discovery",
    "Kind",
    "VoiceSpan",
    "discover",
    "hash_file",
    "is_transcript",
    "localise",
    "read_conversations",
    "read_speakers",
    "read_transcript",
    "reconcile",
    "size_and_time",
    "speakers_beside",
    "to_json",
    "to_vcon",
    "transcript_beside",
]
