"""The shape of the three kinds of file people write, as pydantic models: what keys there are, what stands under each.

What a field means is in its description: the JSON Schema for editors, the messages and the pages all take it from here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core.core_schema import CoreSchema, no_info_before_validator_function

from qa_audit.models import Direction, Severity, Status
from qa_audit.plain import did_you_mean
from qa_audit.rules import spans
from qa_audit.rules.language import MEASURES, Span, Which

KEBAB = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
LONGEST_TEXT = 20_000


def _as_list(value: object) -> object:
    return value if isinstance(value, list | tuple) else [value]


@dataclass(frozen=True)
class OneOrMany:
    """A list in which a single thing may stand without its brackets; for the loader and for the JSON Schema."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_before_validator_function(_as_list, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        many = handler(schema)
        return {"anyOf": [many["items"], many]}


def kebab(text: str) -> str:
    if not KEBAB.fullmatch(text):
        near = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
        hint = f" (did you mean '{near}'?)" if KEBAB.fullmatch(near) else ""
        raise ValueError(f"'{text}' is no id; ids are small letters and digits in words joined by '-'{hint}")
    return text


def _measure(text: str) -> str:
    if text not in MEASURES:
        raise ValueError(f"'{text}' is nothing that is measured{did_you_mean(text, MEASURES)}; there are {', '.join(MEASURES)}")
    return text


def _reads(read: Any) -> BeforeValidator:
    """A field whose text is read by a function of `spans`; the JSON Schema says text or number."""
    return BeforeValidator(lambda value: read(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else value)


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_TEXT)]
Texts = Annotated[tuple[Text, ...], Field(min_length=1), OneOrMany()]
Id = Annotated[Text, AfterValidator(kebab)]
Ids = Annotated[tuple[Id, ...], Field(min_length=1), OneOrMany()]
"""One id, or a list of them."""

Seconds = Annotated[float, _reads(spans.seconds), Field(ge=0), WithJsonSchema({"type": ["number", "string"], "examples": ["90s", "2 min"]})]
Measure = Annotated[str, AfterValidator(_measure), WithJsonSchema({"enum": list(MEASURES)})]
Who = Literal["agent", "customer", "system", "any"]


