"""Calls to measure speed on: made from the turns of the lessons, as long and as many as asked for, the same every time."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

from qa_audit.models import Heard, Sound, Speaker, Transcript, Turn, Word
from qa_audit.rules import starter_folder

WORDS_PER_HOUR = 9000
SECONDS_A_WORD = 3600 / WORDS_PER_HOUR

Said = tuple[Speaker, str]

_SPOKEN = re.compile(r"(agent|customer|system):\s*(.*)")
_LABEL = re.compile(r"\s*\{[^}]*\}")


@cache
def exchanges() -> tuple[tuple[Said, Said], ...]:
    """Every two turns that follow one another in a lesson."""
    found: list[tuple[Said, Said]] = []
    for path in sorted((starter_folder() / "lessons").glob("*.txt")):
        turns = [_SPOKEN.fullmatch(line.strip()) for line in path.read_text(encoding="utf-8").splitlines()]
        said = [(Speaker(turn[1]), _LABEL.sub("", turn[2])) if turn else None for turn in turns]
        found += ((one, other) for one, other in pairwise(said) if one and other)
    return tuple(found)


def made_up_call(seed: int, *, words: int) -> Transcript:
    """A call of about so many words, drawn exchange by exchange."""
    draw = random.Random(seed)
    said: list[Said] = []
    while sum(len(text.split()) for _, text in said) < words:
        said += draw.choice(exchanges())
    return transcript(f"made-up-{seed}", said)


def given_calls(path: Path) -> Iterator[Transcript]:
    """The conversations of a JSON-lines file, put one after another to calls of about an hour."""
    said: list[Said] = []
    for number, row in enumerate(path.read_text(encoding="utf-8").splitlines()):
        said += [(Speaker(turn["speaker"]), turn["text"]) for turn in json.loads(row)["turns"]]
        if sum(len(text.split()) for _, text in said) >= WORDS_PER_HOUR:
            yield transcript(f"given-{number}", said)
            said = []
    if said:
        yield transcript("given-last", said)


def transcript(call_id: str, said: Sequence[Said]) -> Transcript:
    """Turns one after another at an even pace of 150 words a minute."""
    turns: list[Turn] = []
    now = 0.0
    for speaker, text in said:
        start, heard = now, []
        for word in text.split():
            heard.append(Word(word, round(now, 2), round(now + 0.8 * SECONDS_A_WORD, 2), 0.9))
            now += SECONDS_A_WORD
        turns.append(Turn(index=len(turns), speaker=speaker, start=round(start, 2), end=round(now, 2), words=tuple(heard)))
    return Transcript(
        call_id=call_id,
        fingerprint="made up",
        heard=Heard("made up", ""),
        language="en",
        duration=now + 1.0,
        turns=tuple(turns),
        speech=tuple(Sound(turn.speaker, turn.start or 0.0, turn.end or 0.0) for turn in turns),
    )


def count_words(calls: Sequence[Transcript]) -> int:
    """All words of all calls."""
    return sum(len(turn.words) for call in calls for turn in call.turns)
