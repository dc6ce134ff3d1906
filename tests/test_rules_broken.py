"""Every way to get a rule file wrong that we know of: what is said, and that nothing else happens.

`data/rules/broken` holds a file for each and, beside it, exactly what must be said of it. Each is loaded together with sound ones.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rules_helpers import DATA, SOUND, load, refused, sound_beside

from qa_audit.errors import ExitCode, UserFileError
from qa_audit.located import DEEPEST, LARGEST, MOST_OPEN, read

BROKEN = sorted((DATA / "broken").glob("*.yaml"))


def test_the_sound_files_are_sound() -> None:
    ruleset = load(SOUND)
    assert (list(ruleset.rules), len(ruleset.behaviours)) == (["no-apology"], 3)


def test_the_catalogue_is_large() -> None:
    assert len(BROKEN) >= 60


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_this_is_said_of(path: Path) -> None:
    assert refused(*sound_beside(path), path) == path.with_suffix(".txt").read_text("utf-8")


def test_all_problems_of_all_files_come_at_once_in_order() -> None:
    with pytest.raises(UserFileError) as refusal:
        load(SOUND, *BROKEN)
    files = [problem.location.path for problem in refusal.value.problems]
    assert files == sorted(files)
    assert len(set(files)) > 100
    assert refusal.value.exit_code == ExitCode.SETUP


def test_a_problem_is_drawn_with_its_line_and_a_caret() -> None:
    with pytest.raises(UserFileError) as refusal:
        load(SOUND, DATA / "broken" / "rule-unknown-key.yaml")
    drawn = refusal.value.problems[0].drawn().splitlines()
    assert drawn[1:] == ["    severty: minor", "    ^"]


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    huge = tmp_path / "huge.yaml"
    huge.write_bytes(b"#" * (LARGEST + 1))
    assert refused(SOUND, huge) == f"huge.yaml: the file has {LARGEST + 1:,} bytes; at most {LARGEST:,} are read\n"


@pytest.mark.parametrize("opening", ["[" * 400, "{a: " * 400, "- " * 100_000], ids=["lists", "mappings", "block lists"])
def test_a_deep_file_ends_at_its_depth(tmp_path: Path, opening: str) -> None:
    deep = tmp_path / "deep.yaml"
    deep.write_text(opening, "utf-8")
    assert f"more than {DEEPEST} deep" in refused(SOUND, deep)


def test_a_bottomless_file_is_not_parsed_at_all(tmp_path: Path) -> None:
    deep = tmp_path / "deep.yaml"
    deep.write_text("[{" * 400_000, "utf-8")
    assert refused(SOUND, deep) == f"deep.yaml: more than {MOST_OPEN} brackets [ or {{ are open at once\n"


def test_a_path_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert refused(SOUND, tmp_path / "ruels") == "ruels: there is no such file or folder\n"


def test_an_empty_folder_has_neither_standard_nor_rule(tmp_path: Path) -> None:
    said = refused(tmp_path)
    assert "no standard is here" in said
    assert "no rule is here" in said


def test_only_yaml_files_are_read_and_none_twice(tmp_path: Path) -> None:
    for file in SOUND.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    for name in (".hidden.yaml", "notes.txt", "lesson.txt", "rule.yaml~"):
        (tmp_path / name).write_text("{{{", "utf-8")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "x.yaml").write_text("{{{", "utf-8")
    (tmp_path / "round").symlink_to(tmp_path, target_is_directory=True)
    assert list(load(tmp_path, tmp_path / "rule.yaml", tmp_path).rules) == ["no-apology"]


def test_a_pipe_and_an_unreadable_file_do_not_hang_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "nowhere.yaml").symlink_to(tmp_path / "gone")
    assert refused(SOUND, tmp_path) == ""


def test_windows_line_ends_and_a_byte_order_mark_are_fine(tmp_path: Path) -> None:
    for file in SOUND.iterdir():
        (tmp_path / file.name).write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert load(tmp_path).hash == load(SOUND).hash


def _list(words: str) -> list[str]:
    return words.split()


PIECES = st.sampled_from(
    [
        "a",
        "says",
        "who",
        ": ",
        ":\n",
        "\n",
        "  ",
        "- ",
        "[",
        "]",
        "{",
        "}",
        "agent",
        "'",
        '"',
        "|",
        ">",
        "&x",
        "*x",
        "!!int",
        "#",
        "...",
        "---",
        "é",
        "\t",
        "~",
        "%",
        "0",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join).map(str.encode) | st.binary(max_size=80))
def test_any_bytes_are_values_or_are_refused_with_a_place(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.yaml"
    path.write_bytes(data)
    try:
        file = read(path, "fuzz.yaml")
    except UserFileError as error:
        assert error.problems
        assert all(problem.location.path == "fuzz.yaml" for problem in error.problems)
    else:
        assert all(mark.line >= 1 and mark.column >= 1 for mark in (*file.values.values(), *file.keys.values()))


KEYS = st.sampled_from(
    _list(
        "who says ignore like any_of of without measure id title clause severity when expect never limit examples weight clauses promise bands"
    )
)
VALUES = st.recursive(
    st.sampled_from(["agent", "complaint", "apology", "(a|b", "hello ... you", "be-kind", "minor", 1, -3.5, True, "3 turns", "é", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(KEYS | st.sampled_from(["greeting", "no-way"]), VALUES, min_size=1, max_size=6))
def test_any_values_make_a_rule_set_or_are_refused(tmp_path_factory: pytest.TempPathFactory, value: dict[str, object]) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz-values.yaml"
    path.write_text(_as_yaml(value), "utf-8")
    try:
        load(SOUND, path)
    except UserFileError as error:
        assert all(problem.message and problem.location.path for problem in error.problems)


def _as_yaml(value: object) -> str:
    match value:
        case dict():
            return "{" + ", ".join(f"{key}: {_as_yaml(inner)}" for key, inner in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_as_yaml, value)) + "]"
        case str():
            return "'" + value.replace("'", "''") + "'"
        case bool():
            return str(value).lower()
        case _:
            return str(value)
