"""How good the sound of one channel is: samples and their speech go in, levels and what is wrong with them come out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qa_audit.intervals import total
from qa_audit.models import Doubt
from qa_audit.speech.activity import Activity, Mask
from qa_audit.speech.engines.base import SAMPLE_RATE, Samples
from qa_audit.speech.levels import FLOOR, STEP, per_step

CLIPPED = 0.002
"""Part of the louder samples at the very top from which on a channel counts as clipped."""

FAINT = -45.0
"""dBFS of speech below which it is faint."""

NOISY = 15.0
"""Decibels of speech over noise below which it is noisy."""

HOLES_PER_MINUTE = 10.0
"""Holes in a minute of speech (a lost packet of 20 ms leaves one) from which on words are damaged."""

HOLE = (0.008, 0.15)
"""Seconds. A stretch of digital silence this long with speech hard on both sides is a hole."""

SILENT = 10 ** (-75 / 20)

EDGE = round(0.005 * SAMPLE_RATE)
"""Samples on either side of a hole that must be as loud as speech."""

NARROW = 5000.0
"""Hertz. A recording with nothing above holds the telephone band only."""

BAND = 250
"""Hertz in a step of the spectrum."""

IN_BAND = 60.0
"""Decibels below its strongest part down to which a spectrum counts."""


@dataclass(frozen=True, slots=True)
class Quality:
    """What the signal of one channel is worth.

    `speech` and `noise` are levels in dBFS (-100 where there is none); `clipped` the part of its louder samples at the very
    top, `holes` the number of holes in a minute of speech, `bandwidth` the highest frequency in its speech in hertz.
    """

    speech: float
    noise: float
    clipped: float
    holes: float
    bandwidth: float

    @property
    def factor(self) -> float:
        """What is left of the trust in a word for the sound it was heard in: 1 for clean speech, 0.5 at the least."""
        lost = [
            0.3 * _share(self.clipped, CLIPPED, 10 * CLIPPED),
            0.3 * _share(self.holes, HOLES_PER_MINUTE, 6 * HOLES_PER_MINUTE),
            0.4 * _share(-(self.speech - self.noise), -NOISY, 0.0),
            0.2 * _share(-self.speech, -FAINT, -FAINT + 20),
        ]
        return max(0.5, 1.0 - sum(lost))


def quality(samples: Samples, heard: Activity, level: Samples, *, clipped: float) -> Quality:
    """The quality of a channel from its samples, where it has speech, its levels (dBFS per 20 ms) and its clipped part."""
    speaking = per_step(heard.likely, len(level)) > 0.5
    if not speaking.any():
        return Quality(FLOOR, _noise(level, speaking), clipped, 0.0, 0.0)
    loud = float(np.quantile(level[speaking], 0.75))
    minutes = total(heard.speech) / 60
    holes = _holes(samples, loud) / minutes if minutes else 0.0
    return Quality(loud, _noise(level, speaking), clipped, holes, _bandwidth(samples, speaking & (level > loud)))


def doubts_of(side: Quality, *, name: str) -> list[Doubt]:
    """What is wrong with a channel that has speech, in words; `name` is how it is called in them."""
    found: list[Doubt] = []
    if side.clipped >= CLIPPED:
        found.append(Doubt("clipped", f"The sound of {name} is clipped: too loud for the recorder, and distorted."))
    if side.speech < FAINT:
        found.append(Doubt("faint", f"The speech of {name} is faint ({side.speech:.0f} dB below full scale)."))
    if side.speech - side.noise < NOISY:
        found.append(Doubt("noisy", f"The speech of {name} is only {max(0.0, side.speech - side.noise):.0f} dB louder than the noise."))
    if side.holes >= HOLES_PER_MINUTE:
        found.append(Doubt("holes", f"The sound of {name} has {side.holes:.0f} holes a minute, as lost packets leave them."))
    if side.bandwidth <= NARROW:
        found.append(Doubt("narrow-band", f"The sound of {name} holds the telephone band only; words are harder to make out."))
    return found


def _noise(level: Samples, speaking: Mask) -> float:
    """dBFS between the speech, or of the softest tenth where there is hardly anything between."""
    between = level[~speaking]
    return float(np.quantile(between, 0.5) if len(between) >= 50 else np.quantile(level, 0.1))


def _holes(samples: Samples, loud: float) -> int:
    """How often the sound drops to nothing and comes back at once, both within 20 dB of the usual loudness of speech."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], (np.abs(samples) < SILENT).astype(np.int8), [0])))).reshape(-1, 2)
    length = (edges[:, 1] - edges[:, 0]) / SAMPLE_RATE
    edges = edges[(length >= HOLE[0]) & (length <= HOLE[1]) & (edges[:, 0] >= EDGE) & (edges[:, 1] + EDGE <= len(samples))]
    least = 10 ** ((loud - 20) / 20)
    around = np.arange(EDGE)
    before = np.sqrt((samples[edges[:, :1] - EDGE + around] ** 2).mean(axis=1))
    after = np.sqrt((samples[edges[:, 1:] + around] ** 2).mean(axis=1))
    return int(((before > least) & (after > least)).sum())


def _bandwidth(samples: Samples, loud: Mask) -> float:
    """The highest frequency, in steps of 250 Hz, at which loud speech has anything to speak of."""
    frames = samples[: len(loud) * STEP].reshape(-1, STEP)[loud]
    if not len(frames):
        return 0.0
    power = (np.abs(np.fft.rfft(frames * np.hanning(STEP).astype(np.float32), axis=1)) ** 2).mean(axis=0)
    width = BAND * STEP // SAMPLE_RATE
    bands = power[: len(power) // width * width].reshape(-1, width).sum(axis=1)
    heard = np.flatnonzero(bands > bands.max() * 10 ** (-IN_BAND / 10))
    return float((heard.max() + 1) * BAND)


def _share(value: float, low: float, high: float) -> float:
    """Where a value lies between two others, 0..1."""
    return min(1.0, max(0.0, (value - low) / (high - low)))
