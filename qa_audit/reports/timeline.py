"""The sound of a call becomes a timeline of both voices, and a sentence that says the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from qa_audit.intervals import Intervals, total
from qa_audit.measures import holds, overlaps, silences, sounds, talk
from qa_audit.models import Outcome, Speaker, Transcript
from qa_audit.reports.charts import Chart
from qa_audit.reports.evidence import FindingView
from qa_audit.reports.formats import Formats
from qa_audit.reports.text import clean
from qa_audit.reports.words import OUTCOMES

WIDTH, HEIGHT = 1000, 96
LANES = 4.0
ROWS = ((Speaker.CUSTOMER, "customer", 0.1), (Speaker.AGENT, "agent", 1.1))
"""Who is drawn where; voices that nobody could name share the lower edge of both."""

SILENCE = 3.0
"""Seconds without a voice before it is worth showing as silence."""

MARK = 0.006
"""Least width of a finding's mark, as a share of the call, so that it can be seen and hit."""

TICKS = 4


@dataclass(frozen=True, slots=True)
class Timeline:
    """The drawing, the clock under it from left to right, and what it shows in words."""

    drawing: Markup
    clock: tuple[str, ...]
    words: str


def timeline(transcript: Transcript, findings: Sequence[FindingView], *, formats: Formats) -> Timeline | None:
    """Both voices, overlap, silence, hold and findings over the length of the call; None for chat, which has no times."""
    length = transcript.duration or max((sound.end for sound in sounds(transcript)), default=0.0)
    if length <= 0:
        return None
    chart = Chart(WIDTH, HEIGHT, x_max=length, y_max=LANES)
    quiet, held, both = silences(transcript, at_least=SILENCE), holds(transcript), overlaps(transcript)
    chart.boxes("silence", quiet, 0.0, 2.2)
    chart.boxes("hold", held, 0.0, 2.2)
    for speaker, kind, bottom in ROWS:
        chart.boxes(kind, talk(transcript, speaker), bottom, bottom + 0.8)
    chart.boxes("machine", talk(transcript, Speaker.SYSTEM, Speaker.UNKNOWN), 0.9, 1.1)
    chart.boxes("overlap", both, 0.1, 1.9)
    _mark_findings(chart, findings, length, formats)
    clock = tuple(formats.clock(length * tick / TICKS) for tick in range(TICKS + 1))
    spoken = {
        "the agent speaks for": talk(transcript, Speaker.AGENT),
        "the customer for": talk(transcript, Speaker.CUSTOMER),
        "a machine or an unknown voice for": talk(transcript, Speaker.SYSTEM, Speaker.UNKNOWN),
        "both at once for": both,
        f"nobody, for more than {SILENCE:.0f} seconds at a time, for": quiet,
        "on hold for": held,
    }
    return Timeline(chart.svg(), clock, _words(length, spoken, formats))


def _mark_findings(chart: Chart, findings: Sequence[FindingView], length: float, formats: Formats) -> None:
    for finding in findings:
        if finding.at is None or finding.outcome is Outcome.NO_OPPORTUNITY:
            continue
        start = min(finding.at, length * (1 - MARK))
        title = clean(f"{formats.clock(finding.at)} {OUTCOMES[finding.outcome]}: {finding.title}")
        kind = f"mark {finding.outcome.value}"
        chart.boxes(kind, [(start, start + length * MARK)], 2.4, 3.9, link=f"#{finding.anchor}", title=title)


def _words(length: float, spoken: Mapping[str, Intervals], formats: Formats) -> str:
    parts = [f"{formats.length(length)} long"]
    for name, stretches in spoken.items():
        if stretches:
            parts.append(f"{name} {formats.length(total(stretches))} ({formats.percent(total(stretches) / length)})")
    return "; ".join(parts) + "."
