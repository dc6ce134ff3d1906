"""What the sound of a call tells without its words: a Transcript goes in, named numbers and stretches of time come out.

Everything rests on `Transcript.speech`. A transcript that came without audio is measured by the times of its words, and
what it cannot tell is left out rather than guessed: a name that is missing was not measured.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from qa_audit.intervals import Interval, Intervals, common, complement, longest, total, union, without
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
    found = [Sound(speaker, start, end) for speaker, talk in _by_speaker(transcript).items() for start, end in talk]
    return tuple(sorted(found, key=lambda sound: sound.start))


def talk(transcript: Transcript, *speakers: Speaker) -> Intervals:
    """When at least one of the speakers is heard."""
    return _Voices.of(transcript).talk(*speakers)


def overlaps(transcript: Transcript) -> Intervals:
    """When agent and customer speak at once; nothing for mono, where it cannot be told."""
    return _Voices.of(transcript).overlaps()


def interruptions(transcript: Transcript) -> tuple[Sound, ...]:
    """Each time somebody breaks in on the other: by whom, and from when to when both speak.

    Breaking in means to start well inside the other's speech and to go on for longer than a back-channel.
    """
    return _Voices.of(transcript).interruptions()


def silences(transcript: Transcript, *, at_least: float = 0.0) -> Intervals:
    """When nobody is heard and the call is not on hold, from the first second to the last."""
    return tuple((start, end) for start, end in _Voices.of(transcript).silences() if end - start > at_least)


def holds(transcript: Transcript) -> Intervals:
    """When the call was on hold."""
    return union(transcript.holds)


def ending(transcript: Transcript) -> Ending | None:
    """How the call ended; None when nobody was heard."""
    return _Voices.of(transcript).ending()


def metrics(transcript: Transcript) -> dict[str, float]:
    """Every metric of METRICS that this transcript can tell; seconds, words per minute, counts, shares 0..1."""
    voices = _Voices.of(transcript)
    measured = bool(voices.duration and voices.talk(*Speaker))
    told = total(voices.talk(Speaker.UNKNOWN)) <= UNTOLD * total(voices.talk(*PEOPLE))
    found: dict[str, float] = {}
    if measured:
        found |= _whole(voices)
    if told:
        found |= _words(transcript)
    if measured and told:
        found |= _sides(voices, _words(transcript)) | _first(voices)
        if not voices.mono:
            found |= _both(voices)
    return {name: float(value) for name, value in found.items()}


@dataclass(frozen=True, slots=True)
class _Voices:
    """A transcript's sound, worked out once: when each speaker is heard, seconds in all, holds, and how it was recorded."""

    heard: Mapping[Speaker, Intervals]
    duration: float | None
    held: Intervals
    mono: bool
    recorded: bool

    @classmethod
    def of(cls, transcript: Transcript) -> _Voices:
        heard = _by_speaker(transcript)
        last = max((talk[-1][1] for talk in heard.values() if talk), default=None)
        mono = any(doubt.kind == MONO for doubt in transcript.doubts)
        duration = last if transcript.duration is None else transcript.duration
        return cls(heard, duration, union(transcript.holds), mono, bool(transcript.speech))

    def talk(self, *speakers: Speaker) -> Intervals:
        return union(stretch for speaker in speakers for stretch in self.heard[speaker])

    def overlaps(self) -> Intervals:
        return () if self.mono else common(self.heard[Speaker.AGENT], self.heard[Speaker.CUSTOMER])

    def interruptions(self) -> tuple[Sound, ...]:
        if self.mono:
            return ()
        agent, customer = (union(self.heard[speaker], gap=JOIN) for speaker in SIDES)
        found = [*_broke_in(Speaker.AGENT, agent, customer), *_broke_in(Speaker.CUSTOMER, customer, agent)]
        return tuple(sorted(found, key=lambda sound: sound.start))

    def silences(self) -> Intervals:
        if self.duration is None:
            return ()
        return without(complement(self.talk(*Speaker), 0.0, self.duration), self.held)

    def ending(self) -> Ending | None:
        last = max(((talk[-1][1], speaker) for speaker in PEOPLE if (talk := self.heard[speaker])), default=None)
        if last is None or self.duration is None:
            return None
        silence = max(0.0, self.duration - last[0])
        return Ending(last[1], silence, self.recorded and silence <= CUT_OFF)


