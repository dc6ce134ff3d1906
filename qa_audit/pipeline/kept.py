"""The later stages on their own, over what is kept: mark it, score it, write its pages, say how things stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qa_audit.config import Config
from qa_audit.errors import StoreError
from qa_audit.models import CallFailure, CallScore, Heard, Recording, RunResult, Scorecard
from qa_audit.pipeline.balance import UNDONE, Balance, balance, why_not
from qa_audit.pipeline.checking import check_kept, to_mark
from qa_audit.pipeline.listening import IMPORTED
from qa_audit.pipeline.marking import STAGE, open_rulebook
from qa_audit.pipeline.pages import publish
from qa_audit.pipeline.places import opened_store, writable_out
from qa_audit.pipeline.progress import Progress, quiet
from qa_audit.pipeline.selection import EVERYTHING, Selection
from qa_audit.pipeline.sharing import Share
from qa_audit.store import Counts, KeptCall, RunRow, State
from qa_audit.team import Team


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What `check` did over the kept transcripts; every kept call is in one of the three."""

    run_id: str
    calls: tuple[str, ...]
    excluded: tuple[CallFailure, ...]
    failed: tuple[CallFailure, ...]
    marked: int


def check(settings: Config, *, selection: Selection = EVERYTHING, retry: bool = False, progress: Progress = quiet) -> Checked:
    """Hold every kept transcript against the rules that hold now. StoreError when nothing is kept yet."""
    rulebook = open_rulebook(settings)
    with opened_store(settings) as store, store.session("check") as session:
        kept = selection.of(store.recordings())
        states = store.states(marked_by=rulebook.marked_by)
        todo = to_mark([r.call_id for r in kept], states=states, marked_by=rulebook.marked_by, retry=retry)
        share = Share(store, session.claims, marked_by=rulebook.marked_by)
        marked = check_kept(todo, rulebook=rulebook, states=states, share=share, work=settings.work, progress=progress)
        fate = fate_of(kept, store.states(marked_by=rulebook.marked_by), session.claims.others())
        return Checked(run_id=session.run_id, calls=fate.done, excluded=fate.excluded, failed=fate.failed, marked=marked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """Scorecards and the team over what is kept; `unmarked` calls were heard and are not in them."""

    calls: tuple[CallScore, ...]
    scorecards: tuple[Scorecard, ...]
    team: Team
    unmarked: tuple[str, ...]


def score(settings: Config, *, selection: Selection = EVERYTHING) -> Scored:
    """The scores of everything that is kept and marked under the rules that hold now."""
    from qa_audit.scoring import scorecards, team_summary  # slow, and no other stage needs it

    rulebook = open_rulebook(settings)
    standard = rulebook.ruleset.standard
    with opened_store(settings) as store:
        fate = fate_of(selection.of(store.recordings()), store.states(marked_by=rulebook.marked_by))
        calls = tuple(store.scores(fate.done, marked_by=rulebook.marked_by))
    return Scored(
        calls=calls,
        scorecards=scorecards(calls, standard=standard),
        team=team_summary(calls, standard=standard, ruleset=rulebook.ruleset, repeat_days=settings.reports.repeat_days),
        unmarked=tuple(failure.call_id for failure in fate.failed if failure.kind == UNDONE),
    )


def report(settings: Config, *, selection: Selection = EVERYTHING, progress: Progress = quiet) -> RunResult:
    """Write the pages of everything that is kept and marked."""
    rulebook = open_rulebook(settings)
    out = writable_out(settings)
    with opened_store(settings) as store, store.session("report") as session:
        states = store.states(marked_by=rulebook.marked_by)
        fate = fate_of(selection.of(store.recordings()), states, session.claims.others())
        heard = store.listeners(fate.done)
        return publish(
            session,
            fate,
            out=out,
            settings=settings,
            rulebook=rulebook,
            states=states,
            store=store,
            heard=heard,
            stepped_down=lesser(settings.speech.engine, heard),
            progress=progress,
        )


def lesser(asked: Sequence[str], heard: Sequence[Heard]) -> tuple[str, ...]:
    """A sentence for every engine that listened in place of the first of those `asked` for."""
    wanted = [name for name in asked if name != IMPORTED][:1]
    others = {by.engine for by in heard} - {IMPORTED, *wanted}
    return tuple(
        f"{engine} listened where {wanted[0]} is asked for; qa-audit doctor says what to do." for engine in sorted(others) if wanted
    )


def call(settings: Config, call_id: str) -> KeptCall:
    """One kept and marked call. StoreError when there is none of that name, or its voices speak against its roles."""
    rulebook = open_rulebook(settings)
    with opened_store(settings) as store:
        state = store.states([call_id]).get(call_id)
        if state and state.failure and state.contradicted:
            raise StoreError(f"call {call_id!r} is set aside: {state.failure.failure.message}")
        return store.call(call_id, marked_by=rulebook.marked_by)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How much is kept, how much of it stands under the rules that hold now, and the last runs."""

    store: str
    counts: Counts
    heard: int
    marked: int
    waiting: tuple[CallFailure, ...]
    runs: tuple[RunRow, ...]


def status(settings: Config) -> Status:
    """How things stand. StoreError when nothing is kept yet."""
    rulebook = open_rulebook(settings)
    with opened_store(settings) as store:
        states = store.states(marked_by=rulebook.marked_by).values()
        return Status(
            store=str(store),
            counts=store.counts(),
            heard=sum(state.heard for state in states),
            marked=sum(state.up_to_date for state in states),
            waiting=tuple(state.failure.failure for state in states if state.failure),
            runs=store.last_runs(limit=5),
        )


def fate_of(kept: Sequence[Recording], states: Mapping[str, State], others: Sequence[str] = ()) -> Balance:
    """What became of kept calls under the rules by which `states` was asked for."""
    done = [recording.call_id for recording in kept if states[recording.call_id].up_to_date]
    through = set(done)
    return balance(done, [why_not(r, states[r.call_id], stage=STAGE, others=others) for r in kept if r.call_id not in through])
