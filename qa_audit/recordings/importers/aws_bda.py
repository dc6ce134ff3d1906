"""Amazon Bedrock Data Automation, standard output of audio: segments by channel or speaker, items with words and marks."""

from __future__ import annotations

from typing import Annotated

import msgspec

from qa_audit.models import Word
from qa_audit.recordings.importers.base import LONGEST, UNSTATED, Imported, Passage, Shape, has, joined, passage, shaped, spread, word

KIND = "aws-bda"

Millis = Annotated[float, msgspec.Meta(ge=0, le=LONGEST * 1000)]


class Item(Shape, frozen=True):
    audio_segment_index: int
    content: str = ""
    start_timestamp_millis: Millis | None = None
    end_timestamp_millis: Millis | None = None


class Speaker(Shape, frozen=True):
    speaker_label: str = ""


class Channel(Shape, frozen=True):
    channel_label: str = ""


class Segment(Shape, frozen=True):
    segment_index: int
    start_timestamp_millis: Millis = 0
    end_timestamp_millis: Millis = 0
    text: str = ""
    speaker: Speaker = Speaker()
    channel: Channel = Channel()
    language: str | None = None


class Metadata(Shape, frozen=True):
    duration_millis: Millis | None = None
    number_of_channels: int = 1


class File(Shape, frozen=True):
    audio_segments: tuple[Segment, ...]
    audio_items: tuple[Item, ...] = ()
    metadata: Metadata = Metadata()


def sniff(document: object) -> bool:
    return has(document, "audio_segments", "metadata")


def read(document: object) -> Imported:
    file = shaped(document, File)
    items: dict[int, list[Item]] = {}
    for item in file.audio_items:
        items.setdefault(item.audio_segment_index, []).append(item)
    several = file.metadata.number_of_channels > 1
    duration = file.metadata.duration_millis
    return Imported(
        kind=KIND,
        passages=tuple(_passage(segment, items.get(segment.segment_index, []), several=several) for segment in file.audio_segments),
        language=next((segment.language for segment in file.audio_segments if segment.language), None),
        duration=None if duration is None else duration / 1000,
    )


def _passage(segment: Segment, items: list[Item], *, several: bool) -> Passage:
    label = segment.channel.channel_label if several else segment.speaker.speaker_label
    if not items:
        return passage(label, spread(segment.text, segment.start_timestamp_millis / 1000, segment.end_timestamp_millis / 1000, UNSTATED))
    words: list[Word] = []
    for item in items:
        if item.start_timestamp_millis is None:
            words = joined(words, item.content)
        elif spoken := word(item.content, item.start_timestamp_millis / 1000, (item.end_timestamp_millis or 0) / 1000, UNSTATED):
            words.append(spoken)
    return passage(label, words)
