"""Amazon Transcribe, standard batch output: items with words and marks, speakers by label or by channel.

Shape: `results.items[].alternatives[0]` with `start_time`, `end_time`, `confidence` as texts; `results.speaker_labels.segments`
or `results.channel_labels.channels`. Newer files carry `speaker_label` and `channel_label` on each item.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qa_audit.models import Word
from qa_audit.recordings.importers.base import Imported, Passage, Refused, Seconds, Shape, has, joined, passage, shaped, word

KIND = "amazon-transcribe"


class Alternative(Shape, frozen=True):
    content: str = ""
    confidence: float | None = None


class Item(Shape, frozen=True):
    type: str = "pronunciation"
    alternatives: tuple[Alternative, ...] = ()
    start_time: Seconds | None = None
    end_time: Seconds | None = None
    speaker_label: str = ""
    channel_label: str = ""


class Labelled(Shape, frozen=True):
    start_time: Seconds
    speaker_label: str = ""


class Segment(Shape, frozen=True):
    items: tuple[Labelled, ...] = ()


class Segments(Shape, frozen=True):
    segments: tuple[Segment, ...] = ()


class Channel(Shape, frozen=True):
    channel_label: str
    items: tuple[Item, ...] = ()


class Channels(Shape, frozen=True):
    channels: tuple[Channel, ...] = ()


class Results(Shape, frozen=True):
    items: tuple[Item, ...] = ()
    speaker_labels: Segments = Segments()
    channel_labels: Channels = Channels()
    language_code: str | None = None


class File(Shape, frozen=True):
    results: Results
    status: str = "COMPLETED"


def sniff(document: object) -> bool:
    return (
        has(document, "results")
        and has(document["results"], "transcripts")
        and ("items" in document["results"] or "channel_labels" in document["results"])
    )


def read(document: object) -> Imported:
    file = shaped(document, File)
    if file.status != "COMPLETED":
        raise Refused("no-words", f"an Amazon Transcribe job that did not end well: {file.status}")
    results = file.results
    return Imported(kind=KIND, passages=tuple(_passages(results)), language=results.language_code)


def _passages(results: Results) -> Iterator[Passage]:
    if results.channel_labels.channels:
        for channel in results.channel_labels.channels:
            yield from _runs([(channel.channel_label, item) for item in channel.items])
        return
    by_start = {item.start_time: item.speaker_label for segment in results.speaker_labels.segments for item in segment.items}
    yield from _runs([(_label(item, by_start), item) for item in results.items])


def _label(item: Item, by_start: dict[float, str]) -> str | None:
    """Whose word it is; None for marks, which belong to the word before."""
    if item.start_time is None:
        return None
    return item.channel_label or item.speaker_label or by_start.get(item.start_time, "")


def _runs(items: Sequence[tuple[str | None, Item]]) -> Iterator[Passage]:
    """Runs of one voice; a mark belongs to the word before it."""
    run: list[Word] = []
    voice = ""
    for label, item in items:
        if not item.alternatives:
            continue
        said = item.alternatives[0]
        if item.type == "punctuation" or label is None:
            run = joined(run, said.content)
            continue
        if label != voice:
            yield passage(voice, run)
            run, voice = [], label
        spoken = word(said.content, item.start_time, item.end_time, said.confidence)
        run.extend([spoken] if spoken else [])
    yield passage(voice, run)
