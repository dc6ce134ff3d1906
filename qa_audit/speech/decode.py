"""A file of any telephony format goes in; its samples at 16 kHz come out, one row a channel, or a CallError that says why not.

FFmpeg does the work from inside PyAV's wheel. It only ever sees an open file and a short list of container formats: a
"recording" that is really a playlist cannot make it open other files or addresses.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
import numpy.typing as npt

from qa_audit.config import Recordings
from qa_audit.errors import CallError
from qa_audit.models import Doubt
from qa_audit.speech.engines.base import SAMPLE_RATE, Samples

if TYPE_CHECKING:
    from av import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer

STAGE = "transcribe"

CONTAINERS = "wav,w64,mp3,flac,ogg,mov,mp4,m4a,aac,amr,amrnb,amrwb,au,aiff,caf,asf,matroska,webm,gsm"
"""The containers looked for, by FFmpeg's names of their readers."""

UNSURE_OF_LENGTH = frozenset({"aac", "amr", "amrnb", "amrwb", "gsm"})
"""Readers whose length is FFmpeg's guess from the bit rate, no promise of the file."""

CHANNELS = 2
"""A call has one channel, or two: agent and customer."""

GAP = 0.1
"""Seconds. Where the file's own clock jumps ahead by more, packets were lost and silence takes their place."""

LONGEST_GAP = 30.0
"""Seconds. A greater jump is a broken clock and is ignored."""

MISSING = 0.02
"""A file that holds less than it promises by more than this part (and half a second) was cut short."""

FULL_SCALE = 32768

LOUDNESS_STEPS = 256

UNKNOWN_SIZE = 0x7FFF0000
"""Bytes. WAV headers written before the length was known hold 0, or this and more."""


@dataclass(frozen=True, slots=True)
class Audio:
    """A decoded call: float32 [channels, samples] in -1..1 at 16 kHz, and what the file was before.

    `rate` is samples a second in the file, `codec` FFmpeg's name of it. `clipped` is, per channel, the part of the louder
    samples that sit at the very top (0..1; clean speech stays below 0.001). `doubts` tell of a cut or damaged file.
    """

    samples: Samples
    codec: str
    rate: int
    clipped: tuple[float, ...]
    doubts: tuple[Doubt, ...] = ()

    @property
    def duration(self) -> float:
        """Seconds."""
        return float(self.samples.shape[1] / SAMPLE_RATE)


@dataclass(frozen=True, slots=True)
class _Decoded:
    """Samples, and how many seconds of them stand for packets that were lost or could not be decoded."""

    samples: Samples
    lost: float
    broken: bool
    clipped: tuple[float, ...]


def decode(path: Path, *, call_id: str, limits: Recordings) -> Audio:
    """The whole call at 16 kHz; a damaged or cut file is used as far as it goes, with a doubt.

    Raises CallError of kind `missing`, `empty`, `not-audio`, `damaged`, `too-many-streams`, `too-many-channels`,
    `too-short` or `too-long`.
    """
    import av

    if not path.is_file():
        raise _refused(call_id, "missing", f"{path.name} is not there any more; find the recording again.")
    if path.stat().st_size == 0:
        raise _refused(call_id, "empty", f"{path.name} is empty (0 bytes); fetch the recording again from where it came.")
    with path.open("rb") as file:
        whole = _share_of_wav(file)
        try:
            container = av.open(file, mode="r", options={"format_whitelist": CONTAINERS})
        except (av.FFmpegError, ValueError):
            raise _refused(call_id, "not-audio", f"{path.name} is no audio that can be read; is it damaged, or named wrongly?") from None
        with container:
            stream = _only_stream(container, name=path.name, call_id=call_id)
            decoded = _decoded(container, stream, longest=limits.max_seconds)
            promised = 0.0 if container.format.name in UNSURE_OF_LENGTH else _length(stream) / whole
            codec, rate = stream.codec_context.name, stream.codec_context.sample_rate
    _check_length(decoded, name=path.name, call_id=call_id, limits=limits)
    return Audio(decoded.samples, codec, rate, decoded.clipped, _doubts(decoded, promised=promised))


def _refused(call_id: str, kind: str, message: str) -> CallError:
    return CallError(call_id, STAGE, kind, message)


def _share_of_wav(file: BinaryIO) -> float:
    """The part of a WAV file's sound that is really there, 0..1; 1 for every other file and where the header does not know."""
    head = file.read(4096)
    size = file.seek(0, 2)
    file.seek(0)
    at = head.find(b"data") if head[:4] == b"RIFF" else -1
    if at < 0 or len(head) < at + 8:
        return 1.0
    promised = int.from_bytes(head[at + 4 : at + 8], "little")
    there = size - at - 8
    if promised == 0 or promised >= UNKNOWN_SIZE or there <= 0:
        return 1.0
    return min(1.0, there / promised)


def _only_stream(container: InputContainer, *, name: str, call_id: str) -> AudioStream:
    streams = container.streams.audio
    if not streams or streams[0].codec_context is None:
        raise _refused(call_id, "not-audio", f"{name} holds no sound that can be decoded; save it as WAV, FLAC or MP3.")
    if len(streams) > 1:
        raise _refused(call_id, "too-many-streams", f"{name} holds {len(streams)} sound tracks; save the call as one of two channels.")
    channels = streams[0].codec_context.channels
    if channels > CHANNELS:
        raise _refused(call_id, "too-many-channels", f"{name} has {channels} channels; a call has one, or two: agent and customer.")
    return streams[0]


