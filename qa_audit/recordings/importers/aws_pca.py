"""AWS post-call analytics: speech segments with words, times and confidence; `SpeakerLabels` says who is who."""

from __future__ import annotations

from collections.abc import Iterator

from qa_audit.models import Word
from qa_audit.recordings.importers.base import UNSTATED, Imported, Pascal, Passage, Seconds, has, passage, shaped, spread, word
from qa_audit.recordings.importers.roles import role_of

KIND = "aws-pca"


class Spoken(Pascal, frozen=True):
    text: str = ""
    confidence: float | None = None
    start_time: Seconds | None = None
    end_time: Seconds | None = None


class Segment(Pascal, frozen=True):
    segment_speaker: str = ""
    segment_start_time: Seconds | None = None
    segment_end_time: Seconds | None = None
    original_text: str = ""
    display_text: str = ""
    word_confidence: tuple[Spoken, ...] = ()


class Label(Pascal, frozen=True):
    speaker: str
    display_text: str = ""


class Analytics(Pascal, frozen=True):
    language_code: str | None = None
    duration: float | None = None
    speaker_labels: tuple[Label, ...] = ()


class File(Pascal, frozen=True):
    conversation_analytics: Analytics
    speech_segments: tuple[Segment, ...]


def sniff(document: object) -> bool:
    return has(document, "ConversationAnalytics", "SpeechSegments")


def read(document: object) -> Imported:
    file = shaped(document, File)
    about = file.conversation_analytics
    return Imported(
        kind=KIND,
        passages=tuple(map(_passage, file.speech_segments)),
        roles={label.speaker: role for label in about.speaker_labels if (role := role_of(label.display_text))},
        language=about.language_code,
        duration=about.duration,
    )


def _passage(segment: Segment) -> Passage:
    if segment.word_confidence:
        return passage(segment.segment_speaker, _words(segment))
    text = segment.display_text or segment.original_text
    return passage(segment.segment_speaker, spread(text, segment.segment_start_time, segment.segment_end_time, UNSTATED))


def _words(segment: Segment) -> Iterator[Word | None]:
    """The words; the file gives them no length, so each is taken to last until the next or the end of the segment."""
    words = segment.word_confidence
    ends = [*(following.start_time for following in words[1:]), segment.segment_end_time]
    for said, end in zip(words, ends, strict=True):
        longer = said.end_time if said.end_time != said.start_time else end
        yield word(said.text, said.start_time, longer, said.confidence)
