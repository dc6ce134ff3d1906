#!/usr/bin/env python
"""How often `qa-audit voices` is right: made-up agents with made-up customers, each call once as it is and once with its sides swapped.

    python benchmarks/voices.py [--calls sample_calls] [--rounds N] [--seconds 10 20]

The people are the flite voices of the sample calls, each with its vocal tract stretched and shortened by 6 and 12 %. Every call
takes other words, and draws at random: the telephone band or a wide one, noise at 15 to 35 dB below the speech, and a handset that
colours the sound; the agent's handset is the same in all calls, or another in each. An agent has four calls. Real people differ
more than these and change more from day to day, so the figures say that the limits are sane and not how well it does on yours.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.signal import firwin2, lfilter, resample_poly

from qa_audit.config import Recordings
from qa_audit.speech.decode import decode
from qa_audit.speech.ear import listen
from qa_audit.speech.engines.base import SAMPLE_RATE
from qa_audit.speech.familiar import OTHERS, CallVoices, Voice, spoken, swapped, voice

ROOT = Path(__file__).resolve().parent.parent
TRACTS = (0.88, 0.94, 1.0, 1.06, 1.12)
COLOUR = 2.0
"""Standard deviation of the steps, in dB, by which a handset's response wanders from 300 Hz to 3.4 kHz."""

HERTZ = (0, 300, 800, 1500, 2500, 3400, SAMPLE_RATE // 2)
Sound = npt.NDArray[np.float64]
Person = tuple[str, float]


def speech_by_voice(folder: Path) -> dict[str, list[Sound]]:
    """What each voice says in the stereo sample calls of full band."""
    found = defaultdict(list)
    for row in csv.DictReader((folder / "manifest.csv").open()):
        script = folder / "scripts" / f"{row['call_id']}.txt"
        if row["channels"] != "agent customer" or row["file"].endswith(".wav") or not script.is_file():
            continue
        names = re.findall(r"# (?:agent|customer)_voice: (\w+)", script.read_text())
        audio = decode(folder / row["file"], call_id=row["call_id"], limits=Recordings())
        if names and np.abs(audio.samples).max() > 0:
            sides = listen(audio, call_id=row["call_id"]).sides
            for name, side in zip(names, sides, strict=True):
                found[name].append(spoken(side).astype(np.float64))
    return found


def handset(rng: np.random.Generator) -> Sound:
    """A filter that colours the sound as some handset might."""
    steps = np.cumsum(rng.normal(0, COLOUR, len(HERTZ) - 1))
    gains = 10 ** ((steps - steps.mean()) / 20)
    return firwin2(129, np.array(HERTZ) / (SAMPLE_RATE / 2), [*gains, gains[-1]])


def heard(person: Person, through: Sound, *, seconds: float, speech: dict[str, list[Sound]], rng: np.random.Generator) -> Voice:
    """The person's voice in one call."""
    name, tract = person
    sound = speech[name][rng.integers(len(speech[name]))]
    ratio = Fraction(tract).limit_denominator(50)
    sound = resample_poly(sound, ratio.numerator, ratio.denominator)
    first = rng.integers(max(1, len(sound) - int(seconds * SAMPLE_RATE)))
    sound = lfilter(through, 1, sound[first : first + int(seconds * SAMPLE_RATE)])
    if rng.random() < 0.5:
        sound = resample_poly(resample_poly(sound, 1, 2), 2, 1)
    level = np.sqrt((sound**2).mean()) * 10 ** (-rng.uniform(15, 35) / 20)
    return voice(sound + rng.normal(0, level, len(sound)))


def calls_of(
    agent: Person, people: list[Person], *, same: bool, seconds: float, speech: dict[str, list[Sound]], rng: np.random.Generator
) -> Iterator[CallVoices]:
    """The calls of one agent, each with somebody else."""
    own = handset(rng)
    others = [person for person in people if person != agent]
    for _ in range(OTHERS + 1):
        customer = others[rng.integers(len(others))]
        yield CallVoices(
            heard(agent, own if same else handset(rng), seconds=seconds, speech=speech, rng=rng),
            heard(customer, handset(rng), seconds=seconds, speech=speech, rng=rng),
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=Path, default=ROOT / "sample_calls")
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--seconds", type=float, nargs="+", default=[10.0, 20.0])
    options = parser.parse_args()
    speech = speech_by_voice(options.calls)
    people = [(name, tract) for name in sorted(speech) for tract in TRACTS]
    print(f"{len(people)} people; each call as it is (false alarms) and swapped (found)")
    for same in (True, False):
        for seconds in options.seconds:
            rng = np.random.default_rng(0)
            total = alarms = found = 0
            for agent in people * options.rounds:
                calls = list(calls_of(agent, people, same=same, seconds=seconds, speech=speech, rng=rng))
                for call in calls:
                    others = [other for other in calls if other is not call]
                    total += 1
                    alarms += swapped(call, others) > 0
                    found += swapped(CallVoices(call.customer, call.agent), others) > 0
            kind = "one handset" if same else "changing handsets"
            print(
                f"{kind}, {seconds:.0f} s a side: {alarms} false alarms in {total} calls, {found / total:.0%} of swapped calls found",
                flush=True,
            )


if __name__ == "__main__":
    main()
