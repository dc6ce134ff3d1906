"""A transcript in, moments out that nobody says: holds, silences, talk-over, who had the last word, how the call ended."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from qa_audit.audit.endings import has_farewell, is_cut_off, last_turn
from qa_audit.measures import ending, holds, interruptions, overlaps, silences
from qa_audit.models import Moment, Speaker, Tier, Transcript
from qa_audit.rules.language import Behaviour

LINE_GOES_DEAD = 1.5
"""Seconds after the agent's last word in which the customer had no chance to answer."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of the call, whose doing it is (unknown for nobody's), and what to say of it. Times are None in a chat."""

    speaker: Speaker
    start: float | None
    end: float | None
    because: str
    tier: Tier = Tier.STRICT


def measured(behaviour: Behaviour, transcript: Transcript) -> Iterator[Moment]:
    """The moments of a behaviour with a `measure`, longer than its `longer_than` seconds where it has one."""
    for stretch in STRETCHES[behaviour.measure](transcript) if transcript.turns else ():
        long_enough = behaviour.longer_than is None or _length(stretch) > behaviour.longer_than
        if long_enough and (stretch.speaker in behaviour.who or stretch.speaker is Speaker.UNKNOWN):
            yield _moment(behaviour, transcript, stretch)


def _length(stretch: Stretch) -> float:
    return 0.0 if stretch.start is None or stretch.end is None else stretch.end - stretch.start


def _moment(behaviour: Behaviour, transcript: Transcript, stretch: Stretch) -> Moment:
    turn = _turn_at(transcript, stretch)
    words = len(transcript.turns[turn].words)
    return Moment(
        behaviour=behaviour.id,
        turn=turn,
        speaker=stretch.speaker,
        start=stretch.start,
        end=stretch.end,
        quote="",
        span=(words, words),
        trust=1.0 if transcript.speech or not transcript.timed else transcript.trust,
        how="measured",
        tier=stretch.tier,
        because=stretch.because,
    )


def _turn_at(transcript: Transcript, stretch: Stretch) -> int:
    """The last turn that begins before the stretch does; without times the last turn."""
    if stretch.start is None:
        return len(transcript.turns) - 1
    before = [turn.index for turn in transcript.turns if turn.start is not None and turn.start <= stretch.start]
    return max(before, default=0)


def _plain(
    find: Callable[[Transcript], Iterable[tuple[float, float]]], speaker: Speaker, words: str
) -> Callable[[Transcript], Iterator[Stretch]]:
    """A measure that is a list of stretches, nobody's doing or the system's."""

    def stretches(transcript: Transcript) -> Iterator[Stretch]:
        for start, end in find(transcript):
            yield Stretch(speaker, start, end, f"{words} for {end - start:.0f} s.")

    return stretches


def _interruptions(transcript: Transcript) -> Iterator[Stretch]:
    for sound in interruptions(transcript):
        yield Stretch(sound.speaker, sound.start, sound.end, f"The {sound.speaker} breaks in while the other speaks.")


def _closing_silence(transcript: Transcript) -> Iterator[Stretch]:
    end = ending(transcript) if transcript.timed else None
    if end is not None and transcript.duration is not None and end.silence > 0:
        silence = (transcript.duration - end.silence, transcript.duration)
        yield Stretch(Speaker.UNKNOWN, *silence, f"Nobody speaks for the last {end.silence:.0f} s.")


def _spoke_last(speaker: Speaker) -> Callable[[Transcript], Iterator[Stretch]]:
    def stretches(transcript: Transcript) -> Iterator[Stretch]:
        turn = last_turn(transcript)
        if turn is not None and turn.speaker is speaker:
            yield Stretch(speaker, turn.start, turn.end, f"The {speaker} has the last word.")

    return stretches


def _agent_hangs_up(transcript: Transcript) -> Iterator[Stretch]:
    """The line goes dead in the customer's words, or on the agent's last ones with no goodbye from anybody."""
    end = ending(transcript) if transcript.timed and transcript.speech else None
    turn = last_turn(transcript)
    if end is None or turn is None or has_farewell(transcript):
        return
    on_customer = end.speaker is Speaker.CUSTOMER and end.cut_off
    on_agent = end.speaker is Speaker.AGENT and end.silence <= LINE_GOES_DEAD
    if on_customer or on_agent:
        why = f"The line goes dead {end.silence:.1f} s after the {end.speaker}'s last word and nobody says goodbye; who hung up cannot be heard."
        yield Stretch(Speaker.AGENT, turn.start, turn.end, why, Tier.LENIENT)


def _cut_off(transcript: Transcript) -> Iterator[Stretch]:
    turn = last_turn(transcript)
    if turn is not None and is_cut_off(transcript):
        yield Stretch(Speaker.UNKNOWN, turn.start, turn.end, "The recording ends while somebody is speaking.")


STRETCHES: Mapping[str, Callable[[Transcript], Iterator[Stretch]]] = {
    "hold": _plain(holds, Speaker.SYSTEM, "The call is on hold"),
    "silence": _plain(silences, Speaker.UNKNOWN, "Nobody speaks"),
    "overlap": _plain(overlaps, Speaker.UNKNOWN, "Both speak at once"),
    "interruption": _interruptions,
    "closing-silence": _closing_silence,
    "agent-spoke-last": _spoke_last(Speaker.AGENT),
    "customer-spoke-last": _spoke_last(Speaker.CUSTOMER),
    "agent-hangs-up": _agent_hangs_up,
    "cut-off": _cut_off,
}
"""How each of `rules.language.MEASURES` is found."""
