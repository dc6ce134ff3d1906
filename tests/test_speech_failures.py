"""Everything that goes wrong with recordings, made on purpose: which check catches it. docs/speech.md is the same as a table."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from speech_helpers import (
    AGENT_FIRST,
    RATE,
    Sound,
    clip,
    conversation,
    heard,
    heard_in,
    hiss,
    kinds,
    music,
    packets_lost,
    recording,
    ringing,
    talk,
    telephone,
    tone,
    write_wav,
)

from qa_audit.errors import CallError
from qa_audit.intervals import common, total, without
from qa_audit.measures import METRICS
from qa_audit.models import Word
from qa_audit.speech.activity import clips
from qa_audit.speech.channels import leaked
from qa_audit.speech.ear import Side
from qa_audit.speech.engines.base import Clip, Hearing
from qa_audit.speech.holds import holds
from qa_audit.speech.roles import roles
from qa_audit.speech.trust import weighed


def seconds_of_speech(side: Side) -> float:
    return total(side.heard.speech)


NOT_SPEECH: dict[str, Callable[[], Sound]] = {
    "silence": lambda: np.zeros(20 * RATE, np.float32),
    "ring-back": lambda: ringing(20),
    "beeps": lambda: np.tile(np.concatenate((tone(0.4, 1000), np.zeros(RATE, np.float32))), 14),
    "hold-music": lambda: music(20),
    "soft-hiss": lambda: hiss(20 * RATE, dbfs=-50),
    "loud-hiss": lambda: hiss(20 * RATE, dbfs=-20),
    "hum": lambda: tone(20, 50, 100, 150),
}


@pytest.mark.parametrize("sound", NOT_SPEECH)
def test_what_is_no_speech_is_not_listened_to(sound: str) -> None:
    with pytest.raises(CallError) as refused:
        heard(NOT_SPEECH[sound]())
    assert refused.value.kind == "no-speech"


@pytest.mark.parametrize("sound", NOT_SPEECH)
def test_words_that_a_recogniser_puts_there_all_the_same_are_struck(sound: str) -> None:
    """As when its words come from elsewhere, or lie in the silence around a clip."""
    call = np.concatenate((clip("agent-greets"), NOT_SPEECH[sound]()))
    side = heard(call).sides[0]
    real, invented = Word("help", 1.5, 2.0, 0.9), Word("thanks", 12.0, 12.5, 0.9)
    said = weighed(side, [Clip(call, 0.0, 0)], [Hearing((real, invented))])
    assert [word.text for word in said.words] == ["help"]
    assert said.struck == (invented,)


@pytest.mark.parametrize(("dbfs", "doubted"), [(-60, False), (-45, False), (-27, True), (-24, True)])
def test_noise_takes_from_the_trust_the_louder_it_is(dbfs: float, doubted: bool) -> None:
    call = conversation() + hiss((2, 20 * RATE), dbfs=dbfs)
    clean, noisy = heard(conversation()), heard(call)
    for before, after in zip(clean.sides, noisy.sides, strict=True):
        assert seconds_of_speech(after) == pytest.approx(seconds_of_speech(before), rel=0.1)
        assert (after.quality.factor < before.quality.factor) == doubted
    assert ("noisy" in kinds(noisy.doubts)) == doubted


@pytest.mark.parametrize("rate", [8000, 16000])
def test_clipping_is_told_and_takes_from_the_trust(tmp_path: Path, rate: int) -> None:
    loud = np.clip(8 * conversation()[:, :: RATE // rate], -1, 1)
    sides = heard_in(write_wav(tmp_path / "call.wav", loud, rate=rate))
    assert "clipped" in kinds(sides.doubts)
    assert all(side.quality.factor < 0.95 for side in sides.sides)
    assert "clipped" not in kinds(heard_in(write_wav(tmp_path / "call.wav", conversation())).doubts)


def test_8_khz_is_told_from_16_khz_and_heard_as_long() -> None:
    wide, narrow = heard(conversation()), heard(telephone(conversation()))
    assert "narrow-band" in kinds(narrow.doubts)
    assert "narrow-band" not in kinds(wide.doubts)
    for one, other in zip(wide.sides, narrow.sides, strict=True):
        assert seconds_of_speech(other) == pytest.approx(seconds_of_speech(one), rel=0.1)


@pytest.mark.parametrize(("share", "doubted"), [(0.0, False), (0.05, True), (0.15, True)])
def test_lost_packets_are_told_by_the_holes_they_leave(share: float, doubted: bool) -> None:
    sides = heard(packets_lost(conversation(), share))
    assert ("holes" in kinds(sides.doubts)) == doubted
    assert any(side.quality.factor < 1 for side in sides.sides) == doubted


@pytest.mark.parametrize("delay", [0.003, 0.1], ids=["direct", "echo"])
@pytest.mark.parametrize("decibels", [-40, -30, -20, -12, -6])
def test_the_other_side_leaking_in_is_not_taken_for_speech(decibels: float, delay: float) -> None:
    clean = conversation()
    leaking = clean.copy()
    leaking[1] += 10 ** (decibels / 20) * np.roll(clean[0], round(delay * RATE))
    sides, truth = heard(leaking).sides, heard(clean).sides
    for side, true in zip(sides, truth, strict=True):
        assert total(without(side.heard.speech, true.heard.speech)) < 0.8
        assert total(without(true.heard.speech, side.heard.speech)) < 0.8
    assert total(common(sides[0].heard.speech, sides[1].heard.speech)) < 0.5


def test_a_leak_is_told_and_kept_from_the_recogniser() -> None:
    leaking = conversation()
    leaking[1] += 0.1 * leaking[0]
    sides = heard(leaking)
    assert "leak" in kinds(sides.doubts)
    greeting = slice(round(1 * RATE), round(4 * RATE))
    assert np.abs(sides.sides[1].samples[greeting]).max() < 0.2 * np.abs(leaking[1][greeting]).max()


@pytest.mark.parametrize("louder", [1.0, 0.3, 0.1])
def test_two_people_talking_at_once_are_no_leak(louder: float) -> None:
    both = talk((0, "agent-greets", 1), (1, "customer-complains", 1.5), (0, "agent-holds", 7), (1, "customer-answers", 7.3), seconds=12)
    both[1] *= louder
    sides = heard(both).sides
    assert not leaked(both[1], both[0], (sides[1].level, sides[0].level)).any()
    assert total(common(sides[0].heard.speech, sides[1].heard.speech)) > 3


@pytest.mark.parametrize("gain", [1.0, 0.3, -1.0], ids=["same", "softer", "turned-round"])
def test_mono_upmixed_to_stereo_is_heard_once(gain: float) -> None:
    mono = conversation().sum(axis=0)
    sides = heard(np.stack((mono, gain * np.roll(mono, 5))))
    assert len(sides.sides) == 1
    assert "fake-stereo" in kinds(sides.doubts)


@pytest.mark.parametrize("dbfs", [None, -60], ids=["digital-silence", "line-noise"])
def test_a_dead_channel_is_told(dbfs: float | None) -> None:
    call = conversation()
    call[1] = 0 if dbfs is None else hiss(call.shape[1], dbfs=dbfs)
    sides = heard(call)
    assert [side.channel for side in sides.sides] == [0]
    assert "dead-channel" in kinds(sides.doubts)


def test_swapped_channels_are_set_aside() -> None:
    agent = "good morning thank you for calling how can i help you can i take your account number please"
    customer = "my water has been off since monday and nobody called me back it is four two seven one"
    with pytest.raises(CallError) as refused:
        roles((customer, agent), opens=1, recording=recording(), stated=AGENT_FIRST)
    assert refused.value.kind == "contradiction-roles"
    assert roles((agent, customer), opens=0, recording=recording(), stated=AGENT_FIRST).trust == 1.0


def test_singing_on_hold_is_doubted() -> None:
    """Vocal hold music passes for speech: what gives it away is that it never pauses."""
    song = np.tile(clip("customer-complains")[round(0.3 * RATE) : round(2.9 * RATE)], 18)
    side = heard(song).sides[0]
    assert max(end - start for start, end in side.heard.speech) > 40
    words = tuple(Word(text, 1.0 + i, 1.5 + i, 0.9) for i, text in enumerate(("baby", "come", "back", "to", "me")))
    said = weighed(side, clips(side.samples, side.heard, side=0)[:1], [Hearing(words)])
    assert all(word.trust < 0.5 for word in (*said.words, *said.struck))


@pytest.mark.parametrize("minutes", [1, 5])
def test_a_very_long_hold_costs_nothing_and_is_measured(minutes: int) -> None:
    wait = np.zeros((2, minutes * 60 * RATE), np.float32)
    wait[0] = music(minutes * 60)
    sides = heard(np.concatenate((conversation(), wait, conversation()), axis=1))
    assert sum(len(clips(side.samples, side.heard, side=0)) for side in sides.sides) <= 10
    people = tuple(sorted(stretch for side in sides.sides for stretch in side.heard.speech))
    longest = max(holds(people, (), sides), key=lambda hold: hold[1] - hold[0])
    assert longest[1] - longest[0] == pytest.approx(minutes * 60 + 1.5, abs=4)


def test_a_call_cut_off_in_mid_sentence_is_known_by_its_end() -> None:
    cut = conversation()[:, : round(7.2 * RATE)]
    sides = heard(cut)
    assert sides.duration - sides.sides[1].heard.speech[-1][1] < 0.15


def test_faint_speech_is_raised_to_be_found_and_told() -> None:
    faint = heard(conversation() * 0.005)
    for side, loud in zip(faint.sides, heard(conversation()).sides, strict=True):
        assert seconds_of_speech(side) == pytest.approx(seconds_of_speech(loud), rel=0.15)
    assert "faint" in kinds(faint.doubts)


def test_a_repetition_loop_is_cut_after_its_first_saying() -> None:
    call = np.tile(clip("agent-greets"), 3)
    side = heard(call).sides[0]
    said = "thank you for watching " * 6
    words = tuple(Word(text, 0.4 + 0.15 * i, 0.5 + 0.15 * i, 0.95) for i, text in enumerate(said.split()))
    found = weighed(side, [Clip(call, 0.0, 0)], [Hearing(words)])
    assert " ".join(word.text for word in found.words) == "thank you for watching"
    assert len(found.struck) == 20


def test_the_documentation_names_every_check_and_every_measure() -> None:
    page = (Path(__file__).parent.parent / "docs" / "speech.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(test_\w+)`", page))
    here = {name for name in globals() if name.startswith("test_")} - {"test_the_documentation_names_every_check_and_every_measure"}
    folder = Path(__file__).parent
    files = [*folder.glob("test_speech_*.py"), folder / "test_pipeline_voices.py"]
    everywhere = {name for path in files for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)}
    assert here - named == set()
    assert named - everywhere == set()
    for name, meaning in METRICS.items():
        assert f"| `{name}` | {meaning} |" in page
