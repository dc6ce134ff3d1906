"""Nights that are cut short, over and over, in one warm process: `python crash_host.py FOLDER SEED FAULTS` prints a line a fault.

Every night is a process forked from this one, so that it begins in milliseconds; its workers come from a fork server that is
there already. What is done durably (a file opened for writing, renamed, removed; a transaction committed) is counted as it
happens. A fault strikes just before one of these, or after a random time, and is one of

    run     the night is killed with kill -9
    worker  one of its worker processes is killed; the night itself goes on
    power   the night is killed, and of every file that it wrote and did not wait for (fsync) only a part is on the disk.
            Renames are there, which is the worst case. SQLite's log loses its end only while the database file itself has not
            been written to, since SQLite waits for the log before it does that

After each, the next night must end well, with every call scored once, whole pages and a sound store.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import shutil
import signal
import sqlite3
import sys
import time
import traceback
import wave
from collections import Counter
from collections.abc import Callable
from importlib import import_module
from itertools import cycle
from multiprocessing import forkserver
from pathlib import Path
from threading import Thread

import numpy as np
from pipeline_helpers import COLD, SAD, fates, night, own_rules, run, write_call
from sqlalchemy import event
from sqlalchemy.engine import Engine

from qa_audit import pipeline
from qa_audit.config import Config, Recordings
from qa_audit.pipeline.places import opened_store
from qa_audit.workers import local

KINDS = ("run", "power", "worker")
CALLS = 6
FRESH_EVERY = 10
"""So often the pages are made again in an empty folder and compared byte for byte."""
ENSURE = forkserver.ForkServer.ensure_running


# ------------------------------------------------------------------------------------------ a night's counting


class Points:
    """Counts what a night does durably, and strikes before the one that is asked for; `stage` is where it is."""

    def __init__(self, home: Path, strike_at: int, strike: Callable[[], bool]) -> None:
        self.home, self.strike_at, self.strike = str(home), strike_at, strike
        self.count, self.stage, self.me = 0, "find", os.getpid()
        self.stages: Counter[str] = Counter()

    def watch(self) -> None:
        sys.addaudithook(self.audited)
        event.listen(Engine, "commit", lambda _: self.point())

    def audited(self, name: str, arguments: tuple[object, ...]) -> None:
        """Python's own account of what is done to files."""
        writes = name == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if (writes or name in {"os.rename", "os.remove"}) and str(arguments[0]).startswith(self.home + "/"):
            self.point()

    def point(self) -> None:
        if os.getpid() != self.me:
            return
        self.count += 1
        self.stages[self.stage] += 1
        if self.strike_at and self.count >= self.strike_at:
            self.strike_now()

    def strike_now(self) -> None:
        if self.strike():
            self.strike_at = 0

    def strike_later(self, seconds: float) -> None:
        time.sleep(seconds)
        while self.strike_at:
            self.strike_now()
            time.sleep(0.002)

    def step(self, step: pipeline.Step) -> None:
        """Between two calls of a stage is a point too; after the last one come the pages."""
        self.stage = step.stage
        self.point()
        if step.done == step.total:
            self.stage = f"after {step.stage}"


def strike_self() -> bool:
    os.kill(os.getpid(), signal.SIGKILL)
    return True


def strike_worker(choice: random.Random) -> bool:
    """Kill one of the workers of this process; whether there was any."""
    workers = [child.pid for child in multiprocessing.active_children() if child.pid]
    if workers:
        os.kill(choice.choice(workers), signal.SIGKILL)
    return bool(workers)


# ------------------------------------------------------------------------------------------------ the host


