"""Recordings become files a browser plays: a call for the player, and the ten seconds around a moment.

MP3, since every browser plays and seeks it from a file share; small, since pages are kept for long; both channels kept,
since who is on which side can then be heard.
"""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import av
from av.error import FFmpegError

from qa_audit.errors import CallError
from qa_audit.reports.folder import settle

SUFFIX = ".mp3"
RATE = 16_000
BIT_RATES = {"mono": 24_000, "stereo": 40_000}
BITEXACT = {"fflags": "bitexact", "id3v2_version": "0"}
"""No version and no time of making in the file: the same recording gives the same bytes."""

log = logging.getLogger(__name__)


def write_player_audio(source: Path, target: Path, *, call_id: str = "") -> None:
    """Write the player's file of one call, 16 kHz MP3 in mono or stereo, in one step; CallError if it cannot be decoded."""
    try:
        with _aside(target) as aside, av.open(str(source)) as heard, av.open(str(aside), "w", "mp3", options=BITEXACT) as written:
            _encode(heard, written)
    except (FFmpegError, IndexError) as error:
        message = f"{source.name} cannot be made ready for the player: {error}"
        raise CallError(call_id or source.stem, "report", "no-player-audio", message) from error


def _encode(heard: av.container.InputContainer, written: av.container.OutputContainer) -> None:
    sound = heard.streams.audio[0]
    layout = "mono" if sound.codec_context.channels == 1 else "stereo"
    stream = written.add_stream("libmp3lame", rate=RATE, layout=layout)
    stream.bit_rate = BIT_RATES[layout]
    resampler = av.AudioResampler(format="s16p", layout=layout, rate=RATE)
    for frame in chain(heard.decode(sound), (None,)):
        for piece in resampler.resample(frame):
            written.mux(stream.encode(piece))
    written.mux(stream.encode(None))


def cut_clip(source: Path, target: Path, *, start: float, seconds: float) -> bool:
    """Copy a stretch of a player's file, frame by frame and without loss, into a file of its own; False if there is none.

    `start` is in seconds from the start of the call; what lies outside the call is left out. A file that is missing or
    damaged gives no clip: the page still has the quote.
    """
    try:
        with _aside(target) as aside, av.open(str(source)) as call, av.open(str(aside), "w", "mp3", options=BITEXACT) as clip:
            copied = _copy(call, clip, start=max(start, 0.0), seconds=seconds)
            if not copied:
                raise EOFError
    except (FFmpegError, EOFError, IndexError) as error:
        log.warning("no clip from %s at %.1f s: %s", source.name, start, error or "the call is shorter")
        return False
    return True


def _copy(call: av.container.InputContainer, clip: av.container.OutputContainer, *, start: float, seconds: float) -> int:
    sound = call.streams.audio[0]
    stream = clip.add_stream_from_template(sound)
    tick = float(sound.time_base or 1)
    call.seek(int(start / tick), stream=sound)
    packets = 0
    first: int | None = None
    for packet in call.demux(sound):
        if packet.pts is None or (at := packet.pts * tick) < start:
            continue
        if at >= start + seconds:
            break
        first = packet.pts if first is None else first
        packet.pts = packet.dts = packet.pts - first
        packet.stream = stream
        clip.mux(packet)
        packets += 1
    return packets


@contextmanager
def _aside(target: Path) -> Iterator[Path]:
    """A file beside the target that takes its place when all went well, and is gone when not."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=".part")
    os.close(handle)
    aside = Path(name)
    try:
        yield aside
        aside.chmod(0o644)
        settle([aside])  # its name says what is in it, so that nobody looks into it again
        aside.replace(target)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
