"""Holds, menus and announcements: when nobody speaks, and when only a machine does."""

from __future__ import annotations

import numpy as np
import pytest
from speech_helpers import RATE, Sound, clip, heard, music

from qa_audit.intervals import Intervals
from qa_audit.models import Speaker, Turn, Word
from qa_audit.speech.announcements import announcements
from qa_audit.speech.holds import holds

GREETED = len(clip("agent-greets")) / RATE


def with_pause(seconds: float, filling: Sound | None = None) -> Sound:
    """Greeting, a pause, a complaint: both sides of a call."""
    pause = np.zeros((2, round(seconds * RATE)), np.float32)
    if filling is not None:
        pause[0, RATE // 2 :] = filling[: pause.shape[1] - RATE // 2]
    greeting, complaint = clip("agent-greets"), clip("customer-complains")
    before = np.stack((greeting, np.zeros_like(greeting)))
    after = np.stack((np.zeros_like(complaint), complaint))
    return np.concatenate((before, pause, after), axis=1)


def held(call: Sound, *turns: Turn) -> Intervals:
    sides = heard(call)
    people = tuple(sorted(stretch for side in sides.sides for stretch in side.heard.speech))
    return holds(people, turns, sides)


def turn(text: str, *, end: float) -> Turn:
    words = tuple(Word(word, end - 0.5, end, 1.0) for word in text.split())
    return Turn(index=0, speaker=Speaker.AGENT, start=end - 3, end=end, words=words)


@pytest.mark.parametrize(
    ("seconds", "said", "filling", "is_hold"),
    [
        (5, "how can I help you", None, False),
        (10, "how can I help you", None, False),
        (20, "how can I help you", None, True),
        (5, "please hold for a moment", None, False),
        (10, "please hold for a moment", None, True),
        (10, "let me check that for you", None, True),
        (10, "how can I help you", music(10), True),
        (3, "how can I help you", music(3), False),
    ],
)
def test_a_hold_is_long_or_announced_or_filled_with_music(seconds: float, said: str, filling: Sound | None, is_hold: bool) -> None:
    found = held(with_pause(seconds, filling), turn(said, end=GREETED))
    assert len(found) == int(is_hold)
    if is_hold:
        assert found[0] == pytest.approx((GREETED, GREETED + seconds), abs=0.5)


def test_ringing_before_the_first_word_and_silence_after_the_last_are_no_hold() -> None:
    call = np.pad(with_pause(1), ((0, 0), (30 * RATE, 30 * RATE)))
    assert held(call) == ()


def test_a_caller_who_gives_up_in_the_music_was_on_hold() -> None:
    call = with_pause(1)
    waiting = np.stack((music(20), np.zeros(20 * RATE, np.float32)))
    (hold,) = held(np.concatenate((call, waiting), axis=1))
    assert hold[1] == pytest.approx(call.shape[1] / RATE + 20, abs=0.1)


@pytest.mark.parametrize(
    "text",
    [
        "for sales press one for anything else press two",
        "your call is important to us please stay on the line",
        "all of our advisers are currently busy",
        "you are number four in the queue",
        "the estimated waiting time is three minutes",
        "please leave a message after the tone",
    ],
)
def test_machines_are_known_by_what_they_say(text: str) -> None:
    assert announcements([("hello", (0.0, 1.0)), (text, (2.0, 6.0))]) == {1}


@pytest.mark.parametrize(
    "text",
    [
        "how can I help you today",
        "please hold the line while I look that up for you",
        "I pressed the button and nothing came",
        "I was told that my order is important",
        "our driver was busy on Monday",
        "I left a message for you yesterday",
    ],
)
def test_people_are_not_taken_for_machines(text: str) -> None:
    assert announcements([(text, (0.0, 3.0))]) == frozenset()


def test_a_passage_that_comes_back_at_exactly_its_length_is_a_recording() -> None:
    jingle = "harbour water keeps the town supplied day and night"
    human = "can I take your account number please sir"
    passages = [
        (jingle, (0.0, 4.0)),
        (human, (6.0, 9.0)),
        (jingle, (60.0, 64.04)),
        (human, (70.0, 73.6)),
        ("yes", (80.0, 80.3)),
        ("yes", (90.0, 90.3)),
    ]
    assert announcements(passages) == {0, 2}
