"""A folder of pages or exports: files are written aside and renamed, only what changed is touched, what no longer belongs goes."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Kind:
    """What a folder holds: the file that remembers it, so that two kinds may share a folder, and the names it may ever delete."""

    memory: str
    ours: re.Pattern[str]


NAME = "[a-z0-9][a-z0-9.-]*"
PAGES = Kind(".qa-audit-pages.json", re.compile(rf"(?:(?:agents|calls|rules|audio/clips)/)?{NAME}\.(?:html|mp3)"))
EXPORTS = Kind(".qa-audit-exports.json", re.compile(rf"(?:(?:agents|vcon)/)?{NAME}\.(?:json|csv|parquet)"))
MAILS = Kind(".qa-audit-mails.json", re.compile(rf"{NAME}\.(?:eml|html|txt)"))


def write_if_changed(path: Path, content: bytes) -> bool:
    """Put the content there in one step, unless it is there already; whether anything was written."""
    if path.is_file() and path.stat().st_size == len(content) and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(aside).chmod(0o644)
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
    return True


class Folder:
    """Writes pages into `root` and remembers by what key each was made, so that a known page need not be made again."""

    def __init__(self, root: Path, *, kind: Kind = PAGES) -> None:
        self.root, self._kind = root, kind
        self.written = self.unchanged = 0
        self._before = self._read_keys()
        self._now: dict[str, str] = {}
        self._by_stem: dict[str, list[str]] = defaultdict(list)
        for path in self._before:
            self._by_stem[path.split(".", 1)[0]].append(path)

    def known(self, path: str, key: str) -> bool:
        """Whether that page was made from the same key before and is still there; it then counts as unchanged."""
        if not key or self._before.get(path) != key or not (self.root / path).is_file():
            return False
        self.keep(path, key)
        self.unchanged += 1
        return True

    def keep(self, path: str, key: str = "") -> None:
        """Say that a file belongs here, whoever wrote it."""
        self._now[path] = key

    def kept(self, stem: str) -> tuple[str, ...]:
        """Files of the last time whose path up to the first dot is `stem`, and which are still there."""
        return tuple(path for path in self._by_stem.get(stem, ()) if (self.root / path).is_file())

    def leave(self, others: Callable[[str], bool]) -> None:
        """Leave files of the last time as they are, if they are such `others`."""
        for path, key in self._before.items():
            if others(path) and path not in self._now:
                self._now[path] = key

    def write(self, path: str, text: str, *, key: str = "") -> None:
        """Write one page; `key` is what `known` will be asked for next time."""
        changed = write_if_changed(self.root / path, text.encode("utf-8", "replace"))
        self.written += changed
        self.unchanged += not changed
        self.keep(path, key)

    def put(self, file: Path, path: str, *, key: str = "") -> None:
        """Move a whole file, made on the same file system, to its place here."""
        file.chmod(0o644)
        file.replace(self.root / path)
        self.written += 1
        self.keep(path, key)

    def close(self) -> int:
        """Remove our files of the last time that no longer belong, remember the keys; how many were removed."""
        gone = [path for path in self._before if path not in self._now and self._kind.ours.fullmatch(path)]
        for path in gone:
            (self.root / path).unlink(missing_ok=True)
        write_if_changed(self.root / self._kind.memory, json.dumps(self._now, sort_keys=True, indent=0).encode())
        return len(gone)

    def _read_keys(self) -> dict[str, str]:
        """The keys of the last time; a damaged or foreign file only means that every page is made anew."""
        try:
            keys = json.loads((self.root / self._kind.memory).read_bytes())
        except (FileNotFoundError, ValueError):
            return {}
        return {str(path): str(key) for path, key in keys.items()} if isinstance(keys, dict) else {}
