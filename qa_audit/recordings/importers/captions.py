"""Cues of WebVTT and SRT in, passages out: times, voices, and the text without its markup.

A voice is what a `<v>` tag names, or a prefix `Name: …` where at least half of the cues have one or the name is a role.
Broken cues (no time line, a time that is none, no text) are passed over, and counted in a doubt.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa_audit.models import Doubt
from qa_audit.recordings.importers.base import LONGEST, UNSTATED, Imported, Passage, Refused, clean, spread
from qa_audit.recordings.importers.roles import role_of

TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})"
TIMES = re.compile(rf"\s*{TIME}\s*-->\s*{TIME}(?:\s.*)?")
VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]{1,100})>")
TAG = re.compile(r"<[^<>]{0,200}>|\{\\[^}]{0,100}\}")
PREFIX = re.compile(r"\s*(?:-\s*)?[\[(]?([^\W\d_][^:\[\]()<>\n]{0,40}?)[\])]?:\s+(?=\S)")
SPEAKER_CHANGE = re.compile(r"^\s*(?:-|>>)\s*")


@dataclass(frozen=True, slots=True)
class Cue:
    """One cue: seconds, the voice its markup names (empty when none), its text."""

    start: float
    end: float
    voice: str
    text: str


def read_cues(blocks: Sequence[Sequence[str]], *, kind: str) -> Imported:
    """The transcript of a file split into blocks of lines. Refused when no block is a cue."""
    cues, broken = [], 0
    for block in blocks:
        found = list(_cues(block))
        cues.extend(found)
        broken += not found
    if not cues:
        raise Refused("no-words", "captions of which none has both a time and a text")
    prefixed = _prefixed(cues)
    doubts = (
        (Doubt("broken-cues", f"{broken} of {broken + len(cues)} cues have no time or no text and were passed over"),) if broken else ()
    )
    passages = tuple(Passage(cue.voice, spread(cue.text, cue.start, cue.end, UNSTATED)) for cue in prefixed)
    return Imported(kind=kind, passages=passages, doubts=doubts)


def blocks_of(text: str) -> list[list[str]]:
    """Runs of lines between blank lines."""
    blocks: list[list[str]] = [[]]
    for line in text.splitlines():
        if line.strip():
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


def _cues(block: Sequence[str]) -> Iterator[Cue]:
    """The cues of a block: one, unless the blank line between two was left out."""
    places = [place for place, line in enumerate(block) if TIMES.fullmatch(line)]
    for place, following in zip(places, [*places[1:], len(block)], strict=False):
        start, end = _times(block[place])
        yield from _voices("\n".join(block[place + 1 : following]), start, end)


def _times(line: str) -> tuple[float, float]:
    match = TIMES.fullmatch(line)
    assert match is not None  # the caller has looked
    parts = [match.group(*range(first, first + 4)) for first in (1, 5)]
    start, end = (int(h or 0) * 3600.0 + int(m) * 60 + int(s) + int(f.ljust(3, "0")) / 1000 for h, m, s, f in parts)
    return min(start, LONGEST), min(max(start, end), LONGEST)


def _voices(text: str, start: float, end: float) -> Iterator[Cue]:
    """A cue's text by voices; several in one cue share its time by the length of what they say."""
    first, *spoken = VOICE.split(text)
    said = [("", first), *zip(spoken[::2], spoken[1::2], strict=True)]
    parts = [(clean(html.unescape(voice)).strip(), plain) for voice, part in said if (plain := _plain(part))]
    total = sum(len(plain) for _, plain in parts)
    for voice, plain in parts:
        stop = start + (end - start) * len(plain) / total
        yield Cue(start, stop, voice, plain)
        start, total = stop, total - len(plain)


def _plain(text: str) -> str:
    lines = (SPEAKER_CHANGE.sub("", html.unescape(TAG.sub("", line))) for line in text.splitlines())
    return " ".join(clean(line).strip() for line in lines if line.strip() and not TIMES.fullmatch(line))


def _prefixed(cues: Sequence[Cue]) -> list[Cue]:
    """The cues with `Name: ` taken from the text as the voice, where that is what it is."""
    found = [None if cue.voice else PREFIX.match(cue.text) for cue in cues]
    usual = sum(match is not None for match in found) * 2 >= len(cues)
    return [
        Cue(cue.start, cue.end, match[1], cue.text[match.end() :]) if match and (usual or role_of(match[1])) else cue
        for cue, match in zip(cues, found, strict=True)
    ]
