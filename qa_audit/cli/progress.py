"""How far a command is: a bar on a terminal, a line a call where there is none, nothing when quiet."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any

import click

from qa_audit.logs import safe
from qa_audit.pipeline.progress import Step

LABELS = {"transcribe": "Listening", "check": "Marking", "player": "Sound for the pages", "verify": "Marking again"}


class Display:
    """A `Progress` that draws on stderr; used as a context, so that the terminal is left tidy however it ends."""

    def __init__(self) -> None:
        self.quiet = bool(click.get_current_context().params.get("quiet"))
        self.terminal = sys.stderr.isatty()
        self.stage = ""
        self.bar: Any = None

    def __enter__(self) -> Display:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._close()

    def __call__(self, step: Step) -> None:
        if self.quiet:
            return
        if not self.terminal:
            click.echo(safe(f"{step.stage} {step.done}/{step.total} {step.call_id} {step.note}".rstrip()), err=True)
            return
        if step.stage != self.stage:
            self._open(step)
        self.bar.update(1)

    def _open(self, step: Step) -> None:
        self._close()
        self.stage = step.stage
        label = LABELS.get(step.stage, step.stage)
        self.bar = click.progressbar(length=step.total, label=f"{label:<20}", file=sys.stderr, show_pos=True)
        self.bar.__enter__()

    def _close(self) -> None:
        if self.bar is not None:
            self.bar.__exit__(None, None, None)
            self.bar = None
