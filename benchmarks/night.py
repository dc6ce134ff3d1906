#!/usr/bin/env python
"""A night over kept calls: marked, scored and shown again after a rule change; calls and pages a second, memory, growth.

    python benchmarks/night.py [--calls 1000 10000] [--processes 1 2] [--minutes 5] [--postgresql] [--plain 200]

The calls are made up (talk.py), of so many minutes, and kept as an earlier night would have left them: transcripts, and what was
prepared of them for the rules. Then everything is marked again, as after a rule change, scored, and every page written; then the
same once more with nothing new. `--postgresql` does it on a server of its own beside SQLite. `--plain` is the loop that a good
engineer writes in an afternoon, over so many of the same calls: JSON files read one after the other, each marked by the same
rules, prepared anew every night, and rendered by one template; nothing is kept, and nothing may go wrong.

Processor time and memory are of the whole tree of processes, seen every 50 ms; memory adds up what every process has in use, what
they share counted in each. Wall time depends on what else the machine does; the load is printed.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import jinja2
import msgspec

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from pages import PLAIN
from talk import made_up_call

from qa_audit import pipeline
from qa_audit.audit import Auditor, prepare
from qa_audit.audit.meaning.encoder import load_encoder
from qa_audit.config import Config, Work
from qa_audit.models import Recording, Transcript
from qa_audit.pipeline.marking import open_rulebook
from qa_audit.reports import CallRecord
from qa_audit.scoring import score_call
from qa_audit.store import TranscriptRow, open_store
from qa_audit.store.tables import metadata, recordings, views

DISTINCT = 100
"""Calls that differ; the rest repeat them under other names, which changes nothing of the work."""
CALLS_PER_AGENT = 50
WORDS_PER_MINUTE = 150
TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
BATCH = 500


# ------------------------------------------------------------------------------------------------ measuring


class Meter:
    """Seconds of processor and bytes of memory of a process and all below it, from the kernel's own account."""

    def __init__(self) -> None:
        self.spent: dict[int, float] = {}
        self.before: dict[int, float] = {}
        self.peak, self.going, self.begun = 0, True, False

    def look(self) -> None:
        below, memory = family(os.getpid()), 0
        for pid in below:
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            seconds = (int(fields[11]) + int(fields[12])) / TICK
            self.before.setdefault(pid, 0.0 if self.begun else seconds)
            self.spent[pid] = seconds
            memory += int(fields[21]) * PAGE
        self.peak, self.begun = max(self.peak, memory), True

    def watch(self) -> None:
        while self.going:
            self.look()
            time.sleep(0.05)

    @property
    def processor(self) -> float:
        return sum(seconds - self.before[pid] for pid, seconds in self.spent.items())


def family(root: int) -> list[int]:
    """A process and all below it."""
    found = [root]
    for pid in found:
        try:
            found += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        except OSError:
            continue
    return found


@contextmanager
def measured() -> Iterator[Callable[[], tuple[float, float, float]]]:
    """Wall seconds, processor seconds and peak memory in MB of what is done inside."""
    meter, began = Meter(), time.perf_counter()
    meter.look()
    watcher = threading.Thread(target=meter.watch, daemon=True)
    watcher.start()
    took: list[float] = []
    yield lambda: (took[0], meter.processor, meter.peak / 1e6)
    took.append(time.perf_counter() - began)
    meter.look()
    meter.going = False
    watcher.join()


# -------------------------------------------------------------------------------------------- what is kept


def fill(url: str, calls: int, minutes: float) -> None:
    """Keep so many calls as an earlier night would have left them."""
    rulebook, encoder = open_rulebook(Config()), load_encoder()
    templates = [made_up_call(seed, words=round(minutes * WORDS_PER_MINUTE)) for seed in range(min(calls, DISTINCT))]
    rows = [TranscriptRow.of(replace(one, fingerprint="made-up"), sha256="") for one in templates]
    with measured() as meter:
        seen = [prepare(one, encoder).to_bytes() for one in templates]
    wall, processor, memory = meter()
    line(("–", "prepared for the rules", len(seen), 1, wall, processor, len(seen) / wall, 1000 * processor / len(seen), memory, ""))
    with open_store(url) as store, store.database.writing() as connection:
        for start in range(0, calls, BATCH):
            numbers = range(start, min(start + BATCH, calls))
            keys = [{"sha256": f"{number:064x}", "fingerprint": "made-up"} for number in numbers]
            heard = [{name: getattr(rows[n % len(rows)], name) for name in TranscriptRow.__slots__} | {"heard_at": 0.0} for n in numbers]
            known = [known_of(number) | key for number, key in zip(numbers, keys, strict=True)]
            connection.execute(recordings.insert(), known)
            connection.execute(metadata.tables["transcripts"].insert(), [one | key for one, key in zip(heard, keys, strict=True)])
            connection.execute(
                views.insert(), [{"version": rulebook.view, "data": seen[n % len(seen)]} | k for n, k in zip(numbers, keys, strict=True)]
            )


def known_of(number: int) -> dict[str, object]:
    """The row of a recording."""
    from qa_audit.store.codec import encode_json, facts

    one = Recording(
        call_id=f"call-{number:07}", uri=f"/calls/{number}.json", size=1000, modified=1.0, agent=f"Agent {number // CALLS_PER_AGENT}"
    )
    return {"call_id": one.call_id, "uri": one.uri, "size": 1000, "modified": 1.0, "facts": facts(one), "known": encode_json(one)}


# ------------------------------------------------------------------------------------------------ the ways


