#!/usr/bin/env python
"""How many words each engine at hand gets wrong, and how long it listens: recordings and what is said in them, one run.

    python benchmarks/wer.py [--calls sample_calls] [--engine NAME …] [--model NAME_OR_PATH]

A folder holds recordings, `manifest.csv` and `scripts/CALL.txt` with lines `agent: …` and `customer: …`. Every call goes through
the whole speech stage. On two channels each person's words are compared with that person's lines; on one channel all words are
compared with all lines, whoever they were given to. Before that, both are put through the text normaliser that came with
Whisper: case, punctuation, contractions, spelling and the way numbers are written do not count; fillers (uh, um) are left out.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from whisper.normalizers import EnglishTextNormalizer

from qa_audit.config import Config, Recordings, Speech
from qa_audit.errors import CallError
from qa_audit.models import Recording, Speaker, Transcript
from qa_audit.recordings import discover
from qa_audit.speech import choose_engine, engines_at_hand, transcribe

PEOPLE = (Speaker.AGENT, Speaker.CUSTOMER)

normalised = EnglishTextNormalizer()


@dataclass(frozen=True)
class Heard:
    """One call: how it was heard."""

    call: str
    words: int
    wrong: int
    duration: float
    took: float

    def line(self) -> str:
        return f"| {self.call} | {self.words} | {self.wrong / self.words:.1%} | {self.took / self.duration:.3f} |"


def word_errors(said: Sequence[str], heard: Sequence[str]) -> int:
    """Words to put in, take out or replace to make one of the other (Levenshtein)."""
    row = list(range(len(heard) + 1))
    for i, word in enumerate(said, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(heard, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (word != other))
    return row[-1]


def script_lines(script: Path) -> list[tuple[Speaker, str]]:
    """Who says what, in order; comments and stage directions are left out."""
    parts = (line.partition(": ") for line in script.read_text(encoding="utf-8").splitlines())
    return [(Speaker(who), text) for who, _, text in parts if who in set(PEOPLE)]


def compare(script: Sequence[tuple[Speaker, str]], transcript: Transcript, *, by_person: bool) -> tuple[int, int]:
    """How many words were said, and how many errors were made in them."""
    groups = [(one,) for one in PEOPLE] if by_person else [PEOPLE]
    words = errors = 0
    for group in groups:
        said = _words(text for who, text in script if who in group)
        turns = [turn for turn in transcript.turns if turn.speaker in group or not by_person]
        heard = _words(word.text for word in sorted((w for turn in turns for w in turn.words), key=lambda w: w.start or 0.0))
        words, errors = words + len(said), errors + word_errors(said, heard)
    return words, errors


def _words(texts: Iterable[str]) -> list[str]:
    return str(normalised(" ".join(texts))).split()


def listen(recordings: Sequence[Recording], scripts: Path, speech: Speech) -> list[Heard]:
    """Every call that has a script, heard by one engine; the first call is heard twice so that loading is not counted."""
    chosen = choose_engine(speech)
    found: list[Heard] = []
    for recording in (recordings[0], *recordings):
        started = time.perf_counter()
        try:
            transcript = transcribe(Path(recording.uri), recording=recording, config=speech, chosen=chosen)
        except CallError as error:
            print(f"left out: {error}")
            continue
        took = time.perf_counter() - started
        words, wrong = compare(
            script_lines(scripts / f"{recording.call_id}.txt"), transcript, by_person=len(recording.channels) == len(PEOPLE)
        )
        found.append(Heard(recording.call_id, words, wrong, transcript.duration or 0.0, took))
    return found[1:]


def table(name: str, calls: Sequence[Heard]) -> None:
    print(f"\n{name}\n\n| call | words | word error rate | real-time factor |\n|---|---|---|---|")
    for heard in calls:
        print(heard.line())
    everything = Heard(
        "all", sum(c.words for c in calls), sum(c.wrong for c in calls), sum(c.duration for c in calls), sum(c.took for c in calls)
    )
    print(everything.line())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=Path, default=Path("sample_calls"))
    parser.add_argument("--engine", action="append", help="default: every engine at hand")
    parser.add_argument("--model", default=Speech().model)
    asked = parser.parse_args()
    manifest = asked.calls / "manifest.csv"
    config = Config(recordings=Recordings(manifest=str(manifest.resolve()) if manifest.exists() else None))
    scripts = asked.calls / "scripts"
    recordings = [call for call in discover([str(asked.calls)], config=config).recordings if (scripts / f"{call.call_id}.txt").exists()]
    for state in engines_at_hand(Speech(model=asked.model)):
        if state.name not in (asked.engine or [state.name]):
            continue
        if not state.ready:
            print(f"{state.name} is not at hand: {state.advice}")
            continue
        table(f"{state.name} {state.version}", listen(recordings, scripts, Speech(engine=(state.name,), model=asked.model)))


if __name__ == "__main__":
    main()
