"""One recording becomes one transcript, inside a worker process: by an engine, or read when the words came with the call."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from qa_audit import __version__, config
from qa_audit.errors import CallError, EngineError, WorkerError
from qa_audit.logs import concerning
from qa_audit.models import CallFailure, Doubt, Recording, Transcript
from qa_audit.pipeline.failures import refused
from qa_audit.recordings import hash_file, is_transcript, localise, read_transcript, size_and_time, transcript_beside
from qa_audit.recordings.access import is_url
from qa_audit.sides import CONFIRMED, confirmed
from qa_audit.speech import Chosen, choose_engine, measure, transcribe
from qa_audit.store import TranscriptRow

STAGE = "transcribe"
IMPORTED = "imported"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Who listens in this run; travels to the workers.

    `imports` says that a transcript beside a recording is read instead of listening; `chosen` is None when no engine is wanted.
    """

    speech: config.Speech
    limits: config.Recordings
    imports: bool
    chosen: Chosen | None

    def ready(self) -> Listener:
        """Itself: the engine loads its model when it hears its first call."""
        return self

    def ready_elsewhere(self, recording: str) -> Listener:
        """Itself, on another machine, that is to see a recording where it was found.

        EngineError when that one would hear otherwise than the transcripts will say, WorkerError when it sees nothing there.
        """
        if not is_url(recording) and not Path(recording).parent.is_dir():
            raise WorkerError(
                f"{Path(recording).parent} is not there; mount it under the path where the recordings were found, or name URLs"
            )
        if self.chosen is not None:
            here = choose_engine(self.speech)
            if here.fingerprint != self.chosen.fingerprint:
                raise EngineError(
                    f"the engine here is {_shown(here)}, the coordinator's is {_shown(self.chosen)}; install the same engine, model and options"
                )
        return self

    def fingerprint(self, recording: Recording) -> str:
        """Everything that shapes the words of this recording besides its content."""
        words = words_of(recording, imports=self.imports)
        if words:
            engine = IMPORTED if words == recording.uri else f"{IMPORTED} {_version_of(words)}"
        else:
            engine = self.chosen.fingerprint if self.chosen else ""
        by_a_person = (CONFIRMED,) if confirmed(recording) else ()
        return _named(engine, recording.direction, recording.language, recording.channels, *by_a_person)

    def hear(self, path: Path, recording: Recording) -> Transcript:
        """The transcript, made or read; to one read beside a recording the recording lends its sound."""
        words = words_of(recording, imports=self.imports)
        if words == recording.uri:
            return read_transcript(path, call_id=recording.call_id, recording=recording)
        if words:
            with localise(words) as beside:
                told = read_transcript(beside, call_id=recording.call_id, recording=recording)
            return self._with_sound(told, path)
        if self.chosen is None:
            message = "it has no transcript, and speech.engine names only `imported`; add an engine that listens"
            raise CallError(recording.call_id, STAGE, "no-transcript", message)
        return transcribe(path, recording=recording, config=self.speech, chosen=self.chosen, limits=self.limits)

    def _with_sound(self, told: Transcript, path: Path) -> Transcript:
        """The transcript with what its recording tells; where that cannot be heard, the words count and a doubt says so."""
        try:
            return measure(told, path, limits=self.limits)
        except CallError as error:
            return replace(
                told, doubts=(*told.doubts, Doubt("no-sound", f"The recording cannot be heard, only its transcript read: {error}"))
            )


def _shown(chosen: Chosen) -> str:
    heard = chosen.heard
    return f"{heard.engine} {heard.version} with {heard.model} (sha256 {heard.model_sha256[:12]}), {heard.options}"


@cache
def _named(*shape: object) -> str:
    return hashlib.sha256(repr((__version__, *shape)).encode()).hexdigest()[:32]


def words_of(recording: Recording, *, imports: bool) -> str | None:
    """Where the ready transcript of a recording is, if it has one that is to be used."""
    if is_transcript(recording.uri):
        return recording.uri
    return transcript_beside(recording) if imports else None


def _version_of(words: str) -> str:
    """The place of a transcript beside a recording and when it changed, for its content is not hashed."""
    if is_url(words):
        try:
            size, changed = size_and_time(words)
        except OSError:  # lost sight of since it was found: whoever reads it says why
            return words
        return f"{words} {size} {changed}"
    path = Path(words)
    return f"{words} {path.stat().st_mtime}" if path.is_file() else words


def choose_listener(settings: config.Config, recordings: Sequence[Recording]) -> Listener:
    """The engine for these recordings; none is looked for when all of them have words. EngineError when it is not at hand."""
    engines = tuple(name for name in settings.speech.engine if name != IMPORTED)
    imports = len(engines) < len(settings.speech.engine)
    speech = settings.speech.model_copy(update={"engine": engines})
    must_hear = engines and not all(words_of(recording, imports=imports) for recording in recordings)
    return Listener(speech=speech, limits=settings.recordings, imports=imports, chosen=choose_engine(speech) if must_hear else None)


@dataclass(frozen=True, slots=True)
class ListenTask:
    """One call to hear; `known` are hashes of content that was heard in this way before."""

    recording: Recording
    fingerprint: str
    known: frozenset[str]


@dataclass(frozen=True, slots=True)
class HeardBefore:
    """The content turned out to be known, though the file was new."""

    sha256: str


def listen(listener: Listener, task: ListenTask) -> TranscriptRow | HeardBefore | CallFailure:
    """Hear one call. The file must be, before and after, the one that was found."""
    recording = task.recording
    try:
        with concerning(recording.call_id, STAGE), localise(recording.uri) as path:
            _check_unchanged(path, recording)
            sha256 = hash_file(path)
            if sha256 in task.known:
                return HeardBefore(sha256)
            transcript = listener.hear(path, recording)
            _check_unchanged(path, recording)
    except CallError as error:
        return refused(recording, error)
    except OSError as error:
        return CallFailure(recording.call_id, recording.uri, STAGE, "unreadable", f"{recording.uri} cannot be read: {error}")
    return TranscriptRow.of(replace(transcript, fingerprint=task.fingerprint), sha256=sha256)


def _check_unchanged(path: Path, recording: Recording) -> None:
    if str(path) != recording.uri:
        return  # a download: it does not change any more
    now = path.stat()
    if (now.st_size, now.st_mtime) != (recording.size, recording.modified):
        message = f"{path.name} changed since it was found; is it still being written? The next run takes it."
        raise CallError(recording.call_id, STAGE, "changing", message)
