"""Where calls are looked for: folders, patterns, single files, links, odd names, URLs."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import fsspec
import pytest

from qa_audit.config import Config, Recordings
from qa_audit.errors import CallError, UserFileError
from qa_audit.models import Recording
from qa_audit.recordings import discover, hash_file, localise, speakers_beside, transcript_beside

CONFIG = Config(recordings=Recordings.model_validate({"defaults": {"agent": "kim"}}))


def files(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def ids(*sources: str) -> list[str]:
    return [recording.call_id for recording in discover([str(source) for source in sources], config=CONFIG).recordings]


def aside(*sources: str) -> dict[str, str]:
    return {failure.message: failure.kind for failure in discover([str(source) for source in sources], config=CONFIG).set_aside}


def test_folders_are_searched_to_the_bottom_by_suffix_in_any_case(tmp_path):
    files(tmp_path, "a.WAV", "b/c/d.opus", "b/e.amr", "f.txt", "g.m4a")
    assert ids(tmp_path) == ["a", "g", "b~e", "b~c~d"]


def test_a_pattern_counts_from_its_last_plain_folder(tmp_path):
    files(tmp_path, "2026/kim/a.wav", "2026/lee/a.wav", "2025/kim/a.wav", "2026/kim/notes.txt")
    assert ids(f"{tmp_path}/2026/*/a.wav") == ["kim~a", "lee~a"]
    assert ids(f"{tmp_path}/*/kim") == ["2025~kim~a", "2026~kim~a"]
    assert ids(f"{tmp_path}/**/a.wav") == ["2025~kim~a", "2026~kim~a", "2026~lee~a"]
    assert ids(f"{tmp_path}/*.nothing") == []


def test_a_pattern_from_the_working_folder(tmp_path, monkeypatch):
    files(tmp_path, "a.wav", "b.wav")
    monkeypatch.chdir(tmp_path)
    assert ids("*.wav") == ids(".") == ids("a.wav", "b.wav") == ["a", "b"]


def test_a_file_that_is_named_itself_is_taken_whatever_its_suffix(tmp_path):
    files(tmp_path, "call.data", "odd[1].wav")
    assert ids(tmp_path / "call.data") == ["call"]
    assert len(ids(tmp_path / "odd[1].wav")) == 1


def test_a_file_that_two_sources_lead_to_is_one_call(tmp_path):
    files(tmp_path, "kim/a.wav", "b.wav")
    assert ids(tmp_path, tmp_path / "kim") == ["b", "kim~a"]
    assert ids(tmp_path / "b.wav", tmp_path / "*.wav") == ["b"]


def test_sources_of_the_configuration_count_from_its_folder(tmp_path):
    files(tmp_path, "calls/a.wav")
    config = Config(recordings=Recordings.model_validate({"sources": "calls", "defaults": {"agent": "kim"}}), folder=tmp_path)
    assert [recording.uri for recording in discover([], config=config).recordings] == [str(tmp_path / "calls" / "a.wav")]


def test_all_sources_that_are_not_there_are_named(tmp_path):
    with pytest.raises(UserFileError) as caught:
        discover([f"{tmp_path}/nowhere", f"{tmp_path}/gone.wav", "nope://bucket", "memory://nowhere"], config=CONFIG)
    assert str(caught.value).splitlines() == [
        f"{tmp_path}/gone.wav: cannot look for recordings there: there is no such folder or file",
        f"{tmp_path}/nowhere: cannot look for recordings there: there is no such folder or file",
        "memory://nowhere: cannot look for recordings there: there is no such folder or file",
        "nope://bucket: cannot look for recordings there: ValueError: Protocol not known: nope",
    ]


def test_links_lead_to_calls_but_never_in_circles(tmp_path):
    files(tmp_path, "archive/a.wav", "calls/b.wav")
    (tmp_path / "calls" / "linked").symlink_to(tmp_path / "archive")
    (tmp_path / "calls" / "back").symlink_to(tmp_path / "calls")
    (tmp_path / "archive" / "up").symlink_to(tmp_path / "calls")
    assert ids(tmp_path / "calls") == ["b", "linked~a"]


def test_links_that_lead_nowhere_are_set_aside(tmp_path):
    (tmp_path / "loop.wav").symlink_to("loop.wav")
    (tmp_path / "gone.wav").symlink_to("nowhere.wav")
    os.mkfifo(tmp_path / "pipe.wav")
    assert aside(tmp_path) == {
        "gone.wav: it cannot be read (No such file or directory)": "unreadable",
        "loop.wav: it cannot be read (Too many levels of symbolic links)": "link-loop",
        "pipe.wav: it is not a file that may be read": "unreadable",
    }


@contextmanager
def nobody() -> Iterator[None]:
    """Root may read everything, so root becomes nobody for a while."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


def test_what_may_not_be_read_is_set_aside():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        files(folder, "a.wav", "closed/b.wav")
        (folder / "a.wav").chmod(0)
        (folder / "closed").chmod(0)
        with nobody():
            found = aside(folder)
        (folder / "closed").chmod(0o700)
    assert found == {
        "a.wav: it is not a file that may be read": "unreadable",
        "closed: the folder cannot be read (Permission denied)": "unreadable",
    }


