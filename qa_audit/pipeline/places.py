"""Where things lie: relative paths of the configuration count from its folder."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from qa_audit.config import Config
from qa_audit.errors import OutputError
from qa_audit.store import Store, open_store
from qa_audit.store.opening import SQLITE, address, sqlite_file

log = logging.getLogger(__name__)

LOCK = ".qa-audit.lock"
WAITING = 3600.0
"""Seconds to wait for another run that writes pages into the same folder."""


def out_folder(settings: Config) -> Path:
    """The folder of the pages."""
    return settings.folder / settings.out


def writable_out(settings: Config) -> Path:
    """The folder of the pages, made if need be; OutputError when nothing can be written there, before any work is done."""
    out = out_folder(settings)
    probe = out / ".qa-audit-probe"
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink(missing_ok=True)  # another run may look at the same folder at this moment
    except OSError as error:
        raise OutputError(f"the pages cannot be written to {out}: {error.strerror}; give --out another folder") from None
    return out


@contextmanager
def alone_in(out: Path) -> Iterator[None]:
    """Wait until no other run writes pages there, and keep others out: runs that share a store may share a folder by mistake.

    A file system without locks is written to as it is.
    """
    lock = FileLock(out / LOCK, timeout=WAITING)
    try:
        lock.acquire()
    except Timeout:
        raise OutputError(f"another run has been writing pages to {out} for {WAITING:g} s; give --out another folder") from None
    except (OSError, NotImplementedError) as error:
        log.info("%s cannot be locked: %s", out, error)
    try:
        yield
    finally:
        lock.release()


def store_address(settings: Config) -> str:
    """The store's address with a SQLite path that counts from here."""
    if "://" in settings.store and not settings.store.startswith(SQLITE):
        return settings.store
    return str(settings.folder / settings.store.removeprefix(SQLITE))


def opened_store(settings: Config, *, create: bool = False) -> Store:
    """The store of this configuration; only commands that fill it may make it."""
    return open_store(store_address(settings), create=create)


def store_or_nothing(settings: Config) -> Store:
    """The store of this configuration, or an empty one in memory where there is none yet: nothing is made."""
    file = sqlite_file(address(store_address(settings)))
    return open_store(":memory:") if file and not file.exists() else opened_store(settings)
