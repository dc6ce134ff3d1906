"""What is kept of some calls becomes a Report: the figures in memory, each call fetched from the store when it is asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from qa_audit.config import Reports
from qa_audit.models import RunResult
from qa_audit.pipeline.marking import Rulebook
from qa_audit.store import State, Store

if TYPE_CHECKING:
    from qa_audit.reports import CallRecord, Report


def report_of(
    result: RunResult,
    *,
    wanted: Reports,
    rulebook: Rulebook,
    states: Mapping[str, State],
    store: Store,
    players: Mapping[str, str] | None = None,
    stepped_down: tuple[str, ...] = (),
) -> Report:
    """The report of the calls that were scored; `players` are the player's files by call id, relative to the pages' folder."""
    from qa_audit.reports import CallEntry, CallRecord, Report  # slow, and needed only where something is new
    from qa_audit.scoring import scorecards, team_summary

    ruleset, standard = rulebook.ruleset, rulebook.ruleset.standard
    scores = store.scores(result.scored, marked_by=rulebook.marked_by)
    players = players or {}

    def load_call(call_id: str) -> CallRecord:
        kept = store.call(call_id, marked_by=rulebook.marked_by)
        return CallRecord(recording=kept.recording, transcript=kept.transcript, audit=kept.audit, score=kept.score)

    return Report(
        standard=standard,
        ruleset=ruleset,
        team=team_summary(scores, standard=standard, ruleset=ruleset, repeat_days=wanted.repeat_days),
        scorecards=scorecards(scores, standard=standard),
        calls={s.call_id: CallEntry(score=s, key=call_key(states[s.call_id], rulebook), audio=players.get(s.call_id)) for s in scores},
        load_call=load_call,
        run=result,
        min_trust=rulebook.min_trust,
        stepped_down=stepped_down,
        lang=wanted.lang,
        disputes=wanted.disputes,
    )


def call_key(state: State, rulebook: Rulebook) -> str:
    """Changes whenever the call's recording, transcript or marks do."""
    shape = (state.uri, state.sha256, state.fingerprint, state.facts, rulebook.marked_by)
    return hashlib.sha256(repr(shape).encode()).hexdigest()[:32]
