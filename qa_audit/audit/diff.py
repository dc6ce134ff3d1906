"""Audits of the same calls under an old and a new rule set in, what moves out: findings, outcomes, moments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from qa_audit.models import Audit, Finding, Outcome


@dataclass(frozen=True, slots=True)
class FindingMove:
    """A finding that is new, gone, or has another outcome."""

    call_id: str
    rule: str
    old: Finding | None
    new: Finding | None


@dataclass(frozen=True, slots=True)
class OutcomeMove:
    """A clause that comes out otherwise in a call; None where the standard does not have it."""

    call_id: str
    clause: str
    old: Outcome | None
    new: Outcome | None


@dataclass(frozen=True, slots=True)
class Difference:
    """All that moves over a set of calls, in the order of the calls. `calls` were compared, `moved` are those that change."""

    calls: int
    moved: tuple[str, ...]
    findings: tuple[FindingMove, ...]
    outcomes: tuple[OutcomeMove, ...]

    def counts(self) -> Mapping[tuple[Outcome | None, Outcome | None], int]:
        """How many clause outcomes went from what to what."""
        found: dict[tuple[Outcome | None, Outcome | None], int] = {}
        for move in self.outcomes:
            found[move.old, move.new] = found.get((move.old, move.new), 0) + 1
        return found


def difference(pairs: Iterable[tuple[Audit, Audit]]) -> Difference:
    """Compare (old, new) audits of the same call; pairs may be made as they are asked for, so memory stays small."""
    findings: list[FindingMove] = []
    outcomes: list[OutcomeMove] = []
    calls = 0
    for old, new in pairs:
        calls += 1
        findings += _finding_moves(old, new)
        outcomes += _outcome_moves(old, new)
    moved = dict.fromkeys([move.call_id for move in findings] + [move.call_id for move in outcomes])
    return Difference(calls, tuple(moved), tuple(findings), tuple(outcomes))


def _finding_moves(old: Audit, new: Audit) -> list[FindingMove]:
    before = {finding.rule: finding for finding in old.findings}
    after = {finding.rule: finding for finding in new.findings}
    rules = dict.fromkeys((*before, *after))
    pairs = ((rule, before.get(rule), after.get(rule)) for rule in rules)
    return [FindingMove(new.call_id, rule, one, other) for rule, one, other in pairs if _outcome(one) is not _outcome(other)]


def _outcome_moves(old: Audit, new: Audit) -> list[OutcomeMove]:
    clauses = dict.fromkeys((*old.outcomes, *new.outcomes))
    pairs = ((clause, old.outcomes.get(clause), new.outcomes.get(clause)) for clause in clauses)
    return [OutcomeMove(new.call_id, clause, one, other) for clause, one, other in pairs if one is not other]


def _outcome(finding: Finding | None) -> Outcome | None:
    return None if finding is None else finding.outcome
