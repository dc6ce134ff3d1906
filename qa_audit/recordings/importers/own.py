"""The product's own transcript file, written and read: everything a Transcript holds, in JSON with a schema and its version.

Words are arrays `[text, start, end, trust]`, sounds `[speaker, start, end]`; times are seconds, null where there are none.
"""

from __future__ import annotations

import msgspec

from qa_audit.models import Doubt, Heard, Sound, Speaker, Transcript, Turn, Word
from qa_audit.recordings.importers.base import MOST_WORDS, Refused, Seconds, Shape, Share, clean, has, shaped

KIND = "qa-audit"
SCHEMA = "qa-audit/transcript"
VERSION = 1


class WordRow(Shape, frozen=True, array_like=True):
    text: str
    start: Seconds | None
    end: Seconds | None
    trust: Share


class SoundRow(Shape, frozen=True, array_like=True):
    speaker: Speaker
    start: Seconds
    end: Seconds


class TurnRow(Shape, frozen=True):
    speaker: Speaker
    start: Seconds | None
    end: Seconds | None
    words: tuple[WordRow, ...]
    role_trust: Share = 1.0


class HeardRow(Shape, frozen=True):
    engine: str
    model: str
    model_sha256: str = ""
    version: str = ""
    options: dict[str, str] = msgspec.field(default_factory=dict)


class DoubtRow(Shape, frozen=True):
    kind: str
    message: str
    start: Seconds | None = None
    end: Seconds | None = None


class File(Shape, frozen=True, rename={"schema_name": "schema"}):
    schema_name: str
    version: int
    call_id: str
    fingerprint: str
    heard: HeardRow
    language: str
    duration: Seconds | None
    trust: Share
    turns: tuple[TurnRow, ...]
    speech: tuple[SoundRow, ...] = ()
    holds: tuple[tuple[Seconds, Seconds], ...] = ()
    struck: tuple[WordRow, ...] = ()
    doubts: tuple[DoubtRow, ...] = ()


def to_json(transcript: Transcript) -> str:
    """The transcript as a file of version 1, indented; `read` gives an equal transcript back."""
    heard = transcript.heard
    file = File(
        schema_name=SCHEMA,
        version=VERSION,
        call_id=transcript.call_id,
        fingerprint=transcript.fingerprint,
        heard=HeardRow(heard.engine, heard.model, heard.model_sha256, heard.version, dict(heard.options)),
        language=transcript.language,
        duration=transcript.duration,
        trust=transcript.trust,
        turns=tuple(TurnRow(turn.speaker, turn.start, turn.end, _rows(turn.words), turn.role_trust) for turn in transcript.turns),
        speech=tuple(SoundRow(sound.speaker, sound.start, sound.end) for sound in transcript.speech),
        holds=transcript.holds,
        struck=_rows(transcript.struck),
        doubts=tuple(DoubtRow(doubt.kind, doubt.message, doubt.start, doubt.end) for doubt in transcript.doubts),
    )
    return msgspec.json.format(msgspec.json.encode(file), indent=1).decode() + "\n"


def sniff(document: object) -> bool:
    return has(document, "schema", "turns") and document["schema"] == SCHEMA


def read(document: object, *, call_id: str) -> Transcript:
    """The transcript, for the call it is said to be of. Refused when its version is none that is known here."""
    version = document.get("version") if isinstance(document, dict) else None
    if version != VERSION:
        raise Refused("unknown-format", f"a {SCHEMA} of version {version!r}; version {VERSION} is read here")
    file = shaped(document, File)
    if sum(len(turn.words) for turn in file.turns) > MOST_WORDS:
        raise Refused("too-large", f"more than {MOST_WORDS} words")
    heard = file.heard
    return Transcript(
        call_id=call_id,
        fingerprint=file.fingerprint,
        heard=Heard(heard.engine, heard.model, heard.model_sha256, heard.version, heard.options),
        language=file.language,
        duration=file.duration,
        turns=tuple(
            Turn(index=index, speaker=turn.speaker, start=turn.start, end=turn.end, words=_words(turn.words), role_trust=turn.role_trust)
            for index, turn in enumerate(file.turns)
        ),
        speech=tuple(Sound(sound.speaker, sound.start, sound.end) for sound in file.speech),
        holds=file.holds,
        struck=_words(file.struck),
        doubts=tuple(Doubt(doubt.kind, doubt.message, doubt.start, doubt.end) for doubt in file.doubts),
        trust=file.trust,
    )


def _rows(words: tuple[Word, ...]) -> tuple[WordRow, ...]:
    return tuple(WordRow(word.text, word.start, word.end, word.trust) for word in words)


def _words(rows: tuple[WordRow, ...]) -> tuple[Word, ...]:
    return tuple(Word(clean(row.text), row.start, row.end, row.trust) for row in rows)
