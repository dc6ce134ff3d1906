"""Where somebody speaks: samples of one channel go in, stretches of speech and clips to listen to come out.

The Silero model says how likely each 32 ms is speech. It ships inside the packages of the engines (`faster-whisper`,
`silero-vad`), so nothing is downloaded, and runs on ONNX Runtime, so torch is not loaded.
"""

from __future__ import annotations

import functools
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from qa_audit.errors import EngineError
from qa_audit.intervals import Interval, Intervals, union
from qa_audit.speech.engines.base import LONGEST_CLIP, SAMPLE_RATE, Clip, Samples

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

FRAME = 512
"""Samples the model judges at a time."""

CONTEXT = 64
"""Samples before them that it also sees."""

FRAME_SECONDS = FRAME / SAMPLE_RATE  # 0.032

BATCH = 4096
"""Frames in one call of the model (131 s); bounds its memory."""

SPEECH = 0.5
"""A stretch is speech when the model is this sure somewhere in it …"""

STILL_SPEECH = 0.35
"""… and goes on for as long as it stays this sure."""

SHORTEST = 0.1
"""Seconds. Anything shorter is a click."""

PAUSE = 0.25
"""Seconds. Shorter pauses belong to the speech around them."""

CLIP_PAUSE = 0.4
"""Seconds. Clips are cut at pauses of this length and more."""

PAD = 0.2
"""Seconds of sound kept on both sides of a clip; a recogniser stumbles over words cut at the edge."""

MODELS = (
    ("faster_whisper", "assets/silero_vad_v6.onnx"),
    ("silero_vad", "data/silero_vad_16k_sequence.onnx"),
)
"""Where the model lies inside the packages that carry it; both are Silero 6 and give the same probabilities."""


def likelihoods(samples: Samples) -> Samples:
    """How likely each 32 ms of the channel is speech: float32 [frames], 0..1."""
    model = _model()
    frames = -(-len(samples) // FRAME)
    padded = np.zeros(CONTEXT + frames * FRAME, np.float32)
    padded[CONTEXT : CONTEXT + len(samples)] = samples
    windows = np.lib.stride_tricks.sliding_window_view(padded, CONTEXT + FRAME)[::FRAME]
    hidden = cell = np.zeros((1, 1, 128), np.float32)
    found: list[Samples] = []
    for first in range(0, frames, BATCH):
        batch = np.ascontiguousarray(windows[first : first + BATCH])
        speech, hidden, cell = model.run(None, {"input": batch, "h": hidden, "c": cell})
        found.append(np.asarray(speech, np.float32))
    return np.concatenate(found) if found else np.zeros(0, np.float32)


def stretches(likely: Samples, *, duration: float) -> Intervals:
    """When there is speech, in seconds, from the likelihoods of `likelihoods`."""
    still = np.flatnonzero(np.diff(np.concatenate(([False], likely > STILL_SPEECH, [False])).astype(np.int8)))
    runs = [(int(a), int(b)) for a, b in still.reshape(-1, 2) if likely[a:b].max() >= SPEECH]
    joined = union(((a * FRAME_SECONDS, min(b * FRAME_SECONDS, duration)) for a, b in runs), gap=PAUSE)
    return tuple((start, end) for start, end in joined if end - start >= SHORTEST)


def clips(samples: Samples, speech: Intervals, likely: Samples, *, side: int) -> list[Clip]:
    """The speech of one channel cut into clips of at most 28 s, each with a little of the silence around it."""
    duration = len(samples) / SAMPLE_RATE
    cut: list[Clip] = []
    for start, end in _padded(union(speech, gap=CLIP_PAUSE), duration):
        for a, b in _pieces((start, end), likely):
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
def _model() -> InferenceSession:
    """The model in memory, once a process, on one thread."""
    import onnxruntime  # noqa: PLC0415

    options = onnxruntime.SessionOptions()
    options.inter_op_num_threads = options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(model_file()), options, providers=["CPUExecutionProvider"])


def model_file() -> Path:
    """Where the model lies; EngineError when no package that carries it is installed."""
    for package, inside in MODELS:
        spec = importlib.util.find_spec(package)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            if (found := Path(folder) / inside).is_file():
                return found
    raise EngineError("The voice activity model is not at hand; install it with an engine: pip install 'qa-audit[faster-whisper]'.")
