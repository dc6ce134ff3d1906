"""Turns in, sentences out: the pieces of talk that are understood as a whole, for the sentence encoder.

A turn is cut at sentence punctuation, and where a capital begins a new thought that a hasty writer did not part ("I have
done it Have a nice day"). Where a recogniser wrote none, a long run is cut into pieces of about twenty words,
at the longest pause or before a joining word, so that no vector has to stand for a whole speech.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from qa_audit.models import Speaker, Transcript, Turn, Word

LONGEST = 20
"""Words. A longer stretch without punctuation is cut."""

SHORTEST_CUT = 6
"""Words that a piece cut out of a longer stretch has at least."""

PAUSE = 0.3
"""Seconds. A silence this long is a better place to cut than a joining word."""

ENDS = ".?!…"
CLOSING = "\"')]}»”’"
ABBREVIATIONS = frozenset(("mr.", "mrs.", "ms.", "dr.", "st.", "no.", "e.g.", "i.e.", "vs.", "approx.", "p.m.", "a.m."))
JOINING = frozenset(("and", "but", "so", "because", "then", "or", "which", "that", "if", "when", "well"))
SUBJECTS = frozenset(("i", "we", "you", "he", "she", "they", "it"))

BEGINNINGS = frozenset((
    "Also", "And", "Any", "Anything", "Are", "As", "But", "Can", "Could", "Did", "Do", "Does", "For", "Good", "Goodbye", "Have", "Hello",
    "Hi", "How", "If", "In", "Is", "It", "Let", "May", "My", "No", "Ok", "Okay", "Once", "Or", "Please", "So", "Sorry", "Thank", "Thanks",
    "That", "The", "Then", "There", "They", "This", "To", "Unfortunately", "We", "What", "When", "Where", "Which", "Why", "Will", "Would",
    "Yes", "You", "Your",
))  # fmt: skip
"""Words with a capital that begin a sentence even after no full stop."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words first..last (exclusive) of a turn."""

    turn: int
    first: int
    last: int

    def text(self, turn: Turn) -> str:
        """What is said in it; `turn` is the turn it belongs to."""
        return " ".join(word.text for word in turn.words[self.first : self.last])


def sentences(transcript: Transcript) -> tuple[Sentence, ...]:
    """Every sentence that a person says in the call, in order; menus and announcements are left out."""
    people = (turn for turn in transcript.turns if turn.speaker is not Speaker.SYSTEM)
    return tuple(Sentence(turn.index, first, last) for turn in people for first, last in _cut(turn.words))


def _cut(words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    parted = (i for i, (word, after) in enumerate(pairwise(words), 1) if ends_sentence(word.text) or _begins_anew(word.text, after.text))
    edges = [0, *parted, len(words)]
    for first, last in pairwise(edges):
        if last > first:
            yield from _pieces(words, first, last)


def _pieces(words: Sequence[Word], first: int, last: int) -> Iterator[tuple[int, int]]:
    while last - first > LONGEST:
        places = range(first + SHORTEST_CUT, min(first + LONGEST, last - SHORTEST_CUT) + 1)
        cut = max(places, key=lambda i: (_worth(words[i - 1], words[i]), i))
        yield first, cut
        first = cut
    yield first, last


def _worth(before: Word, after: Word) -> float:
    """How good a place between two words is for a cut."""
    pause = after.start - before.end if after.start is not None and before.end is not None else 0.0
    if pause >= PAUSE:
        return 1 + pause
    if before.text.endswith((",", ";", ":")):
        return 1.0
    word = after.text.lower()
    return 0.5 if word in JOINING else 0.25 if word in SUBJECTS else 0.0


def _begins_anew(before: str, word: str) -> bool:
    """Whether a new sentence begins without a full stop: a capital on a word that has none inside a sentence."""
    return before[-1:].islower() and word.strip(",!").partition("'")[0] in BEGINNINGS


def ends_sentence(word: str) -> bool:
    """Whether a sentence ends with this word: it carries a full stop, a question or an exclamation mark."""
    bare = word.rstrip(CLOSING)
    return bare.endswith(tuple(ENDS)) and bare.lower() not in ABBREVIATIONS
