"""One call becomes rows of the export's tables, in the order of their columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from qa_audit.models import CallScore, Finding, Moment
from qa_audit.promises import Promise
from qa_audit.reports.report import CallRecord
from qa_audit.rules.language import Standard

Cell = str | float | int | bool | datetime | None
Row = tuple[Cell, ...]


def _call(score: CallScore) -> Row:
    return score.call_id, score.agent, score.started_at


def scores(record: CallRecord, standard: Standard) -> Iterator[Row]:
    """The call's own row."""
    score = record.score
    rules = "; ".join(score.critical)
    yield (*_call(score), score.queue, score.score, score.why_no_score or None, len(score.critical), rules or None, score.trust)


def outcomes(record: CallRecord, standard: Standard) -> Iterator[Row]:
    """A row for every clause of the standard."""
    for clause in standard.clauses:
        if outcome := record.score.outcomes.get(clause.id):
            yield (*_call(record.score), clause.id, outcome.value, float(clause.weight))


def findings(record: CallRecord, standard: Standard) -> Iterator[Row]:
    """A row for every rule that was run."""
    for finding in record.audit.findings:
        yield (*_call(record.score), *_what(finding), *_evidence(finding), finding.trust, finding.reason)


def moments(record: CallRecord, standard: Standard) -> Iterator[Row]:
    """A row for every moment, whether a rule rests on it or not."""
    for moment in record.audit.moments:
        said = (moment.start, moment.end, moment.quote, moment.how, moment.tier.value, moment.trust)
        yield (*_call(record.score), moment.behaviour, moment.turn, moment.speaker.value, *said)


def promises(score: CallScore, promise: Promise) -> Row:
    """The row of one promise, with what the ledger says of it."""
    made = (promise.customer, promise.made_at, promise.turn, promise.start, promise.quote, promise.means.value)
    settled = (promise.state.value, promise.settled_by or None, promise.note)
    return (*_call(score), *made, promise.due, promise.due_words or None, *settled)


def _what(finding: Finding) -> Row:
    standing = (finding.outcome.value, finding.severity.value, finding.status.value)
    return finding.rule, finding.rule_version, finding.clause, *standing


def _evidence(finding: Finding) -> Row:
    starts = [window.start for window in finding.searched if window.start is not None]
    ends = [window.end for window in finding.searched if window.end is not None]
    heard = min((window.heard for window in finding.searched), default=None)
    return *_first(finding.triggers), *_first(finding.found), min(starts, default=None), max(ends, default=None), heard


def _first(said: tuple[Moment, ...]) -> Row:
    return (said[0].quote, said[0].start) if said else (None, None)


ROWS: Mapping[str, Callable[[CallRecord, Standard], Iterator[Row]]] = {
    "scores": scores,
    "outcomes": outcomes,
    "findings": findings,
    "moments": moments,
}
"""By table, what makes its rows from a call; promises come from the ledger, which knows all calls."""
