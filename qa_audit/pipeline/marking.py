"""Transcripts become findings and scores, inside worker processes, a few calls at a time.

Whatever shapes the marks besides the call has one name, `marked_by`; a call marked under that name is not marked again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from qa_audit import __version__, config
from qa_audit.audit import Auditor, Encoder, Kept, prepare
from qa_audit.audit.meaning.encoder import load_encoder
from qa_audit.audit.meaning.learnt import learnt_name, model_for
from qa_audit.errors import CallError, EngineError
from qa_audit.logs import concerning
from qa_audit.models import CallFailure
from qa_audit.pipeline.failures import refused
from qa_audit.rules import load_rules
from qa_audit.rules.language import RuleSet
from qa_audit.store import AuditRow, Material

STAGE = "check"
CHUNK = 32
"""Calls a worker is handed at once, when there are many."""

One = TypeVar("One")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """What calls are held against in this run; travels to the workers.

    `encoder` is the folder of an encoder of one's own, `meaning` the name of the encoder in use, empty when there is none;
    `by_meaning` says that the rules want one.
    `marked_by` and `view` name what the store keeps under these rules.
    """

    ruleset: RuleSet
    encoder: str | None
    meaning: str
    by_meaning: bool
    min_trust: float
    marked_by: str
    view: str

    def auditor(self) -> Auditor:
        """Everything loaded, for conversations that are not kept."""
        return self.marker().auditor

    def learn(self) -> None:
        """Learn from the examples of the behaviours, once and before the workers, who would all do it at the same time."""
        encoder = load_encoder(self.encoder) if self.meaning else None
        if encoder is not None:
            model_for(self.ruleset.behaviours, encoder, lessons=self.ruleset.lessons)

    def marker(self) -> Marker:
        """Everything loaded; called once in each worker."""
        return Marker(self, load_encoder(self.encoder) if self.meaning else None)

    def marker_elsewhere(self) -> Marker:
        """The same on another machine. EngineError when that one would mark otherwise than the marks will say."""
        marker = self.marker()
        if _marked_by(self.ruleset, marker.encoder, self.min_trust) != self.marked_by:
            here = marker.encoder.name if marker.encoder else "none"
            raise EngineError(
                f"the sentence encoder ({here} here, {self.meaning or 'none'} with the coordinator) or the folders of lessons are not "
                "the coordinator's; install the same encoder, and let every machine see the rules under the same path"
            )
        return marker


def open_rulebook(settings: config.Config) -> Rulebook:
    """The rules that hold. UserFileError with everything that is wrong in them."""
    ruleset = load_rules(settings.rules, folder=settings.folder)
    by_meaning = any(behaviour.like for behaviour in ruleset.behaviours.values())
    encoder = load_encoder(settings.rules.encoder) if by_meaning else None
    meaning, weights = (encoder.name, encoder.sha256) if encoder else ("", "")
    return Rulebook(
        ruleset=ruleset,
        encoder=settings.rules.encoder,
        meaning=meaning,
        by_meaning=by_meaning,
        min_trust=settings.speech.min_trust,
        marked_by=_marked_by(ruleset, encoder, settings.speech.min_trust),
        view=f"{Kept.version} {weights[:16]}".strip(),
    )


def _marked_by(ruleset: RuleSet, encoder: Encoder | None, min_trust: float) -> str:
    learnt = learnt_name(ruleset.behaviours, encoder, lessons=ruleset.lessons) if encoder else ""
    shape = (__version__, ruleset.hash, encoder.name if encoder else "", learnt, Kept.version, min_trust)
    return hashlib.sha256(repr(shape).encode()).hexdigest()[:32]


class Marker:
    """Marks calls; lives in a worker."""

    def __init__(self, rulebook: Rulebook, encoder: Encoder | None) -> None:
        self.rulebook, self.encoder = rulebook, encoder
        self.auditor = Auditor(rulebook.ruleset, encoder=encoder)

    def mark(self, material: Material) -> AuditRow:
        """Hold one call against the rules and the standard."""
        from qa_audit.scoring import score_call  # slow, and needed only in workers

        transcript = material.transcript()
        kept = Kept.from_bytes(material.view) if material.view else None
        made = None if kept and kept.fits(transcript, self.encoder) else prepare(transcript, self.encoder)
        audit = self.auditor.audit(transcript, recording=material.recording, kept=made or kept)
        score = score_call(
            audit,
            recording=material.recording,
            standard=self.rulebook.ruleset.standard,
            ruleset=self.rulebook.ruleset,
            trust=transcript.trust,
            min_trust=self.rulebook.min_trust,
            transcript=transcript,
        )
        return AuditRow.of(material, audit=audit, score=score, view=made.to_bytes() if made else None)


def mark(marker: Marker, chunk: Sequence[Material]) -> tuple[AuditRow | CallFailure, ...]:
    """Mark a few calls; the answers are in their order."""
    return tuple(_mark_one(marker, material) for material in chunk)


def _mark_one(marker: Marker, material: Material) -> AuditRow | CallFailure:
    try:
        with concerning(material.recording.call_id, STAGE):
            return marker.mark(material)
    except CallError as error:
        return refused(material.recording, error)


def in_chunks(many: Iterable[One], size: int) -> Iterator[tuple[One, ...]]:
    """A few at a time, as they are asked for."""
    rest = iter(many)
    while chunk := tuple(islice(rest, size)):
        yield chunk
