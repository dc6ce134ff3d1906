"""When a run has ended, however it did: the figures to Prometheus's file, a command and a webhook. Their failure is told and changes nothing."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import tempfile
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit

from qa_audit.config import Config
from qa_audit.models import RunResult
from qa_audit.pipeline.ending import Ending, ended

log = logging.getLogger(__name__)


class Finish:
    """Where a run puts its result, so that it can be told."""

    def __init__(self) -> None:
        self.result: RunResult | None = None


@contextmanager
def finishing(settings: Config) -> Iterator[Finish]:
    """Tell how the run inside ended. What it raises goes on; what goes wrong in the telling is logged as a warning."""
    started_at, finish = datetime.now(UTC), Finish()
    try:
        yield finish
    except KeyboardInterrupt as error:
        tell(ended("interrupted", started_at, error=error), settings)
        raise
    except BaseException as error:
        tell(ended("failed", started_at, error=error), settings)
        raise
    tell(ended("finished", started_at, result=finish.result), settings)


def tell(ending: Ending, settings: Config) -> None:
    """Write, call and post whatever is configured, one after the other."""
    night = settings.night
    figures = json.dumps(ending.figures()).encode()
    if night.metrics:
        _try("the metrics", lambda: _write(ending, settings.folder / str(night.metrics)))
    if night.on_finish.command:
        _try("night.on_finish.command", lambda: run_command(night.on_finish.command, figures, timeout=night.on_finish.timeout))
    if night.on_finish.webhook:
        url = night.on_finish.webhook
        _try(f"night.on_finish.webhook at {urlsplit(url).hostname}", lambda: post(url, figures, timeout=night.on_finish.timeout))


def _try(what: str, work: Callable[[], None]) -> None:
    try:
        work()
    except Exception as error:  # whatever it is, the run is over and stays as it is
        log.warning("%s failed, the run is not touched by that: %s", what, error)


def _write(ending: Ending, file: Path) -> None:
    from qa_audit.pipeline.metrics import write_metrics

    write_metrics(ending, file)


def run_command(command: tuple[str, ...], figures: bytes, *, timeout: float) -> None:
    """Run it with the figures on its input. RuntimeError when it fails; after `timeout` seconds it is killed with all it started."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as said:
        given.write(figures)
        given.seek(0)
        process = subprocess.Popen(command, stdin=given, stdout=subprocess.DEVNULL, stderr=said, start_new_session=True)
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise RuntimeError(f"{command[0]} took more than {timeout:g} s and was killed") from None
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if code:
            said.seek(0)
            raise RuntimeError(f"{command[0]} ended with {code}: {said.read(500).decode(errors='replace').strip()}")


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows nowhere: figures go where they were meant to go."""

    def redirect_request(self, *_: object) -> None:
        return None


def post(url: str, figures: bytes, *, timeout: float) -> None:
    """Post the figures as JSON. Raises what went wrong; after `timeout` seconds in all it is given up, however slow the other side."""
    request = urllib.request.Request(url, data=figures, headers={"Content-Type": "application/json"}, method="POST")  # noqa: S310 - http(s) only, see config
    opener = urllib.request.build_opener(_Stay)
    trouble: list[Exception] = [TimeoutError(f"no answer within {timeout:g} s")]

    def send() -> None:
        try:
            with opener.open(request, timeout=timeout):
                trouble.clear()
        except HTTPError as error:
            error.close()
            trouble[:] = [error]
        except Exception as error:  # raised below, in the thread that waits
            trouble[:] = [error]

    sender = threading.Thread(target=send, daemon=True)
    sender.start()
    sender.join(timeout)
    if trouble:
        raise trouble[0]
