"""Pages per second and bytes per page: ours, the second time around, and a plain loop over templates.

    python benchmarks/pages.py [--calls 100 1000 10000]

The plain loop is what an afternoon gives: every call held in memory, one Jinja template each, a <span> with times and trust
around every word so that the player can follow it, all pages written every night. Both get the same calls of about five
minutes and 600 words, made here; neither has charts or escaping left out.
"""

from __future__ import annotations

import argparse
import random
import resource
import shutil
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import jinja2

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from reports_helpers import A, C, audit_of, record, report, said

from qa_audit.models import Outcome, Sound, Turn
from qa_audit.reports import CallRecord, Report, write_pages

AGENTS = 20
"""Calls for each agent; 10,000 calls are 500 agents."""

WORDS = [
    "please",
    "the",
    "order",
    "has",
    "parcel",
    "when",
    "i",
    "will",
    "for",
    "you",
    "that",
    "and",
    "our",
    "we",
    "not",
    "can",
    "table",
    "it",
    "with",
    "delivery",
    "monday",
    "number",
    "thank",
    "of",
]
PLAIN = """<!doctype html><title>{{ call.recording.call_id }}</title><h1>{{ call.recording.agent }}</h1><p>{{ call.score.score }}</p>
<ul>{% for f in call.audit.findings %}<li>{{ f.rule }} {{ f.outcome }} {{ f.reason }}{% for m in f.triggers + f.found %}<q>{{ m.quote }}</q>{% endfor %}</li>{% endfor %}</ul>
{% for turn in call.transcript.turns %}<p><b>{{ turn.speaker }}</b> {% for word in turn.words %}<span data-start="{{ word.start }}" data-end="{{ word.end }}" data-trust="{{ word.trust }}">{{ word.text }}</span> {% endfor %}</p>{% endfor %}"""


def five_minutes(seed: int) -> CallRecord:
    """A call of 60 turns with ten words each, every twentieth word heard poorly."""
    rng = random.Random(seed)
    turns = []
    for index in range(60):
        text = " ".join(rng.choices(WORDS, k=10))
        words = tuple(replace(word, trust=0.3 if rng.random() < 0.05 else 0.93) for word in said(text, 1.0 + index * 5))
        turns.append(Turn(index=index, speaker=(C, A)[index % 2], start=words[0].start, end=words[-1].end, words=words))
    base = record(f"call-{seed}", rng.choice(["shrug", "parcel", "pushy"]), f"Agent {seed // AGENTS}", day=seed % 28)
    speech = tuple(Sound(turn.speaker, turn.start, turn.end) for turn in turns)
    script = replace(base.transcript, turns=tuple(turns), speech=speech, duration=302.0)
    outcomes = {"no-apology": (rng.choice([Outcome.MET, Outcome.MISSED]), 2, 5), "cold-close": (Outcome.MET, None, 59)}
    return replace(base, transcript=script, audit=audit_of(script, outcomes))


def timed(work: object) -> float:
    start = time.process_time()
    work()  # type: ignore[operator]
    return time.process_time() - start


def plain_loop(whole: Report, out: Path) -> None:
    template = jinja2.Environment(autoescape=True).from_string(PLAIN)
    for call_id in whole.calls:
        (out / f"{call_id}.html").write_text(template.render(call=whole.load_call(call_id)), encoding="utf-8")


def pages(out: Path) -> list[int]:
    return [path.stat().st_size for path in out.rglob("*.html")]


def line(name: str, calls: int, seconds: float, sizes: list[int]) -> str:
    rate = len(sizes) / seconds
    return f"| {name} | {calls:,} | {len(sizes):,} | {seconds:.2f} | {rate:,.0f} | {sum(sizes) / len(sizes) / 1000:.1f} | {max(sizes) / 1000:.0f} |"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--calls", type=int, nargs="+", default=[100, 1_000])
    print("| way | calls | pages | processor s | pages/s | kB a page | kB the largest |\n|---|---|---|---|---|---|---|")
    templates = [five_minutes(seed) for seed in range(200)]
    for count in options.parse_args().calls:
        made = {}
        for number in range(count):
            one, agent = templates[number % len(templates)], f"Agent {number // AGENTS}"
            call_id = f"call-{number}"
            recording = replace(one.recording, call_id=call_id, agent=agent)
            made[call_id] = replace(one, recording=recording, score=replace(one.score, call_id=call_id, agent=agent))
        whole = report(made)
        folder = Path(tempfile.mkdtemp())
        (folder / "ours").mkdir()
        (folder / "plain").mkdir()
        first = timed(lambda whole=whole, folder=folder: write_pages(whole, folder / "ours"))
        print(line("ours, all pages new", count, first, pages(folder / "ours")), flush=True)
        again = timed(lambda whole=whole, folder=folder: write_pages(whole, folder / "ours"))
        print(line("ours, nothing new", count, again, pages(folder / "ours")), flush=True)
        plain = timed(lambda whole=whole, folder=folder: plain_loop(whole, folder / "plain"))
        print(line("plain loop", count, plain, pages(folder / "plain")), flush=True)
        shutil.rmtree(folder)
    print(f"\nPeak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB, of which the calls made here are a part.")


if __name__ == "__main__":
    main()
