"""The named measures of a call, from its sound or, failing that, from the times of its words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_audit.intervals import common, complement, longest, total, union, without
from qa_audit.measures import METRICS, Ending, ending, interruptions, metrics, overlaps, silences, talk
from qa_audit.models import Doubt, Heard, Sound, Speaker, Transcript, Turn, Word

AGENT, CUSTOMER, SYSTEM, UNKNOWN = Speaker.AGENT, Speaker.CUSTOMER, Speaker.SYSTEM, Speaker.UNKNOWN


def turn(speaker: Speaker, start: float, end: float, words: int) -> Turn:
    step = (end - start) / words
    said = tuple(Word("word", start + i * step, start + (i + 1) * step, 1.0) for i in range(words))
    return Turn(index=0, speaker=speaker, start=start, end=end, words=said)


CALL = Transcript(
    call_id="call",
    fingerprint="f",
    heard=Heard("hand", "none"),
    language="en",
    duration=60.0,
    turns=(turn(AGENT, 1, 5, 12), turn(CUSTOMER, 6, 12, 15), turn(AGENT, 10, 15, 20), turn(CUSTOMER, 40, 44, 8)),
    speech=(
        Sound(AGENT, 1, 5),
        Sound(CUSTOMER, 6, 12),
        Sound(AGENT, 10, 15),
        Sound(SYSTEM, 20, 24),
        Sound(CUSTOMER, 40, 44),
        Sound(AGENT, 42, 42.6),
        Sound(AGENT, 50, 58),
    ),
    holds=((15.0, 40.0),),
)

MEASURED = {
    "duration_seconds": 60,
    "talk_seconds": 4 + 9 + 4 + 8,
    "agent_talk_seconds": 4 + 5 + 0.6 + 8,
    "customer_talk_seconds": 6 + 4,
    "agent_talk_share": 17.6 / 27.6,
    "system_seconds": 4,
    "overlap_seconds": 2.6,
    "overlap_share": 2.6 / 25,
    "longest_overlap": 2,
    "agent_interruptions": 1,  # at 10; the 0.6 s at 42 are a back-channel
    "customer_interruptions": 0,
    "silence_seconds": 1 + 1 + 6 + 2,
    "silence_share": 10 / 60,
    "longest_silence": 6,
    "hold_seconds": 25,
    "hold_share": 25 / 60,
    "longest_hold": 25,
    "hold_count": 1,
    "agent_words": 32,
    "customer_words": 23,
    "agent_words_per_minute": 60 * 32 / 17.6,
    "customer_words_per_minute": 60 * 23 / 10,
    "first_word_seconds": 1,
    "agent_first_word_seconds": 1,
    "first_response_seconds": 0,
    "agent_spoke_last": 1,
    "closing_silence": 2,
    "cut_off": 0,
}


def test_every_metric_of_a_call_worked_out_by_hand() -> None:
    assert metrics(CALL) == pytest.approx(MEASURED)
    assert metrics(CALL).keys() == METRICS.keys()


def test_every_metric_is_a_float() -> None:
    assert {type(value) for value in metrics(CALL).values()} == {float}


def test_who_broke_in_on_whom_and_for_how_long() -> None:
    assert interruptions(CALL) == (Sound(AGENT, 10, 12),)


@pytest.mark.parametrize(
    ("starts", "ends", "broke_in"),
    [(10, 13, True), (6.2, 9, False), (11.8, 14, False), (8, 8.9, False), (8, 9.1, True), (12, 15, False)],
    ids=["in the middle", "both begin", "at the end", "back-channel", "longer than that", "after"],
)
def test_breaking_in_is_starting_well_inside_and_going_on(starts: float, ends: float, broke_in: bool) -> None:
    call = replace(CALL, speech=(Sound(CUSTOMER, 6, 12), Sound(AGENT, starts, ends)))
    assert len(interruptions(call)) == int(broke_in)


def test_on_one_channel_overlap_is_not_measured_and_not_called_none() -> None:
    mono = replace(CALL, doubts=(Doubt("mono", "one channel"),))
    lost = {"overlap_seconds", "overlap_share", "longest_overlap", "agent_interruptions", "customer_interruptions"}
    assert METRICS.keys() - metrics(mono).keys() == lost
    assert overlaps(mono) == ()
    assert interruptions(mono) == ()


def test_of_people_nobody_knows_only_the_whole_is_told() -> None:
    unknown = replace(CALL, speech=tuple(replace(sound, speaker=UNKNOWN) for sound in CALL.speech if sound.speaker is not SYSTEM))
    found = metrics(unknown)
    assert found["talk_seconds"] == 25
    assert not {name for name in found if "agent" in name or "customer" in name}


def test_without_audio_the_words_tell_what_they_can() -> None:
    found = metrics(replace(CALL, speech=(), holds=(), duration=None))
    assert found["duration_seconds"] == 44
    assert found["agent_talk_seconds"] == 9
    assert found["overlap_seconds"] == 2
    assert found["cut_off"] == 0  # the last word is not the end of a recording


def test_a_chat_has_words_and_no_seconds() -> None:
    said = Turn(index=0, speaker=AGENT, start=None, end=None, words=(Word("hello", None, None, 1.0),))
    found = metrics(replace(CALL, turns=(said,), speech=(), holds=(), duration=None))
    assert found == {"agent_words": 1, "customer_words": 0}


def test_a_call_without_a_voice_has_no_measures_of_it() -> None:
    assert metrics(replace(CALL, turns=(), speech=(), holds=())) == {"agent_words": 0, "customer_words": 0}
    assert ending(replace(CALL, turns=(), speech=())) is None


def test_silence_leaves_out_holds_and_what_is_short() -> None:
    assert silences(CALL) == ((0, 1), (5, 6), (44, 50), (58, 60))
    assert silences(CALL, at_least=1.5) == ((44, 50), (58, 60))


@pytest.mark.parametrize(
    ("last", "how"),
    [
        (Sound(CUSTOMER, 55, 59.9), Ending(CUSTOMER, pytest.approx(0.1), True)),
        (Sound(AGENT, 55, 57), Ending(AGENT, pytest.approx(3), False)),
        (Sound(UNKNOWN, 55, 60), Ending(UNKNOWN, 0, True)),
    ],
)
def test_how_a_call_ends(last: Sound, how: Ending) -> None:
    assert ending(replace(CALL, speech=(Sound(AGENT, 1, 2), last, Sound(SYSTEM, 59, 60)))) == how


def test_the_answer_is_timed_from_the_end_of_what_was_asked() -> None:
    asked = (Sound(CUSTOMER, 1, 4), Sound(CUSTOMER, 5, 8), Sound(AGENT, 10.5, 12))
    assert metrics(replace(CALL, speech=asked))["first_response_seconds"] == 2.5


def test_talk_of_several_is_counted_once() -> None:
    assert talk(CALL, AGENT, CUSTOMER)[1] == (6, 15)


stretches = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)).map(lambda pair: (float(min(pair)), float(max(pair)))), max_size=8)


@given(stretches, stretches)
def test_intervals_add_up(one: list[tuple[float, float]], other: list[tuple[float, float]]) -> None:
    a, b = union(one), union(other)
    assert total(common(a, b)) + total(without(a, b)) == total(a)
    assert total(union((*a, *b))) == total(a) + total(b) - total(common(a, b))
    assert total(complement(a, 0, 50)) == 50 - total(a)
    assert longest(a) <= total(a)
    assert all(start < end for start, end in (*a, *common(a, b), *without(a, b), *complement(a, 0, 50)))


def test_a_gap_that_is_small_enough_is_closed() -> None:
    assert union([(0, 1), (1.2, 2), (3, 4)], gap=0.3) == ((0, 2), (3, 4))
