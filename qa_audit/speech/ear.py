"""A decoded call goes in; its sides come out, each with its own sound, where it has speech, and how good it is.

Nothing here knows words. What two channels do to each other is undone first: the same signal twice is one side, a dead channel
is none, and what leaks in from the other side is faded out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from qa_audit.errors import CallError
from qa_audit.intervals import total
from qa_audit.models import Doubt
from qa_audit.speech.activity import Activity, activity
from qa_audit.speech.channels import leaked, muted, same_signal
from qa_audit.speech.decode import STAGE, Audio
from qa_audit.speech.engines.base import Samples
from qa_audit.speech.levels import decibels, per_frame
from qa_audit.speech.quality import Quality, doubts_of, quality

MUCH_LEAK = 2.0
"""Seconds of the other side's speech in a channel from which on it is worth a word."""


@dataclass(frozen=True, slots=True)
class Side:
    """One channel of a call as it is listened to: float32 [samples] at 16 kHz, its place in the file, and what is known of it.

    `level` is in dBFS per 20 ms. `alone`: the file has another channel, on which nobody speaks.
    """

    channel: int
    samples: Samples
    heard: Activity
    level: Samples
    quality: Quality
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Sides:
    """The sides of a call: two, or one that both share. `doubts` tell what is wrong with file and sound."""

    sides: tuple[Side, ...]
    duration: float
    doubts: tuple[Doubt, ...]

    @property
    def shared(self) -> bool:
        """Whether both people are, or may be, on the same channel."""
        return len(self.sides) == 1


def listen(audio: Audio, *, call_id: str) -> Sides:
    """The sides of a decoded call; CallError of kind `no-speech` when nobody is heard to speak."""
    doubts = list(audio.doubts)
    levels = [decibels(channel) for channel in audio.samples]
    if len(levels) == 2 and same_signal(audio.samples[0], audio.samples[1], (levels[0], levels[1])):
        doubts.append(Doubt("fake-stereo", "Both channels hold the same sound; it was listened to once, as one channel."))
        levels = levels[:1]
    sides = [_side(audio, channel, levels, doubts) for channel in range(len(levels))]
    live = tuple(side for side in sides if side.heard.speech)
    if not live:
        message = "Nobody is heard to speak in this recording; check the recorder, or leave the call out."
        raise CallError(call_id, STAGE, "no-speech", message)
    if len(live) < len(sides):
        doubts.append(Doubt("dead-channel", f"Nobody is heard to speak on the {_name(1 - live[0].channel)} channel."))
        live = (replace(live[0], alone=True),)
    return Sides(live, audio.duration, tuple(doubts))


def _side(audio: Audio, channel: int, levels: Sequence[Samples], doubts: list[Doubt]) -> Side:
    """One side; adds to the doubts what is wrong with it."""
    samples, level = audio.samples[channel], levels[channel]
    heard = activity(samples)
    name = "the recording"
    if len(levels) == 2:
        name = f"the {_name(channel)} channel"
        leak = leaked(samples, audio.samples[1 - channel], (level, levels[1 - channel]))
        cleared = heard.without(per_frame(leak, len(heard.likely)))
        if total(heard.speech) - total(cleared.speech) > MUCH_LEAK:
            doubts.append(Doubt("leak", f"The other side leaks into {name}; what leaked was not listened to."))
        samples, heard = muted(samples, leak), cleared
    side = Side(channel, samples, heard, level, quality(samples, heard, level, clipped=audio.clipped[channel]))
    if heard.speech:
        doubts += doubts_of(side.quality, name=name)
    return side


def _name(channel: int) -> str:
    return ("left", "right")[channel]
