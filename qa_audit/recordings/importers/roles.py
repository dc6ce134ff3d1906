"""Labels of voices in, who is agent and who is customer out: by what the label says, by the channel, by who greets.

The cues only choose between voices that nobody has named, and raise a doubt where a named role does not fit what is said.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from qa_audit.models import Doubt, Speaker
from qa_audit.recordings.importers.base import Passage

WORDS_FOR = {
    Speaker.AGENT: {"agent", "advisor", "adviser", "associate", "rep", "representative", "operator", "specialist", "clerk", "internal"},
    Speaker.CUSTOMER: {"customer", "caller", "client", "contact", "consumer", "user", "end_user", "enduser", "guest", "patient", "external"},
    Speaker.SYSTEM: {"system", "ivr", "bot", "automated_agent", "announcement", "custom_bot", "virtual_agent", "menu"},
}
CHANNEL = re.compile(r"ch(?:annel)?[_ -]?(\d{1,2})", re.IGNORECASE)
NUMBERED = re.compile(r"[\s_#-]*\d*$")
IN_BRACKETS = re.compile(r"[(\[]([\w -]{1,30})[)\]]\s*$")

GREETING = 2
COURTESY = 1
CUES = tuple(
    (re.compile(pattern, re.IGNORECASE), points)
    for pattern, points in (
        (r"\bthank(s| you) for (calling|contacting|phoning|holding|reaching out)(?! (me|us|back))", GREETING),
        (r"\b(how|what) (can|may|could) (i|we) (help|assist|do for) you", GREETING),
        (r"\bcall(s)? (is|are|may be|might be|will be|being) (being )?(recorded|monitored)", GREETING),
        (r"\b(you're|you are) (through to|speaking (to|with))", GREETING),
        (r"\b(can|could|may) i (have|get|take|ask for) (your|the) ", COURTESY),
        (r"\b(verify|confirm) (your|the) (account|address|name|date|number|postcode|e-?mail)", COURTESY),
        (r"\banything else (i|we) can", COURTESY),
        (r"\blet me (just )?(check|look|pull)", COURTESY),
    )
)
"""What agents say and customers hardly ever do, with its weight."""

DECISIVE = 2
TALK_LOOKED_AT = 6000
"""Characters of each voice in which cues are sought: greetings come first."""


@dataclass(frozen=True, slots=True)
class Roles:
    """Who each label is, how sure that is, and what is doubtful about it."""

    speakers: Mapping[str, Speaker]
    trust: Mapping[str, float]
    doubts: tuple[Doubt, ...]


def role_of(label: str) -> Speaker | None:
    """The role that a label names, such as `AGENT`, `Customer 1`, `end_user` or `Kim (Agent)`; None when it names none."""
    inner = IN_BRACKETS.search(label)
    word = NUMBERED.sub("", (inner[1] if inner else label).strip().lower())
    return next((speaker for speaker, words in WORDS_FOR.items() if word in words), None)


def assign(passages: Sequence[Passage], *, stated: Mapping[str, Speaker], channels: Sequence[Speaker]) -> Roles:
    """The speaker of every label. `stated` are those whose role the format tells, `channels` who is on which channel."""
    labels = list(dict.fromkeys(passage.label for passage in passages))
    known = {label: speaker for label in labels if (speaker := stated.get(label) or role_of(label) or _by_channel(label, channels))}
    points = _points(passages)
    if known:
        known |= _other_side(labels, known)
        doubts = _swapped(known, points)
        speakers = {label: known.get(label, Speaker.UNKNOWN) for label in labels}
        return Roles(speakers, dict.fromkeys(labels, 0.5 if doubts else 1.0), doubts)
    return _guessed(labels, points, passages)


def _by_channel(label: str, channels: Sequence[Speaker]) -> Speaker | None:
    match = CHANNEL.fullmatch(label)
    place = int(match[1]) if match else len(channels)
    return channels[place] if place < len(channels) else None


def _other_side(labels: Sequence[str], known: Mapping[str, Speaker]) -> Mapping[str, Speaker]:
    """The only voice that is not named, where only one of agent and customer is."""
    unnamed = [label for label in labels if label and label not in known]
    missing = {Speaker.AGENT, Speaker.CUSTOMER} - set(known.values())
    return {unnamed[0]: missing.pop()} if len(unnamed) == len(missing) == 1 else {}


def _points(passages: Iterable[Passage]) -> Mapping[str, int]:
    """How much each voice sounds like an agent: every cue counts once."""
    said: dict[str, str] = {}
    for passage in passages:
        before = said.get(passage.label, "")
        if len(before) < TALK_LOOKED_AT:
            said[passage.label] = f"{before} {' '.join(word.text for word in passage.words)}"
    return {label: sum(points for cue, points in CUES if cue.search(text)) for label, text in said.items()}


def _swapped(known: Mapping[str, Speaker], points: Mapping[str, int]) -> tuple[Doubt, ...]:
    """A doubt when the customer sounds decisively more like an agent than the agent does."""
    best = {speaker: max((points[label] for label, who in known.items() if who is speaker), default=None) for speaker in Speaker}
    agent, customer = best[Speaker.AGENT], best[Speaker.CUSTOMER]
    if agent is None or customer is None or customer - agent < DECISIVE:
        return ()
    return (Doubt("roles-swapped", "the customer greets and asks as an agent does: agent and customer may be swapped"),)


def _guessed(labels: Sequence[str], points: Mapping[str, int], passages: Sequence[Passage]) -> Roles:
    """Of voices nobody has named, the one that sounds decisively like an agent; the one that speaks most beside it is the customer."""
    unknown = dict.fromkeys(labels, Speaker.UNKNOWN)
    named = [label for label in labels if label]
    if len(named) < 2:
        return Roles(unknown, {}, (Doubt("no-speakers", "the transcript does not say who speaks"),))
    agent, second = sorted(named, key=lambda label: -points[label])[:2]
    margin = points[agent] - points[second]
    if margin < DECISIVE:
        return Roles(unknown, {}, (Doubt("roles-unknown", "the transcript tells its voices apart but not which of them is the agent"),))
    talk = Counter[str]()
    for passage in passages:
        talk[passage.label] += len(passage.words)
    customer = max((label for label in named if label != agent), key=lambda label: talk[label])
    trust = min(0.9, 0.5 + 0.1 * margin)
    doubt = Doubt("roles-guessed", f"the transcript does not say who is the agent; {agent!r} greets and asks like one")
    return Roles(unknown | {agent: Speaker.AGENT, customer: Speaker.CUSTOMER}, dict.fromkeys(labels, trust), (doubt,))
