"""Rules tried on everything kept before they count: what one rule would find, and what another set of rules would move."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from qa_audit.audit.diff import Difference, difference
from qa_audit.audit.kept import Kept
from qa_audit.audit.meaning.encoder import load_encoder
from qa_audit.audit.tryout import Tryout
from qa_audit.audit.tryout import try_rule as try_on
from qa_audit.config import Config
from qa_audit.models import Audit, CallScore, Recording, Scorecard, Transcript
from qa_audit.pipeline.marking import CHUNK, Marker, Rulebook, in_chunks, open_rulebook
from qa_audit.pipeline.places import opened_store
from qa_audit.pipeline.progress import Progress, Step, quiet
from qa_audit.rules import RuleSet, load_rules
from qa_audit.scoring import scorecards
from qa_audit.store import Material
from qa_audit.store.codec import decode
from qa_audit.workers import Lost, run_tasks


def try_rule(settings: Config, rule: str) -> Tryout:
    """Hold one rule, whatever its status, against every kept transcript. StoreError when nothing is kept yet."""
    rulebook = open_rulebook(settings)
    with opened_store(settings) as store:
        calls = map(_opened, store.material(view=rulebook.view))
        return try_on(rulebook.ruleset, rule, calls, encoder=load_encoder(rulebook.encoder))


def _opened(material: Material) -> tuple[Recording, Transcript, Kept | None]:
    return material.recording, material.transcript(), Kept.from_bytes(material.view) if material.view else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Every kept call under two sets of rules. `cards` are each agent's scorecards, old and new; `lost` could not be compared."""

    old: RuleSet
    new: RuleSet
    difference: Difference
    cards: tuple[tuple[Scorecard, Scorecard], ...]
    lost: tuple[str, ...]


def compare(settings: Config, old: Path, new: Path, *, progress: Progress = quiet) -> Comparison:
    """Mark every kept call under the rules of two folders and say what differs; nothing is kept. UserFileError when either is wrong."""
    books = tuple(_rulebook(settings, path) for path in (old, new))
    pairs = _Pairs(settings, books, progress)
    moved = difference(pairs.audits())
    before, after = (scorecards(scores, standard=book.ruleset.standard) for scores, book in zip(pairs.scores, books, strict=True))
    return Comparison(
        old=books[0].ruleset,
        new=books[1].ruleset,
        difference=moved,
        cards=tuple(zip(before, after, strict=True)),
        lost=tuple(sorted(pairs.lost)),
    )


def _rulebook(settings: Config, path: Path) -> Rulebook:
    rules = settings.rules.model_copy(update={"paths": (str(path.absolute()),)})
    rulebook = open_rulebook(settings)
    return replace(rulebook, ruleset=load_rules(rules, folder=settings.folder, another_set=True))


class _Pairs:
    """Audits of every kept call under both sets, as they are asked for; the small scores are held back for the scorecards."""

    def __init__(self, settings: Config, books: tuple[Rulebook, ...], progress: Progress) -> None:
        self.settings, self.books, self.progress = settings, books, progress
        self.scores: tuple[list[CallScore], list[CallScore]] = ([], [])
        self.lost: list[str] = []

    def audits(self) -> Iterator[tuple[Audit, Audit]]:
        work = self.settings.work
        with opened_store(self.settings) as store:
            total, done = sum(state.heard for state in store.states().values()), 0
            chunks = in_chunks(store.material(view=self.books[0].view), CHUNK)
            for chunk, answer in run_tasks(
                _mark_both, chunks, prepare=_Markers(self.books), processes=work.processes, timeout=work.call_timeout, memory=work.memory
            ):
                if isinstance(answer, Lost):
                    self.lost += (material.recording.call_id for material in chunk)
                    continue
                for audits, scores in answer:
                    done += 1
                    self.progress(Step("check", done, total, audits[0].call_id, "compared"))
                    for kept, score in zip(self.scores, scores, strict=True):
                        kept.append(score)
                    yield audits


@dataclass(frozen=True, slots=True)
class _Markers:
    """Makes both markers in a worker."""

    books: tuple[Rulebook, ...]

    def __call__(self) -> tuple[Marker, ...]:
        return tuple(book.marker() for book in self.books)


Both = tuple[tuple[Audit, Audit], tuple[CallScore, CallScore]]


def _mark_both(markers: tuple[Marker, Marker], chunk: tuple[Material, ...]) -> tuple[Both, ...]:
    return tuple(_both(markers, material) for material in chunk)


def _both(markers: tuple[Marker, Marker], material: Material) -> Both:
    old, new = (marker.mark(material) for marker in markers)
    audits = decode(old.audit, Audit), decode(new.audit, Audit)
    return audits, (decode(old.score, CallScore), decode(new.score, CallScore))
