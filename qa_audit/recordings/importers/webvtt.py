"""WebVTT: captions with times and, in `<v Name>`, their speakers (W3C WebVTT)."""

from __future__ import annotations

from qa_audit.recordings.importers.base import Imported, Refused
from qa_audit.recordings.importers.captions import TIMES, blocks_of, read_cues

KIND = "webvtt"
NO_CUES = ("NOTE", "STYLE", "REGION")


def sniff(text: str) -> bool:
    return text.startswith("WEBVTT")


def read(text: str) -> Imported:
    """Notes, styles, regions and the header are passed over."""
    header, *blocks = blocks_of(text)
    if any(map(TIMES.fullmatch, header)):
        blocks = [header[1:], *blocks]
    cues = [
        block for block in blocks if not block[0].startswith(NO_CUES) and (len(block) > 1 or "-->" in block[0] or not _is_header(block))
    ]
    if not cues:
        raise Refused("no-words", "a WebVTT file without captions")
    return read_cues(cues, kind=KIND)


def _is_header(block: list[str]) -> bool:
    return block[0].startswith(("##", "::cue"))
