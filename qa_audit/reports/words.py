"""The words by which pages call outcomes, severities, speakers and standings: one name per thing, everywhere the same."""

from __future__ import annotations

from collections.abc import Mapping

from qa_audit.models import Outcome, Severity, Speaker, Standing, Status

OUTCOMES: Mapping[Outcome, str] = {
    Outcome.MET: "Met",
    Outcome.MISSED: "Missed",
    Outcome.CANNOT_JUDGE: "Cannot judge",
    Outcome.NO_OPPORTUNITY: "No opportunity",
}
SIGNS: Mapping[Outcome, str] = {Outcome.MET: "✓", Outcome.MISSED: "✗", Outcome.CANNOT_JUDGE: "?", Outcome.NO_OPPORTUNITY: "–"}
"""Beside the colour, for those who do not see it."""

SEVERITIES: Mapping[Severity, str] = {Severity.MINOR: "minor", Severity.MAJOR: "major", Severity.CRITICAL: "critical"}

COUNTS: Mapping[Status, str] = {
    Status.SCORED: "",
    Status.ADVISORY: "Advisory: shown, counts for nothing.",
    Status.SHADOW: "On trial: shown, counts for nothing.",
    Status.DRAFT: "Draft: not run.",
    Status.OFF: "Switched off.",
}

SPEAKERS: Mapping[Speaker, str] = {
    Speaker.AGENT: "Agent",
    Speaker.CUSTOMER: "Customer",
    Speaker.SYSTEM: "Machine",
    Speaker.UNKNOWN: "Unknown voice",
}

STANDINGS: Mapping[Standing, str] = {
    Standing.FAR_BELOW: "below what chance allows (outside 99.8 % of the funnel)",
    Standing.BELOW: "low, but 1 agent in 40 is by chance alone (outside 95 % of the funnel)",
    Standing.WITHIN: "within what chance allows",
    Standing.ABOVE: "high, but 1 agent in 40 is by chance alone (outside 95 % of the funnel)",
    Standing.FAR_ABOVE: "above what chance allows (outside 99.8 % of the funnel)",
}

WAYS: Mapping[str, str] = {
    "phrase": "by its words",
    "regex": "by a pattern",
    "tokens": "by a pattern of words",
    "example": "by its meaning",
    "measured": "from the sound",
    "structure": "from what stands around it",
}
"""How a moment was found."""


def plural(count: int, one: str, more: str = "") -> str:
    """`1 call`, `2 calls`."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"
