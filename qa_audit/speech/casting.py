"""Voices go in; the agent, the customer and the machine come out, with turns, sound and trust in each role."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from qa_audit.intervals import total
from qa_audit.measures import MONO, SIDES
from qa_audit.models import Doubt, Recording, Sound, Speaker, Turn
from qa_audit.speech.diarise import Voices, voices
from qa_audit.speech.ear import Side, Sides
from qa_audit.speech.roles import Roles, roles
from qa_audit.speech.spoken import MACHINE, Spoken
from qa_audit.turns import turns_by_voice

CLEARLY = 0.5
"""How clearly two voices must differ, 0..1, for nothing to be said of it."""

LONG_ENOUGH = 10.0
"""Seconds of speech a side must have for another voice on it to be looked for."""

ANOTHER = 3.5
"""Distance of two voices (see `diarise`) from which on a side that should be one person's surely has two."""

ONE_SIDED = 0.8
"""The trust in the only side that is heard being who the channel says."""

SHARED = Doubt(
    MONO,
    "Both people share one channel: who spoke is told from voice and words, and talk-over and interruptions cannot be measured.",
)


def cast(spoken: Spoken, sides: Sides, recording: Recording) -> Roles:
    """Who the two voices are. CallError of kind `contradiction-roles` when the words contradict what is known of the channels."""
    if spoken.apart is not None:
        return _on_shared_side(spoken, spoken.apart, sides.sides[0], recording)
    found = roles((spoken.text(0), spoken.text(1)), opens=spoken.opens, recording=recording, stated=_stated(recording))
    others = tuple(doubt for side, speaker in zip(sides.sides, found.speakers, strict=True) for doubt in _other_voice(side, speaker))
    return replace(found, doubts=(*found.doubts, *others))


def turns(spoken: Spoken, who: Roles) -> tuple[Turn, ...]:
    """The turns of the call. On a shared side each is trusted as far as its own words are clearly of one voice."""
    speakers = {0: who.speakers[0], 1: who.speakers[1], MACHINE: Speaker.SYSTEM}
    built = turns_by_voice(spoken.words, speakers=speakers, role_trust={0: who.trust, 1: who.trust, MACHINE: 1.0})
    apart = spoken.apart
    if apart is None or who.speakers[0] is who.speakers[1]:
        return built
    return tuple(
        turn if turn.speaker is Speaker.SYSTEM else replace(turn, role_trust=turn.role_trust * _sureness(turn, apart)) for turn in built
    )


def sounds(spoken: Spoken, who: Roles) -> tuple[Sound, ...]:
    """Who is heard when, in order."""
    speakers = (*who.speakers, Speaker.SYSTEM)
    found = (Sound(speaker, start, end) for speaker, stretches in zip(speakers, spoken.sounds, strict=True) for start, end in stretches)
    return tuple(sorted(found, key=lambda sound: (sound.start, sound.end)))


def _stated(recording: Recording) -> Sequence[Speaker]:
    """Who is on which of two channels, as far as it is known; the other side of the agent is the customer."""
    if len(recording.channels) != 2:
        return ()
    opposite = {Speaker.AGENT: Speaker.CUSTOMER, Speaker.CUSTOMER: Speaker.AGENT}
    one, other = recording.channels
    return (one if one in opposite else opposite.get(other, one), other if other in opposite else opposite.get(one, other))


def _on_shared_side(spoken: Spoken, apart: Voices, side: Side, recording: Recording) -> Roles:
    """Who two voices are that share a side; nobody, where there is but one or they cannot be told apart."""
    speaker = _only_speaker(side, recording)
    if speaker is not None and apart.clear < CLEARLY:
        doubt = Doubt("one-sided", f"Only the {speaker} is heard; what the other side says is not in the recording.")
        return Roles((speaker, speaker), ONE_SIDED, (doubt,))
    if not apart.clear:
        doubt = Doubt("one-voice", "Only one voice can be made out: either one side is missing or the two sound alike.")
        return Roles((Speaker.UNKNOWN, Speaker.UNKNOWN), 0.0, (SHARED, doubt))
    found = roles((spoken.text(0), spoken.text(1)), opens=spoken.opens, recording=recording, stated=())
    alike = (
        () if apart.clear >= CLEARLY else (Doubt("voices-alike", "The two voices are hard to tell apart; some words may be the other's."),)
    )
    return Roles(found.speakers, found.trust * float(apart.clear**0.5), (SHARED, *alike, *found.doubts))


def _only_speaker(side: Side, recording: Recording) -> Speaker | None:
    """Whom the only side is known to be, if it is one person's: the file has but that channel, or nobody speaks on the other."""
    if len(recording.channels) == 1 and recording.channels[0] in SIDES:
        return recording.channels[0]
    stated = _stated(recording)
    return stated[side.channel] if side.alone and stated else None


def _other_voice(side: Side, speaker: Speaker) -> tuple[Doubt, ...]:
    """A doubt where a side that should be one person's has two clearly different voices."""
    if total(side.heard.speech) < LONG_ENOUGH:
        return ()
    apart = voices(side.samples, side.heard.speech)
    if apart.distance < ANOTHER:
        return ()
    _, second = apart.stretches(side.heard.speech)
    message = f"A second voice is heard on the side of the {speaker}: a transfer, a supervisor or an announcement."
    return (Doubt("another-voice", message, second[0][0], second[-1][1]),)


def _sureness(turn: Turn, apart: Voices) -> float:
    """How sure it is, 0..1, that the words of a turn are of the voice they were given to."""
    votes = [apart.side(word.start or 0.0, word.end or 0.0)[1] for word in turn.words]
    return sum(votes) / len(votes)
