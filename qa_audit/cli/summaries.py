"""What several commands say at their end: what was set aside and why, and what the reader ought to know."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qa_audit.cli.text import plural, say, warn
from qa_audit.models import CallFailure
from qa_audit.pipeline.balance import by_reason
from qa_audit.reconciled import Reconciled

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


def say_call_log(log: Reconciled) -> None:
    """How the telephone system's list and the recordings fit, then the first ones that do not."""
    missing, unknown = len(log.without_recording), len(log.without_call)
    say(
        f"call log: {plural(log.calls, 'call')} = {log.matched} with a recording + {missing} without; {unknown} recordings it does not know"
    )
    names = [call.call_id or call.file for call in log.without_recording]
    for title, all_of_them in (("no recording", names), ("not in the log", log.without_call), ("unreadable", log.unreadable)):
        for name in all_of_them[:MOST]:
            say(f"  {title}: {name}")
        if len(all_of_them) > MOST:
            say(f"  … and {len(all_of_them) - MOST} more")


def say_warnings(warnings: Iterable[str]) -> None:
    """Each on a line of stderr."""
    for warning in warnings:
        warn(warning)
