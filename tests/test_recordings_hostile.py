"""Transcripts made to do harm, or broken at random: each is refused in words, none kills the process."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qa_audit.errors import CallError
from qa_audit.models import Transcript
from qa_audit.recordings import read_transcript, to_json
from qa_audit.recordings.importers import read_data
from qa_audit.recordings.importers.base import LARGEST

FORMATS = Path(__file__).parent / "data" / "recordings" / "formats"
SAMPLES = [
    json.loads(path.read_text(encoding="utf-8"))
    for path in sorted(FORMATS.glob("*.json"))
    if path.name not in {"broken.json", "blank.json"}
]
CAPTIONS = [path.read_bytes() for path in sorted(FORMATS.iterdir()) if path.suffix in {".vtt", ".srt", ".txt", ".rttm"}]
JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["agent", "1e9", "-3s", "\ud800", "\u202e", "NaN"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["words", "start", "text", "speaker", "results"]), inner, max_size=3)
    ),
    max_leaves=6,
)


def outcome(data: bytes, name: str = "x.json") -> Transcript | str:
    """The transcript, or the stable word of the refusal."""
    try:
        return read_data(data, name=name, call_id="c-1")
    except CallError as error:
        return error.kind


def places(document: object, path: tuple = ()):
    yield path
    children = document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    for key, value in children:
        yield from places(value, (*path, key))


def replaced(document: object, path: tuple, value: object) -> object:
    if not path:
        return value
    changed = copy.deepcopy(document)
    parent = changed
    for key in path[:-1]:
        parent = parent[key]
    parent[path[-1]] = value
    return changed


@settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_anything_in_any_place_of_any_format(data):
    sample = data.draw(st.sampled_from(SAMPLES))
    path = data.draw(st.sampled_from(list(places(sample))))
    broken = json.dumps(replaced(sample, path, data.draw(JUNK))).encode()
    found = outcome(broken)
    if isinstance(found, Transcript):
        to_json(found).encode("utf-8")
        for turn in found.turns:
            for word in turn.words:
                assert word.text == "".join(word.text.split())
                assert word.start is None or 0 <= word.start <= word.end
                assert 0 <= word.trust <= 1
    else:
        assert found in {"damaged", "no-words", "unknown-format", "several-calls"}


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.sampled_from(CAPTIONS), st.integers(min_value=0), st.binary(max_size=20))
def test_captions_with_bytes_out_of_place(caption, place, noise):
    cut = place % (len(caption) + 1)
    found = outcome(caption[:cut] + noise + caption[cut + len(noise) :], "x.srt")
    assert isinstance(found, Transcript) or found in {"no-words", "empty", "damaged", "unknown-format"}


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"[" * 5_000_000, "damaged"),
        (b'{"turns":' * 100_000, "damaged"),
        (b"[" * 900 + b"]" * 900, "unknown-format"),
        (b'{"turns": [' + b'{"speaker": "a", "text": "b"},' * 60_000 + b'{"speaker": "a", "text": "b"}]}', "too-large"),
        (b'{"turns": [{"speaker": "a", "text": "' + b"a " * 400_000 + b'"}]}', "too-large"),
        (b'{"turns": [{"speaker": "a", "text": "b", "start": 1e999}]}', "damaged"),
        (b'{"turns": [{"speaker": "a", "text": "b", "start": ' + b"9" * 5000 + b"}]}", "damaged"),
        (b"WEBVTT\n\n00:00.000 --> 00:01.000\n" + b"<" * 500_000, "too-large or read"),
        (b"1\n99:99:99,999 --> 99:99:99,999\n" + b"(" * 100_000 + b":", "too-large or read"),
        (b"\x00" * 1000, "unknown-format"),
        (b"RIFF\x24\x08\x00\x00WAVEfmt \x10\x00\xff\xfe", "unknown-format"),
    ],
    ids=["deep", "deep objects", "deep but whole", "turns", "words", "infinite", "digits", "tags", "prefix", "nothing", "audio"],
)
def test_made_to_do_harm(data, kind):
    found = outcome(data)
    assert isinstance(found, Transcript) if kind == "too-large or read" else found == kind


def test_a_file_larger_than_the_limit_is_not_read_to_its_end(tmp_path):
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    with pytest.raises(CallError, match=f"larger than {LARGEST >> 20} MiB") as caught:
        read_transcript(path, call_id="c-1")
    assert caught.value.kind == "too-large"


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(CallError, match=r"gone\.vtt: it cannot be read \(No such file or directory\)"):
        read_transcript(tmp_path / "gone.vtt", call_id="c-1")


def test_controls_and_overrides_are_taken_out_of_words_and_labels():
    turns = [{"speaker": "agent\u202e", "text": "he\u0000llo \u202eevil\u202c a\u2028b \ud83d \u200bzero"}]
    found = outcome(json.dumps({"turns": turns}).encode())
    assert isinstance(found, Transcript)
    assert [word.text for word in found.turns[0].words] == ["he", "llo", "evil", "a", "b", "\ufffd", "zero"]
    assert found.turns[0].speaker == "agent"


def test_markup_and_paths_are_only_words():
    text = '<script>alert(1)</script> "><img onerror=x> ../../etc/passwd'
    found = outcome(json.dumps({"turns": [{"speaker": "customer", "text": text}]}).encode())
    assert isinstance(found, Transcript)
    assert found.turns[0].text == text
