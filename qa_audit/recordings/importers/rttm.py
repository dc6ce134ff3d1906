"""Who spoke when, without words: RTTM (NIST), and the speaker segments of BBC's Kaldi."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from qa_audit.recordings.importers.base import LONGEST, Refused, Seconds, Shape, clean, has, shaped

SPEAKER = "SPEAKER"


@dataclass(frozen=True, slots=True)
class VoiceSpan:
    """A stretch in which one voice is heard, in seconds; `label` is the voice as the file names it."""

    label: str
    start: float
    end: float


class Voice(Shape, frozen=True, rename={"id": "@id"}):
    id: str = ""


class Segment(Shape, frozen=True):
    start: Seconds
    duration: Seconds
    speaker: Voice = Voice()


class Segmentation(Shape, frozen=True):
    segments: tuple[Segment, ...]


class Kaldi(Shape, frozen=True):
    segmentation: Segmentation


def sniff(text: str) -> bool:
    return text.lstrip().startswith((f"{SPEAKER} ", f"{SPEAKER}\t", "SPKR-INFO ", ";; "))


def sniff_kaldi(document: object) -> bool:
    return has(document, "segmentation") and has(document["segmentation"], "segments")


def read(text: str) -> tuple[VoiceSpan, ...]:
    """All stretches in the order in which they begin. Refused with the line of the first that is none."""
    return tuple(sorted(_spans(text), key=lambda span: (span.start, span.end)))


def read_kaldi(document: object) -> tuple[VoiceSpan, ...]:
    segments = shaped(document, Kaldi).segmentation.segments
    return tuple(VoiceSpan(clean(segment.speaker.id), segment.start, segment.start + segment.duration) for segment in segments)


def _spans(text: str) -> Iterator[VoiceSpan]:
    for number, line in enumerate(text.splitlines(), start=1):
        parts = line.split()
        if not parts or parts[0] != SPEAKER:
            continue
        try:
            start, length = float(parts[3]), float(parts[4])
            label = parts[7]
        except (IndexError, ValueError):
            raise Refused("damaged", f"line {number}: not an RTTM line of type SPEAKER") from None
        if not (math.isfinite(start + length) and 0 <= start <= LONGEST and 0 <= length <= LONGEST):
            raise Refused("damaged", f"line {number}: from {start} s for {length} s, which no call has")
        yield VoiceSpan(clean(label), start, start + length)
