"""Makes the sample calls and their manifest from the readable scripts beside it: `python sample_calls/make.py`.

Each script is spoken by flite voices (Debian package `flite`), agent on the left channel and customer on the right,
with natural pauses. `[overlap S]` lets the next speaker break in S seconds early, `[hold S]` and `[music S]` put the
customer on hold, `[ends with …]` documents who had the last word.
"""

from __future__ import annotations

import csv
import re
import subprocess
import tempfile
import wave
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

RATE = 16_000
FOLDER = Path(__file__).parent
LINE = re.compile(r"(agent|customer): (.+)")
DIRECTION = re.compile(r"\[(overlap|hold|music) ([\d.]+)\]")
COLUMNS = ("file", "call_id", "agent", "customer", "started_at", "direction", "queue", "channels")


@dataclass(frozen=True, slots=True)
class Format:
    """How a recorder writes a call; `bit_rate` is None where the codec has but one."""

    suffix: str
    codec: str
    rate: int
    bit_rate: int | None
    channels: int


FORMATS = {
    "flac": Format(".flac", "flac", RATE, None, 2),
    "ogg": Format(".ogg", "libopus", RATE, 32_000, 2),
    "m4a": Format(".m4a", "aac", RATE, 48_000, 2),
    "mulaw": Format(".wav", "pcm_mulaw", 8_000, None, 2),
    "mp3-mono": Format(".mp3", "libmp3lame", RATE, 48_000, 1),
    "wav-mono": Format(".wav", "pcm_s16le", RATE, None, 1),
}
"""By the name in the head of a script."""


@dataclass(frozen=True, slots=True)
class Script:
    """One readable script: what its head says, and its lines in order."""

    name: str
    head: dict[str, str]
    lines: tuple[str, ...]


def read_script(path: Path) -> Script:
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    head = dict(line[2:].split(": ", 1) for line in lines if line.startswith("# "))
    return Script(path.stem, head, tuple(line for line in lines if not line.startswith("#")))


def speak(text: str, voice: str) -> np.ndarray:
    """The text as float32 samples at 16 kHz, spoken by a flite voice."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        subprocess.run(["flite", "-voice", voice, "-t", text, "-o", file.name], check=True)
        with wave.open(file.name) as audio:
            samples = np.frombuffer(audio.readframes(audio.getnframes()), np.int16)
    return samples.astype(np.float32) / 32768


def hold_music(seconds: float) -> np.ndarray:
    """A soft arpeggio, as a switchboard plays it."""
    notes = np.array([262, 330, 392, 523, 392, 330])
    time = np.arange(int(seconds * RATE)) / RATE
    pitch = notes[(time / 0.4).astype(int) % len(notes)]
    swell = np.sin(np.pi * (time % 0.4) / 0.4)
    return (0.08 * swell * np.sin(2 * np.pi * pitch * time)).astype(np.float32)


def perform(script: Script, rng: np.random.Generator) -> np.ndarray:
    """The whole call as float32 [2, samples]: agent, customer."""
    pieces: list[tuple[int, float, np.ndarray]] = []
    now = 0.6
    for line in script.lines:
        if spoken := LINE.fullmatch(line):
            side = 0 if spoken[1] == "agent" else 1
            samples = speak(spoken[2], script.head[f"{spoken[1]}_voice"])
            pieces.append((side, now, samples))
            now += len(samples) / RATE + rng.uniform(0.35, 0.9)
        elif direction := DIRECTION.fullmatch(line):
            seconds = float(direction[2])
            if direction[1] == "music":
                pieces.append((0, now, hold_music(seconds)))
            now += -seconds if direction[1] == "overlap" else seconds
    call = np.zeros((2, int((now + 0.5) * RATE)), np.float32)
    for side, start, samples in pieces:
        at = int(start * RATE)
        call[side, at : at + len(samples)] += samples
    return call


def write(call: np.ndarray, path: Path, how: Format) -> None:
    codec, rate, bit_rate, channels = how.codec, how.rate, how.bit_rate, how.channels
    layout = "mono" if channels == 1 else "stereo"
    samples = call.mean(axis=0, keepdims=True) if channels == 1 else call
    packed = np.ascontiguousarray((np.clip(samples, -1, 1) * 32767).astype(np.int16).T.reshape(1, -1))
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, layout=layout)
        if bit_rate:
            stream.bit_rate = bit_rate
        frame = av.AudioFrame.from_ndarray(packed, format="s16", layout=layout)
        frame.sample_rate = RATE
        resampler = av.AudioResampler(format=stream.format, layout=layout, rate=rate, frame_size=stream.frame_size or 0)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))


def make(script: Script) -> dict[str, str]:
    """Writes one call and returns its row of the manifest."""
    how = FORMATS[script.head["format"]]
    rng = np.random.default_rng(int(script.name[:2]))
    path = FOLDER / f"{script.name}{how.suffix}"
    write(perform(script, rng), path, how)
    row = {key: script.head.get(key, "") for key in COLUMNS}
    channels = "" if "mono" in script.head["format"] else "agent customer"
    return row | {"file": path.name, "call_id": script.name, "channels": channels, "started_at": script.head["started_at"] + "+00:00"}


def spoilt() -> list[dict[str, str]]:
    """Two recordings as every night has them: one in which nobody speaks, one that is damaged."""
    write(np.zeros((2, 20 * RATE), np.float32), FOLDER / "17-silence.flac", FORMATS["flac"])
    (FOLDER / "18-damaged.mp3").write_bytes(b"ID3\x04" + np.random.default_rng(18).bytes(6_000))
    known = {"direction": "inbound", "queue": "shop", "channels": "agent customer", "customer": "C-1230"}
    return [
        known | {"file": "17-silence.flac", "call_id": "17-silence", "agent": "ben", "started_at": "2026-11-20 14:00+00:00"},
        known | {"file": "18-damaged.mp3", "call_id": "18-damaged", "agent": "sam", "started_at": "2026-11-20 14:05+00:00"},
    ]


def main() -> None:
    rows = [make(read_script(path)) for path in sorted((FOLDER / "scripts").glob("*.txt"))] + spoilt()
    with (FOLDER / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


if __name__ == "__main__":
    main()
