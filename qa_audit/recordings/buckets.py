"""An fsspec URL in, the files under it that may be calls out, or how one file stands: nothing is downloaded."""

from __future__ import annotations

import errno
import glob
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from qa_audit.recordings.access import file_system, reaching
from qa_audit.recordings.facts import is_odd
from qa_audit.recordings.found import ODD_NAME, Found
from qa_audit.recordings.suffixes import is_call
from qa_audit.recordings.trouble import Kind

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

WHEN_CHANGED = ("mtime", "LastModified", "last_modified", "updated", "modified", "created")
"""Every file system names it in its own way."""


def list_url(url: str) -> Iterator[Found]:
    """Every file of a folder, of a pattern, or the one file named, in the order of the names.

    OSError when there is none or it cannot be reached; ImportError when its kind of URL needs a package that is not there.
    """
    system, path = file_system(url)
    with reaching(url):
        root, listing = _listing(system, path)
    names: defaultdict[str, set[str]] = defaultdict(set)
    for name in listing:
        folder, _, last = name.rpartition("/")
        names[folder].add(last)
    beside = {folder: frozenset(files) for folder, files in names.items()}
    for name, info in sorted(listing.items()):
        relative = name.removeprefix(root) if name != path else name.rpartition("/")[2]
        if name == path or (is_call(relative) and not _is_hidden(relative)):
            yield _found(system.unstrip_protocol(name), relative, info, beside[name.rpartition("/")[0]])


def size_and_time(url: str) -> tuple[int, int]:
    """Bytes of a file, and when it was changed in whole seconds since 1970: in listings and in single answers alike.

    OSError when it is not there or cannot be reached; 0 for what the file system does not say.
    """
    system, path = file_system(url)
    with reaching(url):
        info = system.info(path)
    return int(info.get("size") or 0), int(_seconds(info))


def _listing(system: AbstractFileSystem, path: str) -> tuple[str, dict[str, Mapping[str, Any]]]:
    """The folder from which relative paths count, and what the file system tells of every file."""
    if glob.has_magic(path):
        root = path[: path.rfind("/", 0, min(path.find(c) for c in "*?[" if c in path)) + 1]
        return root, {name: info for name, info in system.glob(path, detail=True).items() if info["type"] == "file"}
    listing = system.find(path, detail=True)
    if not listing and not system.exists(path):
        raise FileNotFoundError(errno.ENOENT, "there is no such folder or file")
    return f"{path.rstrip('/')}/", listing


def _is_hidden(relative: str) -> bool:
    return any(part.startswith(".") for part in relative.split("/"))


def _found(uri: str, relative: str, info: Mapping[str, Any], beside: frozenset[str]) -> Found:
    if is_odd(uri):
        return Found(uri, relative, trouble=Kind.ODD_NAME, why=ODD_NAME)
    if not info.get("size"):
        return Found(uri, relative, trouble=Kind.EMPTY, why="it is empty")
    return Found(uri, relative, int(info["size"]), _seconds(info), beside)


def _seconds(info: Mapping[str, Any]) -> float:
    """When a listed file was changed, in seconds since 1970; 0 where the file system does not say."""
    for name in WHEN_CHANGED:
        when = info.get(name)
        if isinstance(when, datetime):
            return when.timestamp()
        if isinstance(when, int | float):
            return float(when)
    return 0.0
