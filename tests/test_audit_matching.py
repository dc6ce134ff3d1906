"""Phrases, regular expressions and token patterns over a call: what is found, where, and that nothing is lost by being quick."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import yaml
from audit_helpers import CASES
from hypothesis import given
from hypothesis import strategies as st

from qa_audit.audit.conversation import conversation
from qa_audit.audit.kept import prepare
from qa_audit.audit.matching import Hit, PhraseIndex, Search
from qa_audit.audit.negation import is_meant
from qa_audit.audit.patterns import PatternIndex
from qa_audit.models import Speaker
from qa_audit.rules.language import Behaviour
from qa_audit.rules.phrases import compile_phrase
from qa_audit.rules.words import normalise

ANYBODY = frozenset(Speaker)
NEGATION = yaml.safe_load((CASES / "negation.yaml").read_text())


def said(name: str, *says: str, **rest: object) -> Behaviour:
    return Behaviour(id=name, who=rest.pop("who", ANYBODY), says=says, **rest)


def hits(text: str, *behaviours: Behaviour) -> list[tuple[str, int, str]]:
    """(behaviour, turn, words) of everything that is found."""
    transcript = conversation(text)
    found = Search(PhraseIndex(behaviours), prepare(transcript).view).hits()
    return [shown(transcript, hit) for hit in [*found, *PatternIndex(behaviours).hits(transcript)]]


def shown(transcript, hit: Hit) -> tuple[str, int, str]:
    words = transcript.turns[hit.turn].words[hit.first : hit.last]
    return hit.behaviour, hit.turn, " ".join(word.text for word in words)


@pytest.mark.parametrize("case", NEGATION, ids=lambda case: case["said"])
def test_what_is_denied_or_reported_is_not_meant(case: dict) -> None:
    line = normalise(case["said"].split()).text
    match = re.search(compile_phrase(case["phrase"]).pattern, line)
    assert match is not None
    assert is_meant(line, *match.span()) is case["meant"]


def test_a_hit_names_the_words_as_they_were_said() -> None:
    text = "agent: Hello. Uh, we, we can't, um, cancel it today!\ncustomer: Cancelling it is all I want."
    assert hits(text, said("cancel", "cancel it", negatable=False)) == [("cancel", 0, "cancel it"), ("cancel", 1, "Cancelling it")]


def test_only_those_who_may_say_it_are_searched() -> None:
    text = "agent: sorry\ncustomer: sorry\nsystem: sorry\nunknown: sorry"
    found = hits(text, said("apology", "sorry", who=frozenset({Speaker.AGENT})))
    assert [turn for _, turn, _ in found] == [0, 3]


def test_a_later_match_counts_when_the_first_is_denied_or_ignored() -> None:
    behaviour = said("cancel", "cancel", ignore=("cancel the meeting",))
    assert hits("customer: do not cancel the line, cancel the meeting, cancel the plan", behaviour) == [("cancel", 0, "cancel")]
    assert hits("customer: do not cancel the line, cancel the meeting", behaviour) == []


def test_phrases_of_values_alone_are_found() -> None:
    assert hits("agent: that is $25\ncustomer: oh", said("price", "<money>")) == [("price", 0, "$25")]


def test_an_empty_call_holds_nothing() -> None:
    everything = said("all", "sorry", "<number>", regex=("a",), tokens=(({"LOWER": "a"},),))
    assert hits("", everything) == []
    assert hits("agent:\ncustomer: ...", everything) == []


VOCABULARY = (
    "i", "we", "want", "to", "cancel", "cancelled", "the", "my", "plan", "not", "sorry", "uh", "no", ".", ",", "refund", "call", "you", "back",
)  # fmt: skip
WORDS = st.sampled_from(VOCABULARY)
TURNS = st.lists(st.tuples(st.sampled_from(["agent", "customer"]), st.lists(WORDS, min_size=1, max_size=25)), min_size=1, max_size=6)
PHRASES = (
    "want to cancel",
    "cancel [the|my] plan",
    "(refund|call) you",
    "you ... plan",
    "sorry",
    "canc*",
    "not cancel",
    "i want",
    "=cancelled",
)


@given(TURNS)
def test_the_index_finds_what_trying_every_phrase_on_every_turn_finds(turns: list) -> None:
    text = "\n".join(f"{speaker}: {' '.join(words)}" for speaker, words in turns)
    behaviours = [said(phrase, phrase, negatable=False, who=frozenset({Speaker.AGENT})) for phrase in PHRASES]
    transcript = conversation(text)
    lines = {turn.index: normalise([word.text for word in turn.words]) for turn in transcript.turns if turn.speaker is Speaker.AGENT}
    expected = {
        (phrase, turn) for phrase in PHRASES for turn, line in lines.items() if re.search(compile_phrase(phrase).pattern, line.text)
    }
    assert {(name, turn) for name, turn, _ in hits(text, *behaviours)} == expected


def test_a_regular_expression_stays_within_a_turn() -> None:
    numbers = Behaviour(id="number", who=ANYBODY, regex=(r"number[^x]*\d+", r"^so\b", r"\bend$"))
    text = "agent: the number please\ncustomer: 4471\nagent: So number 12 is the end\ncustomer: the number is Ünicode 7"
    assert hits(text, numbers) == [
        ("number", 2, "number 12"),
        ("number", 3, "number is Ünicode 7"),
        ("number", 2, "So"),
        ("number", 2, "end"),
    ]


def test_words_that_hold_spaces_are_found_whole() -> None:
    transcript = conversation("agent: A B C")
    words = tuple(replace(word, text=text) for word, text in zip(transcript.turns[0].words, ("ice cream", "", "van no\n7"), strict=True))
    transcript = replace(transcript, turns=(replace(transcript.turns[0], words=words),))
    behaviour = said("van", "no 7", regex=(r"cream\s+van",), tokens=(({"LOWER": "van"},),))
    found = [*Search(PhraseIndex([behaviour]), prepare(transcript).view).hits(), *PatternIndex([behaviour]).hits(transcript)]
    assert [(hit.how, hit.first, hit.last) for hit in found] == [("phrase", 2, 3), ("regex", 0, 3), ("tokens", 2, 3)]


def test_a_regular_expression_cannot_hang() -> None:
    bomb = Behaviour(id="bomb", who=ANYBODY, regex=(r"(a+)+$",))
    assert hits(f"agent: {'a' * 5000}b", bomb) == []


def test_token_patterns_run_where_their_words_are() -> None:
    behaviour = Behaviour(
        id="ask",
        who=frozenset({Speaker.AGENT}),
        tokens=(({"LOWER": "may"}, {"IS_ALPHA": True, "OP": "?"}, {"LOWER": {"IN": ["ask", "know"]}}),),
    )
    text = "agent: İstanbul. May I ask?\ncustomer: may I know\nagent: Can't you say if I may  know?"
    assert hits(text, behaviour) == [("ask", 0, "May I ask?"), ("ask", 2, "may know?")]


def test_token_patterns_without_a_word_run_everywhere() -> None:
    behaviour = Behaviour(id="number", who=ANYBODY, tokens=(({"LIKE_NUM": True}, {"IS_PUNCT": True}),))
    assert hits("agent: It is\ncustomer: 42!", behaviour) == [("number", 1, "42!")]
