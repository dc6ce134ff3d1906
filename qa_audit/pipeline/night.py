"""The main job, in order: find the calls, hear what is new, mark what changed, score, write the pages; and say how it balances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from qa_audit.config import Config
from qa_audit.models import CallFailure, RunResult
from qa_audit.pipeline.balance import Balance, balance, why_not
from qa_audit.pipeline.checking import check_kept, to_mark
from qa_audit.pipeline.comparing import compare_new
from qa_audit.pipeline.listening import STAGE as TRANSCRIBE
from qa_audit.pipeline.listening import Listener, choose_listener
from qa_audit.pipeline.marking import STAGE as CHECK
from qa_audit.pipeline.marking import open_rulebook
from qa_audit.pipeline.pages import publish
from qa_audit.pipeline.places import opened_store, writable_out
from qa_audit.pipeline.plan import plan
from qa_audit.pipeline.progress import Progress, quiet
from qa_audit.pipeline.selection import EVERYTHING, Selection
from qa_audit.pipeline.sharing import Share
from qa_audit.pipeline.transcribing import transcribe_planned
from qa_audit.recordings import Discovery, discover, reconcile
from qa_audit.store import State


def run(
    settings: Config, *, sources: Sequence[str] = (), selection: Selection = EVERYTHING, retry: bool = False, progress: Progress = quiet
) -> RunResult:
    """Recordings in, scorecards out; only what is new or changed is done.

    `sources` are folders, globs, files and fsspec URLs; those of the configuration when there are none. Raises UserFileError,
    EngineError, StoreError or OutputError before anything is done; trouble with one call never ends the run.
    """
    rulebook = open_rulebook(settings)
    everything = discover(sources, config=settings)
    call_log = reconcile(everything, config=settings)
    found = _meant(everything, selection)
    meant = [recording.call_id for recording in found.recordings]
    listener = choose_listener(settings, found.recordings)
    out = writable_out(settings)
    with opened_store(settings, create=True) as store, store.session("run") as session:
        states = store.states(meant, marked_by=rulebook.marked_by)
        todo = plan(found.recordings, states=states, listener=listener, store=store, retry=retry)
        share = Share(store, session.claims, marked_by=rulebook.marked_by)
        listened = transcribe_planned(todo, listener=listener, states=states, share=share, work=settings.work, progress=progress)
        if todo.anything or share.claims.shared:
            states = store.states(meant, marked_by=rulebook.marked_by)
        if compare_new(heard(found, states, listener), states=states, store=store, settings=settings, progress=progress):
            states = store.states(meant, marked_by=rulebook.marked_by)
        unmarked = to_mark(heard(found, states, listener), states=states, marked_by=rulebook.marked_by, retry=retry)
        marked = check_kept(unmarked, rulebook=rulebook, states=states, share=share, work=settings.work, progress=progress)
        if unmarked or share.claims.shared:
            states = store.states(meant, marked_by=rulebook.marked_by)
        fate = _fate(found, states, listener, session.claims.others())
        return publish(
            session,
            fate,
            out=out,
            settings=settings,
            rulebook=rulebook,
            states=states,
            store=store,
            heard=store.listeners(fate.done),
            stepped_down=stepped_down(listener),
            progress=progress,
            listened=listened,
            marked=marked,
            call_log=call_log,
        )


def find(settings: Config, sources: Sequence[str], selection: Selection) -> Discovery:
    """The calls that are meant, and those set aside before anybody listens."""
    return _meant(discover(sources, config=settings), selection)


def _meant(found: Discovery, selection: Selection) -> Discovery:
    return replace(found, recordings=selection.of(found.recordings))


def heard(found: Discovery, states: Mapping[str, State], listener: Listener) -> list[str]:
    """The calls whose transcript, made in the way that holds now, is kept, and is not contradicted by the voices."""
    return [
        r.call_id
        for r in found.recordings
        if (s := states.get(r.call_id)) and s.heard and s.same_file(r) and s.fingerprint == listener.fingerprint(r)
    ]


def _fate(found: Discovery, states: Mapping[str, State], listener: Listener, others: Sequence[str]) -> Balance:
    through = {call_id for call_id in heard(found, states, listener) if states[call_id].up_to_date}
    rest = [why_not(r, states.get(r.call_id), stage=CHECK, others=others) for r in found.recordings if r.call_id not in through]
    return balance(sorted(through), [*found.set_aside, *rest])


def stepped_down(listener: Listener) -> tuple[str, ...]:
    """Which better engine was not at hand, in sentences."""
    return listener.chosen.stepped_down if listener.chosen else ()


# ------------------------------------------------------------------------------------------ listening alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcribed:
    """What `transcribe` did: every call that was found is in one of the three."""

    run_id: str
    heard: tuple[str, ...]
    excluded: tuple[CallFailure, ...]
    failed: tuple[CallFailure, ...]
    listened: int
    warnings: tuple[str, ...]


def transcribe(
    settings: Config, *, sources: Sequence[str] = (), selection: Selection = EVERYTHING, retry: bool = False, progress: Progress = quiet
) -> Transcribed:
    """The first half of `run`: hear what is new and keep it."""
    found = find(settings, sources, selection)
    meant = [recording.call_id for recording in found.recordings]
    listener = choose_listener(settings, found.recordings)
    with opened_store(settings, create=True) as store, store.session("transcribe") as session:
        states = store.states(meant)
        todo = plan(found.recordings, states=states, listener=listener, store=store, retry=retry)
        share = Share(store, session.claims)
        listened = transcribe_planned(todo, listener=listener, states=states, share=share, work=settings.work, progress=progress)
        states = store.states(meant)
        if compare_new(heard(found, states, listener), states=states, store=store, settings=settings, progress=progress):
            states = store.states(meant)
        through = heard(found, states, listener)
        done, others = set(through), session.claims.others()
        rest = [why_not(r, states.get(r.call_id), stage=TRANSCRIBE, others=others) for r in found.recordings if r.call_id not in done]
        fate = balance(through, [*found.set_aside, *rest])
        return Transcribed(
            run_id=session.run_id,
            heard=fate.done,
            excluded=fate.excluded,
            failed=fate.failed,
            listened=listened,
            warnings=stepped_down(listener),
        )
