"""What is known of calls from all places, and what sets a call aside."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from qa_audit.config import Config, Recordings
from qa_audit.errors import UserFileError
from qa_audit.recordings import Kind, discover
from qa_audit.recordings.ids import derived_id

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
CASES = yaml.safe_load((Path(__file__).parent / "data" / "recordings" / "discovery.yaml").read_text(encoding="utf-8"))


def laid_out(folder: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


def config(folder: Path, **given: object) -> Config:
    return Config(recordings=Recordings.model_validate(given), folder=folder)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_discovery(case, tmp_path):
    laid_out(tmp_path, case["files"])
    given = dict(case.get("config", {}))
    if "manifest" in case:
        (tmp_path / "manifest.csv").write_text(case["manifest"], encoding="utf-8")
        given["manifest"] = "manifest.csv"
    found = discover([str(tmp_path)], config=config(tmp_path, **given), now=NOW)

    heard = {recording.call_id: recording for recording in found.recordings}
    aside = {failure.uri.removeprefix(f"{tmp_path}/"): failure for failure in found.set_aside}
    assert sorted(heard) == sorted(case.get("heard", {}))
    assert sorted(aside) == sorted(case.get("aside", {}))
    for call_id, expected in case.get("heard", {}).items():
        for name, value in expected.items():
            actual = getattr(heard[call_id], name)
            assert shown(actual).removeprefix(f"{tmp_path}/") == shown(value), name
    for uri, (kind, says) in case.get("aside", {}).items():
        failure = aside[uri]
        assert (failure.stage, failure.kind, failure.excluded) == ("discover", kind, True)
        assert says in failure.message


def shown(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def test_every_kind_of_trouble_is_in_the_table_or_below():
    told = {kind for case in CASES for kind, _ in case.get("aside", {}).values()}
    assert told | {"unreadable", "link-loop", "odd-name"} == set(Kind)


def test_a_known_file_is_told_by_size_and_time(tmp_path):
    laid_out(tmp_path, {"a.wav": "four"})
    [recording] = discover([str(tmp_path)], config=config(tmp_path, defaults={"agent": "kim"})).recordings
    assert (recording.size, recording.modified) == (4, (tmp_path / "a.wav").stat().st_mtime)


def test_two_nights_find_the_same(tmp_path):
    laid_out(tmp_path, {f"{folder}/{name}.wav": "x" for folder in "ba" for name in ("2", "10", "1")})
    first, second = (discover([str(tmp_path)], config=config(tmp_path, defaults={"agent": "kim"})) for _ in range(2))
    assert first == second
    assert [recording.call_id for recording in first.recordings] == ["a~1", "a~10", "a~2", "b~1", "b~10", "b~2"]


def test_a_manifest_of_a_whole_archive_does_not_ask_for_files_outside_the_folder(tmp_path):
    laid_out(tmp_path, {"kim/a.wav": "x", "manifest.csv": "file,agent\nkim/a.wav,kim\nkim/b.wav,kim\nlee/c.wav,lee\n"})
    given = config(tmp_path, manifest="manifest.csv")
    assert [failure.call_id for failure in discover([str(tmp_path / "kim")], config=given).set_aside] == ["kim~b"]
    assert discover([str(tmp_path / "kim" / "a.wav")], config=given).set_aside == ()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"timezone": "Europe/Atlantis"}, "qa_audit.yaml: recordings.timezone 'Europe/Atlantis' is not an IANA time zone"),
        ({"timezone": "/etc"}, "is not an IANA time zone"),
        ({"manifest": "nowhere.csv"}, "nowhere.csv: the manifest cannot be read: [Errno 2] No such file or directory"),
        ({"pattern": "{agnt}.wav"}, "qa_audit.yaml: recordings.pattern '{agnt}.wav': unknown field {agnt} (did you mean {agent}?)"),
    ],
)
def test_wrong_as_a_whole(tmp_path, given, says):
    with pytest.raises(UserFileError) as caught:
        discover([str(tmp_path)], config=config(tmp_path, **given))
    assert says in str(caught.value)


def test_without_any_source_it_is_said_where_to_name_one(tmp_path):
    with pytest.raises(UserFileError, match=r"qa_audit.yaml: nothing says where the recordings are"):
        discover([], config=config(tmp_path))


@pytest.mark.parametrize(
    ("relative", "expected"),
    [
        ("a.wav", "a"),
        ("kim/2026-03-01.wav", "kim~2026-03-01"),
        ("a.vcon.json", "a"),
        ("no-suffix", "no-suffix"),
        ("a~b.wav", "a_b~941528e5e7"),
        (f"{'x' * 300}.wav", f"{'x' * 100}~"),
        ("../../etc/passwd.wav", "etc.passwd~"),
    ],
)
def test_ids_from_paths(relative, expected):
    found = derived_id(relative)
    assert found.startswith(expected)
    assert len(found) <= 120
    assert not set(found) & set("/\\: \n")


def test_ids_are_unique():
    paths = ["a/b.wav", "a~b.wav", "a.b.wav", "a b.wav", "a_b.wav", "a/b/c.wav", "a/b~c.wav", "ä.wav", "ö.wav", "A.wav", "a.wav"]
    assert len({derived_id(path) for path in paths}) == len(paths)