def _by_speaker(transcript: Transcript) -> Mapping[Speaker, Intervals]:
    """When each speaker is heard: from the audio, or from the times of the words where there was no audio."""
    found: dict[Speaker, list[Interval]] = {speaker: [] for speaker in Speaker}
    for sound in transcript.speech:
        found[sound.speaker].append((sound.start, sound.end))
    if transcript.speech:
        return {speaker: union(stretches) for speaker, stretches in found.items()}
    for turn in transcript.turns:
        times = ((word.start, word.end) for word in turn.words if word.start is not None and word.end is not None)
        found[turn.speaker] += union(times, gap=JOIN)
    return {speaker: union(stretches, gap=JOIN) for speaker, stretches in found.items()}


def _broke_in(by: Speaker, own: Intervals, other: Intervals) -> Iterator[Sound]:
    """Where stretches of `own` begin well inside one of `other`."""
    starts = [start for start, _ in other]
    for start, end in own:
        place = bisect_right(starts, start - INTERRUPTS) - 1
        if place >= 0 and start <= other[place][1] - INTERRUPTS and end - start > BACKCHANNEL:
            yield Sound(by, start, min(end, other[place][1]))


def _whole(voices: _Voices) -> dict[str, float]:
    """What holds of the call whoever speaks."""
    silent, people, duration = voices.silences(), voices.talk(*PEOPLE), voices.duration or 0.0
    found = {
        "duration_seconds": duration,
        "talk_seconds": total(people),
        "system_seconds": total(voices.heard[Speaker.SYSTEM]),
        "silence_seconds": total(silent),
        "silence_share": total(silent) / duration,
        "longest_silence": longest(silent),
        "hold_seconds": total(voices.held),
        "hold_share": total(voices.held) / duration,
        "longest_hold": longest(voices.held),
        "hold_count": len(voices.held),
    }
    if people:
        found["first_word_seconds"] = people[0][0]
    end = voices.ending()
    if end is not None:
        found |= {"closing_silence": end.silence, "cut_off": end.cut_off}
    return found


def _words(transcript: Transcript) -> dict[str, float]:
    counts = {speaker: sum(len(turn.words) for turn in transcript.turns if turn.speaker is speaker) for speaker in SIDES}
    return {f"{speaker}_words": count for speaker, count in counts.items()}


def _sides(voices: _Voices, words: Mapping[str, float]) -> dict[str, float]:
    """What each of the two does."""
    seconds = {speaker: total(voices.heard[speaker]) for speaker in SIDES}
    found = {f"{speaker}_talk_seconds": value for speaker, value in seconds.items()}
    found |= {f"{speaker}_words_per_minute": 60 * words[f"{speaker}_words"] / value for speaker, value in seconds.items() if value}
    if any(seconds.values()):
        found["agent_talk_share"] = seconds[Speaker.AGENT] / sum(seconds.values())
    end = voices.ending()
    if end is not None:
        found["agent_spoke_last"] = end.speaker is Speaker.AGENT
    return found


def _both(voices: _Voices) -> dict[str, float]:
    """What they do at once."""
    both = voices.overlaps()
    broke_in = [sound.speaker for sound in voices.interruptions()]
    found = {
        "overlap_seconds": total(both),
        "longest_overlap": longest(both),
        "agent_interruptions": broke_in.count(Speaker.AGENT),
        "customer_interruptions": broke_in.count(Speaker.CUSTOMER),
    }
    everybody = total(voices.talk(*SIDES))
    if everybody:
        found["overlap_share"] = total(both) / everybody
    return found


def _first(voices: _Voices) -> dict[str, float]:
    """How long it takes until the agent speaks, and until the agent answers the customer's first words."""
    agent, customer = (voices.heard[speaker] for speaker in SIDES)
    found: dict[str, float] = {}
    if agent:
        found["agent_first_word_seconds"] = agent[0][0]
    replies = [start for start, _ in agent if customer and start > customer[0][0]]
    if replies:
        asked = max(end for start, end in customer if start < replies[0])
        found["first_response_seconds"] = max(0.0, replies[0] - asked)
    return found
