"""Labels of voices in, who is agent and who is customer out: by what the label says, by the channel, by what is said.

The words only choose between voices that nobody has named, and raise a doubt where they do not fit who somebody is said to be.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qa_audit.models import Direction, Doubt, Speaker
from qa_audit.recordings.importers.base import Passage
from qa_audit.sides import first_is_agent, manner

WORDS_FOR = {
    Speaker.AGENT: {"agent", "advisor", "adviser", "associate", "rep", "representative", "operator", "specialist", "clerk", "internal"},
    Speaker.CUSTOMER: {
        "customer",
        "caller",
        "client",
        "contact",
        "consumer",
        "user",
        "end_user",
        "enduser",
        "guest",
        "patient",
        "external",
    },
    Speaker.SYSTEM: {"system", "ivr", "bot", "automated_agent", "announcement", "custom_bot", "virtual_agent", "menu"},
}
CHANNEL = re.compile(r"ch(?:annel)?[_ -]?(\d{1,2})", re.IGNORECASE)
NUMBERED = re.compile(r"[\s_#-]*\d*$")
IN_BRACKETS = re.compile(r"[(\[]([\w -]{1,30})[)\]]\s*$")

LOOKED_AT = 2000
"""Characters of each voice by which it is judged: people show who they are when they begin."""
DOUBTED = 0.25
"""Likelihood of the stated roles, from the words, below which they are doubted. Of 148 conversations whose sides are known
none came below 0.4, and 134 of them did when their sides were swapped."""
DECIDED = 0.75
"""Likelihood from which on the words alone decide."""
UNSURE = 0.4
"""The trust in a role that the words speak against."""


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


def assign(passages: Sequence[Passage], *, stated: Mapping[str, Speaker], channels: Sequence[Speaker], direction: Direction) -> Roles:
    """The speaker of every label. `stated` are those whose role the format tells, `channels` who is on which channel."""
    labels = list(dict.fromkeys(passage.label for passage in passages))
    known = {label: speaker for label in labels if (speaker := stated.get(label) or role_of(label) or _by_channel(label, channels))}
    voices = Voices(passages, direction)
    return _checked(labels, known | _other_side(labels, known), voices) if known else _guessed(labels, voices)


def _by_channel(label: str, channels: Sequence[Speaker]) -> Speaker | None:
    match = CHANNEL.fullmatch(label)
    place = int(match[1]) if match else len(channels)
    return channels[place] if place < len(channels) else None


def _other_side(labels: Sequence[str], known: Mapping[str, Speaker]) -> dict[str, Speaker]:
    """The only voice that is not named, where only one of agent and customer is."""
    unnamed = [label for label in labels if label and label not in known]
    missing = {Speaker.AGENT, Speaker.CUSTOMER} - set(known.values())
    return {unnamed[0]: missing.pop()} if len(unnamed) == len(missing) == 1 else {}


class Voices:
    """What each voice says first, how much it says, and who opens."""

    def __init__(self, passages: Sequence[Passage], direction: Direction) -> None:
        self.direction = direction
        self.opens = next((passage.label for passage in passages if passage.words), "")
        self.words: Counter[str] = Counter()
        self.said: defaultdict[str, str] = defaultdict(str)
        for passage in passages:
            self.words[passage.label] += len(passage.words)
            if len(self.said[passage.label]) < LOOKED_AT:
                self.said[passage.label] += " ".join(word.text for word in passage.words) + " "

    def is_agent(self, agents: Sequence[str], customers: Sequence[str]) -> float:
        """How likely it is that the first are the agent's voices and the second the customer's."""
        texts = ["".join(self.said[label][:LOOKED_AT] for label in side) for side in (agents, customers)]
        opens = 0 if self.opens in agents else 1 if self.opens in customers else None
        return first_is_agent(texts, opens=opens, direction=self.direction)


def _checked(labels: Sequence[str], known: Mapping[str, Speaker], voices: Voices) -> Roles:
    """The stated roles, with a doubt when the words speak against them."""
    speakers = {label: known.get(label, Speaker.UNKNOWN) for label in labels}
    agents, customers = ([label for label in labels if speakers[label] is side] for side in (Speaker.AGENT, Speaker.CUSTOMER))
    if not agents or not customers or voices.is_agent(agents, customers) >= DOUBTED:
        return Roles(speakers, dict.fromkeys(labels, 1.0), ())
    doubt = Doubt("roles-swapped", "agent and customer may be swapped: what they say speaks against who they are said to be")
    return Roles(speakers, dict.fromkeys(labels, UNSURE), (doubt,))


def _guessed(labels: Sequence[str], voices: Voices) -> Roles:
    """Of voices nobody has named, the one that sounds most like an agent, if decisively; the one that speaks most beside it
    is the customer."""
    unknown = dict.fromkeys(labels, Speaker.UNKNOWN)
    named = [label for label in labels if label]
    if len(named) < 2:
        return Roles(unknown, {}, (Doubt("no-speakers", "the transcript does not say who speaks"),))
    agent = max(named, key=lambda label: manner(voices.said[label]))
    customer = max((label for label in named if label != agent), key=lambda label: voices.words[label])
    likely = voices.is_agent([agent], [customer])
    if likely < DECIDED:
        return Roles(unknown, {}, (Doubt("roles-unknown", "the transcript tells its voices apart but not which of them is the agent"),))
    doubt = Doubt("roles-guessed", f"the transcript does not say who is the agent; {agent!r} was told from what is said")
    return Roles(unknown | {agent: Speaker.AGENT, customer: Speaker.CUSTOMER}, dict.fromkeys(labels, round(likely, 3)), (doubt,))
