"""Whole recordings become transcripts, heard by PocketSphinx; ready transcripts get the sound of their recording."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from speech_helpers import AGENT_FIRST, ANY_LENGTH, RATE, Sound, conversation, kinds, music, recording, talk, write_wav

from qa_audit.config import Recordings, Speech
from qa_audit.errors import CallError, EngineError
from qa_audit.measures import metrics
from qa_audit.models import Heard, Speaker, Transcript, Turn, Word
from qa_audit.speech import Chosen, choose_engine, engines_at_hand, measure, transcribe

AGENT, CUSTOMER, UNKNOWN = Speaker.AGENT, Speaker.CUSTOMER, Speaker.UNKNOWN
SPHINX = Speech(engine=("sphinx",))
GREETING = ((0, "agent-greets", 0.5), (1, "customer-complains", 4.5))
ALONE = talk((0, "agent-greets", 0.5), (0, "agent-asks", 5), seconds=8)


@pytest.fixture(scope="module")
def chosen() -> Chosen:
    pytest.importorskip("pocketsphinx")
    return choose_engine(SPHINX)


def heard(path: Path, chosen: Chosen, channels: tuple[Speaker, ...] = ()) -> Transcript:
    return transcribe(path, recording=recording(path, channels=channels), config=SPHINX, chosen=chosen, limits=ANY_LENGTH)


def speakers(transcript: Transcript) -> list[Speaker]:
    return [turn.speaker for turn in transcript.turns]


@pytest.fixture(scope="module")
def stereo(chosen: Chosen, tmp_path_factory: pytest.TempPathFactory) -> Transcript:
    """A call with a hold of 12 s, of which 10 are music."""
    call = talk(*GREETING, (0, "agent-holds", 8.5), (1, "customer-answers", 23.0), seconds=26)
    call[0, 12 * RATE : 22 * RATE] += music(10)
    return heard(write_wav(tmp_path_factory.mktemp("stereo") / "call.wav", call), chosen, AGENT_FIRST)


def test_a_stereo_call_is_heard_side_by_side(stereo: Transcript, chosen: Chosen) -> None:
    assert speakers(stereo) == [AGENT, CUSTOMER, AGENT, CUSTOMER]
    assert stereo.turns[0].text == "thank you for calling how can i help you today"
    assert "nobody called me back" in stereo.turns[1].text
    assert [turn.role_trust for turn in stereo.turns] == [1.0] * 4
    assert stereo.fingerprint == chosen.fingerprint
    assert (stereo.heard, stereo.language, stereo.duration) == (chosen.heard, "en", 26.0)
    assert stereo.doubts == ()
    assert 0.5 < stereo.trust <= 1
    for turn in stereo.turns:
        assert all(turn.start <= word.start < word.end <= turn.end for word in turn.words)  # type: ignore[operator]


def test_what_the_sound_tells_comes_with_the_words(stereo: Transcript) -> None:
    found = metrics(stereo)
    assert found["agent_talk_seconds"] == pytest.approx(4.8, abs=0.8)
    assert found["customer_talk_seconds"] == pytest.approx(5.2, abs=0.8)
    assert found["hold_count"] == 1
    assert found["longest_hold"] == pytest.approx(12.8, abs=1.0)
    assert found["overlap_seconds"] == 0
    assert 100 < found["agent_words_per_minute"] < 300


def test_the_same_sound_is_always_heard_the_same(tmp_path: Path, chosen: Chosen) -> None:
    path = write_wav(tmp_path / "call.wav", talk((1, "customer-answers", 0.5), seconds=4))
    assert heard(path, chosen, AGENT_FIRST) == heard(path, chosen, AGENT_FIRST)


def test_sides_that_nobody_named_are_told_from_the_words(tmp_path: Path, chosen: Chosen) -> None:
    transcript = heard(write_wav(tmp_path / "call.wav", talk(*GREETING, seconds=8)[::-1]), chosen)
    assert speakers(transcript) == [AGENT, CUSTOMER]
    assert kinds(transcript.doubts) == {"roles-guessed"}


def test_swapped_sides_are_set_aside(tmp_path: Path, chosen: Chosen) -> None:
    with pytest.raises(CallError) as refused:
        heard(write_wav(tmp_path / "call.wav", talk(*GREETING, seconds=8)[::-1]), chosen, AGENT_FIRST)
    assert refused.value.kind == "contradiction-roles"


def test_a_mono_call_is_divided_by_voice_and_says_what_that_costs(tmp_path: Path, chosen: Chosen) -> None:
    transcript = heard(write_wav(tmp_path / "call.wav", conversation().sum(axis=0)), chosen)
    assert speakers(transcript) == [AGENT, CUSTOMER, AGENT, CUSTOMER, AGENT]
    assert {"mono", "roles-guessed"} <= kinds(transcript.doubts)
    assert all(0.5 < turn.role_trust < 1 for turn in transcript.turns)
    assert "overlap_seconds" not in metrics(transcript)
    assert metrics(transcript)["agent_talk_seconds"] == pytest.approx(7.0, abs=1)


def test_of_one_voice_alone_nobody_knows_who_it_is(tmp_path: Path, chosen: Chosen) -> None:
    transcript = heard(write_wav(tmp_path / "call.wav", ALONE[0]), chosen)
    assert set(speakers(transcript)) == {UNKNOWN}
    assert kinds(transcript.doubts) == {"mono", "one-voice"}


@pytest.mark.parametrize(
    ("sound", "channels", "doubts"),
    [(ALONE, AGENT_FIRST, {"dead-channel", "one-sided"}), (ALONE[0], (AGENT,), {"one-sided"})],
    ids=["other channel dead", "one channel"],
)
def test_on_a_side_that_is_known_the_one_voice_is_who_it_must_be(
    tmp_path: Path, chosen: Chosen, sound: Sound, channels: tuple[Speaker, ...], doubts: set[str]
) -> None:
    transcript = heard(write_wav(tmp_path / "call.wav", sound), chosen, channels)
    assert set(speakers(transcript)) == {AGENT}
    assert kinds(transcript.doubts) == doubts
    assert all(0.5 < turn.role_trust < 1 for turn in transcript.turns)


def test_a_call_of_silence_is_set_aside(tmp_path: Path, chosen: Chosen) -> None:
    with pytest.raises(CallError) as refused:
        heard(write_wav(tmp_path / "call.wav", np.zeros((2, 10 * RATE), np.float32)), chosen, AGENT_FIRST)
    assert (refused.value.kind, refused.value.stage) == ("no-speech", "transcribe")


# ------------------------------------------------------------------------------------------- who listens


def test_the_choice_travels_to_workers_and_names_all_that_shapes_the_words(chosen: Chosen) -> None:
    assert pickle.loads(pickle.dumps(chosen)) == chosen
    assert chosen.name == chosen.heard.engine == "sphinx"
    assert len(chosen.fingerprint) == 32
    assert choose_engine(SPHINX).fingerprint == chosen.fingerprint


def test_a_step_down_the_list_is_told(chosen: Chosen, tmp_path: Path) -> None:
    config = Speech(engine=("faster-whisper", "sphinx"), model=str(tmp_path / "no-such-model"))
    stepped = choose_engine(config)
    assert stepped.name == "sphinx"
    (reason,) = stepped.stepped_down
    assert reason == "faster-whisper has no model no-such-model on this machine, so sphinx listened; qa-audit doctor says what to do."


def test_without_the_only_engine_nothing_is_heard_and_the_way_out_is_told(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"faster-whisper is not at hand: .+"):
        choose_engine(Speech(engine=("faster-whisper",), model=str(tmp_path / "no-such-model")))


@pytest.mark.parametrize(("named", "said"), [(("sphynx",), "did you mean 'sphinx'"), ((), "names nobody who listens")])
def test_an_engine_that_is_none_is_refused(named: tuple[str, ...], said: str) -> None:
    with pytest.raises(EngineError, match=said):
        choose_engine(Speech(engine=named))


def test_every_engine_says_how_it_stands() -> None:
    states = engines_at_hand(Speech(model="no-such-model"))
    assert [state.name for state in states] == ["faster-whisper", "whisper", "sphinx"]
    assert all(state.ready or state.advice for state in states)


# -------------------------------------------------------------------------- a ready transcript and its sound


def told(*turns: tuple[Speaker, str, float, float]) -> Transcript:
    made = []
    for index, (speaker, text, start, end) in enumerate(turns):
        texts = text.split()
        step = (end - start) / len(texts)
        words = tuple(Word(word, start + i * step, start + (i + 1) * step, 0.9) for i, word in enumerate(texts))
        made.append(Turn(index=index, speaker=speaker, start=start, end=end, words=words))
    return Transcript(call_id="call", fingerprint="", heard=Heard("imported", "vtt"), language="en", duration=None, turns=tuple(made))


READY = told(
    (AGENT, "thank you for calling how can I help you today", 0.6, 3.8),
    (CUSTOMER, "my order never arrived and nobody called me back", 5.6, 8.5),
    (AGENT, "can I take your account number please", 10.2, 12.3),
    (CUSTOMER, "yes it is number seven one nine", 13.7, 15.8),
    (AGENT, "please hold for one moment", 16.6, 18.2),
)


@pytest.mark.parametrize("swapped", [False, True])
def test_a_ready_transcript_gets_the_sound_of_the_side_each_speaker_is_on(tmp_path: Path, swapped: bool) -> None:
    call = conversation()[::-1] if swapped else conversation()
    measured = measure(READY, write_wav(tmp_path / "call.wav", call))
    assert measured.turns == READY.turns
    assert measured.duration == 20
    found = metrics(measured)
    assert found["agent_talk_seconds"] == pytest.approx(7.0, abs=1)
    assert found["customer_talk_seconds"] == pytest.approx(5.2, abs=1)


def test_on_one_channel_its_turns_say_whose_the_sound_is(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "call.wav", conversation().sum(axis=0))
    measured = measure(READY, path)
    assert "mono" in kinds(measured.doubts)
    assert metrics(measured)["customer_talk_seconds"] == pytest.approx(5.2, abs=1)
    incomplete = measure(replace(READY, turns=READY.turns[:4]), path)
    assert [sound.speaker for sound in incomplete.speech if sound.start > 16] == [UNKNOWN]


def test_its_words_over_silence_are_struck(tmp_path: Path) -> None:
    invented = told((AGENT, "thank you for calling", 0.6, 3.8), (CUSTOMER, "thanks for watching", 21.5, 23.0))
    call = np.pad(conversation(), ((0, 0), (0, 5 * RATE)))
    measured = measure(invented, write_wav(tmp_path / "call.wav", call))
    assert [word.text for word in measured.struck] == ["thanks", "for", "watching"]
    assert speakers(measured) == [AGENT]


def test_a_transcript_of_another_call_is_left_alone_with_a_doubt(tmp_path: Path) -> None:
    other = told((AGENT, "this was said in another call", 60.0, 70.0))
    measured = measure(other, write_wav(tmp_path / "call.wav", conversation()))
    assert kinds(measured.doubts) == {"not-this-recording"}
    assert replace(measured, doubts=()) == other


def test_a_transcript_without_times_stays_as_it_is(tmp_path: Path) -> None:
    chat = replace(READY, turns=(Turn(index=0, speaker=AGENT, start=None, end=None, words=(Word("hello", None, None, 1.0),)),))
    assert measure(chat, write_wav(tmp_path / "call.wav", conversation())) is chat


def test_a_recording_out_of_bounds_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CallError) as refused:
        measure(READY, write_wav(tmp_path / "call.wav", conversation()), limits=Recordings(max_seconds=10))
    assert refused.value.kind == "too-long"
