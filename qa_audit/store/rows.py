"""What goes into and comes out of the store, one class a table, big parts as bytes so that they travel between processes as they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from qa_audit.models import Audit, CallFailure, CallScore, Recording, Transcript
from qa_audit.store.codec import decode, decode_transcript, encode, encode_json


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptRow:
    """A transcript ready to be kept."""

    sha256: str
    fingerprint: str
    engine: str
    model: str
    heard: bytes
    duration: float | None
    trust: float
    data: bytes

    @classmethod
    def of(cls, transcript: Transcript, *, sha256: str) -> TranscriptRow:
        """The row of a transcript of the content with this hash."""
        return cls(
            sha256=sha256,
            fingerprint=transcript.fingerprint,
            engine=transcript.heard.engine,
            model=transcript.heard.model,
            heard=encode_json(transcript.heard),
            duration=transcript.duration,
            trust=transcript.trust,
            data=encode(transcript),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """All that marking one call needs. `view` is None until it was made once."""

    recording: Recording
    facts: str
    sha256: str
    fingerprint: str
    data: bytes
    view: bytes | None

    def transcript(self) -> Transcript:
        """The transcript, unpacked."""
        return decode_transcript(self.data, call_id=self.recording.call_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """What the rules said of one call, ready to be kept; `view` only when it was made for the first time."""

    call_id: str
    sha256: str
    fingerprint: str
    facts: str
    audit: bytes
    score: bytes
    view: bytes | None

    @classmethod
    def of(cls, material: Material, *, audit: Audit, score: CallScore, view: bytes | None) -> AuditRow:
        """The row of an audit made of this material."""
        return cls(
            call_id=audit.call_id,
            sha256=material.sha256,
            fingerprint=material.fingerprint,
            facts=material.facts,
            audit=encode(audit),
            score=encode(score),
            view=view,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCall:
    """One marked call as pages need it."""

    recording: Recording
    transcript: Transcript
    audit: Audit
    score: CallScore

    @classmethod
    def of(cls, *, recording: Recording, transcript: bytes, audit: bytes, score: bytes) -> KeptCall:
        """Everything unpacked."""
        return cls(
            recording=recording,
            transcript=decode_transcript(transcript, call_id=recording.call_id),
            audit=decode(audit, Audit),
            score=decode(score, CallScore),
        )


@dataclass(frozen=True, slots=True)
class FailureRow:
    """A failure with the file and the attempt it belongs to; another file or attempt starts the tries anew."""

    failure: CallFailure
    size: int
    modified: float
    attempt: str
    tries: int = 1

    def same_attempt(self, file: Recording | State, attempt: str) -> bool:
        """Whether trying this file in this way is what failed."""
        return (self.failure.uri, self.size, self.modified, self.attempt) == (file.uri, file.size, file.modified, attempt)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonRow:
    """What came of comparing a call's voices; `contradiction` says in words why it is set aside, None when it is not."""

    call_id: str
    sha256: str
    fingerprint: str
    usable: bool
    contradiction: str | None


VOICES = "voices"
"""The stage that compares voices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What is kept of one call, small enough to hold 100,000 of: is the file the same, was it heard, was it marked.

    `sha256` is the content's while `fingerprint` says that it was heard; without that, of what the file was before it changed.
    `marked` are sha256, fingerprint and facts of the audit under the rules asked for; None when there is none. `compared`: its
    voices were compared. A call that its voices contradict has that as its `failure`.
    """

    call_id: str
    uri: str
    size: int
    modified: float
    facts: str
    sha256: str | None
    fingerprint: str | None
    marked: tuple[str, str, str] | None
    failure: FailureRow | None
    compared: bool = False

    def same_file(self, recording: Recording) -> bool:
        """Whether the file is the one that was seen before, told without reading it."""
        return (self.uri, self.size, self.modified) == (recording.uri, recording.size, recording.modified)

    @property
    def contradicted(self) -> bool:
        """Whether the call is set aside because its voices speak against its roles."""
        return self.failure is not None and self.failure.failure.stage == VOICES

    @property
    def heard(self) -> bool:
        """Whether there is a transcript that may be marked."""
        return self.fingerprint is not None and not self.contradicted

    @property
    def up_to_date(self) -> bool:
        """Whether the audit is of the transcript and the metadata that stand, and the call is not set aside."""
        return self.marked is not None and self.marked == (self.sha256, self.fingerprint, self.facts) and not self.contradicted


class RunState(StrEnum):
    """How a run stands."""

    RUNNING = "running"
    FINISHED = "finished"
    INTERRUPTED = "interrupted"
    FAILED = "failed"
    KILLED = "killed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """One run that changed the store."""

    run_id: str
    command: str
    host: str
    pid: int
    started_at: datetime
    finished_at: datetime | None
    state: RunState


@dataclass(frozen=True, slots=True)
class Counts:
    """How much is kept: rows by table, transcripts by (engine, model), failures by (stage, kind)."""

    rows: dict[str, int]
    heard_by: dict[tuple[str, str], int]
    failures: dict[tuple[str, str], int]
