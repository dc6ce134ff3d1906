"""The escape hatches, `regex` and `tokens`, and a transcript in, hits out; both read the words as they were heard."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import accumulate
from typing import Any

import re2

from qa_audit.audit.matching import Hit
from qa_audit.models import Speaker, Transcript
from qa_audit.rules.language import Behaviour
from qa_audit.rules.patterns import FLAGS

LITERALS = ("LOWER", "ORTH", "TEXT")
"""Attributes of a token pattern that name the word itself."""


@dataclass(frozen=True)
class Spoken:
    """A transcript as running text: a line a turn, words parted by spaces."""

    transcript: Transcript

    @cached_property
    def lines(self) -> tuple[str, ...]:
        return tuple(turn.text for turn in self.transcript.turns)

    @cached_property
    def text(self) -> str:
        return "\n".join(self.lines)

    @cached_property
    def lower(self) -> str:
        return "\n".join(line.lower() for line in self.lines)

    @cached_property
    def starts(self) -> list[int]:
        """Where each line begins in `text`."""
        return list(accumulate((len(line) + 1 for line in self.lines[:-1]), initial=0))

    @cached_property
    def lower_starts(self) -> list[int]:
        """Where each line begins in `lower`, which may be longer than `text`."""
        return list(accumulate((len(line.lower()) + 1 for line in self.lines[:-1]), initial=0))

    def is_said_by(self, turn: int, who: frozenset[Speaker]) -> bool:
        speaker = self.transcript.turns[turn].speaker
        return speaker in who or speaker is Speaker.UNKNOWN

    def words(self, turn: int, start: int, end: int) -> tuple[int, int]:
        """First and one past the last word under characters start..end of a turn's line."""
        begins = list(accumulate((len(word.text) + 1 for word in self.transcript.turns[turn].words[:-1]), initial=0))
        return bisect_right(begins, start) - 1, bisect_left(begins, end)


class PatternIndex:
    """The regular expressions and token patterns of many behaviours, ready for any number of calls."""

    def __init__(self, behaviours: Iterable[Behaviour]) -> None:
        behaviours = [behaviour for behaviour in behaviours if behaviour.regex or behaviour.tokens]
        self._regexes = [(behaviour, re2.compile(FLAGS.format(source))) for behaviour in behaviours for source in behaviour.regex]
        self._tokens = [_Tokens(behaviour) for behaviour in behaviours if behaviour.tokens]

    def hits(self, transcript: Transcript) -> Iterator[Hit]:
        """At most one hit for each pattern in each turn."""
        if not (self._regexes or self._tokens) or not transcript.turns:
            return
        spoken = Spoken(transcript)
        for behaviour, pattern in self._regexes:
            yield from _regex_hits(behaviour, pattern, spoken)
        for tokens in self._tokens:
            yield from tokens.hits(spoken)


def _regex_hits(behaviour: Behaviour, pattern: Any, spoken: Spoken) -> Iterator[Hit]:
    """One scan over the whole call; a match that runs over the end of a turn is looked for again within it."""
    position = 0
    while match := pattern.search(spoken.text, position):
        turn = bisect_right(spoken.starts, match.start()) - 1
        start, end = match.start() - spoken.starts[turn], match.end() - spoken.starts[turn]
        if end > len(spoken.lines[turn]):
            inside = pattern.search(spoken.lines[turn])
            start, end = inside.span() if inside else (0, 0)
        if end > start and spoken.is_said_by(turn, behaviour.who):
            yield Hit(behaviour.id, turn, *spoken.words(turn, start, end), "regex")
        if turn + 1 == len(spoken.lines):
            return
        position = spoken.starts[turn + 1]


@cache
def _language() -> Any:
    """A tokeniser is all that the attributes allowed in token patterns need."""
    import spacy

    return spacy.blank("en")


class _Tokens:
    """The token patterns of one behaviour, run only on turns that hold a word one of them names."""

    def __init__(self, behaviour: Behaviour) -> None:
        from spacy.matcher import Matcher

        self._behaviour = behaviour
        self._language = _language()
        self._matcher = Matcher(self._language.vocab)
        self._matcher.add(behaviour.id, [[dict(token) for token in pattern] for pattern in behaviour.tokens])
        self._anchors = [_anchor(pattern) for pattern in behaviour.tokens]

    def hits(self, spoken: Spoken) -> Iterator[Hit]:
        for turn in sorted(self._candidates(spoken)):
            if not spoken.is_said_by(turn, self._behaviour.who):
                continue
            doc = self._language.make_doc(spoken.lines[turn])
            for _, start, end in sorted(self._matcher(doc), key=lambda match: match[1:])[:1]:
                last = doc[end - 1]
                words = spoken.words(turn, doc[start].idx, last.idx + len(last))
                yield Hit(self._behaviour.id, turn, *words, "tokens")

    def _candidates(self, spoken: Spoken) -> set[int]:
        """Turns that hold a word of some pattern's anchor; all turns when a pattern names no word."""
        if not all(self._anchors):
            return set(range(len(spoken.lines)))
        return {turn for words in self._anchors for word in words for turn in _turns_holding(spoken, word)}


def _turns_holding(spoken: Spoken, word: str) -> Iterator[int]:
    position = spoken.lower.find(word)
    while position >= 0:
        turn = bisect_right(spoken.lower_starts, position) - 1
        yield turn
        if turn + 1 == len(spoken.lines):
            return
        position = spoken.lower.find(word, spoken.lower_starts[turn + 1])


def _anchor(pattern: Sequence[Mapping[str, object]]) -> frozenset[str]:
    """The words of which a turn must hold one for the pattern to match: those of the token that names the longest."""
    named = [words for token in pattern if token.get("OP", "1") == "1" and (words := _literals(token))]
    return max(named, key=lambda words: min(map(len, words)), default=frozenset())


def _literals(token: Mapping[str, object]) -> frozenset[str]:
    for attribute in LITERALS:
        match token.get(attribute):
            case str(word):
                return frozenset({word.lower()})
            case {"IN": [*words]}:
                return frozenset(str(word).lower() for word in words)
    return frozenset()
