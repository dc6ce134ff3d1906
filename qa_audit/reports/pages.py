"""A Report goes in, a folder of pages comes out: every call, every agent, every rule, the team and the run.

One call is in memory at a time, and a page whose content was known last time is not made again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from qa_audit.models import Scorecard
from qa_audit.promises import Promise
from qa_audit.reports.agent_page import agent_pages
from qa_audit.reports.audio import SUFFIX, cut_clip
from qa_audit.reports.call_page import call_pages
from qa_audit.reports.environment import design_key
from qa_audit.reports.folder import Folder
from qa_audit.reports.formats import Formats, formats
from qa_audit.reports.paths import agent_path, call_path, rule_path
from qa_audit.reports.promise_rows import ledger_view
from qa_audit.reports.report import CallRecord, Report
from qa_audit.reports.rule_page import Record, rule_page, rule_records
from qa_audit.reports.run_page import run_page
from qa_audit.reports.slugs import slug
from qa_audit.reports.stories import Teller
from qa_audit.reports.team_page import team_page

CLIP_LEAD, CLIP_SECONDS = 2.0, 10.0
"""Seconds before the moment at which a clip begins, and how long it is."""

CALLS_IN_MEMORY = 32


@dataclass(frozen=True, slots=True)
class PagesWritten:
    """What was done to the folder. `index` is the page to open first."""

    index: Path
    written: int
    unchanged: int
    removed: int


def write_pages(report: Report, out: Path) -> PagesWritten:
    """Write all pages of the report into `out`, each in one step; ValueError for an unknown locale.

    The player's files named in `report.calls` must be there already; clips are cut from them.
    """
    return _Writer(report, out).write()


class _Writer:
    def __init__(self, report: Report, out: Path) -> None:
        self._report, self._folder = report, Folder(out)
        self._formats: Formats = formats(report.lang)
        self._load: Callable[[str], CallRecord] = lru_cache(maxsize=CALLS_IN_MEMORY)(report.load_call)
        self._teller = Teller(ruleset=report.ruleset, load=self._load, clip=self._clip, formats=self._formats, min_trust=report.min_trust)
        self._promises: dict[str, list[Promise]] = defaultdict(list)
        for promise in report.team.promises:
            self._promises[promise.agent].append(promise)
        self._base = _key(
            design_key(),
            repr(report.standard),
            report.ruleset.hash,
            report.lang,
            str(report.min_trust),
            report.disputes,
            *report.stepped_down,
        )

    def write(self) -> PagesWritten:
        report, folder = self._report, self._folder
        for card in report.scorecards:
            for call in card.calls:
                self._write_call(call.call_id)
            self._write_agent(card)
        self._write_rules()
        folder.write("index.html", team_page(report, teller=self._teller, formats=self._formats))
        folder.write("run.html", run_page(report, formats=self._formats))
        removed = folder.close()
        return PagesWritten(folder.root / "index.html", folder.written, folder.unchanged, removed)

    def _write_call(self, call_id: str) -> None:
        entry = self._report.calls[call_id]
        key = _key(self._base, entry.key, repr(entry.score), str(entry.audio)) if entry.key else ""
        if self._known(call_path(call_id), key):
            return
        pages = call_pages(self._load(call_id), report=self._report, formats=self._formats, audio=self._audio(call_id))
        for path, text in pages:
            self._folder.write(path, text, key=key)

    def _write_agent(self, card: Scorecard) -> None:
        entries = [self._report.calls[call.call_id] for call in card.calls]
        ledger = ledger_view(self._promises[card.agent], self._report.calls)
        keys = [f"{entry.key} {entry.audio}" for entry in entries]
        key = _key(self._base, repr(card), repr(ledger), *keys) if all(entry.key for entry in entries) else ""
        if self._known(agent_path(card.agent), key):
            self._keep_clips(card)
            return
        pages = agent_pages(card, report=self._report, teller=self._teller, formats=self._formats, ledger=ledger)
        for path, text in pages:
            self._folder.write(path, text, key=key)

    def _known(self, path: str, key: str) -> bool:
        """Whether a page and its further parts were made from the same before; they stay then."""
        parts = self._folder.kept(path.removesuffix(".html"))
        if not all(self._folder.same(part, key) for part in (path, *parts)):
            return False
        for part in parts:
            self._folder.keep(part, key)
        return self._folder.known(path, key)

    def _keep_clips(self, card: Scorecard) -> None:
        for call in card.calls:
            for clip in self._folder.kept(f"audio/clips/{slug(call.call_id)}"):
                self._folder.keep(clip, self._report.calls[call.call_id].key)

    def _write_rules(self) -> None:
        records = rule_records({call_id: entry.score for call_id, entry in self._report.calls.items()})
        for rule in self._report.ruleset.rules.values():
            text = rule_page(rule, records.get(rule.id, Record()), report=self._report, formats=self._formats)
            self._folder.write(rule_path(rule.id), text)

    def _audio(self, call_id: str) -> str | None:
        """The player's file as a link from the pages' folder."""
        audio = self._report.calls[call_id].audio
        return quote(audio) if audio else None

    def _clip(self, call_id: str, at: float) -> str | None:
        """Ten seconds around a moment as a link from the pages' folder; None where there is no sound."""
        entry = self._report.calls[call_id]
        if not entry.audio:
            return None
        start = max(at - CLIP_LEAD, 0.0)
        path = f"audio/clips/{slug(call_id)}.{round(start * 10)}{SUFFIX}"
        root = self._folder.root
        if not self._folder.known(path, entry.key):
            self._folder.announce(path)
            if not cut_clip(root / entry.audio, root / path, start=start, seconds=CLIP_SECONDS):
                return None
        self._folder.keep(path, entry.key)
        return path


def _key(*parts: str) -> str:
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:20]
