"""The tables of the export: every column with its type, unit and meaning; the files and docs/exports.md are made from this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Type(StrEnum):
    """What a column holds. A moment in time is UTC; a list is one text with `; ` between."""

    TEXT = "text"
    NUMBER = "number"
    WHOLE = "whole number"
    TIME = "time"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `unit` is empty where there is none; `empty` says what an empty cell means, if it may be empty."""

    name: str
    type: Type
    meaning: str
    unit: str = ""
    empty: str = ""


CALL = (
    Column("call_id", Type.TEXT, "The call."),
    Column("agent", Type.TEXT, "Who took or made the call."),
    Column("started_at", Type.TIME, "When the call began.", unit="UTC", empty="not known"),
)

TABLES: Mapping[str, tuple[Column, ...]] = {
    "scores": (
        *CALL,
        Column("queue", Type.TEXT, "The queue it came by.", empty="not known"),
        Column(
            "score",
            Type.NUMBER,
            "Weighted share met of what could be judged.",
            unit="points, 0 to 100",
            empty="not assessed, which is not a zero",
        ),
        Column("why_no_score", Type.TEXT, "Why there is no score.", empty="there is one"),
        Column("critical", Type.WHOLE, "Critical misses, counted apart from the score.", unit="misses"),
        Column("critical_rules", Type.LIST, "The rules whose miss is critical.", empty="none"),
        Column("trust", Type.NUMBER, "How well the call was heard.", unit="0 to 1"),
    ),
    "outcomes": (
        *CALL,
        Column("clause", Type.TEXT, "A clause of the standard."),
        Column("outcome", Type.TEXT, "met, missed, no_opportunity or cannot_judge, by scored rules alone."),
        Column("weight", Type.NUMBER, "The clause's weight in the score; 0 is shown and not counted.", unit="points"),
    ),
    "findings": (
        *CALL,
        Column("rule", Type.TEXT, "The rule that says it."),
        Column("rule_version", Type.TEXT, "The version of the rule."),
        Column("clause", Type.TEXT, "The clause it serves."),
        Column("outcome", Type.TEXT, "met, missed, no_opportunity or cannot_judge."),
        Column("severity", Type.TEXT, "minor, major or critical."),
        Column("status", Type.TEXT, "scored, advisory or shadow; only scored counts."),
        Column("trigger", Type.TEXT, "What called for it, as said.", empty="the whole call is the occasion"),
        Column(
            "trigger_at",
            Type.NUMBER,
            "When that was said.",
            unit="seconds from the start of the call",
            empty="nothing was said, or there are no times",
        ),
        Column("found", Type.TEXT, "What was found, as said.", empty="nothing was found"),
        Column(
            "found_at",
            Type.NUMBER,
            "When that was said.",
            unit="seconds from the start of the call",
            empty="nothing was found, or there are no times",
        ),
        Column(
            "searched_from",
            Type.NUMBER,
            "Where the first window searched begins.",
            unit="seconds from the start of the call",
            empty="nothing was searched, or there are no times",
        ),
        Column(
            "searched_to",
            Type.NUMBER,
            "Where the last window searched ends.",
            unit="seconds from the start of the call",
            empty="nothing was searched, or there are no times",
        ),
        Column(
            "heard",
            Type.NUMBER,
            "The share of the agent's speech in the windows that was heard well; the worst of them.",
            unit="0 to 1",
            empty="nothing was searched",
        ),
        Column("trust", Type.NUMBER, "How far the finding can be trusted.", unit="0 to 1"),
        Column("reason", Type.TEXT, "Why, in words."),
    ),
    "moments": (
        *CALL,
        Column("behaviour", Type.TEXT, "What was said or done."),
        Column("turn", Type.WHOLE, "The turn it is in, counted from 0."),
        Column("speaker", Type.TEXT, "agent, customer, system or unknown."),
        Column("start", Type.NUMBER, "When it begins.", unit="seconds from the start of the call", empty="there are no times"),
        Column("end", Type.NUMBER, "When it ends.", unit="seconds from the start of the call", empty="there are no times"),
        Column("quote", Type.TEXT, "The words."),
        Column("how", Type.TEXT, "How it was found: phrase, regex, tokens, example, measured or structure."),
        Column("tier", Type.TEXT, "strict (may accuse) or lenient (may only acquit or raise doubt)."),
        Column("trust", Type.NUMBER, "How far it can be trusted.", unit="0 to 1"),
    ),
    "promises": (
        *CALL,
        Column("customer", Type.TEXT, "The customer's reference.", empty="not known"),
        Column("made_at", Type.TIME, "When it was said.", unit="UTC", empty="not known"),
        Column("turn", Type.WHOLE, "The turn it was said in, counted from 0."),
        Column("start", Type.NUMBER, "When it was said.", unit="seconds from the start of the call", empty="there are no times"),
        Column("quote", Type.TEXT, "The words."),
        Column("means", Type.TEXT, "call (later calls can show it) or other (they cannot)."),
        Column("due", Type.TIME, "The last moment at which it is kept, read in the agent's favour.", unit="UTC", empty="no time was named"),
        Column("due_words", Type.TEXT, "The words that named it.", empty="no time was named"),
        Column("state", Type.TEXT, "kept, late, broken, open or untold, as far as the recordings tell."),
        Column("settled_by", Type.TEXT, "The call that shows it.", empty="none does"),
        Column("note", Type.TEXT, "What became of it, in words."),
    ),
}
"""By file name, in the order of the columns."""
