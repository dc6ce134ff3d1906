"""Two people on one channel are told apart word by word; one voice is not taken for two."""

from __future__ import annotations

import numpy as np
import pytest
from speech_helpers import CONVERSATION, RATE, clip, conversation, hiss, telephone

from qa_audit.speech.activity import activity
from qa_audit.speech.diarise import Voices, voices

MIDDLES = [(channel, start + len(clip(name)) / RATE / 2) for channel, name, start in CONVERSATION]


def apart(mono: np.ndarray) -> Voices:
    return voices(mono, activity(mono).speech)


@pytest.mark.parametrize("line", ["wide", "telephone", "noisy"])
def test_words_go_to_the_voice_that_says_them(line: str) -> None:
    mono = conversation().sum(axis=0)
    mono = {"wide": mono, "telephone": telephone(mono), "noisy": mono + hiss(len(mono), dbfs=-40)}[line]
    found = apart(mono)
    assert [found.side(middle - 0.2, middle + 0.2)[0] for _, middle in MIDDLES] == [channel for channel, _ in MIDDLES]
    assert min(found.side(middle - 0.2, middle + 0.2)[1] for _, middle in MIDDLES) > 0.5
    assert found.clear > 0.5


def test_who_speaks_first_is_the_first_voice_whoever_it_is() -> None:
    swapped = np.concatenate((conversation().sum(axis=0)[5 * RATE :], conversation().sum(axis=0)))
    found = apart(swapped)
    assert found.side(1.0, 2.0)[0] == 0  # the customer now opens the call
    assert found.side(15 + 1.0, 15 + 3.0)[0] == 1  # and this is the greeting of the agent


def test_the_speech_of_a_channel_is_divided_without_loss() -> None:
    mono = conversation().sum(axis=0)
    speech = activity(mono).speech
    first, second = voices(mono, speech).stretches(speech)
    seconds = [sum(end - start for start, end in part) for part in (first, second, speech)]
    assert seconds[0] + seconds[1] == pytest.approx(seconds[2], abs=0.01)
    assert seconds[0] == pytest.approx(sum(end - start for start, end in activity(conversation()[0]).speech), abs=0.5)


@pytest.mark.parametrize("channel", [0, 1])
def test_one_voice_is_not_taken_for_two(channel: int) -> None:
    alone = np.tile(conversation()[channel], 2)
    assert apart(alone).clear < 0.5


def test_a_call_of_a_few_words_has_one_voice() -> None:
    found = apart(clip("customer-answers"))
    assert found.clear == 0
    assert found.side(0.5, 1.0)[0] == 0


def test_silence_has_no_voice() -> None:
    found = voices(np.zeros(RATE, np.float32), ())
    assert found.side(0.2, 0.4) == (0, 0.0)
    assert found.stretches(()) == ((), ())


def test_the_same_call_is_always_divided_in_the_same_way() -> None:
    mono = conversation().sum(axis=0)
    assert np.array_equal(apart(mono).votes, apart(mono.copy()).votes)
