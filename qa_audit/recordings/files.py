"""Sources (folders, globs, files, fsspec URLs) in, the files that may be calls out, with what is beside each."""

from __future__ import annotations

import errno
import glob
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from qa_audit.errors import Location, Problem, UserFileError
from qa_audit.recordings.access import is_url, plain
from qa_audit.recordings.buckets import list_url
from qa_audit.recordings.facts import is_odd
from qa_audit.recordings.found import ODD_NAME, Found
from qa_audit.recordings.suffixes import is_call
from qa_audit.recordings.trouble import Kind

EFFECTIVE = os.access in os.supports_effective_ids
"""Whether the rights asked for are those of the user that the program acts as."""


def find_files(sources: Iterable[str], *, skip: str) -> tuple[Found, ...]:
    """Every file of all sources, each once: the first source that leads to it gives it its relative path.

    `skip` is the folder of the pages: the clips in it are no calls. UserFileError names every source that is not there.
    """
    walk = Walk(os.path.abspath(skip))
    found: dict[str, Found] = {}
    problems: list[Problem] = []
    for source in sources:
        try:
            place = plain(source)
            for file in list_url(place) if is_url(place) else walk.source(place):
                found.setdefault(file.uri, file)
        except (OSError, ImportError) as error:
            why = error.strerror if isinstance(error, OSError) and error.strerror else error
            problems.append(Problem(Location(source), f"cannot look for recordings there: {why}"))
    if problems:
        raise UserFileError(problems)
    return tuple(found.values())


@dataclass(slots=True)
class Walk:
    """A walk over local files that enters every folder once, so that links never lead it round in circles."""

    skip: str
    entered: set[tuple[int, int]] = field(default_factory=set)
    listed: dict[str, frozenset[str]] = field(default_factory=dict)

    def source(self, source: str) -> Iterator[Found]:
        """What one source names. A file that is named itself is taken whatever its suffix."""
        path = os.path.abspath(source)
        if os.path.isdir(path):
            yield from self.folder(path)
        elif os.path.lexists(path):
            yield self.file(path, os.path.basename(path))
        elif glob.has_magic(source):
            yield from self.matches(path)
        else:
            raise FileNotFoundError(errno.ENOENT, "there is no such folder or file")

    def matches(self, pattern: str) -> Iterator[Found]:
        """What a pattern matches, relative to its last folder without a wildcard; matched folders are walked."""
        parts = pattern.split(os.sep)
        root = os.sep.join(parts[: next(place for place, part in enumerate(parts) if glob.has_magic(part))]) + os.sep
        for path in sorted(glob.iglob(pattern, recursive=True)):
            relative = path.removeprefix(root).rstrip(os.sep).replace(os.sep, "/")
            if os.path.isdir(path):
                yield from self.folder(path.rstrip(os.sep), f"{relative}/" if relative else "")
            elif is_call(relative):
                yield self.file(path, relative)

    def file(self, path: str, relative: str) -> Found:
        folder = os.path.dirname(path)
        if folder not in self.listed:
            self.listed[folder] = frozenset(os.listdir(folder))
        return _look_at(path, relative, self.listed[folder])

    def folder(self, root: str, prefix: str = "") -> Iterator[Found]:
        """Every file under a folder in the order of the names, hidden ones apart; links to folders come last."""
        folders, links = [(root, prefix)], list[tuple[str, str]]()
        while folders or links:
            path, relative = folders.pop() if folders else links.pop(0)
            try:
                entries = [] if self._leave_out(path) else sorted(os.scandir(path), key=lambda entry: entry.name)
            except OSError as error:
                yield Found(path, relative.rstrip("/"), trouble=Kind.UNREADABLE, why=f"the folder cannot be read ({error.strerror})")
                continue
            names = frozenset(entry.name for entry in entries)
            inner: list[tuple[str, str]] = []
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if _is_folder(entry):
                    (links if entry.is_symlink() else inner).append((entry.path, f"{relative}{entry.name}/"))
                elif is_call(entry.name):
                    yield _look_at(entry.path, relative + entry.name, names)
            folders.extend(reversed(inner))

    def _leave_out(self, path: str) -> bool:
        status = os.stat(path)
        known = (status.st_dev, status.st_ino)
        if path == self.skip or known in self.entered:
            return True
        self.entered.add(known)
        return False


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a folder or leads to one; a link that leads in a circle does not."""
    return os.path.isdir(entry.path) if entry.is_symlink() else entry.is_dir()


def _look_at(path: str, relative: str, beside: frozenset[str]) -> Found:
    """A file as `stat` sees it; it is not opened."""
    if is_odd(path):
        return Found(path, relative, trouble=Kind.ODD_NAME, why=ODD_NAME)
    try:
        status = os.stat(path)
    except OSError as error:
        kind = Kind.LINK_LOOP if error.errno == errno.ELOOP else Kind.UNREADABLE
        return Found(path, relative, trouble=kind, why=f"it cannot be read ({error.strerror})")
    if not stat.S_ISREG(status.st_mode) or not os.access(path, os.R_OK, effective_ids=EFFECTIVE):
        return Found(path, relative, trouble=Kind.UNREADABLE, why="it is not a file that may be read")
    if not status.st_size:
        return Found(path, relative, trouble=Kind.EMPTY, why="it is empty")
    return Found(path, relative, status.st_size, status.st_mtime, beside)
