"""`qa-audit doctor`: could `run` start here?"""

from __future__ import annotations

import click
import msgspec

from qa_audit import pipeline
from qa_audit.cli.options import AS_JSON, configured
from qa_audit.cli.text import say, say_json
from qa_audit.config import Config
from qa_audit.errors import ExitCode


@click.command("doctor")
@configured("out", "store", "engine", "workers")
@AS_JSON
def command(*, settings: Config, as_json: bool) -> None:
    """Say what is installed, what is missing, and what to do about it.

    Ends with exit code 2 when `run` could not start.
    """
    parts = pipeline.examine(settings)
    if as_json:
        say_json({"ready": _ready(parts), "parts": msgspec.to_builtins(parts)})
    else:
        for part in parts:
            _say(part)
    if not _ready(parts):
        click.get_current_context().exit(ExitCode.SETUP)


def _ready(parts: tuple[pipeline.Part, ...]) -> bool:
    return all(part.ready for part in parts if part.needed)


def _say(part: pipeline.Part) -> None:
    state = "ok" if part.ready else "MISSING" if part.needed else "missing"
    first, *more = part.detail.splitlines() or [""]
    say(f"{state:<8} {part.name}: {first}")
    for line in [*more, *part.advice.splitlines()]:
        say(f"{'':<8}   {line}")
