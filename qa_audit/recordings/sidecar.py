"""What a JSON file or a vCon beside a recording says of the call: `call.wav` is told of by `call.wav.json` or `call.json`.

Recognisers write their transcripts under the same names, so the content decides: a JSON object that no importer takes for
a transcript is metadata. A file larger than metadata ever is, is not read.
"""

from __future__ import annotations

from collections.abc import Iterator

from qa_audit.recordings.access import read_bytes
from qa_audit.recordings.facts import FIELDS, Said
from qa_audit.recordings.found import Found
from qa_audit.recordings.importers import tells_what_was_said
from qa_audit.recordings.importers.base import LARGEST as LARGEST_VCON
from qa_audit.recordings.importers.base import Refused, parse_json
from qa_audit.recordings.importers.vcon import call_facts
from qa_audit.recordings.suffixes import stem_of, transcript_suffix
from qa_audit.recordings.text import decode
from qa_audit.recordings.trouble import Kind, Trouble

LARGEST = 256 * 1024
VCONS = (".vcon.json", ".vcon")


def read_sidecars(file: Found) -> Iterator[Said]:
    """What each file beside a recording says of it, and what a vCon says of itself; a broken one says only its trouble."""
    stem = stem_of(file.name)
    names = (f"{file.name}.json", f"{stem}.json", *(stem + suffix for suffix in VCONS))
    for name in names:
        is_vcon = name.endswith(VCONS)
        if name in file.beside and (is_vcon or name != file.name):
            said = _read_vcon(file.folder + name, name) if is_vcon else _read_json(file.folder + name, name)
            if said:
                yield said


def is_metadata(file: Found) -> bool:
    """Whether a file is a JSON object that is no transcript: it may speak of a call, but does not tell what was said."""
    said = _read_json(file.uri, file.name) if transcript_suffix(file.name) == ".json" else None
    return said is not None and not said.trouble


def _read_json(uri: str, name: str) -> Said | None:
    """What a sidecar says; None when the file is a transcript."""
    try:
        data = read_bytes(uri, limit=LARGEST)
    except OSError as error:
        return _broken(name, f"cannot be read ({error.strerror})")
    if len(data) > LARGEST:
        return None
    try:
        content = parse_json(decode(data, name=name))
    except Refused as refused:
        return _broken(name, f"is neither metadata nor a transcript: {refused.message}")
    if tells_what_was_said(content):
        return None
    if not isinstance(content, dict):
        return _broken(name, f"is neither metadata nor a transcript: a JSON object is needed, with any of {', '.join(FIELDS)}")
    return Said(name, {key.lower(): value for key, value in content.items()})


def _read_vcon(uri: str, name: str) -> Said | None:
    """What a vCon says of its call. Broken ones say nothing here: the importer refuses them with the reason."""
    try:
        data = read_bytes(uri, limit=LARGEST_VCON)
        facts = call_facts(parse_json(decode(data, name=name)))
    except (OSError, Refused):
        return None
    return Said(name, facts, fills=frozenset({"call_id", "agent", "customer"}))


def _broken(name: str, message: str) -> Said:
    return Said(name, {}, trouble=Trouble(Kind.BAD_SIDECAR, f"{name} {message}"))
