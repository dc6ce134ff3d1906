"""docs/write-a-rule.md is followed to the letter: every file is written, every command run, every promise about phrases kept."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from qa_audit import pipeline
from qa_audit.cli import main
from qa_audit.config import Config, Recordings, Rules, Speech, Work
from qa_audit.errors import ExitCode
from qa_audit.rules.phrases import compile_phrase
from qa_audit.rules.words import normalise

GUIDE = (Path(__file__).parent.parent / "docs" / "write-a-rule.md").read_text("utf-8")
RULE = Path("rules/packs/own/heating-risk-not-asked.yaml")
ADA = [("customer", "Hi. There is no heating in the whole house."), ("agent", "Oh no. Is anybody at home elderly or ill?")]
BEN = [("customer", "My radiators are stone cold again."), ("agent", "The engineer comes on Thursday.")]
PHRASES = re.findall(r"^\| `([^`]+)` \| ([^|]+) \| ([^|]+) \|$", GUIDE.replace(r"\|", "\N{BROKEN BAR}"), re.MULTILINE)


@pytest.mark.parametrize(("written", "found", "passed"), [row for row in PHRASES if len(row) == 3])
def test_a_phrase_of_the_guide_is_found_there_and_not_elsewhere(written: str, found: str, passed: str) -> None:
    phrase = compile_phrase(written.replace("\N{BROKEN BAR}", "|"))
    assert phrase.search(normalise(found.split()))
    assert not phrase.search(normalise(passed.split()))


def test_the_guide_can_be_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    steps = 0
    for kind, rest, body in blocks():
        if kind == "yaml":
            Path(rest).parent.mkdir(parents=True, exist_ok=True)
            Path(rest).write_text(body, "utf-8")
        else:
            follow(body, rest)
            if body.startswith("$ qa-audit init"):
                monkeypatch.chdir(tmp_path / "audit")
                keep_calls(tmp_path / "audit")
        steps += 1
    assert steps >= 9


def blocks() -> Iterator[tuple[str, str, str]]:
    for found in re.finditer(r"^```(yaml|console)(?: (\S+))?\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL):
        yield found[1], found[2] or "", found[3]


def keep_calls(home: Path) -> None:
    """What a night leaves behind: the two calls of the guide, kept."""
    for name, turns in (("ada_call-1", ADA), ("ben_call-2", BEN)):
        said = [
            {"speaker": speaker, "text": text, "start": 20.0 * turn, "end": 20.0 * turn + 5} for turn, (speaker, text) in enumerate(turns)
        ]
        (home / "calls").mkdir(exist_ok=True)
        (home / "calls" / f"{name}.json").write_text(json.dumps({"turns": said}), "utf-8")
    settings = Config(
        recordings=Recordings(sources=("calls",), pattern="{agent}_{call_id}.json"),
        speech=Speech(engine=("imported",)),
        rules=Rules(paths=("rules",)),
        work=Work(processes=1),
        folder=home,
    )
    assert len(pipeline.run(settings).scored) == 2


def follow(body: str, state: str) -> None:
    """Run the command of a block, in the state that the text around it describes, and compare what it says."""
    command, _, expected = body.partition("\n")
    if state == "scored":
        RULE.write_text(RULE.read_text("utf-8").replace("status: draft", "status: scored"), "utf-8")
    sound = RULE.read_text("utf-8") if RULE.exists() else ""
    if state == "broken":
        RULE.write_text(sound.replace("severity: major", "severty: major"), "utf-8")
    ended, said = output_of(command.removeprefix("$ ").split())
    assert re.fullmatch("".join(map(line_pattern, expected.splitlines())), said), said
    assert ended == (ExitCode.SETUP if state == "broken" else ExitCode.OK)
    if state == "broken":
        RULE.write_text(sound, "utf-8")


def line_pattern(line: str) -> str:
    """`...` stands for any lines; how many rules come with the program may change without the guide being wrong."""
    if line == "...":
        return r"(?:.*\n)*?"
    counts = re.search(r"\d+ (?:rules|of \d+ examples)", line)
    return (re.sub(r"\d+", r"\\d+", re.escape(line)) if counts else re.escape(line)) + "\n"


def output_of(command: list[str]) -> tuple[int, str]:
    if command[0] == "cp":
        shutil.copytree(command[-2], command[-1])
        return 0, ""
    result = CliRunner().invoke(main, command[1:])
    return result.exit_code, result.stdout or result.stderr
