"""An imported file in, the transcript of a call out: roles, turns, trust and a fingerprint are the same for every format."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from qa_audit.models import Direction, Heard, Recording, Speaker, Transcript, Turn, Word
from qa_audit.recordings.importers.base import LONGEST, MOST_WORDS, Imported, Passage, Refused
from qa_audit.recordings.importers.roles import Roles, assign
from qa_audit.turns import turns_by_voice

ENGINE = "imported"
VERSION = "1"
"""Of the importers: raised when the same file gives another transcript."""
UNSTATED_LANGUAGE = "en"
SENTENCE_ENDS = (".", "?", "!", "。", "？", "！")


def fingerprint(kind: str, data: bytes) -> str:
    """Everything that shapes an imported transcript: the importers' version, the format, the file's bytes."""
    return f"{ENGINE}/{VERSION}/{kind}/{hashlib.sha256(data).hexdigest()[:16]}"


def assemble(imported: Imported, *, call_id: str, recording: Recording | None, data: bytes) -> Transcript:
    """The transcript. Refused when nobody says a word in it, or far too many."""
    count = sum(len(passage.words) for passage in imported.passages)
    if not count:
        raise Refused("no-words", f"a transcript of kind {imported.kind} in which nobody says a word")
    if count > MOST_WORDS:
        raise Refused("too-large", f"{count} words; a call has at most {MOST_WORDS}")
    roles = assign(
        imported.passages,
        stated=imported.roles,
        channels=recording.channels if recording else (),
        direction=recording.direction if recording else Direction.UNKNOWN,
    )
    turns = _turns(imported, roles)
    ends = [turn.end for turn in turns if turn.end is not None]
    return Transcript(
        call_id=call_id,
        fingerprint=fingerprint(imported.kind, data),
        heard=Heard(ENGINE, imported.kind, version=VERSION, options={"model": imported.model} if imported.model else {}),
        language=_language(imported.language, recording),
        duration=max([min(imported.duration or 0.0, LONGEST), *ends]) or None,
        turns=turns,
        doubts=(*imported.doubts, *roles.doubts),
        trust=mean_trust(turns),
    )


def mean_trust(turns: Sequence[Turn]) -> float:
    """The mean trust of all words, weighted by how long they last; by number where they have no length."""
    words = [word for turn in turns for word in turn.words]
    weights = [_length(word) for word in words]
    if not sum(weights):
        weights = [1.0] * len(words)
    total = sum(weight * word.trust for weight, word in zip(weights, words, strict=True))
    return round(total / sum(weights), 6) if words else 0.0


def _length(word: Word) -> float:
    return 0.0 if word.start is None or word.end is None else word.end - word.start


def _turns(imported: Imported, roles: Roles) -> tuple[Turn, ...]:
    if imported.keep_turns:
        return tuple(_turn(index, passage, roles) for index, passage in enumerate(imported.passages))
    if not any(passage.label for passage in imported.passages):
        sentences = (sentence for passage in imported.passages for sentence in _sentences(passage))
        return tuple(_turn(index, sentence, roles) for index, sentence in enumerate(sentences))
    words = ((passage.label, word) for passage in imported.passages for word in passage.words)
    return turns_by_voice(words, speakers=roles.speakers, role_trust=roles.trust)


def _sentences(passage: Passage) -> Iterator[Passage]:
    """A passage of nobody in particular, cut where a sentence ends: several people may have spoken it."""
    run: list[Word] = []
    for word in passage.words:
        run.append(word)
        if word.text.endswith(SENTENCE_ENDS):
            yield Passage(passage.label, tuple(run))
            run = []
    if run:
        yield Passage(passage.label, tuple(run))


def _turn(index: int, passage: Passage, roles: Roles) -> Turn:
    words = passage.words
    return Turn(
        index=index,
        speaker=roles.speakers.get(passage.label, Speaker.UNKNOWN),
        start=words[0].start if words else None,
        end=max((word.end for word in words if word.end is not None), default=None),
        words=words,
        role_trust=roles.trust.get(passage.label, 1.0),
    )


def _language(stated: str | None, recording: Recording | None) -> str:
    """The primary language, in lower case: `en` of `en-US`."""
    language = stated or (recording.language if recording else None) or UNSTATED_LANGUAGE
    primary = language.replace("_", "-").partition("-")[0].lower()
    return primary if primary.isalpha() and len(primary) in (2, 3) else UNSTATED_LANGUAGE
