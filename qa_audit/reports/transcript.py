"""A transcript becomes turns of plain runs of text: doubtful words, struck words and evidence marked, cut into parts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from qa_audit.models import Transcript, Turn, Word
from qa_audit.reports.evidence import FindingView
from qa_audit.reports.text import TURN_LENGTH, shorten
from qa_audit.reports.words import SPEAKERS

PART_LENGTH = 500_000
"""About so many characters of page one part of a transcript may come to; a longer call goes on another page."""

TURN_COST, RUN_COST = 220, 40
"""Characters of markup around a turn and around a marked run."""

STRUCK_GAP = 3.0
"""Seconds. Struck words closer than this are shown as one."""


@dataclass(frozen=True, slots=True)
class Run:
    """Words that are shown alike. `doubt`: heard poorly; `finding`: number of the finding they are evidence of, or 0."""

    text: str
    doubt: bool
    finding: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnView:
    """One turn as shown. `struck` are words that were kept for the record and count for nothing."""

    index: int | None
    who: str
    side: str
    start: float | None
    runs: tuple[Run, ...]
    struck: bool = False
    unsure: bool = False

    @property
    def cost(self) -> int:
        """About how many characters of page it takes."""
        return TURN_COST + sum(len(run.text) + (RUN_COST if run.doubt or run.finding else 0) for run in self.runs)


def transcript_parts(transcript: Transcript, findings: Sequence[FindingView], *, min_trust: float) -> tuple[tuple[TurnView, ...], ...]:
    """The turns in order, struck words among them, in parts that each fit a page; at least one part.

    Words heard with less than `min_trust` are doubtful, and so is the speaker of a turn whose role is less sure than that.
    """
    evidence = _evidence(findings)
    turns = [_turn(turn, evidence.get(turn.index, ()), min_trust) for turn in transcript.turns]
    struck = list(_struck(transcript.struck))
    if struck and transcript.timed:
        turns = sorted([*turns, *struck], key=lambda turn: turn.start or 0.0)
    else:
        turns += struck
    return tuple(_parts(turns))


def _evidence(findings: Sequence[FindingView]) -> dict[int, list[tuple[int, int, int]]]:
    """By turn: first word, one past the last word, number of the finding; the gravest finding first."""
    found: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for finding in findings:
        for turn, first, last in finding.spans:
            found[turn].append((first, last, finding.number))
    return found


def _turn(turn: Turn, evidence: Sequence[tuple[int, int, int]], min_trust: float) -> TurnView:
    return TurnView(
        index=turn.index,
        who=SPEAKERS[turn.speaker],
        side=turn.speaker.value,
        start=turn.start,
        runs=_runs(turn.words, evidence, min_trust),
        unsure=turn.role_trust < min_trust,
    )


def _runs(words: Sequence[Word], evidence: Sequence[tuple[int, int, int]], min_trust: float) -> tuple[Run, ...]:
    numbers = [0] * len(words)
    for first, last, number in reversed(evidence):
        numbers[first:last] = [number] * len(numbers[first:last])
    marked = groupby(zip(words, numbers, strict=True), key=lambda pair: (pair[0].trust < min_trust, pair[1]))
    runs = (Run(" ".join(word.text for word, _ in group), doubt, number) for (doubt, number), group in marked)
    return tuple(_within(runs, TURN_LENGTH))


def _within(runs: Iterable[Run], length: int) -> Iterator[Run]:
    """The runs up to so many characters, and a word on what was left out."""
    left = length
    dropped = 0
    for run in runs:
        if left > 0:
            yield Run(shorten(run.text, left), run.doubt, run.finding)
        dropped += max(len(run.text) - max(left, 0), 0)
        left -= len(run.text)
    if dropped:
        yield Run(f"[{dropped:,} characters more are not shown here]", doubt=False, finding=0)


def _struck(words: Sequence[Word]) -> Iterator[TurnView]:
    """Struck words, those close together as one."""
    group: list[Word] = []
    for word in words:
        if group and (word.start or 0.0) - (group[-1].end or 0.0) > STRUCK_GAP:
            yield _struck_turn(group)
            group = []
        group.append(word)
    if group:
        yield _struck_turn(group)


def _struck_turn(words: Sequence[Word]) -> TurnView:
    text = shorten(" ".join(word.text for word in words), TURN_LENGTH)
    return TurnView(
        index=None, who="Struck out", side="struck", start=words[0].start, runs=(Run(text, doubt=False, finding=0),), struck=True
    )


def _parts(turns: Iterable[TurnView]) -> Iterator[tuple[TurnView, ...]]:
    part: list[TurnView] = []
    length = 0
    for turn in turns:
        if part and length + turn.cost > PART_LENGTH:
            yield tuple(part)
            part, length = [], 0
        part.append(turn)
        length += turn.cost
    yield tuple(part)
