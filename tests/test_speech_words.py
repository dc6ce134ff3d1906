"""Words as an engine gives them, weighed: what counts, how much, and what is struck."""

from __future__ import annotations

import numpy as np
import pytest
from speech_helpers import RATE, clip, heard

from qa_audit.models import Word
from qa_audit.speech.ear import Side
from qa_audit.speech.engines.base import Clip, Hearing
from qa_audit.speech.trust import HeardSide, overall, weighed
from qa_audit.speech.words import clamped, loops

GREETING = clip("agent-greets")


def side_of(sound: np.ndarray = GREETING) -> Side:
    return heard(sound).sides[0]


def weigh(*words: Word, sound: np.ndarray = GREETING, **known: float) -> HeardSide:
    return weighed(side_of(sound), [Clip(sound, 0.0, 0)], [Hearing(words, **known)])


def spread(text: str, *, start: float = 0.5, pace: float = 0.3) -> tuple[Word, ...]:
    return tuple(Word(word, start + pace * i, start + pace * (i + 0.8), 0.9) for i, word in enumerate(text.split()))


def test_a_clean_word_keeps_the_trust_of_the_engine() -> None:
    (word,) = weigh(Word("morning", 0.5, 0.9, 0.83)).words
    assert word.trust == pytest.approx(0.83)


@pytest.mark.parametrize(
    ("known", "trusted"),
    [
        ({"avg_logprob": -0.3, "compression_ratio": 1.3, "no_speech": 0.1}, 0.9),
        ({"avg_logprob": -1.2}, 0.36),
        ({"compression_ratio": 2.9}, 0.36),
        ({"no_speech": 0.9, "avg_logprob": -0.4}, 0.9),
    ],
)
def test_what_the_engine_says_of_a_clip_holds_for_its_words(known: dict[str, float], trusted: float) -> None:
    said = weigh(*spread("how can i help"), **known)
    assert {round(word.trust, 2) for word in said.words} == {trusted}


def test_a_clip_that_is_silence_by_whispers_own_rule_is_struck() -> None:
    words = spread("thank you")
    said = weigh(*words, no_speech=0.8, avg_logprob=-1.4)
    assert said == HeardSide((), words)


def test_more_words_than_anybody_can_say_are_doubted() -> None:
    said = weigh(*(Word(f"w{i}", 0.5 + 0.05 * i, 0.54 + 0.05 * i, 0.9) for i in range(60)))
    assert max(word.trust for word in said.words) < 0.5


@pytest.mark.parametrize("trust", [-3.0, 7.0])
def test_trust_stays_within_bounds_whatever_the_engine_says(trust: float) -> None:
    (word,) = weigh(Word("morning", 0.5, 0.9, trust)).words
    assert 0 <= word.trust <= 1


def test_a_poor_line_takes_from_every_word() -> None:
    noisy = GREETING + np.random.default_rng(0).normal(0, 0.1, len(GREETING)).astype(np.float32)
    (word,) = weigh(Word("morning", 0.5, 0.9, 0.9), sound=noisy).words
    assert word.trust < 0.8


def test_overall_trust_is_weighted_by_seconds() -> None:
    assert overall([Word("a", 0.0, 0.3, 1.0), Word("long", 1.0, 1.9, 0.2)]) == pytest.approx(0.4)
    assert overall([]) == 0


@pytest.mark.parametrize(
    ("word", "kept"),
    [
        (Word("early", 9.0, 10.5, 1), (10.0, 10.5)),
        (Word("late", 13.9, 15.0, 1), (13.9, 14.0)),
        (Word("after", 15.0, 16.0, 1), (13.98, 14.0)),
        (Word("backward", 12.0, 11.0, 1), (12.0, 12.02)),
        (Word("long", 10.0, 13.5, 1), (11.5, 13.5)),
        (Word("timeless", None, None, 1), (10.0, 10.02)),
    ],
    ids=lambda value: value.text if isinstance(value, Word) else "",
)
def test_a_word_lies_in_its_clip_and_lasts_no_longer_than_anybody_speaks(word: Word, kept: tuple[float, float]) -> None:
    (found,) = clamped([word], Clip(np.zeros(4 * RATE, np.float32), 10.0, 0))
    assert (found.start, found.end) == pytest.approx(kept)


def test_words_never_run_backward_and_empty_ones_fall_out() -> None:
    words = [Word(" one ", 1.0, 1.4, 1), Word("  ", 1.4, 1.5, 1), Word("two", 0.5, 0.9, 1), Word("three", 1.6, 5.0, 1)]
    found = clamped(words, Clip(np.zeros(6 * RATE, np.float32), 0.0, 0))
    assert [word.text for word in found] == ["one", "two", "three"]
    assert [word.start for word in found] == sorted(word.start or 0 for word in found)
    assert found[2].end == pytest.approx(3.6)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("no no no no no", "no no no no no"),
        ("no no no no no no no no", "no"),
        ("thank you thank you thank you bye", "thank you thank you thank you bye"),
        ("thank you thank you thank you thank you thank you thank you bye", "thank you bye"),
        ("please subscribe to my channel please subscribe to my channel please subscribe to my channel", "please subscribe to my channel"),
        ("I mean, I mean, I mean it", "I mean, I mean, I mean it"),
        ("Go on, go ON. go on! Go on go on then", "Go on, then"),
        ("it is four four four four two", "it is four four four four two"),
        ("", ""),
    ],
)
def test_loops_are_told_from_what_people_repeat(said: str, kept: str) -> None:
    words = spread(said)
    empty = loops(words)
    assert " ".join(word.text for place, word in enumerate(words) if place not in empty) == kept


def test_an_answer_given_again_and_again_in_a_conversation_is_no_loop() -> None:
    assert loops([Word("yes", 5.0 * i, 5.0 * i + 0.4, 1) for i in range(12)]) == frozenset()
