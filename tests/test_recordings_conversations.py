"""Files of conversations: each line apart, errors where they are, any length."""

from __future__ import annotations

import json

import pytest

from qa_audit.errors import CallError
from qa_audit.recordings import Conversation, read_conversations

GOOD = {"call_id": "c-1", "turns": [{"speaker": "agent", "text": "Hello"}, {"speaker": "customer", "text": "Hi"}]}


def written(tmp_path, *lines: object, name: str = "calls.jsonl"):
    path = tmp_path / name
    path.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines), encoding="utf-8")
    return path


def read(path) -> list[str]:
    return [
        f"{found.line}: {found.transcript.call_id} {len(found.transcript.turns)}"
        if isinstance(found, Conversation)
        else f"{found.kind}: {found.message}"
        for found in read_conversations(path)
    ]


def test_a_line_for_each(tmp_path):
    assert read(written(tmp_path, GOOD, "", GOOD | {"call_id": "c-2"}, GOOD | {"call_id": 3})) == ["1: c-1 2", "3: c-2 2", "4: 3 2"]


def test_one_line_only(tmp_path):
    assert read(written(tmp_path, GOOD)) == ["1: c-1 2"]


def test_one_conversation_over_many_lines(tmp_path):
    path = tmp_path / "one.json"
    path.write_text(json.dumps(GOOD, indent=2), encoding="utf-8")
    assert read(path) == ["1: c-1 2"]


def test_any_single_transcript(tmp_path):
    assert read(written(tmp_path, "WEBVTT", "", "00:01.000 --> 00:02.000", "<v Agent>Hello</v>", name="one.vtt")) == ["1: one 1"]
    assert read(written(tmp_path, "just words", name="one.txt")) == ["unknown-format: one.txt: no transcript of a kind that is read here"]
    assert read(written(tmp_path, name="none.jsonl")) == ["empty: none.jsonl: an empty file"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{nonsense", "damaged: calls.jsonl:2: line 1, column 2: not valid JSON"),
        ("[" * 100_000, "damaged: calls.jsonl:2: JSON nested too deep"),
        ("null", "unknown-format: calls.jsonl:2: no transcript of a kind"),
        ({"call_id": "x"}, "unknown-format: calls.jsonl:2: JSON, but no transcript"),
        (GOOD | {"call_id": {"a": 1}}, "damaged: calls.jsonl:2: call_id: a text of at most 500 characters is needed"),
        (GOOD | {"call_id": True}, "damaged: calls.jsonl:2: call_id: a text"),
        (GOOD | {"call_id": "x" * 501}, "damaged: calls.jsonl:2: call_id: a text"),
        (GOOD | {"turns": "many"}, "damaged: calls.jsonl:2: not as its format says: Expected `array`, got `str` - at `$.turns`"),
        (
            GOOD | {"turns": [{"speaker": "agent", "text": 5}]},
            "damaged: calls.jsonl:2: not as its format says: Expected `str`, got `int` - at `$.turns[0].text`",
        ),
        (
            GOOD | {"turns": [{"speaker": "agent", "text": "a", "start": "soon"}]},
            "damaged: calls.jsonl:2: not as its format says: Expected `float",
        ),
        (GOOD | {"turns": []}, "no-words: calls.jsonl:2: a transcript of kind conversation in which nobody says a word"),
        (GOOD | {"started_at": "yesterday"}, "damaged: calls.jsonl:2: started_at: 'yesterday' is not a date"),
        (GOOD | {"direction": "sideways"}, "damaged: calls.jsonl:2: direction: 'sideways' is not one of"),
    ],
)
def test_a_broken_line_costs_its_conversation_and_no_other(tmp_path, line, says):
    first, broken, last = read(written(tmp_path, GOOD, line, GOOD))
    assert (first, last) == ("1: c-1 2", "3: c-1 2")
    assert broken.startswith(says)


def test_a_broken_first_line_is_a_broken_file_of_lines(tmp_path):
    [broken, *others] = read(written(tmp_path, "{nonsense", GOOD, name="calls.jsonl"))
    assert broken.startswith("damaged: calls.jsonl:1: line 1, column 2")
    assert others == ["2: c-1 2"]


def test_a_broken_first_line_costs_no_other_whatever_the_file_is_called(tmp_path):
    [broken, *others] = read(written(tmp_path, "{nonsense", GOOD, "", GOOD, name="calls.txt"))
    assert broken.startswith("damaged: calls.txt:1: line 1, column 2")
    assert others == ["2: c-1 2", "4: c-1 2"]


@pytest.mark.parametrize("opening", ["[", "{"])
def test_one_document_over_several_lines_stays_one(tmp_path, opening):
    path = tmp_path / "call.json"
    path.write_text(f"{opening}\n{json.dumps(GOOD)}\n]", encoding="utf-8")
    assert len(read(path)) == 1


def test_a_line_that_is_far_too_long(tmp_path):
    path = tmp_path / "calls.jsonl"
    with path.open("wb") as file:
        file.write(json.dumps(GOOD).encode() + b"\n")
        file.write(b'{"turns": "' + b"x" * (33 << 20) + b'"}\n')
        file.write(json.dumps(GOOD).encode() + b"\n")
    assert read(path) == ["1: c-1 2", "too-large: calls.jsonl:2: larger than 32 MiB; no transcript of one call is", "3: c-1 2"]


def test_what_a_line_says_of_its_call(tmp_path):
    told = GOOD | {"agent": "kim", "queue": "billing", "started_at": "2030-01-01T00:00:00Z", "tags": ["vip"], "channel": "chat"}
    [found] = read_conversations(written(tmp_path, told))
    recording = found.recording
    assert (recording.call_id, recording.agent, recording.queue, recording.tags) == ("c-1", "kim", "billing", ("vip",))
    assert recording.started_at.isoformat() == "2030-01-01T00:00:00+00:00"


def test_without_an_id_a_conversation_is_called_after_its_line(tmp_path):
    assert read(written(tmp_path, GOOD, {"turns": GOOD["turns"]})) == ["1: c-1 2", "2: calls:2 2"]


def test_times_that_are_left_out_are_filled_in(tmp_path):
    turns = [{"speaker": "agent", "text": "one two three four", "start": 0}, {"speaker": "customer", "text": "five six", "start": 1.0}]
    [found] = read_conversations(written(tmp_path, {"turns": turns}))
    assert [(turn.start, turn.end) for turn in found.transcript.turns] == [(0.0, 1.0), (1.0, 1.8)]


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        list(read_conversations(tmp_path / "gone.jsonl"))


def test_an_error_says_of_which_call(tmp_path):
    [error, _] = read_conversations(written(tmp_path, GOOD | {"turns": []}, GOOD))
    assert isinstance(error, CallError)
    assert (error.call_id, error.stage) == ("c-1", "import")
