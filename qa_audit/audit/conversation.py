"""A small conversation as people write it goes in, a Transcript comes out: what the examples inside rules are made of.

    customer: I'd like to cancel my plan please.
    agent: Sure. May I offer you half price first?

Written so, it is a chat without times. It is a call as soon as a line says when (`[0:12] agent: …`), or a line of its own
says what is heard (`[hold 40s]`, `[silence 10s]`, `[cut off]`): then words follow one another at the pace of speech.
`[badly heard] agent: …` marks a turn that the recogniser hardly understood.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from qa_audit.models import Doubt, Heard, Sound, Speaker, Transcript, Turn, Word

SECONDS_A_WORD = 0.35
PAUSE = 0.5
"""Seconds between two turns for which no time is given."""

AFTER_LAST = 1.0
"""Seconds of recording after the last word."""

BADLY = 0.2
"""Trust of words that were badly heard."""

_LINE = re.compile(
    r"""\s*(?:\[(?P<minutes>\d+):(?P<seconds>\d\d(?:\.\d+)?)\])?
        \s*(?P<badly>\[badly\ heard\])?
        \s*(?:(?P<speaker>agent|customer|system|unknown)\s*:\s*(?P<text>.*)
             |\[(?P<event>hold|silence)\s+(?P<length>\d+(?:\.\d+)?)\s*s(?:econds)?\]
             |(?P<cut>\[cut\ off\]))\s*""",
    re.VERBOSE | re.IGNORECASE,
)


class ConversationError(ValueError):
    """A line that cannot be read; `line` counts from 1."""

    def __init__(self, line: int, text: str) -> None:
        self.line = line
        super().__init__(
            f"line {line}: {text!r} is not `agent: …`, `customer: …`, `[0:12] agent: …`, `[hold 40s]`, `[silence 10s]` or `[cut off]`"
        )


@dataclass(frozen=True, slots=True)
class _Line:
    speaker: Speaker | None
    text: str
    start: float | None
    event: str
    length: float
    trust: float


def conversation(text: str, *, call_id: str = "example") -> Transcript:
    """The transcript of a written conversation. Raises ConversationError."""
    lines = list(_lines(text))
    if any(line.start is not None or line.event for line in lines):
        return _call(lines, call_id)
    return _transcript(call_id, [_turn(index, line, None) for index, line in enumerate(lines)])


def _lines(text: str) -> Iterator[_Line]:
    for number, row in enumerate(text.splitlines(), 1):
        if not row.strip():
            continue
        found = _LINE.fullmatch(row)
        if found is None:
            raise ConversationError(number, row.strip())
        start = None if found["minutes"] is None else 60 * int(found["minutes"]) + float(found["seconds"])
        yield _Line(
            speaker=Speaker(found["speaker"].lower()) if found["speaker"] else None,
            text=(found["text"] or "").strip(),
            start=start,
            event="cut off" if found["cut"] else (found["event"] or "").lower(),
            length=float(found["length"] or 0.0),
            trust=BADLY if found["badly"] else 1.0,
        )


def _call(lines: Iterable[_Line], call_id: str) -> Transcript:
    """Turns one after the other on the clock, with what is heard between them."""
    now = 0.0
    turns: list[Turn] = []
    holds: list[tuple[float, float]] = []
    doubts: list[Doubt] = []
    for line in lines:
        start = now if line.start is None else line.start
        if line.speaker is not None:
            turns.append(_turn(len(turns), line, start))
            now = start + len(turns[-1].words) * SECONDS_A_WORD + PAUSE
        elif line.event == "cut off":
            doubts.append(Doubt("cut-off", "The recording is cut off."))
        else:
            now = start + line.length
            holds += [(start, now)] if line.event == "hold" else []
    return _transcript(call_id, turns, duration=now - PAUSE + AFTER_LAST, holds=holds, doubts=doubts)


def _turn(index: int, line: _Line, start: float | None) -> Turn:
    words = tuple(_words(line, start))
    end = words[-1].end if words else start
    return Turn(index=index, speaker=line.speaker or Speaker.UNKNOWN, start=start, end=end, words=words)


def _words(line: _Line, start: float | None) -> Iterator[Word]:
    for number, word in enumerate(line.text.split()):
        begin = None if start is None else start + number * SECONDS_A_WORD
        yield Word(word, begin, None if begin is None else begin + SECONDS_A_WORD, line.trust)


def _transcript(
    call_id: str,
    turns: list[Turn],
    *,
    duration: float | None = None,
    holds: Iterable[tuple[float, float]] = (),
    doubts: Iterable[Doubt] = (),
) -> Transcript:
    return Transcript(
        call_id=call_id,
        fingerprint="",
        heard=Heard("written", ""),
        language="en",
        duration=duration,
        turns=tuple(turns),
        speech=tuple(Sound(turn.speaker, turn.start, turn.end) for turn in turns if turn.start is not None and turn.end is not None),
        holds=tuple(holds),
        doubts=tuple(doubts),
    )
