"""When a clip is heard a second time, and which hearing counts. The decoder here is a table: sound in, words out."""

import numpy as np
import pytest

from qa_audit.models import Word
from qa_audit.speech.engines.base import SAMPLE_RATE, Clip, Hearing
from qa_audit.speech.engines.listening import Decoded, Manner, compression_ratio, is_doubtful, listen
from qa_audit.speech.engines.packing import Spoken


def clip(seconds, level=0.1, start=0.0):
    return Clip(np.full(int(seconds * SAMPLE_RATE), level, np.float32), start, 0)


def said(text, *, probability=0.9, pace=0.4):
    """Words one after another, `pace` seconds each."""
    return [Spoken(f" {word}", i * pace, (i + 1) * pace, probability, 1) for i, word in enumerate(text.split())]


class Table:
    """Says of each window what the table has for its beam and for how loud it begins."""

    def __init__(self, lines):
        self.lines, self.asked = lines, []

    def language_of(self, windows):
        self.asked.append("language")
        return "nl"

    def decode(self, windows, *, language, beam_size):
        self.asked.append((len(windows), language, beam_size))
        return [Decoded(tuple(self.lines[beam_size, round(float(window[0]), 2)]), 0.01) for window in windows]


def text_of(hearing):
    return " ".join(word.text for word in hearing.words)


def test_no_clips_no_work():
    decoder = Table({})
    assert listen(decoder, [], language=None, manner=Manner()) == [] and decoder.asked == []


def test_words_are_timed_in_the_call_and_come_in_the_order_of_the_clips():
    decoder = Table({(1, 0.1): said("one two three four five six", pace=0.5), (1, 0.2): said("seven eight nine")})
    hearings = listen(decoder, [clip(25, 0.1, 100.0), clip(20, 0.2, 50.0)], language="en", manner=Manner(second_beam=0))
    assert [text_of(hearing) for hearing in hearings] == ["one two three four five six", "seven eight nine"]
    assert hearings[0].words[1] == Word("two", 100.5, 101.0, 0.9)
    assert hearings[0].avg_logprob == pytest.approx(-0.1054, abs=1e-4) and hearings[0].no_speech == 0.01


def test_the_language_is_decided_once_over_all_clips():
    decoder = Table({(1, 0.1): said("een twee drie"), (1, 0.2): said("vier vijf zes")})
    hearings = listen(decoder, [clip(1.4, 0.1), clip(28, 0.1), clip(28, 0.2)], language=None, manner=Manner(second_beam=0))
    assert decoder.asked.count("language") == 1 and {hearing.language for hearing in hearings} == {"nl"}


LOOP = "thank you very much " * 12


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        (said("i am sorry about that"), None, "i am sorry about that"),  # nothing doubtful: not asked again
        (said("hum sorry what that is", probability=0.2), said("i am sorry about that"), "i am sorry about that"),  # improbable
        (said(LOOP, pace=0.03), said("thank you very much"), "thank you very much"),  # a loop
        ([], said("i am sorry about that"), "i am sorry about that"),  # speech and no words
        (said("sorry what", probability=0.3), said("sorry that", probability=0.2), "sorry what"),  # no better
        (said("sorry what", probability=0.2), said("sorry that", probability=0.3), "sorry that"),  # doubtful, but better
        (said("sorry what", probability=0.2), said(LOOP, pace=0.03), "sorry what"),  # the second loops
        ([], [], ""),
    ],
)
def test_a_doubtful_clip_is_heard_again_with_a_wider_search(first, second, kept):
    lines = {(1, 0.1): first} if second is None else {(1, 0.1): first, (5, 0.1): second}
    decoder = Table(lines)
    (hearing,) = listen(decoder, [clip(3)], language="en", manner=Manner())
    assert text_of(hearing) == kept
    assert decoder.asked == [(1, "en", 1)] + ([(1, "en", 5)] if second is not None else [])


def test_doubtful_clips_are_heard_again_each_by_itself():
    lines = {(1, 0.1): [], (5, 0.1): said("hello there"), (5, 0.2): said("good morning to you")}
    decoder = Table(lines)
    hearings = listen(decoder, [clip(3, 0.1), clip(4, 0.2)], language="en", manner=Manner())
    assert [text_of(hearing) for hearing in hearings] == ["hello there", "good morning to you"]
    assert decoder.asked == [(1, "en", 1), (2, "en", 5)]


@pytest.mark.parametrize(
    ("seconds", "words", "doubtful"),
    [(1.0, 0, False), (1.6, 0, True), (1.6, 1, False), (10, 4, True), (10, 5, False), (10, 70, False), (10, 71, True)],
)
def test_too_few_and_too_many_words_for_the_time(seconds, words, doubtful):
    heard = Hearing(tuple(Word("so", 0.0, 0.1, 0.9) for _ in range(words)), avg_logprob=-0.1, compression_ratio=1.0)
    assert is_doubtful(heard, clip(seconds)) is doubtful


def test_a_loop_compresses_and_a_sentence_does_not():
    assert compression_ratio(LOOP) > 2.4 > compression_ratio("I have put a refund of twenty pounds on your account.")


@pytest.mark.parametrize(("seconds", "limit"), [(0.1, 18), (10, 136), (30, 224)])
def test_the_length_of_a_window_bounds_its_tokens(seconds, limit):
    assert Manner().token_limit(seconds) == limit
