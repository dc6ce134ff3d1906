"""What is kept comes back as it was, and a row that cannot be read says so."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_helpers import audit, recording, score, transcript

from qa_audit.errors import StoreError
from qa_audit.models import Audit, CallScore, Speaker, Transcript, Turn, Word
from qa_audit.store import codec

finite = st.floats(allow_nan=False, allow_infinity=False)
words = st.builds(Word, st.text(st.characters(exclude_categories=("Cs",)), max_size=20), st.none() | finite, st.none() | finite, finite)


@pytest.mark.parametrize(
    ("noun", "kind"), [(transcript(), Transcript), (audit(), Audit), (score(), CallScore), (score(points=None), CallScore)]
)
def test_a_noun_comes_back_as_it_was(noun, kind):
    assert codec.decode(codec.encode(noun), kind) == noun


@given(st.lists(words, max_size=30))
def test_any_words_come_back_to_the_last_bit(said):
    turn = Turn(index=0, speaker=Speaker.UNKNOWN, start=None, end=None, words=tuple(said))
    noun = replace(transcript(), turns=(turn,))
    assert codec.decode(codec.encode(noun), Transcript) == noun


def test_an_hour_of_talk_is_kept_small():
    hour = transcript(words=9000)
    assert len(codec.encode(hour)) < 200_000


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda data: b"\x09" + data[1:], "format 09"),
        (lambda data: b"", "format none"),
        (lambda data: data[:20], "damaged"),
        (lambda data: codec.encode(score()), "damaged"),
    ],
)
def test_a_row_that_cannot_be_read_says_so(damage, says):
    with pytest.raises(StoreError, match=says):
        codec.decode(damage(codec.encode(transcript())), Transcript)


def test_two_calls_with_the_same_audio_share_one_row_under_their_own_names():
    assert codec.decode_transcript(codec.encode(transcript("a")), call_id="b") == transcript("b")


def test_a_recording_is_readable_json_and_comes_back():
    noun = recording(channels=(Speaker.AGENT, Speaker.CUSTOMER), started_at=score().started_at, tags=("vip",))
    assert b'"agent":"Ines"' in codec.encode_json(noun)
    assert codec.decode_recording(codec.encode_json(noun)) == noun


def test_facts_change_with_what_is_known_and_not_with_the_file():
    assert codec.facts(recording(size=5, modified=9.0, uri="/moved.wav")) == codec.facts(recording())
    assert codec.facts(recording(agent="Omar")) != codec.facts(recording())
    assert codec.facts(recording(channels=(Speaker.AGENT,))) != codec.facts(recording())
