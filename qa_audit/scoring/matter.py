"""What a call is about, in a few words of the customer's, and which of them two calls share.

Nobody tells a batch what a call is about, so the customer's own words have to: those said first, and those that name the
problem. Two calls of one customer are taken to be on the same matter when both name the same number (an order, a ticket), or
share two words that hardly any other customer uses. It is a reading of words and is shown as one, with the words.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping

from qa_audit.models import Audit, CallScore, Speaker, Transcript
from qa_audit.rules.english import EMPTY, NUMBERS, UNINFLECTED
from qa_audit.rules.words import normalise

PROBLEM = "problem"
"""The behaviour by which a contact about a problem is known."""

OPENING_TURNS = 2
"""Turns of the customer, from the first, in which people usually say why they call."""

MOST_WORDS = 40
LEAST_DIGITS = 4
SHARED = 2
RARE = 0.1
"""Words that a larger share of customers use say nothing of the matter."""

SPELT = re.compile(r"(?<= )\d(?:=\S+)? (?:\d(?:=\S+)? ){3,}")
"""A number said digit by digit, as a line of normal forms has it."""


def matter_of(audit: Audit, transcript: Transcript) -> tuple[str, ...]:
    """The words and numbers that say what the customer calls about; empty for a call that names no problem."""
    named = {moment.turn for moment in audit.moments if moment.behaviour == PROBLEM}
    if not named:
        return ()
    spoken = [turn for turn in transcript.turns if turn.speaker is Speaker.CUSTOMER]
    turns = [turn for place, turn in enumerate(spoken) if place < OPENING_TURNS or turn.index in named]
    words = [word for turn in turns for word in _content(normalise([word.text for word in turn.words]).text)]
    return tuple(dict.fromkeys(words))[:MOST_WORDS]


def _content(line: str) -> Iterable[str]:
    for spelt in SPELT.findall(line):
        yield "".join(token.split("=")[0] for token in spelt.split())
    for token in SPELT.sub("", line).split():
        word = token.split("=")[0]
        if word.isdigit():
            if len(word) >= LEAST_DIGITS:
                yield word
        elif word.isalpha() and len(word) > 2 and word not in UNINFLECTED and word not in EMPTY and word not in NUMBERS:
            yield word


def common_words(calls: Iterable[CallScore]) -> frozenset[str]:
    """Words that several customers use, and at least one in ten of them."""
    by_customer: Mapping[str, set[str]] = defaultdict(set)
    for call in calls:
        if call.customer is not None:
            by_customer[call.customer].update(call.matter)
    used = Counter(word for words in by_customer.values() for word in words)
    return frozenset(word for word, customers in used.items() if customers > max(1.0, RARE * len(by_customer)))


def shared_words(one: CallScore, other: CallScore, *, common: Collection[str]) -> tuple[str, ...]:
    """What both name and few others do, numbers first, if that is enough to call it one matter; else nothing."""
    both = [word for word in one.matter if word in other.matter and word not in common]
    numbers = [word for word in both if word.isdigit()]
    words = [word for word in both if not word.isdigit()]
    return (*numbers, *words) if numbers or len(words) >= SHARED else ()
