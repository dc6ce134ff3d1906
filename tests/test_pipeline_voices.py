"""Where an organisation asks for it, a night sets calls aside that the voices of the agent's other calls contradict; else it does not."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterable
from pathlib import Path

import pytest
from click.testing import CliRunner
from pipeline_helpers import fates
from voices_helpers import organisation, write_call

from qa_audit import pipeline
from qa_audit.cli import main
from qa_audit.config import Config, load_config
from qa_audit.errors import StoreError
from qa_audit.models import RunResult

SWAPPED = "contradiction-voices"


@pytest.fixture(scope="module")
def four_calls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four calls of one agent; in the last the transcript has agent and customer the wrong way round."""
    home = organisation(tmp_path_factory.mktemp("voices"))
    for number in range(4):
        write_call(home, f"sam_{number}", number, swapped=number == 3, narrow=number == 1)
    return home


@pytest.fixture
def home(four_calls: Path, tmp_path: Path) -> Path:
    """The four calls, for one test alone."""
    return Path(shutil.copytree(four_calls, tmp_path / "home"))


def settings(home: Path, *, compare: bool) -> Config:
    file = home / "qa_audit.yaml"
    file.write_text(file.read_text().replace("{engine: imported}", "{engine: imported, compare_voices: true}"))
    config = load_config(file)
    assert config.speech.compare_voices
    return config.model_copy(
        update={
            "speech": config.speech.model_copy(update={"compare_voices": compare}),
            "store": f"sqlite:///{home}/qa_audit.db",
            "out": str(home / "scorecards"),
        }
    )


def night(home: Path, *, compare: bool = True) -> RunResult:
    return pipeline.run(settings(home, compare=compare))


def kept(home: Path) -> list[tuple[object, ...]]:
    with sqlite3.connect(home / "qa_audit.db") as store:
        return store.execute("SELECT * FROM comparisons ORDER BY call_id").fetchall()


def contents(paths: Iterable[Path]) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in paths if path.name not in {"run.html", "run.json"}}


def test_a_call_that_the_agent_s_other_calls_contradict_is_set_aside_with_its_reason(home: Path) -> None:
    result = night(home)
    assert fates(result) == {"sam_0": "scored", "sam_1": "scored", "sam_2": "scored", "sam_3": SWAPPED}
    (aside,) = result.excluded
    assert (aside.stage, aside.excluded) == ("voices", True)
    assert "voice that the agent has in 3 other calls" in aside.message
    assert "sureness " in aside.message
    assert "channels-confirmed" in aside.message
    pages = {str(path.relative_to(home / "scorecards")): path.read_text() for path in (home / "scorecards").rglob("*.html")}
    assert aside.message.split("(")[0] in pages.pop("run.html")
    assert any("sam_2" in text for text in pages.values())
    assert not any("sam_3" in path or "sam_3" in text for path, text in pages.items()), "it has no page and is on no scorecard"
    with pytest.raises(StoreError, match="set aside: Agent and customer seem swapped"):
        pipeline.call(settings(home, compare=True), "sam_3")


def test_a_second_night_changes_nothing_and_the_same_comes_out_again(home: Path) -> None:
    first, rows = night(home), kept(home)
    pages = contents((home / "scorecards").rglob("*.*"))
    second = night(home)
    assert (fates(second), second.listened, second.marked) == (fates(first), 0, 0)
    assert kept(home) == rows, "not compared again"
    assert contents((home / "scorecards").rglob("*.*")) == pages
    again = pipeline.verify(settings(home, compare=True))
    assert (again.same, again.calls, again.scorecards, again.pages_why) == (True, 3, 1, "")


def test_later_stages_leave_it_aside(home: Path) -> None:
    night(home)
    config = settings(home, compare=True)
    checked, reported = pipeline.check(config, retry=True), pipeline.report(config)
    assert ([failure.kind for failure in checked.excluded], checked.marked) == ([SWAPPED], 0)
    assert [failure.kind for failure in reported.excluded] == [SWAPPED]
    assert [score.call_id for score in pipeline.score(config).calls] == ["sam_0", "sam_1", "sam_2"]
    assert [failure.kind for failure in pipeline.status(config).waiting] == [SWAPPED]
    transcribed = pipeline.transcribe(config)
    assert ([failure.kind for failure in transcribed.excluded], len(transcribed.heard)) == ([SWAPPED], 3)


def test_of_the_voices_nothing_is_kept(home: Path) -> None:
    night(home)
    rows = kept(home)
    assert len(rows) == 4
    assert not [value for row in rows for value in row if isinstance(value, bytes)]


def test_nobody_compares_unasked(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home)
    result = CliRunner().invoke(main, ["run", "-q", "--json"])
    assert json.loads(result.stdout)["scored"] == 4
    assert kept(home) == []


def test_a_call_scored_before_is_set_aside_once_asked_and_comes_back_when_not(home: Path) -> None:
    assert fates(night(home, compare=False))["sam_3"] == "scored"
    assert fates(night(home))["sam_3"] == SWAPPED
    assert [score.call_id for score in pipeline.score(settings(home, compare=True)).calls] == ["sam_0", "sam_1", "sam_2"]
    back = night(home, compare=False)
    assert set(fates(back).values()) == {"scored"}
    assert back.listened == 0
    assert kept(home) == [], "nothing of it is left"


def test_a_person_who_has_listened_overrules_the_voices(home: Path) -> None:
    assert fates(night(home))["sam_3"] == SWAPPED
    said = home / "calls" / "sam_3.wav.json"
    said.write_text('{"tags": ["channels-confirmed"]}')
    assert fates(night(home))["sam_3"] == "scored"
    assert fates(night(home))["sam_3"] == "scored"
    said.unlink()
    assert fates(night(home))["sam_3"] == SWAPPED


def test_a_corrected_call_is_compared_anew(home: Path) -> None:
    assert fates(night(home))["sam_3"] == SWAPPED
    write_call(home, "sam_3", 3)
    assert fates(night(home))["sam_3"] == "scored"


def test_three_calls_are_too_few_until_the_fourth_comes(home: Path) -> None:
    for suffix in ("wav", "json"):
        (home / "calls" / f"sam_0.{suffix}").rename(home / f"sam_0.{suffix}")
    assert set(fates(night(home)).values()) == {"scored"}
    assert kept(home) == []
    for suffix in ("wav", "json"):
        (home / f"sam_0.{suffix}").rename(home / "calls" / f"sam_0.{suffix}")
    assert fates(night(home)) == {"sam_0": "scored", "sam_1": "scored", "sam_2": "scored", "sam_3": SWAPPED}


def test_a_day_on_which_every_call_is_swapped_stands_out_against_the_days_before(home: Path) -> None:
    write_call(home, "sam_3", 3)
    assert set(fates(night(home)).values()) == {"scored"}
    for number in range(4):
        write_call(home, f"sam_{number + 4}", number, swapped=True, narrow=True)
    assert fates(night(home)) == {f"sam_{number}": "scored" if number < 4 else SWAPPED for number in range(8)}


def test_calls_whose_recording_is_gone_are_passed_over(home: Path) -> None:
    write_call(home, "sam_3", 3)
    night(home)
    write_call(home, "sam_4", 3, swapped=True, narrow=True)
    for gone in (home / "calls").glob("sam_0.*"):
        gone.unlink()
    result = night(home)
    assert fates(result)["sam_4"] == SWAPPED
    assert "in 3 other calls" in result.excluded[0].message
