"""What two channels have to do with each other: is it one signal twice, does one leak into the other.

Measured in windows of 10 s, since over a whole file a leak drowns in everything else that happens.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from qa_audit.speech.activity import Mask
from qa_audit.speech.engines.base import SAMPLE_RATE, Samples
from qa_audit.speech.levels import STEP, STEP_SECONDS

WINDOW = round(10 / STEP_SECONDS)
"""Frames of 20 ms in a window."""

COARSE = 4
"""Signals are compared at a quarter of the rate (4 kHz), where speech has its energy."""

LAG = round(0.2 * SAMPLE_RATE) // COARSE
"""Samples, at the coarse rate, by which one channel may trail the other."""

ALIKE = 0.95
"""Likeness at and above which two channels hold the same signal in a window."""

LEAK = 0.22
"""Likeness at and above which one channel is heard in the other. Two people talking at once stay below 0.17; a leak
measured 0.27 to 1.0, the lower the more the room blurs it."""

LOUDER = 4.5
"""Decibels by which the other channel must be louder for a sound to be its leak."""

REACH, OWN_REACH, MAJORITY = 21, 11, 13
"""Frames of 20 ms: over ± 200 ms the other channel's loudest counts, over ± 100 ms one's own; over 260 ms the majority."""

ENOUGH = round(0.5 / STEP_SECONDS)
"""Frames that a window must hold for its likeness to mean anything."""

AUDIBLE, FAINTEST = -60.0, -85.0
"""dBFS below which a frame holds nothing to compare, and below which it cannot even hold a leak."""


def same_signal(one: Samples, other: Samples, levels: tuple[Samples, Samples]) -> bool:
    """Whether both channels carry the same signal, louder or softer, shifted or turned round, in every window that has sound."""
    found = []
    for first in range(0, len(levels[0]), WINDOW):
        heard = (levels[0][first : first + WINDOW] > AUDIBLE) | (levels[1][first : first + WINDOW] > AUDIBLE)
        if heard.sum() >= ENOUGH:
            window = slice(first * STEP, (first + len(heard)) * STEP)
            found.append(_likeness(one[window], other[window], heard))
    return bool(found) and min(found) >= ALIKE


def leaked(own: Samples, other: Samples, levels: tuple[Samples, Samples]) -> Mask:
    """Which frames of 20 ms of `own` are only the other side, leaking in: bool [frames].

    A frame may be a leak where the other channel is louder; it is one where the two signals are alike over the window.
    `levels` are those of own and other in dBFS per 20 ms.
    """
    level, louder = levels
    quieter = maximum_filter1d(louder, REACH) - maximum_filter1d(level, OWN_REACH) > LOUDER
    quieter &= maximum_filter1d(louder, REACH) > AUDIBLE
    candidate = uniform_filter1d(quieter.astype(np.float32), MAJORITY) > 0.5
    active = candidate & (level > FAINTEST)
    verdicts: dict[int, bool] = {}
    for first in range(0, len(level), WINDOW):
        chosen = active[first : first + WINDOW]
        if chosen.sum() >= ENOUGH:
            window = slice(first * STEP, (first + len(chosen)) * STEP)
            verdicts[first] = _likeness(own[window], other[window], chosen) >= LEAK
    usual = bool(verdicts) and 2 * sum(verdicts.values()) >= len(verdicts)
    for first in range(0, len(level), WINDOW):
        if not verdicts.get(first, usual):
            candidate[first : first + WINDOW] = False
    return np.asarray(candidate, np.bool_)


def muted(samples: Samples, mask: Mask) -> Samples:
    """The samples with each run of masked frames of 20 ms faded out."""
    quiet = samples.copy()
    for first, last in np.flatnonzero(np.diff(np.concatenate(([0], mask.astype(np.int8), [0])))).reshape(-1, 2):
        run = quiet[first * STEP : last * STEP]
        from_edge = np.minimum(np.arange(len(run)), np.arange(len(run))[::-1])
        run *= np.maximum(0, 1 - from_edge / STEP).astype(np.float32)
    return quiet


def _likeness(one: Samples, other: Samples, chosen: Mask) -> float:
    """The greatest correlation, over lags of ± 200 ms, of `one` in the chosen frames of 20 ms with `other`: 0..1."""
    weights = np.repeat(chosen, STEP // COARSE)
    a, b = _coarse(one)[: len(weights)] * weights, _coarse(other)[: len(weights)]
    energy = float((a @ a) * (b[weights] @ b[weights]))
    if energy <= 0:
        return 0.0
    size = 1 << (2 * len(a) - 1).bit_length()
    spectrum = np.fft.rfft(a, size) * np.conj(np.fft.rfft(b, size))
    correlation = np.abs(np.fft.irfft(spectrum, size))
    best = max(correlation[: LAG + 1].max(), correlation[-LAG:].max())
    return min(1.0, float(best) / float(np.sqrt(energy)))


def _coarse(samples: Samples) -> Samples:
    whole = samples[: len(samples) // STEP * STEP].reshape(-1, COARSE)
    return np.asarray(whole.mean(axis=1), np.float32)
