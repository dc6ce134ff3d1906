"""Phrases and a view in, hits out: only the lines that hold every word a phrase cannot do without are looked at.

Each phrase is filed under its rarest needed words. Of a call, only the phrases filed under a word of that call are taken
up, and the sets of lines of their needed words are intersected as numbers; the pattern itself runs on what is left. So the
cost follows the hits, hardly the number of phrases or the length of the call.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from qa_audit.audit.negation import is_meant
from qa_audit.audit.view import View
from qa_audit.models import Speaker
from qa_audit.rules.english import UNINFLECTED
from qa_audit.rules.language import Behaviour
from qa_audit.rules.phrases import compile_phrase

COMMON = UNINFLECTED | frozenset((
    "be", "have", "do", "go", "get", "want", "need", "know", "call", "thank", "help", "!not", "take", "make", "see", "say", "look",
))  # fmt: skip
"""Words that stand in so many lines that a phrase is filed under them only when it has no other."""

LONG_WORD = 12
"""Letters. Long words are rare (Zipf's law of abbreviation); beyond this it makes no difference."""


class Hit(NamedTuple):
    """Words first..last (exclusive) of a turn in which a behaviour was found; `how`: phrase, regex or tokens."""

    behaviour: str
    turn: int
    first: int
    last: int
    how: str


@dataclass(frozen=True)
class _Filed:
    """A phrase of a behaviour. `needs`: a line must hold a word of every one of these sets, the rarest first."""

    behaviour: str
    who: frozenset[Speaker]
    negatable: bool
    source: str
    needs: tuple[frozenset[str], ...]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Compiled on first use: most phrases of a pack meet no candidate in most calls."""
        return re.compile(compile_phrase(self.source).pattern)


class PhraseIndex:
    """The `says` and `ignore` phrases of many behaviours, ready for any number of calls."""

    def __init__(self, behaviours: Iterable[Behaviour]) -> None:
        self.phrases: list[_Filed] = []
        self.ignored: dict[str, tuple[_Filed, ...]] = {}
        self.words: set[str] = set()
        self._under: dict[str, list[int]] = {}
        self._anywhere: list[int] = []
        for behaviour in behaviours:
            if behaviour.ignore:
                self.ignored[behaviour.id] = tuple(_filed(behaviour, source, negatable=False) for source in behaviour.ignore)
            for source in behaviour.says:
                self._file(_filed(behaviour, source, negatable=behaviour.negatable))

    def _file(self, phrase: _Filed) -> None:
        number = len(self.phrases)
        self.phrases.append(phrase)
        self.words.update(*phrase.needs)
        if not phrase.needs:
            self._anywhere.append(number)
        for word in phrase.needs[0] if phrase.needs else ():
            self._under.setdefault(word, []).append(number)

    def possible(self, view: View) -> list[_Filed]:
        """The phrases that some line of the call could hold, in their order."""
        present = self._under.keys() & view.words.keys()
        numbers = {*self._anywhere, *(number for word in present for number in self._under[word])}
        return [self.phrases[number] for number in sorted(numbers)]


class Search:
    """An index held against one view."""

    def __init__(self, index: PhraseIndex, view: View) -> None:
        self._index = index
        self._view = view
        self._holding = dict.fromkeys(index.words, 0) | view.holding(index.words)
        self._said_by: dict[frozenset[Speaker], int] = {}

    def hits(self) -> Iterator[Hit]:
        """At most one hit for each behaviour in each line; its phrases are tried in their order."""
        texts, turns, bits = self._view.lines, self._view.turns, self._view.bits
        done: dict[str, int] = {}
        for phrase in self._index.possible(self._view):
            search, found = phrase.pattern.search, done.get(phrase.behaviour, 0)
            lines = self._lines(phrase) & ~found
            while lines:
                first = 1 << lines.bit_length() - 1
                lines ^= first
                line = bits - first.bit_length()
                match = search(texts[line])
                if match is not None and (span := self._meant(phrase, line, match)):
                    found |= first
                    yield Hit(phrase.behaviour, turns[line], span[0], span[1], "phrase")
            done[phrase.behaviour] = found

    def _meant(self, phrase: _Filed, line: int, match: re.Match[str] | None) -> tuple[int, int] | None:
        """The words under the first match, from this one on, that is said in earnest and not ignored."""
        text = self._view.lines[line]
        while match is not None:
            start, end = match.span()
            if not phrase.negatable or is_meant(text, start, end):
                span = self._view.span(line, start, end)
                if phrase.behaviour not in self._index.ignored or not self._is_ignored(phrase.behaviour, (line,), *span):
                    return span
            match = phrase.pattern.search(text, end - 1)
        return None

    def is_ignored(self, behaviour: str, turn: int, first: int, last: int) -> bool:
        """Whether an `ignore` phrase of the behaviour overlaps these words of the turn."""
        return self._is_ignored(behaviour, self._view.of_turn(turn), first, last)

    def _is_ignored(self, behaviour: str, lines: Iterable[int], first: int, last: int) -> bool:
        for phrase in self._index.ignored.get(behaviour, ()):
            for line in lines:
                match = phrase.pattern.search(self._view.lines[line])
                while match is not None:
                    start, end = self._view.span(line, *match.span())
                    if start < last and first < end:
                        return True
                    match = phrase.pattern.search(self._view.lines[line], match.end() - 1)
        return False

    def _lines(self, phrase: _Filed) -> int:
        """The lines, as bits, that could hold the phrase."""
        lines = self._said_by.get(phrase.who)
        if lines is None:
            lines = self._said_by[phrase.who] = self._view.said_by(phrase.who)
        holding = self._holding
        for words in phrase.needs:
            one_of = 0
            for word in words:
                one_of |= holding[word]
            lines &= one_of
            if not lines:
                break
        return lines


def _filed(behaviour: Behaviour, source: str, *, negatable: bool) -> _Filed:
    needs = sorted(compile_phrase(source).anchors, key=_cost)
    return _Filed(behaviour.id, behaviour.who, negatable, source, tuple(needs))


def _cost(words: frozenset[str]) -> tuple[int, int]:
    """How many lines hold one of the words, roughly: first common ones, then many or short ones."""
    return len(words & COMMON), sum(max(1, LONG_WORD - len(word)) for word in words)
