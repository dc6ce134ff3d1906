"""Who of two people speaks when both share one channel: samples and their speech go in, a vote for every moment comes out.

Windows of 1.2 s are told apart by the shape of the voice (mel-frequency cepstra, mean and spread) with spectral clustering
(Ng, Jordan and Weiss 2002); windows overlap and vote, so a word is decided by itself and not with its whole segment. Nothing is
downloaded. It knows two voices, never three, and says how clearly they differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.fft import dct
from scipy.spatial.distance import cdist

from qa_audit.intervals import Intervals, common, without
from qa_audit.speech.activity import Mask
from qa_audit.speech.engines.base import SAMPLE_RATE, Samples

Numbers = npt.NDArray[np.float64]

HOP = SAMPLE_RATE // 100
"""Samples between frames (10 ms)."""

LENGTH = SAMPLE_RATE // 40
"""Samples in a frame (25 ms)."""

FFT = 512
BANDS, LOWEST, HIGHEST = 40, 100.0, 7600.0
COEFFICIENTS = 20
"""Cepstra, of which the first, the loudness, is left out."""

WINDOW, STEP, LEAST = 120, 20, 30
"""Frames in a window, between windows, and in the shortest window."""

SAMPLE = 600
"""Windows, evenly over the call, that the clustering looks at; the others follow the nearest of them."""

NEIGHBOURS = 0.1
"""The part of the windows that each is compared with closely."""

BLOCK = 6000
"""Frames analysed at a time (60 s); bounds memory."""

WELL_HEARD = 600
"""Frames (6 s) of each voice from which on the distance counts in full."""

ONE_VOICE, TWO_VOICES = 1.3, 3.0
"""Distance of the two voices. One voice cut in two measured up to 1.3 (once 3.0, on a line that cuts words), two voices from
1.8 up."""


@dataclass(frozen=True, slots=True)
class Voices:
    """Two voices on one channel. `votes` are, for every 10 ms of the call, -1 (the one who speaks first) to 1 (the other).

    `distance` is how far the voices are apart, in variances summed over the cepstra.
    """

    votes: Samples
    distance: float

    @property
    def clear(self) -> float:
        """How sure it is that there are two: 0 at or below the distance of one voice from itself, 1 for two that differ well."""
        return min(1.0, max(0.0, (self.distance - ONE_VOICE) / (TWO_VOICES - ONE_VOICE)))

    def side(self, start: float, end: float) -> tuple[int, float]:
        """Whose voice it is between two moments (seconds), 0 or 1, and how sure that is, 0..1."""
        first, last = int(start * 100), int(np.ceil(end * 100))
        votes = self.votes[max(0, first) : max(first + 1, last)]
        votes = votes[votes != 0]
        if not len(votes):
            return 0, 0.0
        vote = float(votes.mean())
        return int(vote > 0), abs(vote)

    def stretches(self, speech: Intervals) -> tuple[Intervals, Intervals]:
        """The speech (seconds) divided between the two voices."""
        edges = np.flatnonzero(np.diff(self.votes > 0)) + 1
        bounds = [0.0, *(float(edge) / 100 for edge in edges), len(self.votes) / 100]
        spans = tuple(pairwise(bounds))
        second = spans[1::2] if self.votes[0] <= 0 else spans[::2]
        return without(speech, second), common(speech, second)


def voices(samples: Samples, speech: Intervals) -> Voices:
    """The two voices in the speech (seconds) of one channel."""
    votes = np.zeros(len(samples) // HOP + 1, np.float32)
    spans = [(int(start * 100), min(int(end * 100), len(votes) - 1)) for start, end in speech]
    frames = np.concatenate([np.arange(a, b) for a, b in spans] or [np.zeros(0, int)])
    windows = list(_windows(spans))
    if len(windows) < 4:
        votes[frames] = -1
        return Voices(votes, 0.0)
    cepstra = np.zeros((len(votes), COEFFICIENTS - 1), np.float32)
    for a, b in spans:
        cepstra[a:b] = _cepstra(samples, a, b)
    shapes = np.stack([np.concatenate((cepstra[a:b].mean(axis=0), cepstra[a:b].std(axis=0))) for a, b in windows])
    sides = _two_groups((shapes - shapes.mean(axis=0)) / (shapes.std(axis=0) + 1e-6))
    counts = np.zeros_like(votes)
    for (a, b), side in zip(windows, sides, strict=True):
        votes[a:b] += side
        counts[a:b] += 1
    votes /= np.maximum(counts, 1)
    heard = np.flatnonzero(votes)
    if len(heard) and votes[heard[0]] > 0:
        votes = -votes
    return Voices(votes, _distance(cepstra[frames], votes[frames]))


def _windows(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Windows over each stretch of speech, in frames; none reaches from one stretch into the next."""
    found = [(at, min(at + WINDOW, b)) for a, b in spans for at in range(a, max(a + 1, b - WINDOW // 2), STEP)]
    return [(a, b) for a, b in found if b - a >= LEAST]


def _cepstra(samples: Samples, first: int, last: int) -> Samples:
    """Mel-frequency cepstra without the loudness of frames first..last: float32 [frames, 19]."""
    found = [np.zeros((0, COEFFICIENTS - 1), np.float32)]
    for at in range(first, last, BLOCK):
        count = min(BLOCK, last - at)
        sound = samples[at * HOP : at * HOP + (count - 1) * HOP + LENGTH]
        sound = np.pad(sound, (0, (count - 1) * HOP + LENGTH - len(sound)))
        sound = np.append(sound[:1], sound[1:] - 0.97 * sound[:-1])
        frames = np.lib.stride_tricks.sliding_window_view(sound, LENGTH)[::HOP]
        power = np.abs(np.fft.rfft(frames * np.hamming(LENGTH), FFT)) ** 2
        found.append(dct(np.log(power @ MEL + 1e-8), norm="ortho")[:, 1:COEFFICIENTS].astype(np.float32))
    return np.concatenate(found)


def mel(bands: int, lowest: float, highest: float) -> Samples:
    """Triangular filters between two frequencies (Hz), evenly spaced on the mel scale: [bins, bands]."""
    low, high = (2595 * np.log10(1 + hertz / 700) for hertz in (lowest, highest))
    points = 700 * (10 ** (np.linspace(low, high, bands + 2) / 2595) - 1) / SAMPLE_RATE * FFT
    bins = np.arange(FFT // 2 + 1)[:, None]
    rising = (bins - points[:-2]) / (points[1:-1] - points[:-2])
    falling = (points[2:] - bins) / (points[2:] - points[1:-1])
    return np.asarray(np.maximum(0, np.minimum(rising, falling)), np.float32)


MEL = mel(BANDS, LOWEST, HIGHEST)


def _two_groups(shapes: Samples) -> Samples:
    """To which of two groups each window belongs, -1..1, from their shapes [windows, features]."""
    sample = shapes[np.linspace(0, len(shapes) - 1, min(SAMPLE, len(shapes))).astype(int)]
    scale = float(np.median(cdist(sample, sample, "sqeuclidean"))) or 1.0
    near = max(2, int(NEIGHBOURS * len(sample)))
    among = _closeness(sample, sample, scale=scale, near=near, far=0.01)
    among = (among + among.T) / 2
    degree = among.sum(axis=1)
    _, vectors = np.linalg.eigh(among / np.sqrt(degree[:, None] * degree))
    label = np.where(_upper(vectors[:, -2] / vectors[:, -1]), 1.0, -1.0)
    to_sample = _closeness(shapes, sample, scale=scale, near=near, far=0.0)
    return np.asarray(to_sample @ label / to_sample.sum(axis=1), np.float32)


def _closeness(ones: Samples, others: Samples, *, scale: float, near: int, far: float) -> Numbers:
    """How close each of `ones` is to each of `others`, 0..1; times `far` beyond its `near` nearest."""
    close = np.exp(-cdist(ones, others, "sqeuclidean") / scale)
    least = np.partition(close, -near, axis=1)[:, [-near]]
    return np.asarray(np.where(close >= least, close, far * close), np.float64)


def _upper(values: Numbers) -> Mask:
    """Which of the values belong to the upper of two groups, split where they differ most (exact 2-means on a line)."""
    ordered = np.sort(values)
    sums, sizes = np.cumsum(ordered)[:-1], np.arange(1, len(ordered))
    between = (sums / sizes - (ordered.sum() - sums) / sizes[::-1]) ** 2 * sizes * sizes[::-1]
    best = int(np.argmax(between))
    return np.asarray(values > (ordered[best] + ordered[best + 1]) / 2, np.bool_)


def _distance(cepstra: Samples, votes: Samples) -> float:
    """How far the two voices are apart: the squared difference of their means in variances, summed over the cepstra.

    It counts for less where one of them is hardly heard, since a few syllables always differ from the rest.
    """
    one, other = cepstra[votes < 0], cepstra[votes > 0]
    fewest = min(len(one), len(other))
    if not fewest:
        return 0.0
    spread = (one.var(axis=0) + other.var(axis=0)) / 2 + 1e-6
    apart = ((one.mean(axis=0) - other.mean(axis=0)) ** 2 / spread).sum()
    return float(apart) * min(1.0, fewest / WELL_HEARD)
