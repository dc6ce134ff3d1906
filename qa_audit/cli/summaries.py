"""What several commands say at their end: what was set aside and why, and what the reader ought to know."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qa_audit.cli.text import say, warn
from qa_audit.models import CallFailure
from qa_audit.pipeline.balance import by_reason

MOST = 20
"""Failures that are told one by one; the pages and `--json` have them all."""


def say_failures(excluded: Sequence[CallFailure], failed: Sequence[CallFailure]) -> None:
    """How many by reason, then the first ones with their message."""
    for title, failures in (("excluded", excluded), ("failed", failed)):
        if failures:
            say(f"{title}: {', '.join(f'{count} {kind}' for kind, count in by_reason(failures).items())}")
            for failure in failures[:MOST]:
                say(f"  {failure.call_id}: {failure.message}")
            if len(failures) > MOST:
                say(f"  … and {len(failures) - MOST} more")


def say_warnings(warnings: Iterable[str]) -> None:
    """Each on a line of stderr."""
    for warning in warnings:
        warn(warning)
