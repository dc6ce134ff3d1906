"""Turns in, floors out: what one speaker says until somebody answers, which is what people mean by "a turn"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qa_audit.models import Speaker, Turn
from qa_audit.turns import BACK_CHANNEL_WORDS, BACK_CHANNELS, LONGEST_PAUSE


@dataclass(frozen=True, slots=True)
class Floor:
    """One speaker's turns with no answer between them, and where they begin and end on the clock."""

    speaker: Speaker
    turns: tuple[int, ...]
    begin: float
    end: float


def place(turn: Turn, word: int, *, timed: bool) -> float:
    """Where on the clock the word-th word of a turn begins; one past the last word: where the turn ends.

    Seconds where the turn has times, its words spread evenly; else the index of the turn and the part of it that is past.
    """
    count = max(1, len(turn.words))
    if not timed or turn.start is None:
        return turn.index + word / count
    end = turn.start if turn.end is None else turn.end
    return turn.start + (end - turn.start) * word / count


def floors(turns: Sequence[Turn], *, timed: bool) -> tuple[Floor, ...]:
    """All floors in the order in which they begin.

    A pause of more than three seconds ends one. A back-channel ("mm-hm", "right") inside somebody's speech is a floor of
    its own and does not end theirs, unless they had asked a question.
    """
    found: list[Floor] = []
    latest: dict[Speaker, int] = {}
    for turn in turns:
        begin, end = place(turn, 0, timed=timed), place(turn, len(turn.words), timed=timed)
        index = latest.get(turn.speaker)
        if index is not None and _goes_on(found[index], turns, turn.index, begin, timed=timed):
            before = found[index]
            found[index] = Floor(turn.speaker, (*before.turns, turn.index), before.begin, max(before.end, end))
        else:
            latest[turn.speaker] = len(found)
            found.append(Floor(turn.speaker, (turn.index,), begin, end))
    return tuple(found)


def _goes_on(floor: Floor, turns: Sequence[Turn], index: int, begin: float, *, timed: bool) -> bool:
    last = floor.turns[-1]
    between = turns[last + 1 : index]
    if not between:
        return not timed or begin - floor.end <= LONGEST_PAUSE
    if not timed or begin - floor.end > LONGEST_PAUSE or turns[last].text.endswith("?"):
        return False
    return all(map(_is_back_channel, between))


def _is_back_channel(turn: Turn) -> bool:
    return len(turn.words) <= BACK_CHANNEL_WORDS and all(word.text.lower().strip(".,!?-") in BACK_CHANNELS for word in turn.words)
