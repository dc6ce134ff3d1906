"""Phrases and a view in, hits out: only the turns that hold every word a phrase cannot do without are looked at.

Each phrase is filed under its rarest needed words. Of a call, only the phrases filed under a word of that call are taken
up, and the sets of turns of their needed words are intersected as numbers; the pattern itself runs on what is left. So the
cost follows the hits, hardly the number of phrases or the length of the call.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from qa_audit.audit.negation import is_meant
from qa_audit.audit.view import View
from qa_audit.models import Speaker
from qa_audit.rules.english import UNINFLECTED
from qa_audit.rules.language import Behaviour
from qa_audit.rules.phrases import Phrase, compile_phrase, compiled

COMMON = UNINFLECTED | frozenset((
    "be", "have", "do", "go", "get", "want", "need", "know", "call", "thank", "help", "!not", "take", "make", "see", "say",
    "look",
))  # fmt: skip
COMMON_COST = 100
LONG_WORD = 12
"""Letters. Long words are rare (Zipf's law of abbreviation); beyond this it makes no difference."""


@dataclass(frozen=True, slots=True)
class Hit:
    """Words first..last (exclusive) of a turn in which a behaviour was found; `how`: phrase, regex or tokens."""

    behaviour: str
    turn: int
    first: int
    last: int
    how: str


@dataclass(frozen=True, slots=True)
class _Filed:
    """A phrase of a behaviour. `needs`: a turn must hold a word of every one of these sets, the rarest first."""

    behaviour: str
    who: frozenset[Speaker]
    negatable: bool
    pattern: str
    needs: tuple[frozenset[str], ...]

    def turns(self, view: View) -> int:
        """The turns, as bits, that could hold the phrase."""
        turns = view.said_by(self.who)
        for words in self.needs:
            holding = 0
            for word in words:
                holding |= view.bits(word)
            turns &= holding
            if not turns:
                break
        return turns

    def spans(self, view: View, turn: int) -> Iterator[tuple[int, int]]:
        """The words of the turn under each match that is meant in earnest."""
        text = view.lines[turn]
        for match in compiled(self.pattern).finditer(text):
            if not self.negatable or is_meant(text, match.start(), match.end()):
                yield view.line(turn).span(match.start(), match.end())


class PhraseIndex:
    """The `says` and `ignore` phrases of many behaviours, ready for any number of calls."""

    def __init__(self, behaviours: Iterable[Behaviour]) -> None:
        self._phrases: list[_Filed] = []
        self._ignored: dict[str, tuple[_Filed, ...]] = {}
        self._under: dict[str, list[int]] = {}
        self._anywhere: list[int] = []
        for behaviour in behaviours:
            self._ignored[behaviour.id] = tuple(_filed(behaviour, compile_phrase(source), negatable=False) for source in behaviour.ignore)
            for source in behaviour.says:
                self._file(_filed(behaviour, compile_phrase(source), negatable=behaviour.negatable))

    def _file(self, phrase: _Filed) -> None:
        number = len(self._phrases)
        self._phrases.append(phrase)
        if not phrase.needs:
            self._anywhere.append(number)
        for word in phrase.needs[0] if phrase.needs else ():
            self._under.setdefault(word, []).append(number)

    def hits(self, view: View) -> Iterator[Hit]:
        """At most one hit for each phrase in each turn, in the order of the phrases."""
        present = self._under.keys() & view.words.keys()
        for number in sorted({*self._anywhere, *(number for word in present for number in self._under[word])}):
            phrase = self._phrases[number]
            for turn in turns_of(phrase.turns(view)):
                for first, last in phrase.spans(view, turn):
                    if not self.ignores(phrase.behaviour, view, turn, first, last):
                        yield Hit(phrase.behaviour, turn, first, last, "phrase")
                        break

    def ignores(self, behaviour: str, view: View, turn: int, first: int, last: int) -> bool:
        """Whether an `ignore` phrase of the behaviour overlaps these words of the turn."""
        return any(
            start < last and first < end
            for phrase in self._ignored.get(behaviour, ())
            if phrase.turns(view) >> turn & 1
            for start, end in phrase.spans(view, turn)
        )


def turns_of(bits: int) -> Iterator[int]:
    """The numbers of the bits that are set, rising."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def _filed(behaviour: Behaviour, phrase: Phrase, *, negatable: bool) -> _Filed:
    needs = tuple(sorted(phrase.anchors, key=lambda words: sum(map(_cost, words))))
    return _Filed(behaviour.id, behaviour.who, negatable, phrase.pattern, needs)


def _cost(word: str) -> int:
    """How often a word is met in talk, roughly."""
    return COMMON_COST if word in COMMON else max(1, LONG_WORD - len(word))
