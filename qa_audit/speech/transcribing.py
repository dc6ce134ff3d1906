"""One recording in, one transcript out: decode, listen to each side, weigh the words, find out who speaks, measure the silence."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from qa_audit import config as settings
from qa_audit.models import Recording, Transcript
from qa_audit.speech import activity, casting
from qa_audit.speech.choosing import Chosen, loaded
from qa_audit.speech.decode import decode
from qa_audit.speech.ear import listen
from qa_audit.speech.engines.base import Clip, Engine, Hearing
from qa_audit.speech.holds import holds
from qa_audit.speech.spoken import on_own_sides, on_shared_side
from qa_audit.speech.trust import overall, weighed

DEFAULT_LIMITS = settings.Recordings()


def transcribe(
    path: Path, *, recording: Recording, config: settings.Speech, chosen: Chosen, limits: settings.Recordings = DEFAULT_LIMITS
) -> Transcript:
    """The transcript of a recording, heard by the chosen engine; its model is loaded once a process.

    Raises CallError when the file cannot be heard (see `decode`), nobody speaks (`no-speech`), or the words contradict what is
    known of the channels (`contradiction-roles`); EngineError when the engine has gone since it was chosen.
    """
    sides = listen(decode(path, call_id=recording.call_id, limits=limits), call_id=recording.call_id)
    clips = [activity.clips(side.samples, side.heard, side=side.channel) for side in sides.sides]
    hearings = _heard_by(loaded(chosen.name, config), clips, language=recording.language)
    heard = [weighed(side, own, found) for side, own, found in zip(sides.sides, clips, hearings, strict=True)]
    spoken = on_shared_side(heard[0], sides.sides[0], clips[0]) if sides.shared else on_own_sides(heard, sides.sides, clips)
    who = casting.cast(spoken, sides, recording)
    turns = casting.turns(spoken, who)
    return Transcript(
        call_id=recording.call_id,
        fingerprint=chosen.fingerprint,
        heard=chosen.heard,
        language=next((hearing.language for found in hearings for hearing in found if hearing.language), recording.language or ""),
        duration=sides.duration,
        turns=turns,
        speech=casting.sounds(spoken, who),
        holds=holds(spoken.people, turns, sides),
        struck=tuple(sorted((word for side in heard for word in side.struck), key=lambda word: word.start or 0.0)),
        doubts=(*sides.doubts, *who.doubts),
        trust=overall(word for _, word in spoken.words),
    )


def _heard_by(engine: Engine, clips: Sequence[Sequence[Clip]], *, language: str | None) -> list[list[Hearing]]:
    """What the engine hears in the clips of each side; it gets them all at once, to pack and batch as it sees fit."""
    hearings = iter(engine.transcribe([clip for own in clips for clip in own], language=language))
    return [list(islice(hearings, len(own))) for own in clips]
