"""A folder of pages or exports: files are written aside and renamed, only what changed is touched, what no longer belongs goes.

A kill or a power cut at any moment leaves nothing that the next time takes for finished: a file counts as known only while it
is, by size and time, the one that was remembered, and it is remembered only after it is safely on the disk.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Kind:
    """What a folder holds: the file that remembers it, so that two kinds may share a folder, and the names it may ever delete."""

    memory: str
    ours: re.Pattern[str]

    @property
    def journal(self) -> str:
        """The file with the paths about to be written, one a line; there while that goes on, and after it was cut short."""
        return f"{self.memory}.new"


NAME = "[a-z0-9][a-z0-9.-]*"
PAGES = Kind(".qa-audit-pages.json", re.compile(rf"(?:(?:agents|calls|rules|audio/clips)/)?{NAME}\.(?:html|mp3)"))
EXPORTS = Kind(".qa-audit-exports.json", re.compile(rf"(?:(?:agents|vcon)/)?{NAME}\.(?:json|csv|parquet)"))
MAILS = Kind(".qa-audit-mails.json", re.compile(rf"{NAME}\.(?:eml|html|txt)"))

PART = ".part"
LITTER = re.compile(r"\.[a-z0-9_]{8}\.part")
"""What a kill leaves of a file or folder that was being written aside."""


def write_if_changed(path: Path, content: bytes) -> bool:
    """Put the content there in one step, unless it is there already; whether anything was written."""
    if path.is_file() and path.stat().st_size == len(content) and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=PART)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(aside).chmod(0o644)
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
    return True


Memory = tuple[object, ...]
"""Of one file: by what key it was made, its size in bytes and its time in nanoseconds."""
DOUBTFUL: Memory = ("",)


def settle(paths: Iterable[Path]) -> None:
    """Wait until these files and their names are on the disk; all at once, which is far quicker than one by one."""
    files = [path for path in paths if path.is_file()]
    for path in (*files, *{path.parent for path in files}):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


class Folder:
    """Writes pages into `root` and remembers by what key each was made, so that a known page need not be made again."""

    def __init__(self, root: Path, *, kind: Kind = PAGES) -> None:
        self.root, self._kind = root, kind
        self.written = self.unchanged = 0
        self._before = self._read_keys()
        self._now: dict[str, str] = {}
        self._left: dict[str, Memory] = {}
        self._new: set[str] = set()
        self._by_stem: dict[str, list[str]] = defaultdict(list)
        for path in self._before:
            self._by_stem[path.split(".", 1)[0]].append(path)

    def known(self, path: str, key: str) -> bool:
        """Whether that page was made from the same key before and is still there as it was; it then counts as unchanged."""
        if not self.same(path, key):
            return False
        self.keep(path, key)
        self.unchanged += 1
        return True

    def same(self, path: str, key: str) -> bool:
        """What `known` says, without counting."""
        return bool(key) and self._before.get(path) == (key, *_looks(self.root / path))

    def keep(self, path: str, key: str = "") -> None:
        """Say that a file belongs here, whoever wrote it."""
        self._now[path] = key

    def kept(self, stem: str) -> tuple[str, ...]:
        """Files of the last time whose path up to the first dot is `stem`, and which are still there."""
        return tuple(path for path in self._by_stem.get(stem, ()) if (self.root / path).is_file())

    def leave(self, others: Callable[[str], bool]) -> None:
        """Leave files of the last time as they are, if they are such `others`."""
        self._left = {path: memory for path, memory in self._before.items() if others(path) and path not in self._now}

    def announce(self, path: str) -> None:
        """Say that a file is about to be written here, so that it is known as ours should that be cut short."""
        self._new.add(path)
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / self._kind.journal).open("a", encoding="utf-8") as journal:
            journal.write(f"{path}\n")

    def write(self, path: str, text: str, *, key: str = "") -> None:
        """Write one page; `key` is what `known` will be asked for next time."""
        if path not in self._before:
            self.announce(path)
        changed = write_if_changed(self.root / path, text.encode("utf-8", "replace"))
        if changed:
            self._new.add(path)
        self.written += changed
        self.unchanged += not changed
        self.keep(path, key)

    def put(self, file: Path, path: str, *, key: str = "") -> None:
        """Move a whole file, made on the same file system, to its place here."""
        self.announce(path)
        file.chmod(0o644)
        file.replace(self.root / path)
        self.written += 1
        self.keep(path, key)

    def close(self) -> int:
        """Remove our files of the last time that no longer belong, remember the keys; how many were removed."""
        belongs = self._now.keys() | self._left.keys()
        gone = [path for path in self._before if path not in belongs and self._kind.ours.fullmatch(path)]
        for path in gone:
            (self.root / path).unlink(missing_ok=True)
        self._sweep()
        settle(self.root / path for path in sorted(self._new))
        memory = self._left | {path: (key, *_looks(self.root / path)) if key else DOUBTFUL for path, key in self._now.items()}
        write_if_changed(self.root / self._kind.memory, json.dumps(memory, sort_keys=True, indent=0).encode())
        settle([self.root / self._kind.memory])
        (self.root / self._kind.journal).unlink(missing_ok=True)
        return len(gone)

    def _sweep(self) -> None:
        """Let go what a kill left of files that were being written."""
        for folder in {self.root, self.root / "audio", *((self.root / path).parent for path in self._now)}:
            for litter in folder.glob(f".*{PART}"):
                if LITTER.fullmatch(litter.name):
                    shutil.rmtree(litter) if litter.is_dir() else litter.unlink(missing_ok=True)

    def _read_keys(self) -> dict[str, Memory]:
        """What is remembered of the last time; a damaged or foreign file only means that every page is made anew."""
        try:
            keys = json.loads((self.root / self._kind.memory).read_bytes())
        except (FileNotFoundError, ValueError):
            keys = {}
        known = keys.items() if isinstance(keys, dict) else ()
        before = {path: tuple(memory) if isinstance(memory, list) else DOUBTFUL for path, memory in known}
        return before | dict.fromkeys(self._announced(), DOUBTFUL)

    def _announced(self) -> list[str]:
        """What was being written when the last time was cut short: of unknown content, and ours."""
        try:
            return (self.root / self._kind.journal).read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return []


def _looks(path: Path) -> tuple[int, int]:
    """Size and time of a file, in bytes and nanoseconds; -1 where there is none."""
    try:
        seen = path.stat()
    except OSError:
        return -1, -1
    return seen.st_size, seen.st_mtime_ns