class Host:
    """A folder of calls, and night after night over it."""

    def __init__(self, home: Path, seed: int) -> None:
        self.home, self.choice = home, random.Random(seed)
        self.calls: list[list[Path]] = []
        self.cycle = 0
        self.strict = False

    def settings(self, **parts: object) -> Config:
        found = Recordings(sources=("calls",), pattern="{agent}_{customer}", min_seconds=1.0)
        rules = own_rules(self.home, "within: 3 turns\n" if self.strict else "")
        return night(self.home, rules=rules, recordings=found, **parts)

    def arrive(self) -> None:
        """Two new calls, one with sound, the oldest gone; now and then a changed file, and rules that change and change back."""
        for sound in (False, True):
            name = f"kim{self.cycle % 2}_{self.cycle:04}{'s' if sound else ''}"
            files = [write_call(self.home / "calls", name, self.choice.choice((SAD, COLD)))]
            if sound:
                files.append(write_sound(self.home / "calls" / f"{name}.wav", self.cycle))
            self.calls.append(files)
        while len(self.calls) > CALLS:
            for file in self.calls.pop(0):
                file.unlink()
        if self.cycle % 4 == 1:
            write_call(self.home / "calls", self.calls[0][0].stem, self.choice.choice((SAD, COLD)))
        self.cycle += 1

    def fork(self, work: Callable[[], object], *, answer: Path | None = None) -> int:
        """A process that does this work and ends; its answer as JSON in a file."""
        server_there()
        pid = os.fork()
        if pid:
            return pid
        forkserver.ForkServer.ensure_running = lambda self: None  # type: ignore[method-assign]
        code = 1
        try:
            said = work()
            if answer is not None:
                answer.write_text(json.dumps(said))
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)

    def trial(self) -> dict[str, object]:
        """What one undisturbed night does durably, by stage: the points at which a fault may strike."""
        answer = self.home.with_suffix(".trial")
        pid = self.fork(lambda: self.counted(0, strike_self), answer=answer)
        assert os.waitpid(pid, 0)[1] == 0, "an undisturbed night ends well"
        return dict(json.loads(answer.read_text()))

    def counted(self, strike_at: int | float, strike: Callable[[], bool]) -> dict[str, object]:
        points = Points(self.home, strike_at if isinstance(strike_at, int) else 0, strike)
        points.watch()
        began = time.monotonic()
        if isinstance(strike_at, float):
            points.strike_at = sys.maxsize
            Thread(target=points.strike_later, args=(strike_at,), daemon=True).start()
        result = run(self.settings(), progress=points.step)
        seconds = time.monotonic() - began
        return {
            "struck": not points.strike_at,
            "seconds": seconds,
            "points": points.count,
            "stages": dict(points.stages),
            "fates": fates(result),
        }

    def strikes(self, kind: str, at: int | float) -> bool:
        """A night with new calls, under either rules, and a fault; the rules of the next one are again either."""
        self.arrive()
        self.strict = self.choice.random() < 0.5
        struck = self.fault(kind, at)
        self.strict = self.choice.random() < 0.5
        return struck

    def fault(self, kind: str, at: int | float) -> bool:
        """Cut one night short, before its `at`-th durable act or after `at` seconds; whether the fault struck in time."""
        before = time.time_ns()
        Path(os.environ["CRASH_NOTES"]).unlink(missing_ok=True)
        strike = (lambda: strike_worker(self.choice)) if kind == "worker" else strike_self
        answer = self.home.with_suffix(".answer")
        answer.unlink(missing_ok=True)
        pid = self.fork(lambda: self.counted(at, strike), answer=answer)
        ended = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        workers_gone()
        if kind == "power":
            cut_power(self.home, since=before, choice=self.choice)
        if kind == "worker" and ended == 0:
            fate = set(json.loads(answer.read_text())["fates"].values())
            assert fate <= {"scored", "died"}, f"a killed worker costs its call and nothing else: {fate}"
        elif ended not in (0, -signal.SIGKILL):
            raise AssertionError(f"the night ended with {ended}")
        return ended != 0 or bool(json.loads(answer.read_text())["struck"])

    def recover(self) -> None:
        """The next night, and whether all is as it should be."""
        answer = self.home.with_suffix(".recovered")
        answer.unlink(missing_ok=True)
        pid = self.fork(lambda: fates(run(self.settings())), answer=answer)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, "the next night ends well"
        fate = json.loads(answer.read_text())
        assert set(fate.values()) == {"scored"} and len(fate) == len(self.calls), f"every call is scored once: {fate}"
        self.look_at_the_store(fate)
        self.look_at_the_pages()

    def look_at_the_store(self, fate: dict[str, str]) -> None:
        with opened_store(self.settings()) as store:
            assert store.damage() == ()
            marked = set(fate) - {state.call_id for state in store.states().values() if state.sha256 is None}
            assert marked == set(fate)
        with sqlite3.connect(self.home / "qa_audit.db") as rows:
            twice = rows.execute("SELECT call_id FROM audits GROUP BY call_id, marked_by HAVING count(*) > 1").fetchall()
            running = rows.execute("SELECT count(*) FROM runs WHERE state = 'running'").fetchone()
        rows.close()
        assert not twice and running == (0,)

    def look_at_the_pages(self) -> None:
        out = self.home / "scorecards"
        for page in out.rglob("*"):
            if page.suffix == ".html":
                assert page.read_bytes().rstrip().endswith(b"</html>"), f"{page} is whole"
            elif page.suffix == ".json":
                json.loads(page.read_bytes())
            assert page.suffix != ".part", f"{page} is left over"
        pages = {page.name.removesuffix(".html").partition(".")[0] for page in (out / "calls").glob("*.html")}
        assert len(pages) == len(self.calls), f"a page for each call and no other: {sorted(pages)}"

    def compare_with_fresh(self) -> None:
        """The pages that so many nights left are those that one night makes in an empty folder."""
        fresh = self.home / "fresh"
        shutil.rmtree(fresh, ignore_errors=True)
        pid = self.fork(lambda: bool(run(self.settings(out="fresh"))))
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        left, made = pages_of(self.home / "scorecards"), pages_of(fresh)
        assert left.keys() == made.keys(), f"the same pages: {left.keys() ^ made.keys()}"
        differing = [name for name in made if made[name] != left[name]]
        assert not differing, f"these pages are not as made afresh: {differing}"
        shutil.rmtree(fresh)


