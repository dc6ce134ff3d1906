"""Untrusted text becomes text that is safe to look at: no control character acts, nothing runs on without end."""

from __future__ import annotations

import re

from markupsafe import Markup

INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls; tab and newline stay
    "\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff"  # zero width, and what turns the direction of reading
    "\ud800-\udfff\ufff9-\ufffb\U000e0000-\U000e007f]"  # halves of pairs, annotations, tags
)
REPLACEMENT = "\ufffd"

NAME_LENGTH = 80
QUOTE_LENGTH = 400
TURN_LENGTH = 12_000


def clean(text: str) -> str:
    """The text with every character that acts on its surroundings made visible."""
    return text if text.isprintable() else INVISIBLE.sub(REPLACEMENT, text)


def shorten(text: str, length: int) -> str:
    """The text, or its beginning and an ellipsis."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def name(text: str) -> str:
    """A person's, queue's or customer's name as it can be shown."""
    return shorten(text, NAME_LENGTH)


def place(uri: str) -> str:
    """Where a recording lies, for a page, which travels: an address as it is, of a path of this machine the folder and the file."""
    if "://" in uri:
        return uri
    *above, folder, file = ("", "", *re.split(r"[/\\]", uri))
    return f"…/{folder}/{file}" if any(above) else uri


def finalize(value: object) -> object:
    """What Jinja calls on everything it prints: our own markup as it is, anything else cleaned."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return clean(value)
    return value
