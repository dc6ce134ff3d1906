"""Every noun of the program, in the order they are made: Recording, Transcript, Moment, Finding, Scorecard, RunResult.

All are frozen. Times are seconds from the start of the call; trust and shares are 0..1; points in time carry a zone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from qa_audit.promises import Promise
from qa_audit.reconciled import Reconciled


class Speaker(StrEnum):
    """Who made the sound. `system` is a menu, a hold announcement or any other machine."""

    AGENT = "agent"
    CUSTOMER = "customer"
    SYSTEM = "system"
    UNKNOWN = "unknown"


class Direction(StrEnum):
    """Who rang whom, seen from the organisation."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    UNKNOWN = "unknown"


# ---------------------------------------------------------------------------------------------- recordings


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One call and what is known of it before anybody listens.

    `uri` is a path or an fsspec URL of audio or of a ready transcript. `channels` names who is on which channel, in the
    order of the file; empty when nobody said so. `size` (bytes) and `modified` (seconds since 1970) tell a known file
    from a new one without reading it.
    """

    call_id: str
    uri: str
    size: int
    modified: float
    agent: str
    customer: str | None = None
    started_at: datetime | None = None
    direction: Direction = Direction.UNKNOWN
    queue: str | None = None
    language: str | None = None
    channels: tuple[Speaker, ...] = ()
    agent_group: str | None = None
    tags: tuple[str, ...] = ()


# -------------------------------------------------------------------------------------------------- speech


@dataclass(frozen=True, slots=True)
class Word:
    """One word as it was heard. `start` and `end` are None where a transcript has no times (chat)."""

    text: str
    start: float | None
    end: float | None
    trust: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What one speaker says until the other has the floor. `role_trust`: how sure it is that the speaker is who it says."""

    index: int
    speaker: Speaker
    start: float | None
    end: float | None
    words: tuple[Word, ...]
    role_trust: float = 1.0

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True, slots=True)
class Sound:
    """A stretch in which one side is heard to speak, from the audio itself and not from the words."""

    speaker: Speaker
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Heard:
    """By what a call was heard: the engine, its model, the model's hash, and what shaped the words (version, options)."""

    engine: str
    model: str
    model_sha256: str = ""
    version: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that lowers the worth of a transcript. `kind` is a stable word (`fake-stereo`, `mono`, `clipped`, …).

    `start` and `end` are None when it concerns the whole call.
    """

    kind: str
    message: str
    start: float | None = None
    end: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """What was said in a call, by whom, and how well it was heard.

    `fingerprint` names everything that shaped it; the same audio with the same fingerprint is never heard twice.
    `speech` is empty when there was no audio to measure. `struck` are words kept for the record that count for nothing
    (text over silence, repetition loops). `trust` is the mean trust of the words, weighted by their length in seconds.
    """

    call_id: str
    fingerprint: str
    heard: Heard
    language: str
    duration: float | None
    turns: tuple[Turn, ...]
    speech: tuple[Sound, ...] = ()
    holds: tuple[tuple[float, float], ...] = ()
    struck: tuple[Word, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    trust: float = 1.0

    @property
    def timed(self) -> bool:
        """Whether turns carry times; chat does not."""
        return bool(self.turns) and all(turn.start is not None for turn in self.turns)


# --------------------------------------------------------------------------------------------------- audit


class Outcome(StrEnum):
    """What a rule says of a call. Order of weight when several rules serve one clause: missed, cannot_judge, met, none."""

    MET = "met"
    MISSED = "missed"
    NO_OPPORTUNITY = "no_opportunity"
    CANNOT_JUDGE = "cannot_judge"


class Severity(StrEnum):
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


class Status(StrEnum):
    """A rule's life: draft (not run), shadow (run, counts nothing), advisory (shown, weight 0), scored, off."""

    DRAFT = "draft"
    SHADOW = "shadow"
    ADVISORY = "advisory"
    SCORED = "scored"
    OFF = "off"


