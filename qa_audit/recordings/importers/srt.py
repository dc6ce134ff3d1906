"""SRT: numbered captions with times; speakers only where the text names them."""

from __future__ import annotations

from qa_audit.recordings.importers.base import Imported
from qa_audit.recordings.importers.captions import TIMES, blocks_of, read_cues

KIND = "srt"
LINES_LOOKED_AT = 200


def sniff(text: str) -> bool:
    return any(TIMES.fullmatch(line) for line in text.splitlines()[:LINES_LOOKED_AT])


def read(text: str) -> Imported:
    return read_cues(blocks_of(text), kind=KIND)
