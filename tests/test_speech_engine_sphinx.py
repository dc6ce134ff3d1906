"""PocketSphinx through its real model: what it hears, when, and how sure it is."""

import subprocess
import wave

import numpy as np
import pytest

from qa_audit.config import Speech
from qa_audit.speech.engines import REGISTRY
from qa_audit.speech.engines.base import SAMPLE_RATE, Clip
from qa_audit.speech.engines.sphinx import _words


@pytest.fixture(scope="module")
def engine():
    return REGISTRY["sphinx"].load(Speech(engine=("sphinx",)))


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """A sentence spoken by flite, as float32 samples."""
    file = tmp_path_factory.mktemp("flite") / "said.wav"
    subprocess.run(["flite", "-voice", "rms", "-t", "I will call you back by Friday.", "-o", file], check=True)
    with wave.open(str(file)) as sound:
        assert sound.getframerate() == SAMPLE_RATE
        return np.frombuffer(sound.readframes(sound.getnframes()), np.int16).astype(np.float32) / 32768


def test_state_tells_what_is_at_hand_without_loading():
    state = REGISTRY["sphinx"].state(Speech())
    assert state.ready and state.installed and state.advice == ""
    assert state.heard.engine == "sphinx" and len(state.heard.model_sha256) == 64


def test_words_carry_call_times_and_trust(engine, said):
    clip = Clip(said, 12.5, 0)
    (hearing,) = engine.transcribe([clip], language="en")
    assert " ".join(word.text for word in hearing.words) == "i will call you back by friday"
    assert all(0 <= word.trust <= 1 for word in hearing.words)
    times = [time for word in hearing.words for time in (word.start, word.end)]
    assert times == sorted(times) and times[0] >= clip.start and times[-1] <= clip.end


def test_neighbours_do_not_change_a_clip(engine, said):
    noise = np.random.default_rng(3).normal(0, 0.05, SAMPLE_RATE * 2).astype(np.float32)
    alone = engine.transcribe([Clip(said, 0.0, 0)], language=None)
    among = engine.transcribe([Clip(noise, 0.0, 1), Clip(said, 0.0, 0)], language=None)
    assert among[1] == alone[0]


def test_a_speck_of_sound_and_no_sound_have_no_words(engine):
    clips = [Clip(np.zeros(40, np.float32), 2.0, 0), Clip(np.zeros(0, np.float32), 3.0, 0)]
    assert [hearing.words for hearing in engine.transcribe(clips, language="en")] == [(), ()]


class _Said:
    def __init__(self, word, start_frame, end_frame, prob):
        self.word, self.start_frame, self.end_frame, self.prob = word, start_frame, end_frame, prob


def test_sounds_that_are_no_words_are_dropped_and_variants_cleaned():
    heard = [_Said("<s>", 0, 9, 1.0), _Said("your(2)", 10, 29, 0.75), _Said("[NOISE]", 30, 39, 0.9), _Said("++UM++", 40, 44, 0.9)]
    words = _words(heard, Clip(np.zeros(SAMPLE_RATE, np.float32), 4.0, 0))
    assert [(word.text, word.start, word.end, word.trust) for word in words] == [("your", 4.1, 4.3, 0.75)]
