"""Normal forms of words in, word groups out: the one to three words in a row that a head may know.

Dialect spellings, inflections and fillers are gone already (`rules.words`); numbers and names are made alike here, so that
no head can learn a price or a person.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qa_audit.rules.words import normalise

LONGEST = 3
"""Words in a group."""

NAME, NUMBER, START, END = "<name>", "0", "<s>", "</s>"


def grams_of(text: str) -> frozenset[str]:
    """The word groups of a text."""
    return groups(normalise(text.split()).text.split())


def groups(tokens: Sequence[str]) -> frozenset[str]:
    """The word groups of one sentence's tokens as they stand in a normalised line."""
    words = [START, *(word for word in map(_plain, tokens) if word), END]
    return frozenset(_runs(words))


def _runs(words: Sequence[str]) -> Iterator[str]:
    for first in range(len(words)):
        for last in range(first + 1, min(first + LONGEST, len(words)) + 1):
            yield " ".join(words[first:last])


def _plain(token: str) -> str:
    lemma, _, surface = token.partition("=")
    if surface.startswith("^"):
        return NAME
    if lemma[0].isdigit():
        return NUMBER
    return "" if lemma in ".," else lemma
