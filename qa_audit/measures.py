"""What the sound of a call tells without its words: a Transcript goes in, named numbers and stretches of time come out.

Everything rests on `Transcript.speech`. A transcript that came without audio is measured by the times of its words, and
what it cannot tell is left out rather than guessed: a name that is missing was not measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qa_audit.intervals import Intervals, common, complement, longest, total, union, without
from qa_audit.models import Sound, Speaker, Transcript

SIDES = (Speaker.AGENT, Speaker.CUSTOMER)
PEOPLE = (*SIDES, Speaker.UNKNOWN)

JOIN = 0.3
"""Seconds. Words of one speaker closer than this are one stretch of speech."""

INTERRUPTS = 0.5
"""Seconds. Who starts this long after the other began and this long before the other ends has broken in."""

BACKCHANNEL = 1.0
"""Seconds. A shorter "yes", "mm-hm" inside the other's speech is listening, not breaking in."""

UNTOLD = 0.1
"""With more than this part of the talk by nobody knows whom, nothing is said of the agent's or the customer's part."""

CUT_OFF = 0.15
"""Seconds. Speech that runs to within this of the end of the recording was cut off."""

METRICS: Mapping[str, str] = {
    "duration_seconds": "Length of the recording.",
    "talk_seconds": "Seconds in which people speak.",
    "agent_talk_seconds": "Seconds in which the agent speaks.",
    "customer_talk_seconds": "Seconds in which the customer speaks.",
    "agent_talk_share": "The agent's part of both sides' talk, 0..1.",
    "system_seconds": "Seconds of menus and announcements.",
    "overlap_seconds": "Seconds in which both speak at once.",
    "overlap_share": "The part of all talk in which both speak at once, 0..1.",
    "longest_overlap": "Seconds of the longest talk-over.",
    "agent_interruptions": "Times the agent broke in on the customer.",
    "customer_interruptions": "Times the customer broke in on the agent.",
    "silence_seconds": "Seconds in which nobody speaks, holds not counted.",
    "silence_share": "The part of the call in which nobody speaks, holds not counted, 0..1.",
    "longest_silence": "Seconds of the longest silence that is not a hold.",
    "hold_seconds": "Seconds on hold.",
    "hold_share": "The part of the call on hold, 0..1.",
    "longest_hold": "Seconds of the longest hold.",
    "hold_count": "Number of holds.",
    "agent_words": "Words the agent says.",
    "customer_words": "Words the customer says.",
    "agent_words_per_minute": "The agent's words per minute of the agent's talk.",
    "customer_words_per_minute": "The customer's words per minute of the customer's talk.",
    "first_word_seconds": "Seconds until anybody speaks.",
    "agent_first_word_seconds": "Seconds until the agent speaks.",
    "first_response_seconds": "Seconds from the end of the customer's first words to the agent's answer; 0 when the agent spoke over them.",
    "agent_spoke_last": "1 when the agent's voice is the last in the call, else 0.",
    "closing_silence": "Seconds from the last voice to the end of the recording.",
    "cut_off": "1 when somebody is still speaking as the recording ends, else 0.",
}
"""Every metric a rule may name, with its unit."""

MONO = "mono"
"""The kind of Doubt of a recording in which both sides share one channel: one voice hides the other, so overlap and
interruptions are not measured."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a call ended: whose voice was the last, seconds of silence after it, and whether it was cut off in mid-speech."""

    speaker: Speaker
    silence: float
    cut_off: bool


def sounds(transcript: Transcript) -> tuple[Sound, ...]:
    """Who made sound when: from the audio, or from the times of the words where there was no audio; in order."""
    if transcript.speech:
        return transcript.speech
    found: list[Sound] = []
    for speaker in Speaker:
        spoken = (
            (word.start, word.end)
            for turn in transcript.turns
            if turn.speaker is speaker
            for word in turn.words
            if word.start is not None and word.end is not None
        )
        found += (Sound(speaker, start, end) for start, end in union(spoken, gap=JOIN))
    return tuple(sorted(found, key=lambda sound: sound.start))


def talk(transcript: Transcript, *speakers: Speaker) -> Intervals:
    """When at least one of the speakers is heard."""
    return union((sound.start, sound.end) for sound in sounds(transcript) if sound.speaker in speakers)


def overlaps(transcript: Transcript) -> Intervals:
    """When agent and customer speak at once; nothing for mono, where it cannot be told."""
    if _is_mono(transcript):
        return ()
    return common(talk(transcript, Speaker.AGENT), talk(transcript, Speaker.CUSTOMER))


def interruptions(transcript: Transcript) -> tuple[Sound, ...]:
    """Each time somebody breaks in on the other: by whom, and from when to when both speak.

    Breaking in means to start well inside the other's speech and to go on for longer than a back-channel.
    """
    if _is_mono(transcript):
        return ()
    stretches = {speaker: union(talk(transcript, speaker), gap=JOIN) for speaker in SIDES}
    found = [
        Sound(by, start, min(end, other_end))
        for by, on in (SIDES, SIDES[::-1])
        for start, end in stretches[by]
        for other_start, other_end in stretches[on]
        if other_start + INTERRUPTS <= start <= other_end - INTERRUPTS and end - start > BACKCHANNEL
    ]
    return tuple(sorted(found, key=lambda sound: sound.start))


