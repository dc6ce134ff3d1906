"""Every kind of ready transcript: what is read from it, what is refused and why."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from qa_audit.errors import CallError
from qa_audit.models import Recording, Speaker
from qa_audit.recordings import read_speakers, read_transcript
from qa_audit.recordings.importers.table import JSON_KINDS, TEXT_KINDS

DATA = Path(__file__).parent / "data" / "recordings"
FORMATS = DATA / "formats"
TABLE = yaml.safe_load((DATA / "formats.yaml").read_text(encoding="utf-8"))
SAID = "thank you for calling brightwater how can i help you my parcel never came i am sorry i will find it today"
OTHER_WORDS = {
    "captions-gb2312.srt": "您好，请问有什么可以帮您？ 我的包裹还没有到，已经等了一个星期",
    "captions-utf16.srt": "café zoë",
    "contact-lens-chat.json": f"you are next in the queue {SAID}",
    "conversation-without-times.json": f"{SAID} thanks",
}


def read(name: str, recording: Recording | None = None):
    return read_transcript(FORMATS / name, call_id="c-1", recording=recording)


def heard_on(*channels: Speaker) -> Recording:
    return Recording(call_id="c-1", uri="x.json", size=1, modified=0.0, agent="kim", channels=channels, language="de")


@pytest.mark.parametrize("row", TABLE["read"], ids=lambda row: row["file"])
def test_read(row):
    transcript = read(row["file"])
    words = [word for turn in transcript.turns for word in turn.words]
    assert (transcript.call_id, transcript.heard.engine, transcript.heard.model) == ("c-1", "imported", row["kind"])
    assert " ".join(turn.speaker for turn in transcript.turns) == row["speakers"]
    assert [turn.index for turn in transcript.turns] == list(range(len(transcript.turns)))
    assert " ".join(word.text.lower().strip(".,?") for word in words) == OTHER_WORDS.get(row["file"], SAID)
    assert transcript.turns[0].start == row["start"]
    assert transcript.timed == (row["start"] is not None)
    assert round(transcript.trust, 2) == row["trust"]
    assert [doubt.kind for doubt in transcript.doubts] == row["doubts"]
    if transcript.timed:
        assert all(0 <= word.start <= word.end <= transcript.duration for word in words)


@pytest.mark.parametrize("row", TABLE["refused"], ids=lambda row: row["file"])
def test_refused(row):
    with pytest.raises(CallError) as caught:
        read(row["file"])
    error = caught.value
    assert (error.call_id, error.stage, error.kind, error.message) == ("c-1", "import", row["kind"], f"{row['file']}: {row['message']}")


def test_every_file_and_every_kind_is_in_the_table():
    rows = TABLE["read"] + TABLE["refused"]
    assert sorted(row["file"] for row in rows) == sorted(path.name for path in FORMATS.iterdir())
    assert {row["kind"] for row in TABLE["read"]} == {entry.kind for entry in (*JSON_KINDS, *TEXT_KINDS)}


def test_word_times_and_trust_are_kept():
    words = read("deepgram-speakers.json").turns[0].words
    assert [(word.text, word.start, word.end, word.trust) for word in words[:2]] == [("Thank", 0.5, 0.9, 0.97), ("you", 0.9, 1.3, 0.97)]


def test_a_mark_stands_on_the_word_before_it():
    assert read("transcribe-speakers.json").turns[2].text == "I am sorry, I will find it today."


def test_a_text_with_times_only_as_a_whole_spreads_over_them():
    words = read("whisper.json").turns[2].words
    assert (words[0].text, words[0].start, words[-1].end) == ("My", 5.0, 6.6)
    assert all(before.end == after.start for before, after in pairwise(words))


def test_whisperx_words_it_could_not_align_keep_their_place():
    parcel, never = read("whisperx.json").turns[1].words[1:3]
    assert (parcel.text, parcel.start, parcel.end) == ("parcel", 5.4, 5.4)
    assert (never.text, never.trust) == ("never", 0.8)


def test_channels_of_the_recording_give_the_roles():
    transcript = read("transcribe-channels.json", heard_on(Speaker.AGENT, Speaker.CUSTOMER))
    assert [turn.speaker for turn in transcript.turns] == ["agent", "customer", "agent"]
    assert [turn.role_trust for turn in transcript.turns] == [1.0] * 3
    assert transcript.doubts == ()


def test_channels_that_contradict_the_words_raise_a_doubt():
    transcript = read("transcribe-channels.json", heard_on(Speaker.CUSTOMER, Speaker.AGENT))
    assert [doubt.kind for doubt in transcript.doubts] == ["roles-swapped"]
    assert {turn.role_trust for turn in transcript.turns} == {0.4}


def test_a_guessed_role_is_less_than_sure():
    [trust] = {turn.role_trust for turn in read("deepgram-speakers.json").turns}
    assert 0.75 <= trust < 1


def test_turns_of_a_chat_stay_the_turns_they_are():
    transcript = read("conversation-without-times.json")
    assert [(turn.speaker, turn.text) for turn in transcript.turns[3:]] == [("agent", ""), ("customer", "Thanks.")]


def test_language_is_that_of_the_file_then_of_the_recording():
    assert read("call-analytics.json", heard_on()).language == "en"
    assert read("captions.srt", heard_on()).language == "de"


def test_the_same_file_has_the_same_fingerprint_and_another_has_another():
    assert read("captions.srt").fingerprint == read("captions.srt").fingerprint
    assert read("captions.srt").fingerprint != read("captions.vtt").fingerprint


@pytest.mark.parametrize(
    ("name", "labels"), [("speakers.rttm", ["agent", "customer", "agent"]), ("speakers-kaldi.json", ["S1", "S0", "S1"])]
)
def test_who_spoke_when(name, labels):
    spans = read_speakers(FORMATS / name, call_id="c-1")
    assert [span.label for span in spans] == labels
    assert [(span.start, round(span.end, 3)) for span in spans] == [(0.5, 4.5), (5.0, 6.6), (7.0, 9.4)]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("SPEAKER c 1 0.5", "line 1: not an RTTM line"),
        ("SPEAKER c 1 soon 1 <NA> <NA> a <NA>", "line 1: not an RTTM line"),
        ("SPEAKER c 1 -4 1 <NA> <NA> a <NA>", "line 1: from -4.0 s"),
        ("SPEAKER c 1 0 nan <NA> <NA> a <NA>", "line 1: from 0.0 s"),
        ("WEBVTT", "not valid JSON"),
        ("{}", "neither RTTM"),
    ],
)
def test_who_spoke_when_refused(tmp_path, line, says):
    path = tmp_path / "x.rttm"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(CallError, match=says):
        read_speakers(path, call_id="c-1")
