"""Marking kept calls again after a rule change: transcripts and views are read from a file, audits are made and encoded."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from talk import made_up_call

from qa_audit.audit import Auditor, Encoder, Kept, prepare
from qa_audit.audit.meaning.encoder import load_encoder
from qa_audit.config import Rules
from qa_audit.models import Transcript
from qa_audit.rules import load_rules
from qa_audit.store import codec

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command does
MINUTES = 10
WORDS = MINUTES * 150
DISTINCT = 50
"""Calls that differ; the rest repeat them, which changes nothing of the work."""


@dataclass(frozen=True)
class Share:
    """What one process did."""

    calls: int
    findings: int
    seconds: float
    peak_mb: float


def remark(calls: int, *, processes: int) -> None:
    """Print how long it takes to mark so many kept calls again, by phrases alone and, where it is installed, by meaning."""
    for encoder in dict.fromkeys((None, load_encoder())):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "kept.db"
            keep(path, calls, encoder)
            size = path.stat().st_size / 1e6
            start = time.perf_counter()
            with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
                shares = list(
                    pool.map(mark_share, *zip(*((path, n, processes, encoder is not None) for n in range(processes)), strict=True))
                )
            took = time.perf_counter() - start
        how = "phrases alone" if encoder is None else f"phrases and meaning ({encoder.name})"
        print(f"{how}: {calls} calls of {MINUTES} minutes, {size:.0f} MB kept, {processes} processes")
        print(f"  {took:.1f} s from start to end, rules and models loaded in each process; {calls / took:.0f} calls/s")
        print(
            f"  {sum(s.findings for s in shares)} findings; {1000 * sum(s.seconds for s in shares) / calls:.2f} ms of processor time a call"
        )
        print(f"  peak memory {' + '.join(f'{s.peak_mb:.0f}' for s in shares)} MB", flush=True)


def keep(path: Path, calls: int, encoder: Encoder | None) -> None:
    """Write the kept form of so many calls."""
    rows = []
    for seed in range(min(calls, DISTINCT)):
        call = made_up_call(seed, words=WORDS)
        rows.append((codec.encode(call), prepare(call, encoder).to_bytes()))
    with sqlite3.connect(path) as store:
        store.execute("CREATE TABLE kept (number INTEGER PRIMARY KEY, transcript BLOB, view BLOB)")
        store.executemany("INSERT INTO kept VALUES (?, ?, ?)", ((n, *rows[n % len(rows)]) for n in range(calls)))


def mark_share(path: Path, part: int, parts: int, meaning: bool) -> Share:
    """Mark every parts-th call, beginning with the part-th."""
    encoder = load_encoder() if meaning else None
    auditor = Auditor(load_rules(Rules()), encoder=encoder)
    calls = findings = 0
    start = time.process_time()
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as store:
        for transcript, view in store.execute("SELECT transcript, view FROM kept WHERE number % ? = ?", (parts, part)):
            audit = auditor.audit(codec.decode(transcript, Transcript), kept=Kept.from_bytes(view))
            codec.encode(audit)
            calls, findings = calls + 1, findings + len(audit.findings)
    return Share(calls, findings, time.process_time() - start, peak_mb())


def peak_mb() -> float:
    """The most memory this process ever held; `ru_maxrss` would tell its parent's, which prepared the calls."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024
