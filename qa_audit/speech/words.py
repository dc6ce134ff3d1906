"""Words as a recogniser times and repeats them go in; words within their clip, and the places of empty repetitions, come out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from qa_audit.models import Word
from qa_audit.speech.engines.base import Clip

LONGEST_WORD = 2.0
"""Seconds. A longer word has swallowed a pause."""

SHORTEST_WORD = 0.02
"""Seconds; a word takes some time."""

BREATH = 1.5
"""Seconds. A longer pause ends a breath."""

LONGEST_PHRASE = 12
"""Words in the longest phrase whose repetition is looked for."""


def clamped(words: Sequence[Word], clip: Clip) -> list[Word]:
    """The words with text, each within its clip and no longer than 2 s, times never falling.

    The first word of a clip that is too long keeps its end, since the silence before it is what it swallowed; others keep
    their start.
    """
    kept: list[Word] = []
    latest = clip.start
    for word in words:
        if not word.text.strip():
            continue
        start = min(max(latest, clip.start if word.start is None else word.start), clip.end - SHORTEST_WORD)
        end = min(clip.end, max(start + SHORTEST_WORD, start if word.end is None else word.end))
        if end - start > LONGEST_WORD:
            start, end = (start, start + LONGEST_WORD) if kept else (end - LONGEST_WORD, end)
        kept.append(replace(word, text=word.text.strip(), start=start, end=end))
        latest = start
    return kept


def loops(words: Sequence[Word]) -> frozenset[int]:
    """The places of words that only repeat the phrase before them, over and over in one breath; its first saying is not among them.

    People repeat themselves too, so a phrase must come more often than anybody says it: the shorter, the oftener.
    """
    plain = list(_by_breath(words))
    empty: set[int] = set()
    at = 0
    while at < len(plain):
        size, times = max(_repetitions(plain, at), key=lambda found: found[0] * found[1], default=(1, 1))
        if times > 1:
            empty.update(range(at + size, at + size * times))
        at += size * times
    return frozenset(empty)


def _by_breath(words: Sequence[Word]) -> Iterator[tuple[int, str]]:
    """Each word bare of marks, with the number of the breath it is said in: what is said again after a pause is no loop."""
    breath = 0
    for before, word in zip((None, *words), words, strict=False):
        if before is not None and (word.start or 0.0) - (before.end or 0.0) > BREATH:
            breath += 1
        yield breath, "".join(c for c in word.text.lower() if c.isalnum())


def _repetitions(plain: Sequence[tuple[int, str]], at: int) -> Iterator[tuple[int, int]]:
    """Phrases that begin here and are said too often in a row: (words, times)."""
    for size in range(1, min(LONGEST_PHRASE, (len(plain) - at) // 2) + 1):
        phrase = plain[at : at + size]
        times = 1
        while plain[at + size * times : at + size * (times + 1)] == phrase:
            times += 1
        if times >= _too_often(size):
            yield size, times


def _too_often(size: int) -> int:
    """How often in a row a phrase of so many words must come to be a loop."""
    return {1: 6, 2: 5, 3: 4}.get(size, 3)
