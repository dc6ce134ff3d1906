"""Clips into windows, and words back to their clips."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_audit.speech.engines.base import SAMPLE_RATE
from qa_audit.speech.engines.packing import GAP, WINDOW, Spoken, fill, pack, share_out


def spoken(text, start, end):
    return Spoken(text, start, end, 0.9, 1)


@pytest.mark.parametrize(
    ("seconds", "windows"),
    [
        ([], []),
        ([3.0], [[0]]),
        ([10.0, 10.0, 9.0], [[0, 1, 2]]),  # 10 + 0.5 + 10 + 0.5 + 9 is just 30
        ([10.0, 10.0, 9.1], [[0, 1], [2]]),
        ([28.0, 28.0, 1.0], [[0], [1, 2]]),
        ([40.0, 2.0], [[0], [1]]),
    ],
)
def test_clips_fill_windows_in_order(seconds, windows):
    assert [[place.clip for place in window.places] for window in pack(seconds)] == windows


@given(st.lists(st.floats(0.1, 28.0), max_size=40))
def test_every_clip_is_in_one_window_and_windows_are_not_too_long(seconds):
    windows = pack(seconds)
    assert [place.clip for window in windows for place in window.places] == list(range(len(seconds)))
    assert all(window.seconds <= WINDOW for window in windows)


def test_a_window_holds_each_clip_with_silence_between():
    clips = [np.full(SAMPLE_RATE, 0.25, np.float32), np.full(SAMPLE_RATE // 2, 0.5, np.float32)]
    (window,) = pack([1.0, 0.5])
    sound = fill(window, clips)
    gap = int(GAP * SAMPLE_RATE)
    assert len(sound) == SAMPLE_RATE + gap + SAMPLE_RATE // 2
    assert (sound[:SAMPLE_RATE] == 0.25).all() and not sound[SAMPLE_RATE : SAMPLE_RATE + gap].any()
    assert (sound[SAMPLE_RATE + gap :] == 0.5).all()


@pytest.mark.parametrize(
    ("start", "end", "clip", "start_in_clip", "end_in_clip"),
    [
        (1.0, 1.4, 0, 1.0, 1.4),
        (2.7, 3.0, 1, 0.2, 0.5),  # the second clip begins at 2.5
        (1.8, 2.2, 0, 1.8, 2.0),  # reaches into the gap: cut at the clip's end
        (1.9, 2.9, 1, 0.0, 0.4),  # longer in the second clip than in the first
        (2.05, 2.15, 0, 1.98, 2.0),  # in the gap, nearer to the first
        (2.5, 5.4, 1, 0.9, 2.9),  # no word lasts 2.9 s: its end is kept
        (5.6, 5.9, 1, 2.98, 3.0),  # after all speech
    ],
)
def test_a_word_goes_to_its_clip_and_never_past_its_ends(start, end, clip, start_in_clip, end_in_clip):
    (window,) = pack([2.0, 3.0])
    shared = share_out([spoken("word", start, end)], window)
    assert {i: len(words) for i, words in shared.items()} == {clip: 1, 1 - clip: 0}
    assert (shared[clip][0].start, shared[clip][0].end) == pytest.approx((start_in_clip, end_in_clip))


@given(st.lists(st.tuples(st.floats(0, 31), st.floats(0, 31)), max_size=6), st.lists(st.floats(0.01, 8.0), min_size=1, max_size=4))
def test_words_follow_each_other_and_none_leaves_its_clip(times, seconds):
    words = [spoken("word", min(pair), max(pair)) for pair in sorted(times)]
    for window in pack(seconds):
        for clip, shared in share_out(words, window).items():
            ends = [time for word in shared for time in (word.start, word.end)]
            assert ends == sorted(ends) and all(0 <= time <= seconds[clip] + 1e-6 for time in ends)
