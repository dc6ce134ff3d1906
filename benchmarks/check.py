#!/usr/bin/env python
"""How many hours of talk `qa-audit check FILE` gets through in a second: reading, normalising, encoding, finding, judging.

    python benchmarks/check.py [--hours 4] [--conversations FILE]

One process. With a sentence encoder installed it is measured by phrases alone and by meaning too; loading is not counted.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from talk import WORDS_PER_HOUR, made_up_call

from qa_audit.audit import Auditor, Encoder
from qa_audit.audit.meaning.encoder import load_encoder
from qa_audit.config import Rules
from qa_audit.recordings.conversations import read_conversations
from qa_audit.rules import load_rules

CALL_WORDS = 1500


def write_calls(path: Path, hours: float) -> None:
    """Made-up calls of ten minutes as JSON lines."""
    with path.open("w", encoding="utf-8") as file:
        for seed in range(max(1, round(hours * WORDS_PER_HOUR / CALL_WORDS))):
            call = made_up_call(seed, words=CALL_WORDS)
            turns = [{"speaker": turn.speaker, "text": turn.text, "start": turn.start, "end": turn.end} for turn in call.turns]
            file.write(json.dumps({"call_id": call.call_id, "turns": turns}) + "\n")


def checker(path: Path, encoder: Encoder | None) -> Callable[[], int]:
    """A run over all conversations of the file; it returns the number of words."""
    auditor = Auditor(load_rules(Rules()), encoder=encoder)

    def run() -> int:
        words = 0
        for conversation in read_conversations(path):
            if isinstance(conversation, Exception):
                raise conversation
            auditor.audit(conversation.transcript, recording=conversation.recording)
            words += sum(len(turn.words) for turn in conversation.transcript.turns)
        return words

    return run


def measure(path: Path, name: str) -> None:
    for encoder in dict.fromkeys((None, load_encoder())):
        run = checker(path, encoder)
        if encoder is None:
            run()
        wall, work = time.perf_counter(), time.process_time()
        hours = run() / WORDS_PER_HOUR
        wall, work = time.perf_counter() - wall, time.process_time() - work
        how = "phrases alone" if encoder is None else "phrases and meaning"
        print(
            f"{name}, {how}: {hours:.1f} hours of talk in {wall:.2f} s ({work:.2f} s of processor time): {hours / work:.1f} hours a second"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=4.0)
    parser.add_argument("--conversations", type=Path, help="JSON lines of conversations to measure on as well")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "calls.jsonl"
        write_calls(path, args.hours)
        measure(path, "made-up calls")
    if args.conversations:
        measure(args.conversations, args.conversations.name)


if __name__ == "__main__":
    main()
