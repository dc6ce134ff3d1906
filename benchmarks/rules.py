#!/usr/bin/env python
"""How long it takes to find phrases in talk: our engine beside its peers, same phrases, same lines, one run.

    python benchmarks/rules.py [--conversations FILE]     milliseconds an hour of talk at 60, 200 and 1,000 phrases
    python benchmarks/rules.py --remark 10000             marking so many kept calls of ten minutes again

All peers get lines that are normalised already and patterns that are compiled already; spaCy gets its documents ready made.
Ours "from kept" begins with the kept bytes on disk, ours "from raw turns" with the words as they were heard.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import re2
import spacy
from phrases import matcher_patterns, phrase_set
from spacy.matcher import Matcher
from spacy.tokens import Doc
from talk import WORDS_PER_HOUR, count_words, given_calls, made_up_call

from qa_audit.audit.kept import Kept, prepare
from qa_audit.audit.matching import PhraseIndex, Search
from qa_audit.models import Speaker, Transcript
from qa_audit.rules.language import Behaviour
from qa_audit.rules.phrases import compile_phrase

SIZES = (60, 200, 1000)
CALLS = 4
ENOUGH_SECONDS = 2.0
"""Each way is repeated for about so long, and its best time counts."""

Found = set[tuple[str, int, int]]
"""Which phrase, in which call, in which line."""


@dataclass(frozen=True)
class Talk:
    """Calls of about an hour in every form that some way of searching starts from."""

    name: str
    raw: Sequence[Transcript]
    kept: Sequence[bytes]
    lines: Sequence[Sequence[str]]

    @property
    def hours(self) -> float:
        return count_words(self.raw) / WORDS_PER_HOUR


def talk(name: str, calls: Sequence[Transcript]) -> Talk:
    kept = [prepare(call) for call in calls]
    return Talk(name, calls, [one.to_bytes() for one in kept], [one.view.lines for one in kept])


# --------------------------------------------------------------------------------------------------- the ways


def ours(phrases: Sequence[str], views: Callable[[], Sequence[Kept]]) -> Callable[[], Found]:
    index = PhraseIndex(Behaviour(id=phrase, who=frozenset(Speaker), says=(phrase,), negatable=False) for phrase in phrases)

    def run() -> Found:
        found: Found = set()
        for number, kept in enumerate(views()):
            found.update((hit.behaviour, number, hit.turn) for hit in Search(index, kept.view).hits())
        return found

    return run


def pattern_by_pattern(phrases: Sequence[str], data: Talk, compile_pattern: Callable[[str], object]) -> Callable[[], Found]:
    """One scan over the whole call for each pattern."""
    patterns = [(phrase, compile_pattern(compile_phrase(phrase).pattern)) for phrase in phrases]
    texts = [".".join(lines) for lines in data.lines]

    def run() -> Found:
        return {
            (phrase, number, match.start())
            for number, text in enumerate(texts)
            for phrase, pattern in patterns
            for match in pattern.finditer(text)  # type: ignore[attr-defined]
        }

    return run


def spacy_matcher(phrases: Sequence[str], data: Talk) -> Callable[[], Found]:
    vocab = spacy.blank("en").vocab
    matcher = Matcher(vocab)
    for phrase in phrases:
        matcher.add(phrase, matcher_patterns(phrase))
    docs = [Doc(vocab, words=[token.partition("=")[0] for token in " . ".join(lines).split()]) for lines in data.lines]

    def run() -> Found:
        return {(vocab.strings[name], number, start) for number, doc in enumerate(docs) for name, start, _ in matcher(doc)}

    return run


# --------------------------------------------------------------------------------------------------- measuring


def best(run: Callable[[], object]) -> float:
    """Seconds of processor time of the quickest of several runs."""
    run()
    spent, quickest = 0.0, float("inf")
    while spent < ENOUGH_SECONDS:
        start = time.process_time()
        run()
        took = time.process_time() - start
        spent, quickest = spent + took, min(quickest, took)
    return quickest


def compare(data: Talk) -> None:
    table: dict[str, list[float]] = {}
    for size in SIZES:
        phrases = phrase_set(size)
        ways: dict[str, Callable[[], Found]] = {
            "ours, from kept": ours(phrases, lambda: [one for raw in data.kept if (one := Kept.from_bytes(raw))]),
            "ours, from raw turns": ours(phrases, lambda: [prepare(call) for call in data.raw]),
            "google-re2, one by one": pattern_by_pattern(phrases, data, re2.compile),
            "plain re, one by one": pattern_by_pattern(phrases, data, re.compile),
            "spaCy Matcher": spacy_matcher(phrases, data),
        }
        for name, run in ways.items():
            table.setdefault(name, []).append(1000 * best(run) / data.hours)
        hits = {name: len({(phrase, call) for phrase, call, _ in run()}) for name, run in ways.items()}
        print(f"  {size} phrases: found in (phrase, call) pairs: {hits}")
    show(data, table)


def show(data: Talk, table: dict[str, list[float]]) -> None:
    reference = table["ours, from kept"]
    print(f"\n{data.name}: {data.hours:.1f} hours of talk, milliseconds an hour (times ours from kept)\n")
    print(f"{'':24}" + "".join(f"{f'{size} phrases':>22}" for size in SIZES) + f"{'200 -> 1000':>14}")
    for name, row in table.items():
        cells = "".join(f"{value:12.2f} {f'({value / base:.0f} x)':>9}" for value, base in zip(row, reference, strict=True))
        print(f"{name:24}{cells}{row[2] / row[1]:12.1f} x")
    print()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conversations", type=Path, help="JSON lines of conversations to measure on as well")
    parser.add_argument("--remark", type=int, metavar="CALLS", help="mark so many kept calls of ten minutes again, and nothing else")
    parser.add_argument("--processes", type=int, default=2)
    args = parser.parse_args()
    if args.remark:
        from remark import remark

        remark(args.remark, processes=args.processes)
        return
    compare(talk("made-up calls", [made_up_call(seed, words=WORDS_PER_HOUR) for seed in range(CALLS)]))
    if args.conversations:
        compare(talk(args.conversations.name, list(given_calls(args.conversations))))


if __name__ == "__main__":
    main()
