"""Whether the voice called the agent's is the one of the agent's other calls: voices go in, how surely two sides are swapped comes out.

A voice is the mean and the spread of its cepstra in the telephone band, so that calls of any format can be compared; the
distance of two is that of `diarise`. `benchmarks/voices.py` says how often it is right. It tells two voices apart and recognises
nobody: nothing of a voice is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.fft import dct

from qa_audit import config as settings
from qa_audit.intervals import total
from qa_audit.measures import MONO, SIDES
from qa_audit.models import Transcript
from qa_audit.speech.decode import decode
from qa_audit.speech.diarise import FFT, HOP, LENGTH, mel
from qa_audit.speech.ear import Side, listen
from qa_audit.speech.engines.base import SAMPLE_RATE
from qa_audit.speech.measuring import places

OTHERS = 3
"""Other calls of the agent that are needed."""

SECONDS = 10.0
"""Speech that a side must have."""

ALIKE = 1.0
"""Distance up to which two voices may be one person's."""

MOST = 0.75
"""The part of the other calls that must say so, since one of them may be swapped itself; of three, all."""

NEARER, SURE = 3.0, 6.0
"""How many times nearer to the agent's other calls the customer's side must be for a doubt, and for it to be beyond doubt."""

LOUD = 30
"""Percent of the frames, the quietest, that are left out: they hold the room and not the voice."""

COEFFICIENTS = 14
BANDS = mel(26, 200.0, 3500.0)
MOST_SECONDS = 120
"""Of each side that are looked at; bounds memory."""

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Voice:
    """Mean and variance of one side's cepstra, [13] each."""

    mean: Numbers
    variance: Numbers

    def distance(self, other: Voice) -> float:
        """How far two voices are apart, in variances summed over the cepstra."""
        return float(((self.mean - other.mean) ** 2 / ((self.variance + other.variance) / 2 + 1e-6)).sum())


@dataclass(frozen=True, slots=True)
class CallVoices:
    """The two voices of one call, as its transcript names them."""

    agent: Voice
    customer: Voice


def comparable(transcript: Transcript) -> bool:
    """Whether there may be two voices to compare, as far as a transcript tells: a channel for each person, and enough said by both."""
    if not transcript.timed or any(doubt.kind == MONO for doubt in transcript.doubts):
        return False
    spoken = [sum(sound.end - sound.start for sound in transcript.speech if sound.speaker is speaker) for speaker in SIDES]
    return not transcript.speech or min(spoken) >= SECONDS


def voices_of(path: Path, *, transcript: Transcript, limits: settings.Recordings) -> CallVoices | None:
    """The voices of a recording with a side for each person; None where there is none, or too little is said. CallError as `decode`."""
    sides = listen(decode(path, call_id=transcript.call_id, limits=limits), call_id=transcript.call_id)
    if sides.shared or not comparable(transcript):
        return None
    agent, customer = (places(transcript.turns, sides)[speaker] for speaker in SIDES)
    if min(total(agent.heard.speech), total(customer.heard.speech)) < SECONDS:
        return None
    return CallVoices(voice(spoken(agent)), voice(spoken(customer)))


def swapped(call: CallVoices, others: Sequence[CallVoices]) -> float:
    """How sure it is, 0..1, that agent and customer of a call are swapped, from other calls of the same agent; 0: no reason to think so.

    The customer's voice must be that of the agent in the other calls, and nearer to nearly each of them than the agent's own is.
    """
    if len(others) < OTHERS:
        return 0.0
    own = np.array([call.agent.distance(other.agent) for other in others])
    across = np.array([call.customer.distance(other.agent) for other in others])
    ratio = float(np.median(own) / max(np.median(across), 1e-6))
    if np.median(across) > ALIKE or np.median(own) <= ALIKE or (across < own).mean() < MOST or ratio <= NEARER:
        return 0.0
    return min(1.0, (ratio - NEARER) / (SURE - NEARER))


def voice(sound: npt.NDArray[np.floating]) -> Voice:
    """The voice in some speech of one person: [samples] at 16 kHz, without its silences."""
    sound = sound[: MOST_SECONDS * SAMPLE_RATE].astype(np.float64)
    sound = np.append(sound[:1], sound[1:] - 0.97 * sound[:-1])
    frames = np.lib.stride_tricks.sliding_window_view(sound, LENGTH)[::HOP]
    power = np.abs(np.fft.rfft(frames * np.hamming(LENGTH), FFT)) ** 2
    loud = power.sum(axis=1)
    cepstra = dct(np.log(power @ BANDS + 1e-8), norm="ortho")[loud >= np.percentile(loud, LOUD), 1:COEFFICIENTS]
    return Voice(cepstra.mean(axis=0), cepstra.var(axis=0))


def spoken(side: Side) -> npt.NDArray[np.float32]:
    """What is said on a side, without its silences."""
    return np.concatenate([side.samples[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)] for start, end in side.heard.speech])
