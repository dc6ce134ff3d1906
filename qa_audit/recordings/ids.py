"""A path relative to its source in, the id of the call out, where metadata give none."""

from __future__ import annotations

import hashlib
import re

from qa_audit.recordings.suffixes import stem_of

PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*")
UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
LONGEST = 100


def derived_id(relative: str) -> str:
    """The same every night, unique in its source, safe as a file name.

    `kim/2026-03-01.wav` becomes `kim~2026-03-01`: the suffix goes, slashes become tildes. A path with other characters than
    ASCII letters, digits, `.`, `_` and `-`, or a very long one, keeps what can be kept and gets ten digits of its SHA-256.
    """
    folder, slash, name = relative.rpartition("/")
    stem = folder + slash + stem_of(name)
    if PLAIN.fullmatch(stem) and len(stem) <= LONGEST:
        return stem.replace("/", "~")
    kept = UNSAFE.sub("_", stem.replace("/", "."))[:LONGEST].strip("._-") or "call"
    return f"{kept}~{hashlib.sha256(stem.encode(errors='surrogateescape')).hexdigest()[:10]}"
