"""What phrases match, word for word, and how the mistakes in them are told."""

from __future__ import annotations

import re
import string

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st
from rules_helpers import DATA

from qa_audit.rules.phrases import Phrase, PhraseError, compile_phrase, compiled
from qa_audit.rules.samples import samples
from qa_audit.rules.syntax import LOOSEST, MOST_CHARACTERS
from qa_audit.rules.words import normalise

TABLE = [
    tuple(part.strip() for part in line.split("::"))
    for line in (DATA / "phrases.txt").read_text("utf-8").splitlines()
    if line.strip() and not line.startswith("#")
]


@pytest.mark.parametrize(("source", "said", "expected"), TABLE)
def test_a_phrase_matches_these_words(source: str, said: str, expected: str) -> None:
    words = said.split()
    span = compile_phrase(source).search(normalise(words))
    assert (" ".join(words[span[0] : span[1]]) if span else "-") == expected


@pytest.mark.parametrize(("source", "said", "expected"), TABLE)
def test_a_match_holds_a_word_of_every_anchor(source: str, said: str, expected: str) -> None:
    lemmas = {token.partition("=")[0] for token in normalise(said.split()).text.split()}
    if expected != "-":
        assert all(anchor & lemmas for anchor in compile_phrase(source).anchors)


@pytest.mark.parametrize(("source", "said", "expected"), TABLE)
def test_re2_finds_the_same(source: str, said: str, expected: str) -> None:
    pattern, line = compile_phrase(source).pattern, normalise(said.split())
    ours, linear = compiled(pattern).search(line.text), re2.search(pattern, line.text)
    assert (ours and line.span(*ours.span())) == (linear and line.span(*linear.span()))


@pytest.mark.parametrize("source", dict.fromkeys(source for source, _, _ in TABLE))
def test_a_phrase_matches_its_own_samples(source: str) -> None:
    phrase = compile_phrase(source)
    assert all(phrase.search(normalise(sample.split())) for sample in samples(source))


def test_anchors_are_what_a_phrase_cannot_do_without() -> None:
    assert compile_phrase("(cancel|close) [my] ... account").anchors == (frozenset({"cancel", "close"}), frozenset({"account"}))
    assert compile_phrase("(give up|leave) us").anchors == (frozenset({"give", "leave"}), frozenset({"us"}))
    assert compile_phrase("cancel*").anchors == ()
    assert compile_phrase("(cancel*|close) it").anchors == (frozenset({"it"}),)


@pytest.mark.parametrize(
    ("source", "column", "part"),
    [
        ("", 1, "empty"),
        ("   ", 1, "empty"),
        ("hello (a|b", 7, "not closed"),
        ("hello ((a|b) c", 7, "not closed"),
        ("a | b", 3, "parentheses"),
        ("hi ... ... you", 8, "none before it"),
        ("[a] ... b", 5, "none before it"),
        ("b ... [a]", 3, "none after it"),
        ("(a ...|b) c", 4, "none after it"),
        ("a ...0 b", 3, "1 to 12"),
        ("<mony> off", 1, "<money>"),
        ("co*p", 3, "once"),
        ("=can't", 1, "one word"),
        ("a\\d", 2, "regex:"),
        ("hello 😀", 7, "no meaning"),
        ("x" * (MOST_CHARACTERS + 1), MOST_CHARACTERS + 1, "make several"),
    ],
)
def test_a_mistake_is_told_at_its_column(source: str, column: int, part: str) -> None:
    with pytest.raises(PhraseError) as refused:
        compile_phrase(source)
    assert refused.value.column == column
    assert part in refused.value.message


ALPHABET = st.sampled_from(
    [*"()[]|<>=*. ", "...", "...8", "cancel", "can't", "it's", "um", "<money>", "<name>", "no", "?", ",", "$5", "é", "=x", "re*"]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(ALPHABET, max_size=25).map("".join) | st.text(max_size=60))
def test_any_text_is_a_phrase_or_is_refused_where_it_is_wrong(source: str) -> None:
    try:
        phrase = compile_phrase(source)
    except PhraseError as error:
        assert 1 <= error.column <= len(source) + 1
        assert error.message
    else:
        check_is_sound(phrase)


def check_is_sound(phrase: Phrase) -> None:
    re.compile(phrase.pattern)
    re2.compile(phrase.pattern)
    assert not compiled(phrase.pattern).search(" ")
    for sample in samples(phrase.source, most=4):
        line = normalise(sample.split())
        if span := phrase.search(line):
            assert 0 <= span[0] < span[1] <= len(sample.split())


@pytest.mark.parametrize(
    "source",
    [
        "a ...8 a ...8 a ...8 z",
        "a [b] [c] [d] [e] ... (a|b|c) ... z",
        "a <number> <number> z",
        "<name> <name> <money>",
        "a ...12 b ...12 z",
    ],
)
def test_the_loosest_phrases_end_on_the_nastiest_turns(source: str) -> None:
    pattern = compiled(compile_phrase(source).pattern)
    for nasty in ("a b c d e ", "a 1 2 3 4 ", "Zork Blim a ", "a "):
        line = normalise((nasty * 3000).split()).text + " ".join(f"a w{number}" for number in range(3000)) + " "
        assert pattern.search(line) is None


def test_a_phrase_looser_than_that_is_refused() -> None:
    with pytest.raises(PhraseError, match="too much open"):
        compile_phrase("a ...12 b ...12 c ...12 d")
    assert LOOSEST < (12 + 1) ** 3


def test_punctuation_alone_is_no_word() -> None:
    for mark in set(string.punctuation) - set("()[]|<>=*&%$"):
        with pytest.raises(PhraseError):
            compile_phrase(mark)