def pages_of(folder: Path) -> dict[str, bytes]:
    """Every page and sound but those that tell of the run itself."""
    files = {str(file.relative_to(folder)): file for file in folder.rglob("*") if file.is_file() and not file.name.startswith(".")}
    return {name: file.read_bytes() for name, file in files.items() if name not in {"run.json", "run.html"}}


def write_sound(path: Path, seed: int) -> Path:
    """Three seconds of noise in two channels: somebody was on the line, and no two calls are alike."""
    noise = np.random.default_rng(seed).normal(0, 3000, (3 * 8000, 2)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(noise.tobytes())
    return path


def server_there() -> None:
    """See that the fork server is there and has answered all before us: a night killed while it asks for a worker takes it along."""
    deadline = time.monotonic() + 60
    while True:
        ENSURE(forkserver._forkserver)  # type: ignore[attr-defined]
        probe = multiprocessing.get_context("forkserver").Process(target=os.getpid)
        try:
            probe.start()
            probe.join()
            return
        except (OSError, EOFError):
            assert time.monotonic() < deadline, "the fork server does not come back"
            time.sleep(0.01)


def workers_gone() -> None:
    """Wait until no worker of the night is left; they must go by themselves."""
    server = forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined]
    children = Path(f"/proc/{server}/task/{server}/children")
    deadline = time.monotonic() + 20
    while listed(children):
        assert time.monotonic() < deadline, "the workers of a killed night go by themselves"
        time.sleep(0.005)


def listed(file: Path) -> str:
    """What stands in it; nothing once it is gone."""
    try:
        return file.read_text().strip()
    except OSError:
        return ""


def cut_power(home: Path, *, since: int, choice: random.Random) -> None:
    """Leave of every file written since then, and not waited for, only a part."""
    notes = Path(os.environ["CRASH_NOTES"])
    synced = {tuple(map(int, line.split())) for line in notes.read_text().splitlines()} if notes.exists() else set()
    database = home / "qa_audit.db"
    untouched = database.exists() and database.stat().st_mtime_ns < since
    for file in sorted(path for path in home.rglob("*") if path.is_file()):
        seen = file.stat()
        if file.name == "qa_audit.db-shm":
            file.unlink()
        elif seen.st_mtime_ns < since or file == database or "calls" in file.relative_to(home).parts[:1] or "rules" in file.parts:
            continue
        elif file.name == "qa_audit.db-wal":
            if untouched:
                os.truncate(file, choice.randint(0, seen.st_size))
        elif (seen.st_ino, seen.st_mtime_ns) not in synced:
            os.truncate(file, choice.choice((0, choice.randint(0, seen.st_size))))
            os.utime(file, ns=(seen.st_atime_ns, seen.st_mtime_ns))


# ------------------------------------------------------------------------------------------------- the plan


def warm_up(host: Host) -> None:
    """Everything imported and the fork server there; nights of this process use it as it is."""
    host.arrive()
    run(host.settings())


def plan(stages: dict[str, int], seconds: float, faults: int, seed: int) -> list[tuple[str, int | float]]:
    """Kind and moment of every fault: two in three before a durable act, the rest by the clock.

    The acts are taken in turn, an odd seed the odd ones: two series strike before every act there is.
    """
    choice, acts = random.Random(seed), sum(stages.values())
    mine = [act for act in range(1, acts + 1) if act % 2 == seed % 2]
    among_workers = list(range(stages["find"] + 1, acts - stages["after player"] + 1))
    choice.shuffle(mine)
    choice.shuffle(among_workers)
    of_the_night, of_workers = cycle(mine), cycle(among_workers)
    moments: list[tuple[str, int | float]] = []
    for number in range(faults):
        kind = KINDS[number % len(KINDS)]
        if number // len(KINDS) % 3 == 2:
            moments.append((kind, choice.uniform(0.01, 0.7 * seconds)))
        else:
            moments.append((kind, next(of_workers if kind == "worker" else of_the_night)))
    return moments


def main(home: Path, seed: int, faults: int) -> None:
    host = Host(home, seed)
    os.environ["CRASH_NOTES"] = f"{home}.synced"
    local.PRELOAD = (*local.PRELOAD, "crash_notes")
    import_module("crash_notes")
    warm_up(host)
    host.arrive()
    trial = host.trial()
    print(json.dumps({"trial": trial}), flush=True)
    for number, (kind, moment) in enumerate(plan(trial["stages"], trial["seconds"], faults, seed), start=1):
        at = moment
        while not host.strikes(kind, at):  # the night was over before; there is nothing to recover from
            at = at / 2 if isinstance(at, float) else max(at - 5, 1)
        host.recover()
        if number % FRESH_EVERY == 0:
            host.compare_with_fresh()
        print(json.dumps({"fault": number, "kind": kind, "at": at}), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
