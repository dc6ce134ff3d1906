"""Words with their speakers in, turns out: the one place where a stream of words becomes a conversation.

A turn is one speaker with pauses of at most three seconds. The other side breaks it only by taking the floor: by saying
more than a back-channel, and still being heard when the speaker has stopped. So somebody who is talked over while
carrying on keeps one turn, and the words of the two never shred each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

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

SpokenWord = tuple[Speaker, Word]


@dataclass(frozen=True, slots=True)
class Utterance:
    """Words of one speaker without a pause longer than a breath."""

    speaker: Speaker
    words: tuple[Word, ...]
    start: float
    end: float

    @property
    def is_back_channel(self) -> bool:
        return len(self.words) <= BACK_CHANNEL_WORDS and all(_letters(word.text) in BACK_CHANNELS for word in self.words)

    @property
    def is_question(self) -> bool:
        return self.words[-1].text.endswith("?")


def build_turns(words: Iterable[SpokenWord], *, role_trust: Mapping[Speaker, float] | None = None) -> tuple[Turn, ...]:
    """Turns in the order in which they begin, numbered from 0.

    Timed words may come in any order. Where any word has no start (chat), the order given is kept and a turn is simply
    a run of words of one speaker. An answer to a question is never taken for a back-channel, so two questions with a
    "yes" between them stay two turns.
    """
    spoken = list(words)
    runs = _timed_runs(spoken) if all(word.start is not None for _, word in spoken) else _runs_as_given(spoken)
    trust = role_trust or {}
    return tuple(_turn(index, speaker, run, trust.get(speaker, 1.0)) for index, (speaker, run) in enumerate(runs))


def _runs_as_given(spoken: Sequence[SpokenWord]) -> Iterator[tuple[Speaker, list[Word]]]:
    for speaker, run in groupby(spoken, key=itemgetter(0)):
        yield speaker, [word for _, word in run]


def _timed_runs(spoken: Sequence[SpokenWord]) -> list[tuple[Speaker, list[Word]]]:
    utterances = _utterances(spoken)
    runs: list[tuple[Speaker, list[Word]]] = []
    latest: dict[Speaker, tuple[int, list[Word]]] = {}
    for index, utterance in enumerate(utterances):
        speaker = utterance.speaker
        before, run = latest.get(speaker, (-1, []))
        if before < 0 or _breaks(utterances[before : index + 1]):
            run = []
            runs.append((speaker, run))
        run.extend(utterance.words)
        latest[speaker] = index, run
    return runs


def _breaks(stretch: Sequence[Utterance]) -> bool:
    """Whether the last utterance begins a new turn after the first, given what others said in between."""
    before, *others, now = stretch
    if now.start - before.end > LONGEST_PAUSE:
        return True
    return any(other.end > before.end and (before.is_question or not other.is_back_channel) for other in others)


def _utterances(spoken: Sequence[SpokenWord]) -> list[Utterance]:
    """Each speaker's words cut at every breath, all in the order in which they begin."""
    by_speaker: dict[Speaker, list[Word]] = {}
    for speaker, word in sorted(spoken, key=lambda pair: pair[1].start or 0.0):
        by_speaker.setdefault(speaker, []).append(word)
    found = [utterance for speaker, words in by_speaker.items() for utterance in _cut_at_breaths(speaker, words)]
    return sorted(found, key=lambda utterance: utterance.start)


def _cut_at_breaths(speaker: Speaker, words: Sequence[Word]) -> Iterator[Utterance]:
    run: list[Word] = []
    end = 0.0
    for word in words:
        if run and (word.start or 0.0) - end > BREATH:
            yield Utterance(speaker, tuple(run), run[0].start or 0.0, end)
            run, end = [], 0.0
        run.append(word)
        end = max(end, _end(word))
    if run:
        yield Utterance(speaker, tuple(run), run[0].start or 0.0, end)


def _turn(index: int, speaker: Speaker, words: Sequence[Word], role_trust: float) -> Turn:
    timed = [word for word in words if word.start is not None]
    return Turn(
        index=index,
        speaker=speaker,
        start=min((word.start for word in timed if word.start is not None), default=None),
        end=max(map(_end, timed), default=None),
        words=tuple(words),
        role_trust=role_trust,
    )


def _end(word: Word) -> float:
    start = word.start or 0.0
    return max(start, start if word.end is None else word.end)


def _letters(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalpha())
