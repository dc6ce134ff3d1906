"""What the speech stage costs and how well it tells voices, without any engine: `python benchmarks/sound.py [FOLDER …]`.

For every recording: seconds, processor time per second of call, seconds of speech on each side, and, for calls with a side each, how
much of the speech is given to the wrong voice after both sides are mixed into one. Beside an RTTM file of the same name: how far
speech and silence are from it. Without a folder it measures sample_calls.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import numpy as np

from qa_audit.config import Recordings
from qa_audit.errors import CallError
from qa_audit.intervals import Intervals, common, total, union, without
from qa_audit.speech.activity import activity, clips
from qa_audit.speech.decode import decode
from qa_audit.speech.diarise import voices
from qa_audit.speech.ear import Sides, listen

SAMPLES = Path(__file__).parent.parent / "sample_calls"
SOUND = frozenset({".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a", ".amr", ".au"})
LIMITS = Recordings(min_seconds=0.5)


def main(folders: list[Path]) -> None:
    print(f"{'recording':40} {'seconds':>8} {'cost':>7} {'speech':>16} {'overlap':>8} {'mixed':>7}  against RTTM")
    cost = length = 0.0
    for path in recordings(folders):
        begun = time.process_time()
        try:
            sides = listen(decode(path, call_id=path.stem, limits=LIMITS), call_id=path.stem)
        except CallError as error:
            print(f"{path.stem[:40]:40} {error.kind}")
            continue
        for side in sides.sides:
            clips(side.samples, side.heard, side=side.channel)
            voices(side.samples, side.heard.speech)
        spent = time.process_time() - begun
        cost, length = cost + spent, length + sides.duration
        print(row(path, sides, spent))
    if length:
        print(f"all: {length:.0f} s of call, {cost / length:.2%} of real time on one core")


def recordings(folders: list[Path]) -> Iterator[Path]:
    for folder in folders or [SAMPLES]:
        yield from sorted(path for path in folder.iterdir() if path.suffix.lower() in SOUND)


def row(path: Path, sides: Sides, spent: float) -> str:
    speech = [side.heard.speech for side in sides.sides]
    overlap = f"{total(common(*speech)):8.2f}" if len(speech) == 2 else f"{'':8}"
    seconds = " + ".join(f"{total(stretches):.1f}" for stretches in speech)
    return (
        f"{path.stem[:40]:40} {sides.duration:8.1f} {spent / sides.duration:7.2%} {seconds:>16} {overlap} {mixed(sides):>7}  "
        f"{against_reference(path, sides)}"
    )


def mixed(sides: Sides) -> str:
    """The part of the speech that goes to the wrong voice when both sides are mixed into one channel."""
    if sides.shared:
        return ""
    both = np.mean([side.samples for side in sides.sides], axis=0, dtype=np.float32)
    found = voices(both, activity(both).speech).stretches(activity(both).speech)
    true = [without(one.heard.speech, other.heard.speech) for one, other in permutations(sides.sides)]
    wrong = min(total(common(found[0], b)) + total(common(found[1], a)) for a, b in permutations(true))
    return f"{wrong / sum(map(total, true)):.1%}"


def against_reference(path: Path, sides: Sides) -> str:
    rttm = path.with_suffix(".rttm")
    if not rttm.exists():
        return ""
    fields = [line.split() for line in rttm.read_text(encoding="utf-8").splitlines() if line.startswith("SPEAKER")]
    speakers = sorted({field[7] for field in fields})
    true = [union((float(f[3]), float(f[3]) + float(f[4])) for f in fields if f[7] == speaker) for speaker in speakers]
    spoken = union(stretch for stretches in true for stretch in stretches)
    heard = union(stretch for side in sides.sides for stretch in side.heard.speech)
    told = f"speech {total(heard):.2f} s for {total(spoken):.2f}, missed {total(without(spoken, heard)):.2f}, false {total(without(heard, spoken)):.2f}"
    if sides.shared and len(true) == 2:
        told += f", wrong voice {wrong_voice(sides, true):.1%}"
    return told


def wrong_voice(sides: Sides, true: list[Intervals]) -> float:
    side = sides.sides[0]
    found = voices(side.samples, side.heard.speech).stretches(side.heard.speech)
    alone = [without(true[0], true[1]), without(true[1], true[0])]
    wrong = min(total(common(found[0], b)) + total(common(found[1], a)) for a, b in permutations(alone))
    return wrong / sum(map(total, alone))


if __name__ == "__main__":
    main([Path(argument) for argument in sys.argv[1:]])
