"""Google Contact Center AI conversations: `entries[]` with `text`, `role` and `start_timestamp_usec`.

The times are of whole entries, so a turn lasts until the next begins or as long as its words take.
"""

from __future__ import annotations

import msgspec

from qa_audit.recordings.importers.base import UNSTATED, Imported, Shape, has, passage, shaped, spread, talk_until, within_a_call

KIND = "google-ccai"


class Entry(Shape, frozen=True):
    text: str = ""
    role: str = ""
    user_id: int | None = None
    start_timestamp_usec: float | None = None


class File(Shape, frozen=True):
    entries: tuple[Entry, ...]
    language_code: str | msgspec.UnsetType = msgspec.UNSET


def sniff(document: object) -> bool:
    entries = document.get("entries") if isinstance(document, dict) else None
    return isinstance(entries, list) and all(has(entry, "text", "role") for entry in entries[:3])


def read(document: object) -> Imported:
    file = shaped(document, File)
    first = min((entry.start_timestamp_usec for entry in file.entries if entry.start_timestamp_usec is not None), default=0.0)
    starts = [
        None if entry.start_timestamp_usec is None else within_a_call((entry.start_timestamp_usec - first) / 1e6) for entry in file.entries
    ]
    ends = talk_until([(entry.text, start, None) for entry, start in zip(file.entries, starts, strict=True)])
    return Imported(
        kind=KIND,
        passages=tuple(
            passage(entry.role or entry.user_id, spread(entry.text, start, end, UNSTATED))
            for entry, start, end in zip(file.entries, starts, ends, strict=True)
        ),
        language=file.language_code or None,
        keep_turns=True,
    )
