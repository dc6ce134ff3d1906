"""A transcript and its kept view and vectors in, its talk out: for every turn the pieces that a head can score.

The pieces of a turn are its sentences and, where there are several, the turn as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from qa_audit.audit.kept import Kept
from qa_audit.audit.meaning.context import Said
from qa_audit.audit.meaning.grams import groups
from qa_audit.audit.meaning.heads import Floats, mean_vector
from qa_audit.audit.sentences import Sentence
from qa_audit.audit.view import View
from qa_audit.models import Speaker, Transcript


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence, or a whole turn; `row` is the number of its turn among the turns of people."""

    row: int
    first: int
    last: int
    is_turn: bool = False


@dataclass(frozen=True, slots=True)
class Talk:
    """`turns` are indices into the transcript; `own` and `before` have a vector a piece, `grams` its word groups."""

    turns: tuple[int, ...]
    said: tuple[Said, ...]
    pieces: tuple[Piece, ...]
    own: Floats
    before: Floats
    grams: tuple[frozenset[str], ...]


def talk(transcript: Transcript, kept: Kept) -> Talk | None:
    """The talk of people in a call; None when no vectors were kept or nobody speaks."""
    vectors = kept.vectors
    if vectors is None or not kept.sentences:
        return None
    of_turn: dict[int, list[int]] = {}
    for number, sentence in enumerate(kept.sentences):
        of_turn.setdefault(sentence.turn, []).append(number)
    turns = tuple(sorted(of_turn))
    said = tuple(Said(transcript.turns[turn].speaker, transcript.turns[turn].text) for turn in turns)
    pieces: list[Piece] = []
    own: list[Floats] = []
    before: list[Floats] = []
    grams: list[frozenset[str]] = []
    heard = _before(said, [vectors[of_turn[turn]] for turn in turns])
    for row, turn in enumerate(turns):
        sentences = [kept.sentences[number] for number in of_turn[turn]]
        tokens = _tokens(kept.view, turn, sentences)
        pieces += [Piece(row, sentence.first, sentence.last) for sentence in sentences]
        own += list(vectors[of_turn[turn]])
        grams += [groups(words) for words in tokens]
        if len(sentences) > 1:
            pieces.append(Piece(row, sentences[0].first, sentences[-1].last, is_turn=True))
            own.append(mean_vector(vectors[of_turn[turn]]))
            grams.append(groups([word for words in tokens for word in words]))
        before += [heard[row]] * (len(pieces) - len(before))
    return Talk(turns, said, tuple(pieces), np.stack(own), np.stack(before), tuple(grams))


def _before(said: tuple[Said, ...], vectors: list[Floats]) -> list[Floats]:
    """For every turn the vector of what the other side had said last, all its turns in a row together."""
    runs: dict[Speaker, list[Floats]] = {}
    nothing = np.zeros(vectors[0].shape[1], np.float32)
    found = []
    previous: Speaker | None = None
    for one, mine in zip(said, vectors, strict=True):
        others = [run for who, run in runs.items() if who is not one.speaker]
        found.append(mean_vector(np.concatenate(others[-1])) if others else nothing)
        earlier = runs.pop(one.speaker, [])
        runs[one.speaker] = [*earlier, mine] if previous is one.speaker else [mine]
        previous = one.speaker
    return found


def _tokens(view: View, turn: int, sentences: list[Sentence]) -> list[list[str]]:
    """The normal forms of each sentence of a turn."""
    found: list[list[str]] = [[] for _ in sentences]
    for token, word in _words(view, turn):
        found[next((n for n, sentence in enumerate(sentences) if word < sentence.last), -1)].append(token)
    return found


def _words(view: View, turn: int) -> Iterator[tuple[str, int]]:
    for line in view.of_turn(turn):
        yield from zip(view.lines[line].split(), view.words_of(line), strict=True)
