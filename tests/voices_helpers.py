"""Calls of one agent with several customers, from the flite voices of the sample calls, a channel for each person."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from pipeline_helpers import BEHAVIOURS, RULE, STANDARD
from speech_helpers import RATE, telephone, write_wav

from qa_audit.config import Recordings
from qa_audit.speech.decode import decode

SAMPLES = Path(__file__).parent.parent / "sample_calls"
FROM = (
    ("02-cancellation-not-accepted", 0),
    ("02-cancellation-not-accepted", 1),
    ("06-promise-to-call-back", 0),
    ("13-angry-and-interrupted", 0),
)
"""Sample calls whose agent is the same flite voice (the first one is cut in two), each with another customer."""

CUSTOMERS = ("03-cancellation-with-grace", "05-a-shrug", "12-no-but", "01-dead-end")
"""Sample calls whose agent's channel lends its voice to a customer: slt, awb, kal16, awb."""

CONFIG = """
recordings:
  sources: [calls]
  pattern: "{agent}_{customer}.wav"
speech: {engine: imported}
rules: {paths: [rules]}
work: {processes: 2}
"""


def spoken(name: str, part: int = 0) -> np.ndarray:
    """Fourteen seconds of the agent's channel of a sample call."""
    sound = decode(next(SAMPLES.glob(f"{name}.*")), call_id=name, limits=Recordings()).samples[0]
    loud = sound[np.abs(sound) > 1e-3]
    return loud[part * 14 * RATE : (part + 1) * 14 * RATE]


def organisation(home: Path) -> Path:
    """A folder with a configuration and one rule, for calls to come."""
    (home / "calls").mkdir()
    (home / "rules").mkdir()
    for name, text in (("standard", STANDARD), ("behaviours", BEHAVIOURS), ("say-sorry", RULE)):
        (home / "rules" / f"{name}.yaml").write_text(text)
    (home / "qa_audit.yaml").write_text(CONFIG)
    return home


def write_call(home: Path, name: str, number: int, *, swapped: bool = False, narrow: bool = False) -> None:
    """Agent left and then customer right; `swapped`: the transcript beside it has them the wrong way round."""
    agent, part = FROM[number]
    one, other = spoken(agent, part), spoken(CUSTOMERS[number])
    sound = np.zeros((2, len(one) + len(other)), np.float32)
    sound[0, : len(one)], sound[1, len(one) :] = one, other
    write_wav(home / "calls" / f"{name}.wav", telephone(sound) if narrow else sound)
    first, second = ("customer", "agent") if swapped else ("agent", "customer")
    ends = len(one) / RATE, sound.shape[1] / RATE
    turns = [{"speaker": first, "text": "good morning", "start": 0.0, "end": ends[0]}]
    turns += [{"speaker": second, "text": "good morning", "start": ends[0], "end": ends[1]}]
    (home / "calls" / f"{name}.json").write_text(json.dumps({"call_id": name, "turns": turns}))
