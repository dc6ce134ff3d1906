"""Labelled conversations: JSON lines in, each conversation with what its readers found in it out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from qa_audit.models import Heard, Speaker, Transcript, Turn, Word


@dataclass(frozen=True, slots=True)
class Labelled:
    """`turns` has for each behaviour the turns both readers marked and those only one did; an outcome in dispute is None."""

    call_id: str
    source: str
    transcript: Transcript
    turns: Mapping[str, tuple[frozenset[int], frozenset[int]]]
    outcomes: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Marked:
    """What some way of judging says of a conversation."""

    turns: Mapping[str, frozenset[int]]
    outcomes: Mapping[str, str]


def read_labelled(labels: Path, conversations: Path) -> tuple[Labelled, ...]:
    """All conversations that have labels, in the order of the file."""
    known = {row["id"]: row for row in _rows(labels)}
    return tuple(_labelled(row, known[row["call_id"]], conversations.stem) for row in _rows(conversations) if row["call_id"] in known)


def _rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _labelled(row: dict, labels: dict, source: str) -> Labelled:
    return Labelled(
        call_id=row["call_id"],
        source=source,
        transcript=_transcript(row),
        turns={kebab(name): (frozenset(sure), frozenset(unsure)) for name, (sure, unsure) in labels["turns"].items()},
        outcomes={kebab(name): outcome for name, outcome in labels["outcomes"].items()},
    )


def _transcript(row: dict) -> Transcript:
    turns = tuple(_turn(number, turn) for number, turn in enumerate(row["turns"]))
    return Transcript(
        call_id=row["call_id"],
        fingerprint="",
        heard=Heard("written", ""),
        language="en",
        duration=turns[-1].end,
        turns=turns,
    )


def _turn(number: int, turn: dict) -> Turn:
    texts, start, end = turn["text"].split(), turn.get("start"), turn.get("end")
    at = (lambda n: None) if start is None or end is None else (lambda n: start + (end - start) * n / max(1, len(texts)))
    words = tuple(Word(text, at(n), at(n + 1), 1.0) for n, text in enumerate(texts))
    return Turn(index=number, speaker=Speaker(turn["speaker"]), start=start, end=end, words=words)


def kebab(name: str) -> str:
    """Ids are kebab-case in the product and snake_case in the labels."""
    return name.replace("_", "-")
