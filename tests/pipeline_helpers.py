"""A night in a temporary folder: calls that came with their words, a configuration, and ways to look at what became of them."""

from __future__ import annotations

import json
import os
from pathlib import Path

from qa_audit import pipeline
from qa_audit.config import Config, Recordings, Rules, Speech, Work
from qa_audit.models import RunResult

SAD = [("customer", "My parcel never came and I am upset about it."), ("agent", "I am so sorry about that, I have sent a new one today.")]
COLD = [("customer", "I want to cancel my plan please."), ("agent", "There is nothing I can do for you.")]


def write_call(folder: Path, name: str, turns: list[tuple[str, str]] = SAD) -> Path:
    """A call as a conversation with times, twenty seconds a turn; its name ends in .json."""
    folder.mkdir(parents=True, exist_ok=True)
    said = [{"speaker": s, "text": t, "start": 20.0 * i, "end": 20.0 * i + 16} for i, (s, t) in enumerate(turns)]
    path = folder / f"{name}.json"
    path.write_text(json.dumps({"call_id": name, "turns": said}))
    return path


def night(home: Path, **parts: object) -> Config:
    """A configuration at home in that folder: recordings in `calls`, agent in the file's name, one worker."""
    values: dict[str, object] = {
        "recordings": Recordings(sources=("calls",), pattern="{agent}_{customer}.json"),
        "speech": Speech(engine=("imported",)),
        "work": Work(processes=1, call_timeout=60),
        "folder": home,
    }
    return Config(**(values | parts))  # type: ignore[arg-type]


def own_rules(home: Path, text: str = "") -> Rules:
    """A small standard and rule of one's own, with `text` at the end of the rule."""
    folder = home / "rules"
    folder.mkdir(exist_ok=True)
    (folder / "standard.yaml").write_text(STANDARD)
    (folder / "behaviours.yaml").write_text(BEHAVIOURS)
    (folder / "say-sorry.yaml").write_text(RULE + text)
    return Rules(paths=("rules",))


STANDARD = """
id: tiny
promise: We say sorry.
clauses:
  - {id: apologise, title: We say sorry, good_looks_like: The agent says sorry., weight: 100, family: customer}
bands: {good: 50, poor: 0}
pass: {score: 50}
minimum_calls: 1
"""
BEHAVIOURS = """
trouble: {who: customer, says: [never came, am upset, want to cancel]}
apology:
  who: agent
  says:
    - am [so] sorry
"""
RULE = """
id: say-sorry
title: Says sorry
clause: apologise
severity: major
status: scored
when: trouble
expect: apology
"""


def fates(result: RunResult) -> dict[str, str]:
    """What became of every call; fails when a call is in two places."""
    all_of_them = [(call_id, "scored") for call_id in result.scored] + [(f.call_id, f.kind) for f in (*result.excluded, *result.failed)]
    assert len(dict(all_of_them)) == len(all_of_them) == result.found
    return dict(all_of_them)


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its content."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def touch_later(path: Path) -> None:
    """Let a file look changed, whatever the resolution of the clock."""
    now = path.stat()
    os.utime(path, (now.st_atime, now.st_mtime + 10))


def run(settings: Config, **options: object) -> RunResult:
    return pipeline.run(settings, **options)  # type: ignore[arg-type]
