"""A name of any script, length or intent becomes a file name that is safe on every file system and its own."""

from __future__ import annotations

import re
import unicodedata
from hashlib import sha256

READABLE = 48
"""Characters kept of the name; the hash makes it unique, the rest is for the reader."""

HASHED = re.compile(r"-[0-9a-f]{10}$")
PLAIN = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
RESERVED = re.compile(r"con|prn|aux|nul|(?:com|lpt)[0-9]", re.ASCII)
"""Names of devices, which Windows does not allow as file names."""


def slug(name: str) -> str:
    """A name of lower-case ASCII letters, digits and hyphens that depends on `name` alone.

    A short plain name stays as it is. Any other gets ten digits of its hash, so that no two names ever share a file,
    not even where upper and lower case are one.
    """
    if PLAIN.fullmatch(name) and len(name) <= READABLE and not HASHED.search(name) and not RESERVED.fullmatch(name):
        return name
    latin = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    readable = re.sub(r"[^a-z0-9]+", "-", latin.lower())[:READABLE].strip("-")
    digest = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return f"{readable}-{digest}" if readable else digest
