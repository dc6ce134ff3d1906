"""A file that may be a call, before anything is known of it."""

from __future__ import annotations

from dataclasses import dataclass

from qa_audit.recordings.trouble import Kind

ODD_NAME = "its name has characters that hide, break or disguise it; rename it"


@dataclass(frozen=True, slots=True)
class Found:
    """`uri` is an absolute path or a URL, `relative` its path from the source, with slashes; `beside` are the names of all
    files in its folder, its own too. `trouble` and `why` say what keeps it from being read."""

    uri: str
    relative: str
    size: int = 0
    modified: float = 0.0
    beside: frozenset[str] = frozenset()
    trouble: Kind | None = None
    why: str = ""

    @property
    def name(self) -> str:
        return self.relative.rpartition("/")[2]

    @property
    def folder(self) -> str:
        """The address of its folder, with a slash at its end."""
        return self.uri.removesuffix(self.name)
