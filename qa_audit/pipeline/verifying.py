"""Does the same give the same? A run's calls are marked again from their kept transcripts, scored and shown again, and compared byte for byte."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from qa_audit import __version__
from qa_audit.config import Config, Reports
from qa_audit.errors import StoreError
from qa_audit.models import Audit, CallScore
from qa_audit.pipeline.manifest import fingerprints, result_of
from qa_audit.pipeline.marking import CHUNK, Rulebook, in_chunks, mark, open_rulebook
from qa_audit.pipeline.period import report_of
from qa_audit.pipeline.places import opened_store
from qa_audit.pipeline.players import FOLDER, names_of, there
from qa_audit.pipeline.progress import Progress, Step, quiet
from qa_audit.store import AuditRow, State, Store
from qa_audit.store.codec import decode
from qa_audit.workers import Lost, run_tasks

STAGE = "verify"


@dataclass(frozen=True, slots=True)
class Differs:
    """One thing that did not come out the same. `what` is an agent, a call or the path of a page."""

    what: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """How the second time compared with the first; `pages_why` says why pages were not compared, empty when they were."""

    run_id: str
    calls: int
    scorecards: int
    pages: int
    pages_why: str
    changed_since: tuple[str, ...]
    differing_calls: tuple[Differs, ...]
    differing_scorecards: tuple[Differs, ...]
    differing_pages: tuple[Differs, ...]

    @property
    def same(self) -> bool:
        """Whether everything that was compared came out the same, and nothing was missing to compare."""
        return not (self.changed_since or self.differing_calls or self.differing_scorecards or self.differing_pages)


def verify(settings: Config, run_id: str | None = None, *, progress: Progress = quiet) -> Verified:
    """Compare a run, by default the last that left a record, with itself. Nothing is kept and no page is touched.

    StoreError when there is no such run, or when it was marked under other rules, with another encoder or by another version.
    """
    rulebook = open_rulebook(settings)
    with opened_store(settings) as store:
        document = store.manifest(run_id)
        _check_same_rules(document, rulebook)
        return _Second(settings, rulebook, store, document, progress).compare()


def _check_same_rules(document: Mapping[str, Any], rulebook: Rulebook) -> None:
    run_id = document.get("run_id")
    if document.get("marked_by") is None or "scorecards" not in document:
        raise StoreError(f"run {run_id} left no scorecards to compare with; `run` and `report` do")
    now = {"qa_audit": __version__, "rules": rulebook.ruleset.hash, "encoder": rulebook.meaning, "marked_by": rulebook.marked_by}
    other = [f"{name} was {document[name] or 'none'} and is {value or 'none'}" for name, value in now.items() if document[name] != value]
    if other:
        raise StoreError(
            f"run {run_id} was marked by other means than hold now, so it cannot be done again: {'; '.join(other)}. "
            "Give --config the rules of then, and use the version of then"
        )


class _Second:
    """The run, done a second time."""

    def __init__(self, settings: Config, rulebook: Rulebook, store: Store, document: dict[str, Any], progress: Progress) -> None:
        self.settings, self.rulebook, self.store, self.document, self.progress = settings, rulebook, store, document, progress
        self.first = result_of(document)
        self.states = store.states(marked_by=rulebook.marked_by)

    def compare(self) -> Verified:
        changed = tuple(call_id for call_id in self.first.scored if not _stands(self.states.get(call_id)))
        left = [call_id for call_id in self.first.scored if call_id not in set(changed)]
        scores, differing = self._mark_again(left)
        cards = list(self._scorecards(scores)) if not changed else []
        why = "its calls are not as they were" if changed or differing or cards else self._why_no_pages()
        pages, other = self._pages() if not why else (0, ())
        return Verified(
            run_id=self.first.run_id,
            calls=len(left),
            scorecards=0 if changed else len(self.document["scorecards"]),
            pages=pages,
            pages_why=why,
            changed_since=changed,
            differing_calls=tuple(differing),
            differing_scorecards=tuple(cards),
            differing_pages=other,
        )

    def _mark_again(self, call_ids: list[str]) -> tuple[list[CallScore], list[Differs]]:
        """Mark from the transcripts, with nothing of what was prepared for marking, and hold it against what is kept."""
        work, scores, differing = self.settings.work, list[CallScore](), list[Differs]()
        material = (replace(one, view=None) for one in self.store.material(call_ids, view=self.rulebook.view))
        answers = run_tasks(
            mark,
            in_chunks(material, CHUNK),
            prepare=self.rulebook.marker,
            processes=work.processes,
            timeout=work.call_timeout,
            memory=work.memory,
        )
        done = 0
        for chunk, answer in answers:
            again = dict(zip([one.recording.call_id for one in chunk], answer, strict=True)) if not isinstance(answer, Lost) else {}
            kept = {call_id: (audit, score) for call_id, audit, score in self.store.marks(list(again), marked_by=self.rulebook.marked_by)}
            for one in chunk:
                call_id = one.recording.call_id
                row, done = again.get(call_id), done + 1
                if isinstance(row, AuditRow):
                    scores.append(decode(row.score, CallScore))
                    differing += _differences(row, *kept[call_id])
                else:
                    why = row or answer
                    differing.append(Differs(call_id, f"it could not be marked again: {getattr(why, 'message', '')}"))
                self.progress(Step(STAGE, done, len(call_ids), call_id, "marked again"))
        return sorted(scores, key=lambda score: score.call_id), sorted(differing, key=lambda one: one.what)

    def _scorecards(self, scores: list[CallScore]) -> Iterator[Differs]:
        from qa_audit.scoring import scorecards  # slow

        now = fingerprints(scorecards(scores, standard=self.rulebook.ruleset.standard))
        then: dict[str, str] = self.document["scorecards"]
        for agent in sorted(now.keys() | then.keys()):
            if now.get(agent) != then.get(agent):
                yield Differs(agent, f"its fingerprint was {then.get(agent, 'none')} and is {now.get(agent, 'none')}")

    def _why_no_pages(self) -> str:
        """Empty when the pages that stand there are those of this run."""
        import json

        try:
            there_now = json.loads((Path(str(self.first.pages)) / "run.json").read_bytes())
        except (OSError, ValueError):
            return f"there are none of a finished run at {self.first.pages}"
        if there_now.get("inputs") != self.document["inputs"]:
            return f"those at {self.first.pages} are of run {there_now.get('run_id')}"
        return ""

    def _pages(self) -> tuple[int, tuple[Differs, ...]]:
        """Write all pages again elsewhere; how many, and which are other than those that stand there."""
        from qa_audit.reports import write_pages  # slow

        out = Path(str(self.first.pages))
        players = there(names_of(self.first.scored, self.states), out)
        report = report_of(
            self.first,
            wanted=Reports.model_validate(self.document["config"]["reports"]),
            rulebook=self.rulebook,
            states=self.states,
            store=self.store,
            players=players,
            stepped_down=tuple(self.document["stepped_down"]),
        )
        with tempfile.TemporaryDirectory(prefix="qa-audit-verify-") as folder:
            again = Path(folder)
            (again / FOLDER).mkdir()
            for player in players.values():
                (again / player).symlink_to(out / player)
            write_pages(report, again)
            made = _files(again)
            return len(made), tuple(_page_differences(_files(out), made))


def _stands(state: State | None) -> bool:
    return state is not None and state.up_to_date


def _differences(row: AuditRow, audit: bytes, score: bytes) -> Iterator[Differs]:
    if row.audit == audit and row.score == score:
        return
    old, new = decode(score, CallScore), decode(row.score, CallScore)
    moved = [
        f"{clause} was {old.outcomes.get(clause)} and is {now}" for clause, now in new.outcomes.items() if old.outcomes.get(clause) != now
    ]
    if old.score != new.score:
        moved.append(f"the score was {old.score} and is {new.score}")
    if not moved and decode(audit, Audit) != decode(row.audit, Audit):
        moved.append("what was found differs, the outcomes do not")
    yield Differs(row.call_id, "; ".join(moved) or "the bytes differ, what they say does not")


def _files(folder: Path) -> dict[str, Path]:
    """Pages and clips below a folder; what tells of the run's own time is left to the page of the run."""
    paths = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.suffix in {".html", ".mp3"}}
    return {name: path for name, path in paths.items() if not path.name.startswith(".") and name != "run.html"}


def _page_differences(first: Mapping[str, Path], again: Mapping[str, Path]) -> Iterator[Differs]:
    for name in sorted(first.keys() | again.keys()):
        if name not in again:
            yield Differs(name, "it would not be written")
        elif name not in first:
            yield Differs(name, "it is not there")
        elif (old := first[name].read_bytes()) != (new := again[name].read_bytes()):
            at = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
            line = old[:at].count(b"\n") + 1
            yield Differs(name, f"it differs from byte {at} on, in line {line}")
