"""Why a call is set aside before anybody listens: a stable word to count by, and a message for people."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """The stable words of stage `discover`."""

    NO_AGENT = "no-agent"
    UNKNOWN_AGENT = "unknown-agent"
    CONFLICT = "conflict"
    """Two sources disagree."""
    BAD_DATE = "bad-date"
    AMBIGUOUS_DATE = "ambiguous-date"
    FUTURE_DATE = "future-date"
    BAD_VALUE = "bad-value"
    BAD_ROW = "bad-row"
    BAD_SIDECAR = "bad-sidecar"
    DUPLICATE_ID = "duplicate-id"
    NO_FILE = "no-file"
    """Metadata without its recording."""
    EMPTY = "empty"
    UNREADABLE = "unreadable"
    LINK_LOOP = "link-loop"
    ODD_NAME = "odd-name"
    UNKNOWN_FORMAT = "unknown-format"


class Trouble(ValueError):
    """One thing wrong with one call, or with one `field` of what is said of it. Collected, never seen outside."""

    def __init__(self, kind: Kind, message: str, field: str = "") -> None:
        self.kind, self.message, self.field = kind, message, field
        super().__init__(message)