def _length(stream: AudioStream) -> float:
    """Seconds the file says it lasts, 0 when it does not say."""
    return float(stream.duration * stream.time_base) if stream.duration and stream.time_base else 0.0


def _decoded(container: InputContainer, stream: AudioStream, *, longest: float) -> _Decoded:
    """The sound up to a little past `longest` seconds, silence standing for lost packets so that times stay true."""
    sink = _Sink()
    at = lost = 0.0
    origin: float | None = None
    broken = False
    for frame in _frames(container, stream):
        if frame is None or not sink.fits(frame):
            broken = True
            continue
        if frame.time is not None:
            origin = frame.time if origin is None else origin
            ahead = frame.time - origin - at
            if at and GAP < ahead <= LONGEST_GAP:
                sink.silence(ahead)
                at, lost = at + ahead, lost + ahead
        at += frame.samples / frame.sample_rate
        sink.take(frame)
        if at > longest:
            break
    return _Decoded(sink.samples(), lost, broken, sink.clipped())


class _Sink:
    """Takes frames as they come out of the decoder and turns them into one array at 16 kHz; channels are never mixed."""

    def __init__(self) -> None:
        from av import AudioResampler

        self._planar = AudioResampler(format="s16p")
        self._resampler = AudioResampler(format="s16p", rate=SAMPLE_RATE)
        self._kind: tuple[object, ...] = ()
        self._chunks: list[npt.NDArray[np.int16]] = []
        self._loudness = np.zeros((0, LOUDNESS_STEPS + 1), np.int64)

    def fits(self, frame: AudioFrame) -> bool:
        """Whether the frame is of the same kind as the first one."""
        kind = (frame.format.name, frame.layout.nb_channels, frame.sample_rate)
        self._kind = self._kind or kind
        return kind == self._kind

    def take(self, frame: AudioFrame) -> None:
        frame.pts = None
        for planar in self._planar.resample(frame):
            self._count(_plane(planar))
            planar.pts = None
            self._chunks += map(_plane, self._resampler.resample(planar))

    def silence(self, seconds: float) -> None:
        self._chunks.append(np.zeros((len(self._loudness), round(seconds * SAMPLE_RATE)), np.int16))

    def samples(self) -> Samples:
        """All that was taken: float32 [channels, samples] in -1..1."""
        self._chunks += map(_plane, self._resampler.resample(None))
        if not self._chunks:
            return np.zeros((1, 0), np.float32)
        samples = np.concatenate(self._chunks, axis=1).astype(np.float32)
        samples /= FULL_SCALE
        return samples

    def clipped(self) -> tuple[float, ...]:
        """Per channel, the part of the louder samples that sit at the very top, before resampling blurs it."""
        return tuple(_share_at_top(counts) for counts in self._loudness)

    def _count(self, plane: npt.NDArray[np.int16]) -> None:
        steps = np.abs(plane.astype(np.int32)) * LOUDNESS_STEPS // FULL_SCALE
        counts = np.stack([np.bincount(channel, minlength=LOUDNESS_STEPS + 1) for channel in steps])
        self._loudness = counts if not len(self._loudness) else self._loudness + counts


def _plane(frame: AudioFrame) -> npt.NDArray[np.int16]:
    return np.asarray(frame.to_ndarray(), np.int16)


def _share_at_top(counts: npt.NDArray[np.int64]) -> float:
    """From how many samples have each loudness: those within 3 % of the loudest, of all above 5 % of it."""
    peak = int(np.flatnonzero(counts).max(initial=0))
    loud = counts[int(0.05 * peak) + 1 :].sum()
    return float(counts[int(np.ceil(0.97 * peak)) :].sum() / loud) if loud else 0.0


def _frames(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame | None]:
    """The decoded frames in order; None stands for a packet that cannot be read or decoded."""
    from av import FFmpegError

    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except FFmpegError:
            yield None
            return
        try:
            frames = packet.decode()
        except FFmpegError:
            yield None
        else:
            yield from frames


def _check_length(decoded: _Decoded, *, name: str, call_id: str, limits: Recordings) -> None:
    seconds = decoded.samples.shape[1] / SAMPLE_RATE
    if seconds == 0 and not decoded.broken:
        raise _refused(call_id, "empty", f"{name} holds no sound at all; fetch the recording again from where it came.")
    if decoded.broken and seconds <= limits.min_seconds:
        raise _refused(call_id, "damaged", f"{name} is damaged: only {seconds:.1f} s of it can be decoded; fetch it again.")
    if seconds < limits.min_seconds:
        raise _refused(call_id, "too-short", f"{name} lasts {seconds:.1f} s; recordings.min_seconds is {limits.min_seconds:g}.")
    if seconds > limits.max_seconds:
        raise _refused(
            call_id, "too-long", f"{name} lasts more than recordings.max_seconds ({limits.max_seconds:g}); raise it or cut the file."
        )


def _doubts(decoded: _Decoded, *, promised: float) -> tuple[Doubt, ...]:
    """What is wrong with a file that can be used all the same; `promised` is the length it gives itself, 0 when unknown."""
    seconds = decoded.samples.shape[1] / SAMPLE_RATE
    doubts: list[Doubt] = []
    if decoded.broken:
        doubts.append(Doubt("damaged", "Parts of the file are damaged and could not be decoded."))
    if decoded.lost:
        doubts.append(Doubt("gaps", f"{decoded.lost:.1f} s of sound are missing from within the file; silence stands for them."))
    if promised - seconds > max(0.5, MISSING * promised):
        doubts.append(Doubt("truncated", f"The file promises {promised:.0f} s and holds {seconds:.0f} s.", seconds, seconds))
    return tuple(doubts)
