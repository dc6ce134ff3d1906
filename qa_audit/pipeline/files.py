"""Conversations in files, held against the rules; nothing of it is kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from qa_audit.config import Config
from qa_audit.errors import CallError
from qa_audit.models import Audit
from qa_audit.pipeline.marking import STAGE, open_rulebook
from qa_audit.recordings import Conversation, read_conversations


def check_files(settings: Config, files: Iterable[Path]) -> Iterator[Audit | CallError]:
    """An audit for every conversation, or why there is none, in the order of the files."""
    auditor = open_rulebook(settings).auditor()
    for file in files:
        for read in _conversations(file):
            yield auditor.audit(read.transcript, recording=read.recording) if isinstance(read, Conversation) else read


def _conversations(file: Path) -> Iterator[Conversation | CallError]:
    try:
        yield from read_conversations(file)
    except OSError as error:
        yield CallError(file.name, STAGE, "unreadable", f"{file} cannot be read: {error.strerror}")
