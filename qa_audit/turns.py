"""Words with their speakers in, turns out: the one place where a stream of words becomes a conversation.

A turn is one speaker with pauses of at most three seconds. The other side breaks it only by taking the floor: by saying
more than a back-channel, and still being heard when the speaker has stopped. So somebody who is talked over while
carrying on keeps one turn, and the words of the two never shred each other.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Generic, TypeVar

from qa_audit.models import Speaker, Turn, Word

LONGEST_PAUSE = 3.0
"""Seconds of own silence after which a speaker begins a new turn."""

BREATH = 0.5
"""Seconds of own silence into which the other side may step."""

BACK_CHANNEL_WORDS = 2
# fmt: off
BACK_CHANNELS = frozenset((
    "ah", "aha", "alright", "exactly", "hm", "hmm", "i", "indeed", "mhm", "mm", "mmhm", "mmhmm", "mmm", "oh", "ok", "okay",
    "really", "right", "see", "sure", "true", "uh", "uhhuh", "um", "yeah", "yep", "yes", "yup",
))
# fmt: on
"""What listeners say without wanting the floor. "No" is missing on purpose: it is an answer."""

Voice = TypeVar("Voice", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Utterance(Generic[Voice]):
    """Words of one voice without a pause longer than a breath."""

    voice: Voice
    words: tuple[Word, ...]
    start: float
    end: float

    @property
    def is_back_channel(self) -> bool:
        return len(self.words) <= BACK_CHANNEL_WORDS and all(_letters(word.text) in BACK_CHANNELS for word in self.words)

    @property
    def is_question(self) -> bool:
        return self.words[-1].text.endswith("?")


def build_turns(words: Iterable[tuple[Speaker, Word]], *, role_trust: Mapping[Speaker, float] | None = None) -> tuple[Turn, ...]:
    """Turns in the order in which they begin, numbered from 0.

    Timed words may come in any order. Where any word has no start (chat), the order given is kept and a turn is simply
    a run of words of one speaker. An answer to a question is never taken for a back-channel, so two questions with a
    "yes" between them stay two turns.
    """
    return turns_by_voice(words, speakers={speaker: speaker for speaker in Speaker}, role_trust=role_trust or {})


def turns_by_voice(
    words: Iterable[tuple[Voice, Word]], *, speakers: Mapping[Voice, Speaker], role_trust: Mapping[Voice, float]
) -> tuple[Turn, ...]:
    """The same for voices that are told apart before all roles are known: two unknown voices never share a turn."""
    spoken = list(words)
    runs = _timed_runs(spoken) if all(word.start is not None for _, word in spoken) else _runs_as_given(spoken)
    return tuple(_turn(index, speakers[voice], run, role_trust.get(voice, 1.0)) for index, (voice, run) in enumerate(runs))


def _runs_as_given(spoken: Sequence[tuple[Voice, Word]]) -> Iterator[tuple[Voice, list[Word]]]:
    for voice, run in groupby(spoken, key=itemgetter(0)):
        yield voice, [word for _, word in run]


def _timed_runs(spoken: Sequence[tuple[Voice, Word]]) -> list[tuple[Voice, list[Word]]]:
    utterances = _utterances(spoken)
    runs: list[tuple[Voice, list[Word]]] = []
    latest: dict[Voice, tuple[int, list[Word]]] = {}
    for index, utterance in enumerate(utterances):
        voice = utterance.voice
        before, run = latest.get(voice, (-1, []))
        if before < 0 or _breaks(utterances[before : index + 1]):
            run = []
            runs.append((voice, run))
        run.extend(utterance.words)
        latest[voice] = index, run
    return runs


def _breaks(stretch: Sequence[Utterance[Voice]]) -> bool:
    """Whether the last utterance begins a new turn after the first, given what others said in between."""
    before, *others, now = stretch
    if now.start - before.end > LONGEST_PAUSE:
        return True
    return any(other.end > before.end and (before.is_question or not other.is_back_channel) for other in others)


def _utterances(spoken: Sequence[tuple[Voice, Word]]) -> list[Utterance[Voice]]:
    """Each voice's words cut at every breath, all in the order in which they begin."""
    by_voice: dict[Voice, list[Word]] = {}
    for voice, word in sorted(spoken, key=lambda pair: _start(pair[1])):
        by_voice.setdefault(voice, []).append(word)
    found = [utterance for voice, words in by_voice.items() for utterance in _cut_at_breaths(voice, words)]
    return sorted(found, key=lambda utterance: utterance.start)


def _cut_at_breaths(voice: Voice, words: Sequence[Word]) -> Iterator[Utterance[Voice]]:
    run: list[Word] = []
    end = 0.0
    for word in words:
        if run and _start(word) - end > BREATH:
            yield Utterance(voice, tuple(run), _start(run[0]), end)
            run, end = [], 0.0
        run.append(word)
        end = max(end, _end(word))
    if run:
        yield Utterance(voice, tuple(run), _start(run[0]), end)


def _turn(index: int, speaker: Speaker, words: Sequence[Word], role_trust: float) -> Turn:
    timed = [word for word in words if word.start is not None]
    return Turn(
        index=index,
        speaker=speaker,
        start=min(map(_start, timed), default=None),
        end=max(map(_end, timed), default=None),
        words=tuple(words),
        role_trust=role_trust,
    )


def _start(word: Word) -> float:
    return word.start or 0.0


def _end(word: Word) -> float:
    return _start(word) if word.end is None else max(_start(word), word.end)


def _letters(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalpha())
