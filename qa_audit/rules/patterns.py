"""The escape hatches of a behaviour go in (`regex`, `tokens`); what cannot or must not run comes out in plain words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import re2

FLAGS = "(?im:{})"
"""How a `regex` is run: capitals do not matter, ^ and $ are the ends of a turn."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_ATTRIBUTES = _set(
    "ORTH TEXT NORM LOWER SHAPE PREFIX SUFFIX LENGTH IS_ALPHA IS_ASCII IS_DIGIT IS_LOWER IS_UPPER IS_TITLE IS_PUNCT IS_SPACE IS_STOP "
    "IS_BRACKET IS_QUOTE IS_LEFT_PUNCT IS_RIGHT_PUNCT IS_CURRENCY LIKE_NUM LIKE_URL LIKE_EMAIL SPACY OP"
)
_NEED_A_PIPELINE = _set("LEMMA POS TAG MORPH DEP ENT_TYPE ENT_ID ENT_KB_ID ENT_IOB IS_SENT_START SENT_START")
_COUNTED = re.compile(r"\{(\d{1,6})?(,(\d{1,6})?)?\}")
_MATCHER_MESSAGE = re.compile(r"-> \d+ -> (\w+)[^\]]*\] (.*)")
_MOST_REPEATS = 12
_MOST_TOKENS = 30

Path = tuple[str | int, ...]


def regex_problem(pattern: str) -> str:
    """What is wrong with a regular expression; empty when nothing is."""
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(pattern, options)
        compiled = re2.compile(FLAGS.format(pattern), options)
    except re2.error as error:
        what = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error.args[0])
        if "perl operator" in what or "escape sequence: \\1" in what:
            what = "look-around and back-references do not exist here, because they can take forever"
        return f"not a regular expression that can be run: {what}"
    if compiled.search(""):
        return "this regular expression matches anything, even nothing at all"
    return ""


def token_problems(tokens: Sequence[Mapping[str, object]]) -> Iterator[tuple[Path, str]]:
    """What is wrong with one pattern of spaCy's Matcher, with the path to it inside the pattern."""
    if not tokens:
        yield (), "a token pattern describes at least one token"
    if len(tokens) > _MOST_TOKENS:
        yield (), f"a token pattern describes at most {_MOST_TOKENS} tokens, not {len(tokens)}"
    found = False
    for number, token in enumerate(tokens):
        for attribute, value in token.items():
            for message in _attribute_problems(str(attribute).upper(), value):
                found = True
                yield (number, attribute), message
    if not found and tokens:
        yield from (((), message) for message in _matcher_problems(tokens))


def _attribute_problems(attribute: str, value: object) -> Iterator[str]:
    if attribute in _NEED_A_PIPELINE:
        yield f"{attribute} needs a trained language pipeline, and none is loaded; use LOWER, or write a phrase"
    elif attribute not in _ATTRIBUTES:
        yield f"spaCy's Matcher has no attribute {attribute} here"
    elif attribute == "OP":
        yield from _repeat_problems(str(value))
    elif isinstance(value, dict) and "REGEX" in value:
        yield "a REGEX inside a token can take forever; use `regex:`, or IN with a list of words"


def _repeat_problems(operator: str) -> Iterator[str]:
    counted = _COUNTED.fullmatch(operator)
    if operator in {"+", "*"} or (counted and counted[2] and not counted[3]):
        yield f"OP {operator} has no end and can take forever; say how many, such as {{0,4}}"
    elif counted and int(counted[3] or counted[1] or 0) > _MOST_REPEATS:
        yield f"OP {operator} repeats too often; up to {_MOST_REPEATS} are possible"
    elif operator not in {"?", "!", "1"} and not counted:
        yield f"OP {operator} does not exist; there are ?, ! and {{n}}, {{n,m}}"


def _matcher_problems(tokens: Sequence[Mapping[str, object]]) -> Iterator[str]:
    """What spaCy itself says of it."""
    import spacy
    from spacy.errors import MatchPatternError
    from spacy.matcher import Matcher

    matcher = Matcher(spacy.blank("en").vocab, validate=True)
    try:
        matcher.add("pattern", [[dict(token) for token in tokens]])
    except (MatchPatternError, ValueError) as error:
        told = _MATCHER_MESSAGE.search(str(error))
        yield f"spaCy's Matcher refuses {told[1]}: {told[2]}" if told else f"spaCy's Matcher refuses it: {error}"
