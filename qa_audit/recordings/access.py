"""A path or fsspec URL in, the bytes or a local file out: the only place where recordings are opened."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from qa_audit.errors import CallError

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


def is_url(source: str) -> bool:
    return bool(URL.match(source))


def file_system(url: str) -> tuple[AbstractFileSystem, str]:
    """The file system of an fsspec URL and the path in it. ImportError or ValueError when nothing serves it."""
    from fsspec.core import url_to_fs

    system, path = url_to_fs(url)
    return system, str(path)


def plain(source: str) -> str:
    """`file://` URLs as paths; everything else as it is."""
    return source.removeprefix("file://") if source.startswith("file://") else source


def read_bytes(uri: str, *, limit: int) -> bytes:
    """At most `limit` + 1 bytes of a file, so that one byte too many shows that there is more. OSError as it comes."""
    if not is_url(uri):
        with Path(uri).open("rb") as file:
            return file.read(limit + 1)
    system, path = file_system(uri)
    return bytes(system.cat_file(path, start=0, end=limit + 1))


def exists(uri: str) -> bool:
    """Whether there is a file."""
    if not is_url(uri):
        return Path(uri).is_file()
    system, path = file_system(uri)
    return bool(system.isfile(path))


@contextmanager
def localise(uri: str) -> Iterator[Path]:
    """The file on this machine: the path itself, or a download that is deleted afterwards. CallError when it is gone."""
    uri = plain(uri)
    if not is_url(uri):
        path = Path(uri)
        if not path.is_file():
            raise CallError(uri, "localise", "gone", f"{uri} is no longer there; it was renamed or deleted since it was found")
        yield path
        return
    system, remote = file_system(uri)
    with tempfile.TemporaryDirectory(prefix="qa-audit-") as folder:
        local = Path(folder, f"recording{PurePosixPath(remote).suffix}")
        try:
            system.get_file(remote, str(local))
        except FileNotFoundError:
            raise CallError(uri, "localise", "gone", f"{uri} is no longer there; it was renamed or deleted since it was found") from None
        except OSError as error:
            raise CallError(uri, "localise", "unreadable", f"{uri} cannot be downloaded: {error}") from error
        yield local


def hash_file(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