def silences(transcript: Transcript, *, at_least: float = 0.0) -> Intervals:
    """When nobody is heard and the call is not on hold, from the first second to the last."""
    duration = _duration(transcript)
    if duration is None:
        return ()
    quiet = without(complement(talk(transcript, *Speaker), 0.0, duration), holds(transcript))
    return tuple((start, end) for start, end in quiet if end - start > at_least)


def holds(transcript: Transcript) -> Intervals:
    """When the call was on hold."""
    return union(transcript.holds)


def ending(transcript: Transcript) -> Ending | None:
    """How the call ended; None when nobody was heard."""
    people = [sound for sound in sounds(transcript) if sound.speaker in PEOPLE]
    duration = _duration(transcript)
    if not people or duration is None:
        return None
    last = max(people, key=lambda sound: sound.end)
    silence = max(0.0, duration - last.end)
    return Ending(last.speaker, silence, bool(transcript.speech) and silence <= CUT_OFF)


def metrics(transcript: Transcript) -> dict[str, float]:
    """Every metric of METRICS that this transcript can tell; seconds, words per minute, counts, shares 0..1."""
    duration = _duration(transcript)
    measured = bool(duration and talk(transcript, *Speaker))
    told = total(talk(transcript, Speaker.UNKNOWN)) <= UNTOLD * total(talk(transcript, *PEOPLE))
    found: dict[str, float] = {}
    if duration and measured:
        found |= _whole(transcript, duration)
    if told:
        found |= _words(transcript)
    if measured and told:
        found |= _sides(transcript) | _first(transcript)
        if not _is_mono(transcript):
            found |= _both(transcript)
    return {name: float(value) for name, value in found.items()}


def _whole(transcript: Transcript, duration: float) -> dict[str, float]:
    """What holds of the call whoever speaks."""
    silent, held, people = silences(transcript), holds(transcript), talk(transcript, *PEOPLE)
    found = {
        "duration_seconds": duration,
        "talk_seconds": total(people),
        "system_seconds": total(talk(transcript, Speaker.SYSTEM)),
        "silence_seconds": total(silent),
        "silence_share": total(silent) / duration,
        "longest_silence": longest(silent),
        "hold_seconds": total(held),
        "hold_share": total(held) / duration,
        "longest_hold": longest(held),
        "hold_count": float(len(held)),
    }
    if people:
        found["first_word_seconds"] = people[0][0]
    end = ending(transcript)
    if end is not None:
        found |= {"closing_silence": end.silence, "cut_off": float(end.cut_off)}
    return found


def _words(transcript: Transcript) -> dict[str, float]:
    counts = {speaker: sum(len(turn.words) for turn in transcript.turns if turn.speaker is speaker) for speaker in SIDES}
    return {f"{speaker}_words": float(count) for speaker, count in counts.items()}


def _sides(transcript: Transcript) -> dict[str, float]:
    """What each of the two does."""
    words = _words(transcript)
    seconds = {speaker: total(talk(transcript, speaker)) for speaker in SIDES}
    found = {f"{speaker}_talk_seconds": value for speaker, value in seconds.items()}
    found |= {f"{speaker}_words_per_minute": 60 * words[f"{speaker}_words"] / value for speaker, value in seconds.items() if value}
    if any(seconds.values()):
        found["agent_talk_share"] = seconds[Speaker.AGENT] / sum(seconds.values())
    end = ending(transcript)
    if end is not None:
        found["agent_spoke_last"] = float(end.speaker is Speaker.AGENT)
    return found


def _both(transcript: Transcript) -> dict[str, float]:
    """What they do at once."""
    both = overlaps(transcript)
    broke_in = [sound.speaker for sound in interruptions(transcript)]
    found = {
        "overlap_seconds": total(both),
        "longest_overlap": longest(both),
        "agent_interruptions": float(broke_in.count(Speaker.AGENT)),
        "customer_interruptions": float(broke_in.count(Speaker.CUSTOMER)),
    }
    everybody = total(talk(transcript, *SIDES))
    if everybody:
        found["overlap_share"] = total(both) / everybody
    return found


def _first(transcript: Transcript) -> dict[str, float]:
    """How long it takes until the agent speaks, and until the agent answers the customer's first words."""
    agent, customer = (talk(transcript, speaker) for speaker in SIDES)
    found: dict[str, float] = {}
    if agent:
        found["agent_first_word_seconds"] = agent[0][0]
    replies = [start for start, _ in agent if customer and start > customer[0][0]]
    if replies:
        asked = max(end for start, end in customer if start < replies[0])
        found["first_response_seconds"] = max(0.0, replies[0] - asked)
    return found


def _is_mono(transcript: Transcript) -> bool:
    return any(doubt.kind == MONO for doubt in transcript.doubts)


def _duration(transcript: Transcript) -> float | None:
    """Seconds of the recording; for a transcript without one, up to the end of the last word."""
    if transcript.duration is not None:
        return transcript.duration
    return max((sound.end for sound in sounds(transcript)), default=None)
