"""A path or fsspec URL in, the bytes or a local file out: the only place where recordings are opened."""

from __future__ import annotations

import errno
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


@contextmanager
def reaching(url: str) -> Iterator[None]:
    """Whatever a remote file system raises, as OSError: every one of them brings errors of its own kind."""
    try:
        yield
    except (OSError, ImportError):
        raise
    except Exception as error:
        raise OSError(errno.EIO, f"{type(error).__name__}: {error}", url) from error


def file_system(url: str) -> tuple[AbstractFileSystem, str]:
    """The file system of an fsspec URL and the path in it. ImportError when it needs a package that is not installed."""
    from fsspec.core import url_to_fs

    with reaching(url):
        system, path = url_to_fs(url)
    return system, str(path)


def plain(source: str) -> str:
    """A source in its usual spelling: `file://` URLs as paths, other URLs as their file system writes them."""
    if source.startswith("file://"):
        return source.removeprefix("file://")
    if not is_url(source):
        return source
    system, path = file_system(source)
    return str(system.unstrip_protocol(path))


def read_bytes(uri: str, *, limit: int) -> bytes:
    """At most `limit` + 1 bytes of a file, so that one byte too many shows that there is more. OSError as it comes."""
    if not is_url(uri):
        with Path(uri).open("rb") as file:
            return file.read(limit + 1)
    system, path = file_system(uri)
    with reaching(uri):
        return bytes(system.cat_file(path, start=0, end=limit + 1))


def exists(uri: str) -> bool:
    """Whether there is a file."""
    if not is_url(uri):
        return Path(uri).is_file()
    system, path = file_system(uri)
    with reaching(uri):
        return bool(system.isfile(path))


@contextmanager
def localise(uri: str) -> Iterator[Path]:
    """The file on this machine: the path itself, or a download that is deleted afterwards. CallError when it is gone."""
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
            with reaching(uri):
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