@pytest.mark.parametrize("name", ["two\nlines.wav", "bell\a.wav", "exe\u202evaw.wav", os.fsdecode(b"bytes\xff.wav"), "line end.wav\n"])
def test_odd_names_are_set_aside_and_said_in_printable_words(tmp_path, name):
    files(tmp_path, name)
    [failure] = discover([str(tmp_path)], config=CONFIG).set_aside
    assert failure.kind == "odd-name"
    for said in (failure.message, failure.uri, failure.call_id):
        assert said.isprintable()
        said.encode("utf-8")


def test_names_of_other_scripts_are_no_odd_names(tmp_path):
    files(tmp_path, "مكالمة.wav", "通話.wav", "appel d'été.wav")
    assert len(ids(tmp_path)) == 3


@pytest.fixture
def bucket():
    system = fsspec.filesystem("memory")
    system.pipe(
        {
            "/bucket/calls/kim/a.wav": b"RIFF",
            "/bucket/calls/kim/a.json": b'{"queue": "billing"}',
            "/bucket/calls/b.mp3": b"ID3",
            "/bucket/calls/b.vtt": b"WEBVTT\n",
            "/bucket/calls/empty.wav": b"",
            "/bucket/calls/.hidden/c.wav": b"x",
            "/bucket/calls/notes.txt": b"x",
            "/bucket/calls/manifest.csv": b"file,agent\nkim/a.wav,kim\nkim/gone.wav,kim\nb.mp3,lee\n",
        }
    )
    yield "memory://bucket/calls"
    system.rm("/bucket", recursive=True)


def test_calls_in_a_bucket(bucket):
    found = discover([bucket], config=Config(recordings=Recordings(manifest=f"{bucket}/manifest.csv")))
    assert [(call.call_id, call.uri, call.agent, call.queue, call.size) for call in found.recordings] == [
        ("b", "memory:///bucket/calls/b.mp3", "lee", None, 3),
        ("kim~a", "memory:///bucket/calls/kim/a.wav", "kim", "billing", 4),
    ]
    assert [(failure.call_id, failure.kind) for failure in found.set_aside] == [("empty", "empty"), ("kim~gone", "no-file")]
    assert all(call.modified > 0 for call in found.recordings)


@pytest.mark.parametrize(("pattern", "expected"), [("/*.mp3", ["b"]), ("/**/*.wav", ["kim~a"]), ("/kim/a.wav", ["a"])])
def test_patterns_and_single_files_in_a_bucket(bucket, pattern, expected):
    assert ids(bucket + pattern) == expected


def test_what_lies_beside_a_recording_in_a_bucket(bucket):
    by_id = {call.call_id: call for call in discover([bucket], config=CONFIG).recordings}
    assert transcript_beside(by_id["b"]) == "memory:///bucket/calls/b.vtt"
    assert transcript_beside(by_id["kim~a"]) is None


def test_a_remote_file_is_here_only_while_it_is_needed(bucket):
    with localise(f"{bucket}/kim/a.wav") as path:
        assert path.suffix == ".wav"
        assert path.read_bytes() == b"RIFF"
    assert not path.exists()


@pytest.mark.parametrize("uri", ["memory://bucket/nowhere.wav", "/nowhere/a.wav"])
def test_a_file_that_is_gone(uri):
    with pytest.raises(CallError, match="no longer there") as caught, localise(uri):
        pass
    assert caught.value.kind == "gone"


def test_file_urls_are_paths(tmp_path):
    files(tmp_path, "a.wav")
    [recording] = discover([f"file://{tmp_path}"], config=CONFIG).recordings
    assert recording.uri == str(tmp_path / "a.wav")
    with localise(recording.uri) as path:
        assert path == tmp_path / "a.wav"


def test_hash_of_a_file(tmp_path):
    (tmp_path / "a.wav").write_bytes(b"abc")
    assert hash_file(tmp_path / "a.wav") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def recording(uri: Path) -> Recording:
    return Recording(call_id="a", uri=str(uri), size=1, modified=0.0, agent="kim")


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ({}, None),
        ({"a.srt": "x", "a.vtt": "x"}, "a.vtt"),
        ({"a.json": '{"turns": []}', "a.vtt": "x"}, "a.json"),
        ({"a.json": '{"agent": "kim"}', "a.vtt": "x"}, "a.vtt"),
        ({"a.json": '{"agent": "kim"}', "a.wav.json": '{"results": {"channels": []}}'}, "a.wav.json"),
        ({"a.vcon.json": "{}", "a.json": '{"turns": []}'}, "a.vcon.json"),
        ({"b.vtt": "x"}, None),
    ],
)
def test_the_transcript_beside_a_recording(tmp_path, names, expected):
    for name, content in names.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    found = transcript_beside(recording(tmp_path / "a.wav"))
    assert found == (expected and str(tmp_path / expected))


def test_a_transcript_that_is_the_call_is_its_own(tmp_path):
    assert transcript_beside(recording(tmp_path / "a.vtt")) == str(tmp_path / "a.vtt")


def test_who_spoke_when_lies_beside_a_recording(tmp_path):
    assert speakers_beside(recording(tmp_path / "a.wav")) is None
    files(tmp_path, "a.rttm")
    assert speakers_beside(recording(tmp_path / "a.wav")) == str(tmp_path / "a.rttm")
