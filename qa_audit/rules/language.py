"""The nouns people write in YAML, after loading: behaviours, rules, the standard, and the set of them all.

Frozen and free of YAML: the loader makes them, the audit reads them, pages explain them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from qa_audit.errors import Location
from qa_audit.models import Outcome, Severity, Speaker, Status

NOWHERE = Location("")

# ------------------------------------------------------------------------------------------------ behaviours

MEASURES: Mapping[str, str] = {
    "hold": "The call is on hold.",
    "silence": "Nobody speaks and the call is not on hold.",
    "overlap": "Both speak at once.",
    "interruption": "One breaks in on the other; `who` says whose breaking in counts.",
    "closing-silence": "Nobody speaks from the last word to the end of the recording.",
    "agent-spoke-last": "The agent has the last word.",
    "customer-spoke-last": "The customer has the last word.",
    "agent-hangs-up": "The line goes dead on the customer; always doubtful, because sound alone cannot tell who hung up.",
    "cut-off": "The recording ends while somebody is speaking.",
}
"""What a behaviour may name under `measure`, and what it means."""


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence that teaches a behaviour by meaning; `after` is what the other side had said before it, if it matters."""

    text: str
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """Something people say or do, found by any of its ways.

    Said: `says` (phrases), `regex`, `tokens`, `like`/`unlike`; a hit that overlaps an `ignore` phrase does not count.
    Joined: `any_of` other behaviours. Measured: `measure` (hold, silence, overlap, interruption, …) with `longer_than`
    seconds. Structural: a moment of `of` that has none of `without` in its own turn or the agent's next `within_turns`.
    `only_after` keeps only moments that come after one of another behaviour. `does` says it in a few words, to follow
    who does it: "asks to cancel".
    """

    id: str
    who: frozenset[Speaker]
    does: str = ""
    meaning: str = ""
    says: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    regex: tuple[str, ...] = ()
    tokens: tuple[tuple[Mapping[str, object], ...], ...] = ()
    like: tuple[Example, ...] = ()
    unlike: tuple[Example, ...] = ()
    any_of: tuple[str, ...] = ()
    measure: str = ""
    longer_than: float | None = None
    of: str = ""
    without: tuple[str, ...] = ()
    within_turns: int | None = None
    only_after: str = ""
    negatable: bool = True
    location: Location = NOWHERE
    version: str = ""


# ------------------------------------------------------------------------------------------------------ rules


class Kind(StrEnum):
    """What a rule asks: that something follows, that something never does, or that a measure stays in bounds."""

    EXPECT = "expect"
    NEVER = "never"
    LIMIT = "limit"


class Which(StrEnum):
    """Which triggers count."""

    EVERY = "occurrence"
    FIRST = "first"
    LAST = "last"
    NTH = "nth"


@dataclass(frozen=True, slots=True)
class Span:
    """A length of call: seconds, turns of the agent, or a share of the call. Exactly one is set."""

    seconds: float | None = None
    turns: int | None = None
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Bound:
    """The least and the most a named metric may be; either may be open."""

    least: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliesTo:
    """To which calls a rule applies; empty means all."""

    queue: tuple[str, ...] = ()
    direction: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    agent_group: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    min_duration: float | None = None


@dataclass(frozen=True, slots=True)
class RuleExample:
    """A small conversation inside a rule with the outcome it must have; `known_miss` is reported, not failed."""

    expected: Outcome
    conversation: str
    known_miss: bool = False
    location: Location = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What ought, or ought not, to happen, and when.

    `when` are the behaviours that make it an opportunity (empty: every call is one). The window runs `within` from each
    trigger, or `after`/`before` a behaviour, or over the `first`/`last` of the call; by default to the end.
    """

    id: str
    title: str
    clause: str
    severity: Severity
    status: Status
    kind: Kind
    when: tuple[str, ...] = ()
    expect: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    limit: Mapping[str, Bound] = field(default_factory=dict)
    in_order: tuple[str, ...] = ()
    at_least: int = 1
    allow: int = 0
    within: Span | None = None
    after: tuple[int, str] | None = None
    before: str = ""
    first: Span | None = None
    last: Span | None = None
    which: Which = Which.EVERY
    nth: int | None = None
    grace: float = 10.0
    unless: tuple[str, ...] = ()
    applies_to: AppliesTo = AppliesTo()
    say_instead: str = ""
    why: str = ""
    examples: tuple[RuleExample, ...] = ()
    owner: str = ""
    clause_hash: str = ""
    location: Location = NOWHERE
    version: str = ""


# --------------------------------------------------------------------------------------------------- standard


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One promise of the standard. `hash` changes when its words do. Weight 0 is shown and not counted."""

    id: str
    title: str
    good_looks_like: str
    weight: float
    family: str
    critical: bool = False
    hash: str = ""
    location: Location = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """The organisation's written service standard: its promise, its clauses, and how a score becomes a band.

    `bands` are (name, lowest score) from the highest down.
    """

    id: str
    promise: str
    clauses: tuple[Clause, ...]
    bands: tuple[tuple[str, float], ...]
    pass_score: float
    pass_without_critical: bool
    minimum_calls: int
    hash: str = ""

    def clause(self, clause_id: str) -> Clause:
        """The clause of that id; KeyError when there is none."""
        return next(c for c in self.clauses if c.id == clause_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """Everything loaded, checked and ready: behaviours by id, rules by id, the standard, and a hash of it all.

    `stale` are rules whose clause was edited after they were tied to it; `notes` are lints, worth reading and not fatal.
    `lessons` are the folders of conversations that teach; empty where only those of the starter rules do.
    """

    behaviours: Mapping[str, Behaviour]
    rules: Mapping[str, Rule]
    standard: Standard
    hash: str
    stale: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()
    lessons: tuple[Path, ...] = ()
