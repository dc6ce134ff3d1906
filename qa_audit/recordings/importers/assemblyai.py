"""AssemblyAI: words with times in milliseconds, confidence and speaker letter; channels where the file had two."""

from __future__ import annotations

from typing import Annotated

import msgspec

from qa_audit.recordings.importers.base import LONGEST, Imported, Refused, Shape, has, passage, runs, shaped, word

KIND = "assemblyai"

Millis = Annotated[float, msgspec.Meta(ge=0, le=LONGEST * 1000)]


class Spoken(Shape, frozen=True):
    text: str = ""
    start: Millis = 0
    end: Millis = 0
    confidence: float | None = None
    speaker: str | None = None
    channel: str | int | None = None


class File(Shape, frozen=True):
    status: str
    words: tuple[Spoken, ...] | None = ()
    language_code: str | None = None
    audio_duration: float | None = None
    speech_model: str | None = None
    acoustic_model: str | None = None
    error: str | None = None


def sniff(document: object) -> bool:
    return has(document, "id", "status", "words") and ("audio_url" in document or "utterances" in document)


def read(document: object) -> Imported:
    file = shaped(document, File)
    if file.status != "completed":
        raise Refused("no-words", f"an AssemblyAI transcript that is {file.status}: {file.error or 'fetch it again when it is completed'}")
    by_voice = runs((_label(spoken), spoken) for spoken in file.words or ())
    return Imported(
        kind=KIND,
        passages=tuple(
            passage(label, (word(said.text, said.start / 1000, said.end / 1000, said.confidence) for said in run))
            for label, run in by_voice
        ),
        language=file.language_code,
        duration=file.audio_duration,
        model=file.speech_model or file.acoustic_model or "",
    )


def _label(spoken: Spoken) -> str:
    if spoken.channel is not None:
        return f"ch_{int(spoken.channel) - 1}" if str(spoken.channel).isdecimal() else str(spoken.channel)
    return f"speaker {spoken.speaker}" if spoken.speaker else ""
