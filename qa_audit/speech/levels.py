"""How loud a channel is, 20 ms at a time: samples go in, decibels below full scale come out."""

from __future__ import annotations

import numpy as np

from qa_audit.speech.activity import FRAME_SECONDS, Mask
from qa_audit.speech.engines.base import SAMPLE_RATE, Samples

STEP = SAMPLE_RATE // 50
"""Samples in one frame."""

STEP_SECONDS = STEP / SAMPLE_RATE  # 0.02

FLOOR = -100.0
"""dBFS of digital silence."""


def decibels(samples: Samples) -> Samples:
    """Mean level of each 20 ms in dBFS: float32 [frames]; what is left over at the end belongs to the last frame."""
    if len(samples) < STEP:
        return np.full(1, FLOOR, np.float32)
    frames = samples[: len(samples) // STEP * STEP].reshape(-1, STEP)
    power = np.einsum("ij,ij->i", frames, frames) / STEP
    return np.asarray(10 * np.log10(power + 10 ** (FLOOR / 10)), np.float32)


def per_step(likely: Samples, steps: int) -> Samples:
    """Likelihoods of speech, given every 32 ms, at every one of `steps` frames of 20 ms."""
    if not len(likely):
        return np.zeros(steps, np.float32)
    middle = (np.arange(steps) + 0.5) * STEP_SECONDS
    return np.asarray(likely[np.minimum((middle / FRAME_SECONDS).astype(int), len(likely) - 1)], np.float32)


def per_frame(mask: Mask, frames: int) -> Mask:
    """A mask over frames of 20 ms at every one of `frames` frames of 32 ms."""
    middle = (np.arange(frames) + 0.5) * FRAME_SECONDS
    return np.asarray(mask[np.minimum((middle / STEP_SECONDS).astype(int), len(mask) - 1)], np.bool_)
