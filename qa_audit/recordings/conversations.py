"""A file of conversations in, each with its line out: JSON lines of plain conversations, or any single transcript.

One broken line costs its conversation and no other. Lines are read one at a time, so the file may be of any length.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

from qa_audit.errors import CallError
from qa_audit.models import Recording, Transcript
from qa_audit.recordings.dates import Calendar
from qa_audit.recordings.facts import FIELDS, Said, agree
from qa_audit.recordings.importers import STAGE, read_data, read_document
from qa_audit.recordings.importers.base import LARGEST, Refused, clean, parse_json
from qa_audit.recordings.text import decode

JSON_LINES = frozenset({".jsonl", ".ndjson"})
LONGEST_ID = 500
FACTS = tuple(name for name in FIELDS if name not in {"call_id", "channels"})
FAR_FUTURE = datetime.max.replace(tzinfo=UTC) - timedelta(days=1)
"""A benchmark's calls may be of any date."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation of a file. `recording` carries what its line says of the call (agent, queue, language, …)."""

    line: int
    transcript: Transcript
    recording: Recording


def read_conversations(path: Path) -> Iterator[Conversation | CallError]:
    """Every conversation of a file in its order; a CallError in the place of one that is broken, with its line.

    A file called `.jsonl` or `.ndjson`, or whose first line is a JSON object by itself and is followed by others, is JSON
    lines; so is one whose first line is broken and whose second is an object. Anything else is one transcript of any kind. A conversation without a `call_id` is called after its file and
    line. OSError when the file cannot be opened.
    """
    with path.open("rb") as file:
        lines = _lines(file)
        first = next(lines, None)
        second = next(lines, None) if first and (path.suffix.lower() in JSON_LINES or _is_object(first[1])) else None
        if first and (second or path.suffix.lower() in JSON_LINES):
            for number, line in chain(filter(None, (first, second)), lines):
                yield _conversation(line, path, number, f"{path.name}:{number}")
        else:
            number, line = first or (1, b"")
            rest = file.read(LARGEST + 1)
            others = list(_broken_first(line, rest, number)) if len(rest) <= LARGEST else []
            if others:
                for at, one in [(number, line), *others]:
                    yield _conversation(one, path, at, f"{path.name}:{at}")
            else:
                yield _conversation(line + rest, path, 1, path.name)


def _broken_first(first: bytes, rest: bytes, number: int) -> Iterator[tuple[int, bytes]]:
    """The lines after a first one that is broken; none where they are not JSON lines but the rest of one document."""
    lines = _lines(io.BytesIO(rest), number)
    second = next(lines, None)
    if second and first.strip() not in {b"{", b"["} and _is_object(second[1]):
        yield second
        yield from lines


def _lines(file: BinaryIO, number: int = 0) -> Iterator[tuple[int, bytes]]:
    """Lines that are not blank, counted on from `number`; of one that is far too long, only its beginning."""
    while line := file.readline(LARGEST + 1):
        number += 1
        rest = line
        while len(rest) > LARGEST and not rest.endswith(b"\n"):
            rest = file.readline(LARGEST + 1)
        if line.strip():
            yield number, line


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(parse_json(decode(line, name="")), dict)
    except Refused:
        return False


def _conversation(data: bytes, path: Path, number: int, place: str) -> Conversation | CallError:
    """One conversation, from a line or from a whole file; `place` says where, to people."""
    call_id = path.stem if place == path.name else f"{path.stem}:{number}"
    try:
        document = parse_json(decode(data, name=place)) if data.lstrip().startswith(b"{") and len(data) <= LARGEST else None
        call_id = _call_id(document) or call_id
        recording = _recording(document, call_id, path)
        if document is None:
            return Conversation(number, read_data(data, name=place, call_id=call_id, recording=recording), recording)
        return Conversation(number, read_document(document, call_id=call_id, recording=recording, data=data), recording)
    except Refused as refused:
        return CallError(call_id, STAGE, refused.kind, f"{place}: {refused.message}")
    except CallError as error:
        return error


def _call_id(document: object) -> str | None:
    """The id that a conversation gives itself; Refused when it is none."""
    given = document.get("call_id") if isinstance(document, dict) else None
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, str | int) or not (text := clean(str(given)).strip()) or len(text) > LONGEST_ID:
        raise Refused("damaged", f"call_id: a text of at most {LONGEST_ID} characters is needed")
    return text


def _recording(document: object, call_id: str, path: Path) -> Recording:
    """What a line says of its call beside the words. Refused when that is not what it should be."""
    said = Said("it", {name: document.get(name) for name in FACTS} if isinstance(document, dict) else {})
    facts = agree([said], calendar=Calendar(ZoneInfo("UTC"), FAR_FUTURE))
    if facts.troubles:
        raise Refused("damaged", "; ".join(trouble.message.removesuffix(" (it)") for trouble in facts.troubles))
    values = {"agent": "", **facts.values}
    started_at = values.pop("started_at", None)
    return Recording(call_id=call_id, uri=str(path), size=0, modified=0.0, started_at=started_at.at if started_at else None, **values)
