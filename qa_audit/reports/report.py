"""What the pages are made from: the period's figures in memory, each call fetched only when its page is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from qa_audit.config import Reports
from qa_audit.models import Audit, CallScore, Recording, RunResult, Scorecard, Transcript
from qa_audit.rules.language import RuleSet, Standard
from qa_audit.team import Team


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """Everything known of one call."""

    recording: Recording
    transcript: Transcript
    audit: Audit
    score: CallScore


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEntry:
    """One call in the index.

    `key` changes whenever the call's transcript, audit or recording does (their hashes joined will do); a page whose key
    is known is not made again, and "" makes it always anew. `audio` is the player's file relative to the pages' folder,
    written by `write_player_audio`; None where the call came without sound.
    """

    score: CallScore
    key: str = ""
    audio: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One period, ready to be shown.

    `calls` is keyed by call id. `min_trust` is the trust under which a call is not assessed and a word is shown as
    doubtful. `lang` is a locale such as `en`, `de_AT` or `ar`: it shapes dates and numbers. `stepped_down` are the
    sentences that say which better engine was not at hand. `disputes` tells agents how a mark is disputed: with whom, how, by when.
    """

    standard: Standard
    ruleset: RuleSet
    team: Team
    scorecards: tuple[Scorecard, ...]
    calls: Mapping[str, CallEntry]
    load_call: Callable[[str], CallRecord]
    run: RunResult
    min_trust: float
    stepped_down: tuple[str, ...] = ()
    lang: str = "en"
    disputes: str = Reports().disputes