class Tier(StrEnum):
    """How sure a detector is: strict may accuse (`never`), lenient may only acquit (`expect`) or raise doubt."""

    STRICT = "strict"
    LENIENT = "lenient"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Somebody said or did something that matters.

    `span` are the first and one past the last word of the turn; `quote` is what was said there. `how` says how it was
    found: phrase, regex, tokens, example (by meaning), measured (from the sound), structure (from what stands around it).
    """

    behaviour: str
    turn: int
    speaker: Speaker
    start: float | None
    end: float | None
    quote: str
    span: tuple[int, int]
    trust: float
    how: str
    tier: Tier = Tier.STRICT
    because: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """The stretch of a call that a rule searched: turns first..last inclusive, seconds where there are times.

    `heard` is the share of the agent's speech in it that was heard well.
    """

    first_turn: int
    last_turn: int
    start: float | None
    end: float | None
    heard: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one rule says of one call, with all that it rests on.

    `triggers` made it an opportunity, `found` is what was said in the `searched` windows, `reason` says it in words.
    """

    call_id: str
    rule: str
    rule_version: str
    clause: str
    outcome: Outcome
    severity: Severity
    status: Status
    triggers: tuple[Moment, ...] = ()
    found: tuple[Moment, ...] = ()
    searched: tuple[Window, ...] = ()
    trust: float = 1.0
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """All that the rules say of one call. `outcomes` has every clause of the standard; `metrics` are named measurements."""

    call_id: str
    ruleset: str
    moments: tuple[Moment, ...]
    findings: tuple[Finding, ...]
    outcomes: Mapping[str, Outcome]
    metrics: Mapping[str, float] = field(default_factory=dict)


# ------------------------------------------------------------------------------------------------- scoring


@dataclass(frozen=True, slots=True, kw_only=True)
class CallScore:
    """One call against the standard. `score` is None when nothing in it could be judged: not assessed is not zero.

    `critical` are the rules whose miss is critical, `rules` the outcome of every rule that had an opportunity, counted or not,
    `behaviours` what was seen in the call at all, `matter` words of the customer's that say what a problem is about.
    """

    call_id: str
    agent: str
    started_at: datetime | None
    outcomes: Mapping[str, Outcome]
    score: float | None
    critical: tuple[str, ...]
    trust: float
    queue: str | None = None
    rules: Mapping[str, Outcome] = field(default_factory=dict)
    why_no_score: str = ""
    customer: str | None = None
    direction: Direction = Direction.UNKNOWN
    behaviours: tuple[str, ...] = ()
    promises: tuple[Promise, ...] = ()
    matter: tuple[str, ...] = ()


class Standing(StrEnum):
    """Where an agent stands in the team's funnel: within what chance allows, outside 95 %, or outside 99.8 % (`far`)."""

    FAR_BELOW = "far_below"
    BELOW = "below"
    WITHIN = "within"
    ABOVE = "above"
    FAR_ABOVE = "far_above"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseRate:
    """How often one clause was met where it could be judged, with a 95 % interval; None where it never could.

    `standing` compares an agent's rate with the team's; None for the team itself and where there is too little.
    """

    clause: str
    met: int
    missed: int
    no_opportunity: int
    cannot_judge: int
    rate: float | None
    low: float | None
    high: float | None
    standing: Standing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodScore:
    """An agent's score, 0..100, over one stretch of days, with its 95 % interval. `calls` are those that could be assessed."""

    first_day: date
    last_day: date
    calls: int
    score: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Change:
    """By how many points a score moved against the agent's own past, with the 95 % interval of the difference."""

    points: float
    low: float
    high: float

    @property
    def noise(self) -> bool:
        """Whether a difference of this size would be nothing out of the ordinary if nothing had changed."""
        return self.low <= 0 <= self.high


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """One agent over one period. Two numbers, never one: `score` (0..100 or None) and `critical` misses.

    `band` is None below the standard's minimum number of calls; `why_no_band` then says so in words. `capped` says that
    critical misses hold the band down. `standing` is None where there are too few calls to compare.
    """

    agent: str
    first_day: date | None
    last_day: date | None
    calls: tuple[CallScore, ...]
    clauses: tuple[ClauseRate, ...]
    score: float | None
    low: float | None
    high: float | None
    critical: int
    band: str | None
    why_no_band: str
    trust: float | None
    assessed: int = 0
    capped: bool = False
    passed: bool | None = None
    standing: Standing | None = None
    periods: tuple[PeriodScore, ...] = ()
    change: Change | None = None


# ----------------------------------------------------------------------------------------------------- run


@dataclass(frozen=True, slots=True)
class CallFailure:
    """A call that was not scored. `stage` is where it stopped, `kind` a stable word, `message` says what to do."""

    call_id: str
    uri: str
    stage: str
    kind: str
    message: str
    excluded: bool = False
    """True when it was set aside on purpose (no agent, too short, contradiction), False when something broke."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """What a run did. found = scored + excluded + failed, always; `listened` and `marked` are the new work in it."""

    run_id: str
    started_at: datetime
    finished_at: datetime
    scored: tuple[str, ...]
    excluded: tuple[CallFailure, ...]
    failed: tuple[CallFailure, ...]
    listened: int
    marked: int
    heard: tuple[Heard, ...]
    warnings: tuple[str, ...] = ()
    pages: str | None = None
    call_log: Reconciled | None = None

    @property
    def found(self) -> int:
        return len(self.scored) + len(self.excluded) + len(self.failed)
