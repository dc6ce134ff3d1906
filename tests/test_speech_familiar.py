"""The voices of an agent's calls are compared: a call in which the sides are swapped stands out, the others do not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from speech_helpers import RATE, write_wav
from voices_helpers import organisation, spoken, write_call

from qa_audit.cli import main
from qa_audit.config import Recordings
from qa_audit.models import Heard, Speaker, Transcript, Turn, Word
from qa_audit.speech import CallVoices, swapped, voices_of
from qa_audit.speech.familiar import Voice


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """Four calls of one agent; in the last the transcript has agent and customer the wrong way round."""
    home = organisation(tmp_path_factory.mktemp("voices"))
    for number in range(4):
        write_call(home, f"sam_{number}", number, swapped=number == 3, narrow=number == 1)
    return home


def test_the_call_whose_sides_are_swapped_is_named_and_no_other(home, monkeypatch):
    monkeypatch.chdir(home)
    assert CliRunner().invoke(main, ["run", "-q"]).exit_code == 0
    before = (home / "qa_audit.db").read_bytes()
    result = CliRunner().invoke(main, ["voices", "--json", "-q"])
    said = json.loads(result.stdout)
    assert (said["calls"], said["agents"]) == (4, 1)
    assert [found["call_id"] for found in said["suspicions"]] == ["sam_3"]
    assert said["suspicions"][0]["sureness"] > 0.5
    assert (home / "qa_audit.db").read_bytes() == before, "nothing of a voice is kept, nothing is relabelled"
    assert "sam_3: the customer sounds like sam in 3 other calls" in CliRunner().invoke(main, ["voices", "-q"]).stdout
    assert json.loads(CliRunner().invoke(main, ["voices", "--json", "-q", "--limit", "3"]).stdout)["suspicions"] == [], "three are too few"


def test_a_recording_that_is_gone_is_passed_over(home, monkeypatch, tmp_path):
    elsewhere = tmp_path / "copy"
    shutil.copytree(home, elsewhere)
    monkeypatch.chdir(elsewhere)
    (elsewhere / "qa_audit.db").unlink(missing_ok=True)
    assert CliRunner().invoke(main, ["run", "-q"]).exit_code == 0
    (elsewhere / "calls" / "sam_0.wav").unlink()
    assert json.loads(CliRunner().invoke(main, ["voices", "--json", "-q"]).stdout) == {"calls": 3, "agents": 1, "suspicions": []}


def voice(*mean: float) -> Voice:
    return Voice(np.array(mean), np.ones(len(mean)))


AGENT, CUSTOMERS_VOICES = voice(0, 0), [voice(3, 0), voice(0, 3), voice(-3, 0), voice(0, -3), voice(3, 3)]
USUAL = [CallVoices(AGENT, customer) for customer in CUSTOMERS_VOICES]
TURNED = CallVoices(voice(2, 2), voice(0.1, 0))


@pytest.mark.parametrize(
    ("call", "others", "suspicious"),
    [
        (TURNED, USUAL[:3], True),
        (TURNED, USUAL[:2], False),
        (USUAL[0], USUAL[1:], False),
        (USUAL[0], [*USUAL[1:4], TURNED], False),
        (TURNED, [*USUAL[:3], TURNED], True),
        (CallVoices(voice(5, 5), voice(2, 2)), USUAL[:4], False),
        (CallVoices(voice(0.2, 0), voice(0.1, 0)), USUAL[:4], False),
        (TURNED, [*USUAL[:2], TURNED, TURNED], False),
    ],
    ids=["swapped", "too-few", "usual", "one-other-swapped", "swapped-like-one-other", "two-strangers", "alike", "half-swapped"],
)
def test_a_suspicion_needs_the_agent_s_other_calls_to_agree(call, others, suspicious):
    assert (swapped(call, others) > 0) is suspicious


def test_people_on_one_channel_or_with_little_to_say_are_not_compared(tmp_path):
    sound = np.stack([spoken("06-promise-to-call-back"), np.zeros(14 * RATE, np.float32)])
    sound[1, : 3 * RATE] = spoken("05-a-shrug")[: 3 * RATE]
    turns = tuple(
        Turn(index=i, speaker=who, start=7.0 * i, end=7.0 * i + 7, words=(Word("hello", 7.0 * i, 7.0 * i + 1, 0.9),))
        for i, who in enumerate((Speaker.AGENT, Speaker.CUSTOMER))
    )
    script = Transcript(call_id="c", fingerprint="", heard=Heard("imported", ""), language="en", duration=14.0, turns=turns)
    for channels in (sound, sound[0]):
        assert voices_of(write_wav(tmp_path / "c.wav", channels), transcript=script, limits=Recordings()) is None
