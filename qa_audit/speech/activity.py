"""Where somebody speaks: samples of one channel go in, stretches of speech and clips to listen to come out.

The Silero model says how likely each 32 ms is speech. It ships inside the packages of the engines (`faster-whisper`,
`silero-vad`), so nothing is downloaded, and runs on ONNX Runtime, so torch is not loaded.
"""

from __future__ import annotations

import functools
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from qa_audit.errors import EngineError
from qa_audit.intervals import Interval, Intervals, union
from qa_audit.speech.engines.base import LONGEST_CLIP, SAMPLE_RATE, Clip, Samples

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Mask = npt.NDArray[np.bool_]

FRAME = 512
"""Samples the model judges at a time."""

CONTEXT = 64
"""Samples before them that it also sees."""

FRAME_SECONDS = FRAME / SAMPLE_RATE  # 0.032

BATCH = 4096
"""Frames in one call of the model (131 s); bounds its memory."""

QUIET, USUAL, MOST_GAIN = 0.02, 0.06, 30.0
"""A channel whose louder parts stay below the first (RMS, -34 dBFS) is brought to the second, by at most 30 times: the
model takes faint speech for silence."""

SHORTEST = 0.1
"""Seconds. Anything shorter is a click."""

PAUSE = 0.25
"""Seconds. Shorter pauses belong to the speech around them."""

CLIP_PAUSE = 0.4
"""Seconds. Clips are cut at pauses of this length and more."""

PAD = 0.2
"""Seconds of sound kept on both sides of a clip; a recogniser stumbles over words cut at the edge."""


@dataclass(frozen=True, slots=True)
class Model:
    """Where the model lies inside a package. A stretch is speech when the model is `sure` of it somewhere in the stretch, and
    lasts for as long as it stays `still` sure."""

    package: str
    inside: str
    sure: float
    still: float


MODELS = (
    Model("silero_vad", "data/silero_vad_16k_sequence.onnx", sure=0.5, still=0.35),
    Model("faster_whisper", "assets/silero_vad_v6.onnx", sure=0.35, still=0.15),
)
"""The first that is installed is used. They are not the same: on acted telephone calls the second, at its usual 0.5, passes
over six times as much speech as the first, hence the lower thresholds."""


@dataclass(frozen=True, slots=True)
class Activity:
    """Where one channel has speech: how likely each 32 ms is (float32 [frames], 0..1), and the stretches, in seconds."""

    likely: Samples
    speech: Intervals

    def without(self, never: Mask) -> Activity:
        """The same where the marked frames of 32 ms hold no speech whatever the model says."""
        return _activity(np.where(never, np.float32(0), self.likely), end=self.speech[-1][1] if self.speech else 0.0)


def activity(samples: Samples) -> Activity:
    """Where a channel has speech."""
    return _activity(_likelihoods(samples), end=len(samples) / SAMPLE_RATE)


def _activity(likely: Samples, *, end: float) -> Activity:
    """Runs in which the model is still sure and was sure once, pauses closed and clicks dropped."""
    model, _ = packaged_model()
    edges = np.flatnonzero(np.diff(np.concatenate(([False], likely > model.still, [False])).astype(np.int8)))
    runs = [(int(a), int(b)) for a, b in edges.reshape(-1, 2) if likely[a:b].max() >= model.sure]
    joined = union(((a * FRAME_SECONDS, min(b * FRAME_SECONDS, end)) for a, b in runs), gap=PAUSE)
    return Activity(likely, tuple((start, stop) for start, stop in joined if stop - start >= SHORTEST))


def _likelihoods(samples: Samples) -> Samples:
    frames = -(-len(samples) // FRAME)
    if not frames:
        return np.zeros(0, np.float32)
    session = _session()
    padded = np.zeros(CONTEXT + frames * FRAME, np.float32)
    padded[CONTEXT : CONTEXT + len(samples)] = samples
    padded *= _gain(padded[CONTEXT:])
    windows = np.lib.stride_tricks.sliding_window_view(padded, CONTEXT + FRAME)[::FRAME]
    hidden = cell = np.zeros((1, 1, 128), np.float32)
    found: list[Samples] = []
    for first in range(0, frames, BATCH):
        batch = np.ascontiguousarray(windows[first : first + BATCH])
        speech, hidden, cell = session.run(None, {"input": batch, "h": hidden, "c": cell})
        found.append(np.asarray(speech, np.float32))
    return np.concatenate(found)


def _gain(samples: Samples) -> float:
    """By how much a faint channel is raised before the model sees it; 1 for all others and for silence."""
    frames = samples.reshape(-1, FRAME)
    loudness = np.sqrt(np.einsum("ij,ij->i", frames, frames) / FRAME)
    loud = float(np.quantile(loudness, 0.95))
    return min(MOST_GAIN, USUAL / loud) if 0 < loud < QUIET else 1.0


def clips(samples: Samples, heard: Activity, *, side: int) -> list[Clip]:
    """The speech of one channel cut into clips of at most 28 s, each with a little of the silence around it."""
    duration = len(samples) / SAMPLE_RATE
    cut: list[Clip] = []
    for start, end in _padded(union(heard.speech, gap=CLIP_PAUSE), duration):
        for a, b in _pieces((start, end), heard.likely):
            first, last = round(a * SAMPLE_RATE), round(b * SAMPLE_RATE)
            cut.append(Clip(samples[first:last], first / SAMPLE_RATE, side))
    return cut


def _padded(speech: Intervals, duration: float) -> list[Interval]:
    """Each stretch with PAD on both sides, or half the pause to its neighbour where that is less."""
    found: list[Interval] = []
    for i, (start, end) in enumerate(speech):
        before = start - speech[i - 1][1] if i else 2 * start
        after = speech[i + 1][0] - end if i + 1 < len(speech) else 2 * (duration - end)
        found.append((start - min(PAD, before / 2), end + min(PAD, after / 2)))
    return found


def _pieces(stretch: Interval, likely: Samples) -> list[Interval]:
    """The stretch, cut where speech is least likely in the second half of each piece, until no piece is too long."""
    pieces: list[Interval] = []
    start, end = stretch
    while end - start > LONGEST_CLIP:
        low = int((start + LONGEST_CLIP / 2) / FRAME_SECONDS)
        high = int((start + LONGEST_CLIP) / FRAME_SECONDS)
        cut = (low + int(np.argmin(likely[low:high])) + 0.5) * FRAME_SECONDS
        pieces.append((start, cut))
        start = cut
    return [*pieces, (start, end)]


@functools.cache
def _session() -> InferenceSession:
    """The model in memory, once a process, on one thread."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.inter_op_num_threads = options.intra_op_num_threads = 1
    options.log_severity_level = 3
    _, path = packaged_model()
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


@functools.cache
def packaged_model() -> tuple[Model, Path]:
    """The model at hand and its file; EngineError when no package that carries one is installed."""
    for model in MODELS:
        spec = importlib.util.find_spec(model.package)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            if (path := Path(folder) / model.inside).is_file():
                return model, path
    raise EngineError("The voice activity model is not at hand; install it with an engine: pip install 'qa-audit[faster-whisper]'.")
