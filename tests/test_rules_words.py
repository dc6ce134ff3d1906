"""What becomes of the words of a turn before anything is matched against them."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_audit.rules.words import WORDS_VERSION, normalise, said

TABLE = [
    ("", " "),
    ("... , !", " "),
    ("Cancelled it.", " cancel=canceled it "),
    ("I can't, sorry!", " i can !not , sorry "),
    ("We'd never leave", " we would !never leave "),
    ("I'd never been so cross", " i have=had !never be=been so cross "),
    ("I'd called twice", " i have=had call=called twice "),
    ("it's been done, it's done", " it have=has be=been do=done , it be=is do=done "),
    ("the customer's bill", " the customer=customer's bill "),
    ("$25.50 and 1,200 €", " 25.50 dollar=$ and 1200 euro=€ "),
    ("twenty-five, 2nd, first", " 20=twenty 5=five , 2nd , 1st=first "),
    ("at 3 am I am up", " at 3 a.m i be=am up "),
    ("Mr. Smith left. Dr. Jones came", " mr smith=^smith leave=left . dr jones=^jones come=came "),
    ("Grace called Grace", " grace call=called grace=^grace "),
    ("THIS IS LOUD", " this be=is loud "),
    ("#NAME# [ORDER_NUMBER] {email} <DATE> [inaudible] yes", " <name> <number> <value> <date> , yes "),
    ("goin' home 'cause 'tis late", " go=going home because tis=^tis late "),
    ("follow-up re-book", " follow up re book "),
    ("c-c-can you", " can you "),
    ("no no no, no way", " no way "),
    ("if it's, if it's fine", " if it be=is fine "),
    ("uh", " "),
    ("so, uh, we go", " so , we go "),
    ("to, uh, the bank", " to the bank "),
    ("１２ Ａpples", " 12 apple=^apples "),
]


@pytest.mark.parametrize(("said_", "line"), TABLE)
def test_a_turn_becomes_this_line(said_: str, line: str) -> None:
    assert normalise(said_.split()).text == line


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("I can't apologise enough for the colour", "I cannot apologize enough for the color"),
        ("I’m gonna cancel, y'all", "I am going to cancel, you all"),
        ("we've travelled", "we have traveled"),
        ("pls cancel my acct thx", "please cancel my account thanks"),
    ],
)
def test_two_ways_of_saying_it_become_one_line(one: str, other: str) -> None:
    lemmas = [[token.partition("=")[0] for token in normalise(text.split()).text.split()] for text in (one, other)]
    assert lemmas[0] == lemmas[1]


TURNS = st.lists(
    st.text(max_size=12) | st.sampled_from(["I", "I'd", "um", ",", "...", "can-", "$5", "Maria", "no", "it's", "am", "3"]), max_size=30
)


@settings(max_examples=200, deadline=None)
@given(TURNS)
def test_any_turn_gives_a_line_of_the_promised_form(words: list[str]) -> None:
    line = normalise(words)
    tokens = line.text.split(" ")[1:-1]
    assert line.text == " " or (line.text.startswith(" ") and line.text.endswith(" "))
    assert len(line.at) == len(tokens)
    assert list(line.at) == sorted(line.at)
    assert all(0 <= index < len(words) for index in line.at)
    assert all(token and token.count("=") <= 1 for token in tokens)
    assert not any(one in ",." and other in ",." for one, other in itertools.pairwise(tokens))
    assert not tokens or (tokens[0] not in ",." and tokens[-1] not in ",.")
    assert normalise(words) == line


def test_a_span_leads_back_to_the_words_as_they_were_said() -> None:
    words = ["Well,", "I", "I", "can't", "uh", "cancel", "it", "today"]
    line = normalise(words)
    start = line.text.index(" can ")
    first, last = line.span(start, line.text.index(" it ") + 1)
    assert words[first:last] == ["can't", "uh", "cancel"]


def test_said_gives_the_form_that_was_heard() -> None:
    assert [said(token) for token in ("cancel=canceled", "cancel", "!not", "maria=^maria")] == ["canceled", "cancel", "not", "maria"]


def test_the_version_names_the_dictionaries() -> None:
    assert "lemminflect" in WORDS_VERSION
    assert "breame" in WORDS_VERSION


def test_a_hostile_word_costs_no_more_than_its_beginning() -> None:
    line = normalise(["x" * 5_000_000, "a'" * 2_000_000, "1," * 2_000_000])
    assert max(map(len, line.text.split())) <= 140
