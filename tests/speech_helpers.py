"""Calls made of short spoken clips and of computed sound, for the tests of the speech stage.

The clips in data/speech were spoken by flite. Its voice kal16 says agent-greets ("Thank you for calling. How can I help you
today?"), agent-asks ("Can I take your account number please?") and agent-holds ("Please hold for one moment."); slt says
customer-complains ("My order never arrived and nobody called me back.") and customer-answers ("Yes, it is number seven one nine.").
"""

from __future__ import annotations

import functools
import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt

from qa_audit.config import Recordings
from qa_audit.models import Direction, Doubt, Recording, Speaker
from qa_audit.speech.decode import Audio, decode
from qa_audit.speech.ear import Sides, listen

RATE = 16_000
CLIPS = Path(__file__).parent / "data" / "speech"
ANY_LENGTH = Recordings(min_seconds=0.1)
Sound = npt.NDArray[np.float32]

AGENT_FIRST = (Speaker.AGENT, Speaker.CUSTOMER)

CONVERSATION = (
    (0, "agent-greets", 0.5),
    (1, "customer-complains", 5.5),
    (0, "agent-asks", 10.0),
    (1, "customer-answers", 13.5),
    (0, "agent-holds", 16.5),
)
"""Channel, clip, and the second it begins at: a call of 20 s in which nobody talks over the other."""


@functools.cache
def clip(name: str) -> Sound:
    """One of the spoken clips: float32 at 16 kHz."""
    return decode(CLIPS / f"{name}.ogg", call_id=name, limits=ANY_LENGTH).samples[0]


def talk(*pieces: tuple[int, str, float], seconds: float = 20.0) -> Sound:
    """Two channels with these clips on them: channel, clip, and the second it begins at."""
    sound = np.zeros((2, round(seconds * RATE)), np.float32)
    for channel, name, start in pieces:
        first = round(start * RATE)
        spoken = clip(name)[: sound.shape[1] - first]
        sound[channel, first : first + len(spoken)] += spoken
    return sound


def conversation() -> Sound:
    return talk(*CONVERSATION)


def hiss(shape: tuple[int, ...] | int, *, dbfs: float, seed: int = 0) -> Sound:
    """White noise of this level."""
    return (np.random.default_rng(seed).standard_normal(shape) * 10 ** (dbfs / 20)).astype(np.float32)


def tone(seconds: float, *hertz: float, level: float = 0.1) -> Sound:
    """Sine waves sounding together."""
    t = np.arange(round(seconds * RATE)) / RATE
    return (level * sum(np.sin(2 * np.pi * f * t) for f in hertz)).astype(np.float32)


def music(seconds: float) -> Sound:
    """Chords of plucked strings: each note a sawtooth that dies away, four notes a second."""
    t = np.arange(RATE // 4) / RATE
    notes = [220.0, 277.2, 329.6, 440.0, 329.6, 277.2, 246.9, 196.0]
    bars = [0.15 * np.exp(-4 * t) * sum(2 * ((f * k * t) % 1) - 1 for k in (1, 1.5)) for f in notes]
    phrase = np.concatenate(bars)
    return np.resize(phrase, round(seconds * RATE)).astype(np.float32)


def ringing(seconds: float) -> Sound:
    """Ring-back: two seconds of 440 + 480 Hz, four of silence."""
    cycle = np.concatenate((tone(2, 440, 480), np.zeros(4 * RATE, np.float32)))
    return np.resize(cycle, round(seconds * RATE))


def telephone(sound: Sound) -> Sound:
    """The sound through 8 kHz: nothing above 4 kHz is left."""
    from scipy.signal import resample_poly

    return np.asarray(resample_poly(resample_poly(sound, 1, 2, axis=-1), 2, 1, axis=-1), np.float32)[..., : sound.shape[-1]]


def packets_lost(sound: Sound, share: float, *, seed: int = 0) -> Sound:
    """The sound with this share of its 20 ms packets replaced by silence."""
    packet = RATE // 50
    kept = np.random.default_rng(seed).random(sound.shape[-1] // packet) >= share
    return np.asarray(sound[..., : len(kept) * packet] * np.repeat(kept, packet), np.float32)


def write_wav(path: Path, sound: Sound, *, rate: int = RATE) -> Path:
    """16-bit PCM of one channel or of [channels, samples]."""
    channels = np.atleast_2d(sound)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(channels.T, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def heard(sound: Sound) -> Sides:
    """The sides of a call of this sound, as if it came from a file."""
    channels = np.atleast_2d(sound)
    return listen(Audio(channels, "pcm_s16le", RATE, (0.0,) * len(channels)), call_id="call")


def heard_in(path: Path) -> Sides:
    """The sides of a file."""
    return listen(decode(path, call_id="call", limits=ANY_LENGTH), call_id="call")


def kinds(doubts: tuple[Doubt, ...]) -> set[str]:
    return {doubt.kind for doubt in doubts}


def recording(path: Path | str = "call.wav", *, channels: tuple[Speaker, ...] = (), direction: Direction = Direction.INBOUND) -> Recording:
    return Recording(
        call_id="call", uri=str(path), size=1, modified=0.0, agent="Ines", channels=channels, direction=direction, language="en"
    )