class Shape(BaseModel):
    """Unknown keys are refused; numbers are taken where text is wanted."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True, arbitrary_types_allowed=True)


Length = Annotated[Span, _reads(spans.span), WithJsonSchema({"type": "string", "examples": ["90s", "2 min", "3 turns", "10%", "call"]})]
"""A stretch of the call."""


class Sentence(Shape):
    """A sentence, and what the other side had said before it where that matters."""

    text: Text = Field(description="The sentence.")
    after: Text | None = Field(default=None, description="What the other side had said just before it.")


def _as_sentence(value: object) -> object:
    return {"text": value} if isinstance(value, str | int | float) else value


class TextOrMore:
    """In the JSON Schema: plain text, or the mapping that says more."""

    @staticmethod
    def __get_pydantic_json_schema__(schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"type": "string", "minLength": 1}, handler(schema)]}


Sentences = Annotated[tuple[Annotated[Sentence, BeforeValidator(_as_sentence), TextOrMore], ...], Field(min_length=1), OneOrMany()]


class BehaviourShape(Shape):
    """Something people say or do."""

    who: Annotated[tuple[Who, ...], Field(min_length=1), OneOrMany()] | None = Field(
        default=None, description="Who says or does it: agent, customer, system (a machine on the line) or any."
    )
    does: Text | None = Field(
        default=None, description="In a few words, to follow who does it: asks to cancel. For anybody: the matter is open."
    )
    meaning: Text | None = Field(default=None, description="In plain words: what counts, and what does not.")
    says: Texts | None = Field(default=None, description="Any of these phrases.")
    ignore: Texts | None = Field(default=None, description="A match that overlaps one of these phrases does not count.")
    regex: Texts | None = Field(default=None, description="Regular expressions (RE2), for what phrases cannot say.")
    tokens: Annotated[tuple[tuple[dict[str, Any], ...], ...], Field(min_length=1)] | None = Field(
        default=None, description="Patterns of spaCy's Matcher, for what phrases cannot say."
    )
    like: Sentences | None = Field(default=None, description="Sentences that mean it; matched by meaning, not by words.")
    unlike: Sentences | None = Field(default=None, description="Sentences that look like it and are not.")
    any_of: Ids | None = Field(default=None, description="Other behaviours, each of which counts as this one.")
    measure: Measure | None = Field(default=None, description="Something measured in the sound.")
    longer_than: Seconds | None = Field(default=None, description="Only where the measured stretch is longer: 120, 90s, 2 min.")
    of: Id | None = Field(default=None, description="Another behaviour, counted here where nothing of `without` follows.")
    without: Ids | None = Field(default=None, description="Behaviours that, following soon, take it back.")
    within_turns: int | None = Field(default=None, ge=0, le=50, description="How many more turns of the agent `without` is looked for.")
    only_after: Id | None = Field(default=None, description="Counts only after this behaviour.")
    negatable: bool = Field(
        default=True, description="false: it counts even when denied or reported, because its phrases carry their own no."
    )


class BoundShape(Shape):
    """The least and the most a measure may be."""

    min: float | None = Field(default=None, description="The least it may be.")
    max: float | None = Field(default=None, description="The most it may be.")


class AppliesToShape(Shape):
    """To which calls a rule applies."""

    queue: Texts = ()
    direction: Annotated[tuple[Direction, ...], OneOrMany()] = ()
    language: Texts = ()
    agent_group: Texts = ()
    tag: Texts = ()
    min_duration: Seconds | None = None


class ExampleShape(Shape):
    """A small conversation, a line a turn (`agent: …`, `customer: …`), under the outcome it must have."""

    met: Text | None = None
    missed: Text | None = None
    no_opportunity: Text | None = None
    cannot_judge: Text | None = None
    known_miss: bool = Field(default=False, description="true: the rule is known to get this one wrong; it is reported, not failed.")


class RuleShape(Shape):
    """What ought, or ought not, to happen."""

    id: Id = Field(description="Words that name the failure, joined by '-'; never used again for another rule.")
    title: Text = Field(description="One line that a supervisor reads beside a miss.")
    clause: Id = Field(description="The clause of the standard that the rule serves.")
    clause_seen: Annotated[Text, StringConstraints(pattern=r"[0-9a-f]{12}")] | None = Field(
        default=None, description="Written by `qa-audit rules confirm`: the wording of the clause that somebody last held the rule against."
    )
    severity: Severity = Field(description="How bad a miss is: minor, major or critical.")
    status: Status = Field(
        default=Status.DRAFT, description="draft (not run), shadow (run, counts nothing), advisory (shown, weight 0) or scored."
    )
    when: Ids | None = Field(default=None, description="What makes it an opportunity; without it, every call is one.")
    expect: Ids | None = Field(default=None, description="One of these ought to happen.")
    never: Ids | None = Field(default=None, description="None of these ought to happen.")
    limit: Annotated[dict[str, BoundShape], Field(min_length=1)] | None = Field(
        default=None, description="Measures of the call and their bounds."
    )
    in_order: Annotated[tuple[Id, ...], Field(min_length=2)] | None = Field(
        default=None, description="These ought to happen, in this order."
    )
    within: Length | None = Field(default=None, description="How long after each trigger is searched: 90s, 3 turns or call.")
    after: Annotated[tuple[int, Id], _reads(spans.counted), WithJsonSchema({"type": "string"})] | None = Field(
        default=None, description="Searched from this behaviour on: cancel-request, or 2nd cancel-request."
    )
    before: Id | None = Field(default=None, description="Searched up to this behaviour.")
    first: Length | None = Field(default=None, description="Searched in the first part of the call: 30s, 2 turns, 10%.")
    last: Length | None = Field(default=None, description="Searched in the last part of the call: 45s, 3 turns, 10%.")
    every: Annotated[
        tuple[Which, int | None],
        _reads(spans.which),
        WithJsonSchema({"type": "string", "examples": ["occurrence", "first", "last", "2nd"]}),
    ] = Field(default=(Which.EVERY, None), description="Which trigger counts: occurrence (every one), first, last, 2nd, 3rd …")
    at_least: int | None = Field(default=None, ge=1, le=100, description="How many times it ought to happen.")
    allow: int | None = Field(default=None, ge=0, le=100, description="How many times it may happen before it is a miss.")
    unless: Ids | None = Field(default=None, description="What excuses a miss.")
    grace: Seconds | None = Field(default=None, description="A trigger this near the end of the call is dropped (10s).")
    applies_to: AppliesToShape = Field(default=AppliesToShape(), description="To which calls the rule applies; all, when left out.")
    say_instead: Text | None = Field(default=None, description="What the agent could have said.")
    why: Text | None = Field(default=None, description="Why it matters, for the agent who reads the miss.")
    examples: tuple[ExampleShape, ...] = Field(default=(), description="Small conversations and the outcome each must have.")
    owner: Text | None = Field(default=None, description="Who answers for the rule.")


class ClauseShape(Shape):
    """One promise of the standard."""

    id: Id = Field(description="Words joined by '-'.")
    title: Text = Field(description="The promise in one line.")
    good_looks_like: Text = Field(description="What an agent who keeps it does.")
    weight: float = Field(ge=0, le=100, description="Its share of the score; the weights sum to 100, weight 0 is shown and not counted.")
    family: Literal["customer", "business", "compliance"] = Field(description="Whom a miss hurts.")
    critical: bool = Field(default=False, description="true: one miss is a critical error, shown apart from the score.")


class PassShape(Shape):
    """What a call needs to pass."""

    score: float = Field(ge=0, le=100, description="The least score.")
    no_critical: bool = Field(default=True, description="true: a critical miss fails the call whatever the score.")


class StandardShape(Shape):
    """The written service standard."""

    id: Id = Field(description="Words joined by '-'.")
    promise: Text = Field(description="The promise to the customer, in one plain sentence.")
    clauses: Annotated[tuple[ClauseShape, ...], Field(min_length=1)] = Field(description="What the promise means, clause by clause.")
    bands: Annotated[dict[Text, Annotated[float, Field(ge=0, le=100)]], Field(min_length=1)] = Field(
        description="Names of bands with the least score of each."
    )
    passes: PassShape = Field(alias="pass", description="The least score, and whether a critical miss may stand.")
    minimum_calls: int = Field(ge=1, le=100_000, description="Fewer calls than this give no band.")


Behaviours = dict[Id, BehaviourShape]
