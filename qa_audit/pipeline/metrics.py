"""The figures of a run as Prometheus reads them from a file: counts and times, no name of anybody."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

from qa_audit import __version__
from qa_audit.models import RunResult
from qa_audit.pipeline.ending import Ending


def write_metrics(ending: Ending, file: Path) -> None:
    """Put the figures in place at once, for node_exporter's textfile collector. OSError when that cannot be done.

    A run that did not finish leaves its times and `qa_audit_run_success 0`, and no counts: nothing is known of them.
    """
    registry = CollectorRegistry()
    _gauge(registry, "run_success", "1 when the last run finished, 0 when it failed or was interrupted.", float(ending.finished))
    _gauge(registry, "run_start_timestamp_seconds", "When the last run began.", ending.started_at.timestamp())
    _gauge(registry, "run_end_timestamp_seconds", "When the last run ended.", ending.ended_at.timestamp())
    info = Gauge("qa_audit_info", "The program that ran.", ["version"], registry=registry)
    info.labels(__version__).set(1)
    if ending.result is not None:
        _counts(registry, ending.result)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_to_textfile(str(file), registry)


def _counts(registry: CollectorRegistry, result: RunResult) -> None:
    calls = Gauge("qa_audit_calls", "Calls found, by what became of them.", ["fate"], registry=registry)
    for fate, count in (("scored", result.scored), ("excluded", result.excluded), ("failed", result.failed)):
        calls.labels(fate).set(len(count))
    aside = Gauge(
        "qa_audit_calls_aside", "Calls that were not scored, by stage and reason.", ["fate", "stage", "reason"], registry=registry
    )
    for fate, failures in (("excluded", result.excluded), ("failed", result.failed)):
        for (stage, kind), number in sorted(Counter((failure.stage, failure.kind) for failure in failures).items()):
            aside.labels(fate, stage, kind).set(number)
    _gauge(registry, "calls_listened", "Calls newly listened to.", result.listened)
    _gauge(registry, "calls_marked", "Calls newly marked.", result.marked)
    if log := result.call_log:
        _gauge(registry, "logged_calls", "Calls in the telephone system's list.", log.calls)
        _gauge(registry, "logged_calls_without_recording", "Calls in the list that have no recording.", len(log.without_recording))
        _gauge(registry, "recordings_without_logged_call", "Recordings that the list does not know.", len(log.without_call))


def _gauge(registry: CollectorRegistry, name: str, meaning: str, value: float) -> None:
    Gauge(f"qa_audit_{name}", meaning, registry=registry).set(value)
