"""A match in a line in, whether it is meant out: what is denied or only reported does not count.

Denied: a negation stands at most five words before it, in the manner of NegEx (Chapman et al., 2001): terminators end its
reach, pseudo-negations have none. Reported: somebody else is said to have said it ("you told me you were sorry"). What the
speaker reports of themselves counts ("I said I want to cancel"). Lines are those of `qa_audit.rules.words`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

REACH = 5
"""Words before a match in which a negation still holds it."""

REPORT_REACH = 7
"""Words before a match in which a reporting verb still holds it."""

NEGATORS = frozenset(("!not", "!never", "without", "nor", "neither", "hardly"))
TERMINATORS = frozenset(("but", "because", "so", "if", "though", "although", "however", "unless", "except", "until"))
ANSWERS = frozenset(("yes", "no", "okay", "well", "please"))
SUBJECTS = frozenset(("i", "we", "you", "he", "she", "they", "it", "somebody", "someone", "nobody"))
HOLDS_A_CLAUSE = frozenset((
    "think", "believe", "say", "mean", "suppose", "guess", "know", "feel", "expect", "promise", "want", "need", "let",
    "make", "tell", "ask", "allow", "help", "that", "sure",
))  # fmt: skip
"""After these a subject belongs to the same thought: "I don't think I want to cancel"."""

SAYS_MORE = frozenset(("only", "just", "simply", "merely"))
BEYOND_WORDS = frozenset(("tell", "say", "express", "stress", "describe"))
NO_MORE = frozenset(("long", "longer", "more"))

REPORTING = frozenset((
    "said", "told", "promised", "claimed", "mentioned", "assured", "explained", "stated", "insisted", "says", "tells",
    "promises", "claims", "mentions", "explains", "insists",
))  # fmt: skip
FIRST_PERSON = frozenset(("i", "we", "me", "us"))
HELPERS = frozenset(("have", "had", "already", "also", "just", "always", "even", "then", "be", "will", "would"))


_SUSPECT = re.compile(rf" (?:no|without|nor|neither|hardly) |!n|[= ](?:{'|'.join(sorted(REPORTING))}) ")
"""What a line must hold before its match for anything here to apply."""


def is_meant(line: str, start: int, end: int) -> bool:
    """Whether the words line[start:end] are said in earnest by the speaker: neither denied nor reported."""
    if not _SUSPECT.search(line, 0, start + 1):
        return True
    before = line[:start].rpartition(" .")[2].split()
    return not _is_denied(before, line[end:].split(maxsplit=4)) and not _is_reported(before)


def _is_denied(before: Sequence[str], after: Sequence[str]) -> bool:
    distance = 0
    for index in range(len(before) - 1, -1, -1):
        word = _lemma(before[index])
        if word == ",":
            continue
        distance += 1
        if distance > REACH or word in TERMINATORS or _begins_a_clause(before, index):
            return False
        if word in NEGATORS:
            return not _is_pseudo(before, index, after)
        if word == "no" and (distance == 1 or (distance == 2 and _lemma(before[index + 1]) in NO_MORE)):
            return before[index + 1 : index + 2] != [","]
    return False


def _is_pseudo(before: Sequence[str], index: int, after: Sequence[str]) -> bool:
    """Not only, why not, if not …, cannot apologise enough, cannot say how sorry."""
    following = [_lemma(token) for token in before[index + 1 :]]
    if following[:1] == [","] or (following and following[0] in SAYS_MORE):
        return True
    if index and _lemma(before[index - 1]) == "why":
        return True
    return "enough" in after[:3] or ("how" in following and not BEYOND_WORDS.isdisjoint(following))


def _is_reported(before: Sequence[str]) -> bool:
    for index in range(len(before) - 1, max(-1, len(before) - 1 - REPORT_REACH), -1):
        word = _lemma(before[index])
        if word in TERMINATORS or word in ANSWERS or _begins_a_sentence(before, index):
            return False
        if before[index].rpartition("=")[2] in REPORTING:
            return _who_says(before, index) not in FIRST_PERSON
    return False


def _who_says(before: Sequence[str], verb: int) -> str:
    """The word before a reporting verb, helpers passed over; "" when it has none, which makes it a bare order or echo."""
    return next((word for token in reversed(before[:verb]) if (word := _lemma(token)) not in HELPERS), "i")


def _begins_a_clause(before: Sequence[str], index: int) -> bool:
    """Whether a new thought begins with this subject, so that what was denied before it is not what follows."""
    return _lemma(before[index]) in SUBJECTS and index > 0 and _lemma(before[index - 1]) not in HOLDS_A_CLAUSE


def _begins_a_sentence(before: Sequence[str], index: int) -> bool:
    """Whether somebody goes on in their own words: a subject after a comma or an `and`."""
    return _lemma(before[index]) in SUBJECTS and index > 0 and _lemma(before[index - 1]) in {",", "and"}


def _lemma(token: str) -> str:
    return token.partition("=")[0]
