"""The product's own transcript file: what is written is what is read, and its shape is held."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_audit.errors import CallError
from qa_audit.models import Doubt, Heard, Sound, Speaker, Transcript, Turn, Word
from qa_audit.recordings import to_json
from qa_audit.recordings.importers import read_data

TEXT = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12)
SECONDS = st.floats(0, 10_000)
SHARE = st.floats(0, 1)
WORD = st.builds(Word, TEXT, SECONDS, SECONDS, SHARE) | st.builds(Word, TEXT, st.none(), st.none(), SHARE)
TRANSCRIPT = st.builds(
    Transcript,
    call_id=st.just("c-1"),
    fingerprint=TEXT,
    heard=st.builds(Heard, TEXT, TEXT, TEXT, TEXT, st.dictionaries(TEXT, TEXT, max_size=2)),
    language=st.just("en"),
    duration=st.none() | SECONDS,
    turns=st.lists(st.tuples(st.sampled_from(Speaker), st.lists(WORD, max_size=4), SHARE), max_size=4).map(
        lambda turns: tuple(
            Turn(index=index, speaker=speaker, start=None, end=None, words=tuple(words), role_trust=trust)
            for index, (speaker, words, trust) in enumerate(turns)
        )
    ),
    speech=st.lists(st.builds(Sound, st.sampled_from(Speaker), SECONDS, SECONDS), max_size=3).map(tuple),
    holds=st.lists(st.tuples(SECONDS, SECONDS), max_size=2).map(tuple),
    struck=st.lists(WORD, max_size=2).map(tuple),
    doubts=st.lists(st.builds(Doubt, TEXT, TEXT, st.none() | SECONDS, st.none() | SECONDS), max_size=2).map(tuple),
    trust=SHARE,
)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(TRANSCRIPT)
def test_what_is_written_is_what_is_read(transcript):
    assert read_data(to_json(transcript).encode(), name="x.json", call_id="c-1") == transcript


def small() -> dict:
    transcript = Transcript(
        call_id="c-1",
        fingerprint="f",
        heard=Heard("whisper", "small", "abc", "1.2", {"beam": "1"}),
        language="en",
        duration=2.0,
        turns=(Turn(index=0, speaker=Speaker.AGENT, start=0.0, end=1.0, words=(Word("hello", 0.0, 1.0, 0.9),)),),
        speech=(Sound(Speaker.AGENT, 0.0, 1.0),),
        trust=0.9,
    )
    return json.loads(to_json(transcript))


def test_the_file_of_version_1():
    assert small() == {
        "schema": "qa-audit/transcript",
        "version": 1,
        "call_id": "c-1",
        "fingerprint": "f",
        "heard": {"engine": "whisper", "model": "small", "model_sha256": "abc", "version": "1.2", "options": {"beam": "1"}},
        "language": "en",
        "duration": 2.0,
        "trust": 0.9,
        "turns": [{"speaker": "agent", "start": 0.0, "end": 1.0, "words": [["hello", 0.0, 1.0, 0.9]], "role_trust": 1.0}],
        "speech": [["agent", 0.0, 1.0]],
        "holds": [],
        "struck": [],
        "doubts": [],
    }


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"version": 2}, "a qa-audit/transcript of version 2; version 1 is read here"),
        ({"version": None}, "of version None"),
        ({"trust": 1.5}, "Expected `float` <= 1.0 - at `$.trust`"),
        ({"turns": [{"speaker": "boss", "start": None, "end": None, "words": []}]}, "Invalid enum value 'boss' - at `$.turns[0].speaker`"),
        ({"turns": [{"speaker": "agent", "start": None, "end": None, "words": [["a", 0]]}]}, "at `$.turns[0].words[0]`"),
        ({"heard": None}, "at `$.heard`"),
    ],
)
def test_a_file_that_does_not_hold_its_shape(change, says):
    with pytest.raises(CallError) as caught:
        read_data(json.dumps(small() | change).encode(), name="x.json", call_id="c-1")
    assert says in caught.value.message


def test_it_is_the_transcript_of_the_call_it_is_read_for():
    assert read_data(json.dumps(small()).encode(), name="x.json", call_id="other").call_id == "other"