def line(cells: Sequence[object]) -> None:
    print(
        f"| {' | '.join(f'{cell:,.1f}' if isinstance(cell, float) else f'{cell:,}' if isinstance(cell, int) else str(cell) for cell in cells)} |",
        flush=True,
    )


def night(name: str, url: str, calls: int, processes: int, folder: Path) -> None:
    """One night, in a process of its own, so that nothing of another is in its memory."""
    settings = Config(store=url, out=str(folder / f"pages-{processes}"), work=Work(processes=processes), folder=folder)
    stages: tuple[tuple[str, Callable[[], object]], ...] = (
        ("marked again", lambda: pipeline.check(settings)),
        ("scored", lambda: pipeline.score(settings)),
        ("all pages", lambda: pipeline.report(settings)),
        ("nothing new", lambda: pipeline.report(settings)),
    )
    for stage, work in stages:
        with measured() as meter:
            work()
        wall, processor, memory = meter()
        pages = sum(1 for _ in (folder / f"pages-{processes}").rglob("*.html")) if stage == "all pages" else 0
        rate = pages or calls
        line((name, stage, calls, processes, wall, processor, rate / wall, 1000 * processor / calls, memory, pages or ""))


def known_before(url: str, calls: int) -> None:
    """What a night of 1,000 calls looks up among so many kept, and what looking up all of them costs."""
    with open_store(url) as store:
        with store.database.writing() as connection:
            for start in range(0, calls, BATCH):
                numbers = range(start, min(start + BATCH, calls))
                connection.execute(recordings.insert(), [known_of(n) | {"sha256": f"{n:064x}", "fingerprint": "made-up"} for n in numbers])
        tonight = [f"call-{number:07}" for number in range(0, calls, calls // 1000)]
        for what, ids in (("1,000 looked up among", tonight), ("all looked up", None)):
            with measured() as meter:
                states = store.states(ids, marked_by="rules")
                store.hashes({1000 + number for number in range(len(ids or ()))})
            wall, processor, memory = meter()
            line(("SQLite", what, calls, 1, wall, processor, len(states) / wall, 1000 * processor / len(states), memory, ""))


def apart(work: Callable[..., None], *arguments: object) -> None:
    process = multiprocessing.get_context("spawn").Process(target=work, args=arguments)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(f"{work.__name__} ended with {process.exitcode}")


def plain_loop(calls: int, minutes: float, folder: Path) -> None:
    """What an afternoon gives: read, mark, score, render, one call after the other."""
    source, out = folder / "json", folder / "plain"
    source.mkdir()
    out.mkdir()
    for number in range(calls):
        call = replace(made_up_call(number % DISTINCT, words=round(minutes * WORDS_PER_MINUTE)), call_id=f"call-{number}")
        (source / f"{number}.json").write_bytes(msgspec.json.encode(call))
    with measured() as meter:
        rulebook, encoder = open_rulebook(Config()), load_encoder()
        auditor = Auditor(rulebook.ruleset, encoder=encoder)
        template = jinja2.Environment(autoescape=True).from_string(PLAIN)
        for file in sorted(source.iterdir()):
            call = msgspec.convert(json.loads(file.read_text()), Transcript)
            recording = Recording(call_id=call.call_id, uri=str(file), size=1, modified=1.0, agent="Agent")
            audit = auditor.audit(call, recording=recording)
            score = score_call(
                audit,
                recording=recording,
                standard=rulebook.ruleset.standard,
                ruleset=rulebook.ruleset,
                trust=call.trust,
                min_trust=rulebook.min_trust,
                transcript=call,
            )
            (out / f"{call.call_id}.html").write_text(
                template.render(call=CallRecord(recording=recording, transcript=call, audit=audit, score=score)), encoding="utf-8"
            )
    wall, processor, memory = meter()
    line(("plain loop", "all of it", calls, 1, wall, processor, calls / wall, 1000 * processor / calls, memory, calls))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--minutes", type=float, default=5.0, help="length of a call")
    parser.add_argument(
        "--known", type=int, nargs="*", default=[1_000, 10_000, 100_000], help="calls known from before: what they cost each night"
    )
    parser.add_argument("--postgresql", action="store_true", help="also on a PostgreSQL server of its own")
    parser.add_argument("--plain", type=int, default=200, help="calls of the plain loop; 0 leaves it out")
    asked = parser.parse_args()
    print(
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; calls of {asked.minutes:g} minutes; encoder {getattr(load_encoder(), 'name', 'none')}\n"
    )
    print("| store | stage | calls | processes | wall s | processor s | calls or pages/s | processor ms a call | peak MB | pages |")
    print("|---|---|---|---|---|---|---|---|---|---|", flush=True)
    for calls in asked.calls:
        for processes in asked.processes:
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                apart(fill, str(folder / "kept.db"), calls, asked.minutes)
                size = (folder / "kept.db").stat().st_size / 1e6
                apart(night, f"SQLite, {size:,.0f} MB", str(folder / "kept.db"), calls, processes, folder)
                if asked.postgresql:
                    shutil.rmtree(folder / f"pages-{processes}")
                    on_postgresql(calls, processes, asked.minutes, folder)
    for calls in asked.known:
        with tempfile.TemporaryDirectory() as name:
            apart(known_before, str(Path(name) / "kept.db"), calls)
    if asked.plain:
        with tempfile.TemporaryDirectory() as name:
            apart(plain_loop, asked.plain, asked.minutes, Path(name))


def on_postgresql(calls: int, processes: int, minutes: float, folder: Path) -> None:
    from postgresql_server import postgresql

    with postgresql(fsync=True) as url:
        apart(fill, url, calls, minutes)
        apart(night, "PostgreSQL", url, calls, processes, folder)


if __name__ == "__main__":
    main()
