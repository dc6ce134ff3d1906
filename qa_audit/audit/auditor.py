"""A transcript in, an Audit out: the moments that matter, what every rule finds, what that makes of every clause."""

from __future__ import annotations

from qa_audit.audit.detector import Detector
from qa_audit.audit.evaluate import clause_outcomes, evaluate
from qa_audit.audit.kept import Encoder, Kept, prepare
from qa_audit.audit.meaning.learnt import detector_for
from qa_audit.audit.moments import Finder
from qa_audit.audit.timeline import Timeline
from qa_audit.audit.windows import Case
from qa_audit.measures import metrics
from qa_audit.models import Audit, Moment, Recording, Transcript
from qa_audit.rules.language import RuleSet


class Auditor:
    """Holds calls against one rule set; made once, used for any number of calls, and the same call always gives the same audit."""

    def __init__(self, ruleset: RuleSet, *, encoder: Encoder | None = None, detector: Detector | None = None) -> None:
        self._ruleset = ruleset
        self._encoder = encoder
        self._finder = Finder(ruleset.behaviours, detector or detector_for(ruleset.behaviours, encoder, lessons=ruleset.lessons))

    def audit(self, transcript: Transcript, *, recording: Recording | None = None, kept: Kept | None = None) -> Audit:
        """All that the rules say of one call. `kept` is what `prepare` made of this transcript; it is made again when it does not fit."""
        if kept is None or not kept.fits(transcript, self._encoder):
            kept = prepare(transcript, self._encoder)
        timeline = Timeline(transcript)
        found = self._finder.moments(timeline, kept)
        case = Case(timeline, found, metrics(transcript), self._ruleset.behaviours)
        findings = evaluate(case, self._ruleset.rules.values(), recording)
        return Audit(
            call_id=transcript.call_id,
            ruleset=self._ruleset.hash,
            moments=tuple(sorted((moment for moments in found.values() for moment in moments), key=_order)),
            findings=findings,
            outcomes=clause_outcomes(self._ruleset.standard.clauses, findings),
            metrics=case.metrics,
        )


def _order(moment: Moment) -> tuple[int, tuple[int, int], str]:
    return moment.turn, moment.span, moment.behaviour
