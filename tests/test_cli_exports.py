"""What is kept leaves the house by a command or every night: tables, scorecards, vCons, mails; and what the configuration says of pages."""

from __future__ import annotations

import csv
import json
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from pipeline_helpers import BEHAVIOURS, COLD, RULE, SAD, STANDARD, snapshot, write_call

from qa_audit.cli import main
from qa_audit.config import load_config
from qa_audit.errors import ExitCode, UserFileError
from qa_audit.models import Heard
from qa_audit.pipeline.kept import lesser

CONFIG = """
recordings:
  sources: [calls]
  pattern: "{agent}_{customer}_{agent_group}.json"
speech: {engine: imported}
rules: {paths: [rules]}
work: {processes: 1}
reports:
"""


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Two calls of two teams, heard and marked."""
    (tmp_path / "rules").mkdir()
    for name, text in (("standard", STANDARD), ("behaviours", BEHAVIOURS), ("say-sorry", RULE)):
        (tmp_path / "rules" / f"{name}.yaml").write_text(text)
    wanted(tmp_path)
    write_call(tmp_path / "calls", "kim_1_north", SAD)
    write_call(tmp_path / "calls", "omar_2_south", COLD)
    monkeypatch.chdir(tmp_path)
    qa_audit("run", "-q")
    return tmp_path


def wanted(home: Path, **reports: object) -> None:
    lines = "".join(f"  {key}: {json.dumps(value)}\n" for key, value in reports.items())
    (home / "qa_audit.yaml").write_text(CONFIG + (lines or "  lang: en\n"))


def qa_audit(*arguments: str, expect: int = ExitCode.OK) -> Result:
    result = CliRunner().invoke(main, list(arguments))
    assert result.exit_code == expect, result.output + result.stderr
    return result


def test_export_writes_tables_and_scorecards_and_nothing_twice(home):
    said = json.loads(qa_audit("export", "--json").stdout)
    assert (said["calls"], said["written"], said["folder"]) == (2, 13, str(home / "exports"))
    with (home / "exports" / "outcomes.csv").open(newline="") as file:
        assert [(row["call_id"], row["outcome"]) for row in csv.DictReader(file)] == [("kim_1_north", "met"), ("omar_2_south", "missed")]
    assert pq.read_table(home / "exports" / "scores.parquet").column("score").to_pylist() == [100.0, 0.0]
    before = snapshot(home / "exports")
    assert json.loads(qa_audit("export", "--json").stdout)["written"] == 0
    assert snapshot(home / "exports") == before


def test_export_of_some_calls_in_a_format_to_a_folder(home):
    assert "1 call in" in qa_audit("export", "--agent", "kim", "--format", "vcon", "--out", "out").stdout
    (file,) = (home / "out" / "vcon").iterdir()
    vcon = json.loads(file.read_text())
    assert [analysis["type"] for analysis in vcon["analysis"]] == ["transcript", "score", "findings"]
    assert vcon["analysis"][1]["body"]["score"] == 100.0
    assert not (home / "exports").exists()
    assert "is not one of" in qa_audit("export", "--format", "xlsx", expect=ExitCode.SETUP).stderr


def test_an_export_that_cannot_be_written_says_where(home):
    (home / "taken").write_text("a file")
    assert "taken" in qa_audit("export", "--out", "taken/inside", expect=ExitCode.SETUP).stderr


def test_mail_writes_a_draft_for_every_team(home):
    said = json.loads(qa_audit("mail", "--pages", "https://quality.example", "--json").stdout)["mails"]
    assert said == {team: str(home / "mails" / f"{team}.eml") for team in ("north", "south")}
    north = message_from_bytes(Path(said["north"]).read_bytes(), policy=default)
    text = north.get_body(("plain",)).get_content()
    assert "kim: 100.0 of 100" in text
    assert "https://quality.example/agents/kim.html" in text
    assert "omar" not in text


def test_mail_needs_an_address_and_a_team_that_there_is(home):
    assert "--pages URL" in qa_audit("mail", expect=ExitCode.SETUP).stderr
    assert "did you mean 'north'" in qa_audit("mail", "--pages", "file:///p", "--team", "nort", expect=ExitCode.SETUP).stderr
    assert qa_audit("mail", "--pages", "file:///p", "--team", "south").stdout.startswith("south: ")


def test_calls_without_a_team_are_in_a_mail_too(home):
    config = home / "qa_audit.yaml"
    config.write_text(config.read_text().replace("_{agent_group}.json", "_{queue}.json"))
    qa_audit("run", "-q")
    assert qa_audit("mail", "--pages", "file:///p").stdout.startswith("everyone: ")


def test_a_run_writes_what_the_configuration_wants_every_night(home):
    wanted(home, exports={"every_night": ["csv", "vcon"]}, mails={"every_night": True, "pages": "https://q.example", "out": "post"})
    qa_audit("run", "-q")
    assert {path.name for path in (home / "exports").glob("*.*")} >= {"scores.csv", "findings.csv"}
    assert not list((home / "exports").glob("*.parquet"))
    assert len([*(home / "exports" / "vcon").iterdir()]) == 2
    assert sorted(path.name for path in (home / "post").glob("*.eml")) == ["north.eml", "south.eml"]
    before = snapshot(home / "exports") | snapshot(home / "post")
    qa_audit("run", "-q")
    assert snapshot(home / "exports") | snapshot(home / "post") == before
    write_call(home / "calls", "kim_3_north", COLD)
    qa_audit("run", "-q")
    assert "kim_3_north" in (home / "exports" / "scores.csv").read_text()


def test_the_pages_say_how_a_mark_is_disputed_and_write_dates_as_their_locale_does(home):
    wanted(home, lang="de", disputes="Write to <quality> within 14 days.\nThe works council hears of it.", repeat_days=30)
    qa_audit("run", "-q")
    for page in (*(home / "scorecards" / "agents").glob("*.html"), *(home / "scorecards" / "calls").glob("*.html")):
        text = page.read_text(encoding="utf-8")
        assert "Write to &lt;quality&gt; within 14 days.\nThe works council" in text
    assert "100,0" in (home / "scorecards" / "agents" / "kim.html").read_text(encoding="utf-8")


def test_pages_of_what_is_kept_say_by_whom_it_was_heard_in_place_of_whom():
    heard = (Heard("sphinx", "en-us"), Heard("imported", "whisper"))
    assert lesser(("imported", "faster-whisper", "sphinx"), heard) == (
        "sphinx listened where faster-whisper is asked for; qa-audit doctor says what to do.",
    )
    assert lesser(("sphinx",), heard) == lesser(("imported",), heard) == ()


def test_no_page_names_a_path_of_this_machine(home):
    (home / "calls" / "kim_4_north.json").write_text("{")
    qa_audit("run", "-q")
    pages = [*(home / "scorecards").rglob("*.html")]
    assert "…/calls/kim_4_north.json" in (home / "scorecards" / "run.html").read_text(encoding="utf-8")
    assert not [page.name for page in pages if str(home) in page.read_text(encoding="utf-8")]


@pytest.mark.parametrize(
    ("model", "home"),
    [("models/own.pt", True), ("./own", True), ("there", True), ("small", False), ("owner/name", False)],
)
def test_a_path_of_a_model_counts_from_the_file_and_not_from_where_one_stands(tmp_path, monkeypatch, model, home):
    (tmp_path / "conf" / "there").mkdir(parents=True)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "own.pt").write_bytes(b"another one")
    (tmp_path / "conf" / "qa_audit.yaml").write_text(f"speech: {{model: {model}}}\n")
    monkeypatch.chdir(tmp_path)
    assert load_config(Path("conf/qa_audit.yaml")).speech.model == (str(tmp_path / "conf" / model) if home else model)


@pytest.mark.parametrize(
    ("part", "says"),
    [
        ("lang: xx_YY", "unknown locale 'xx_YY': write it like en, de_AT or pt_BR"),
        ("disputes: ''", "`disputes` is empty"),
        ("repeat_days: 0", "`repeat_days` is at least 1, not 0"),
        ("exports: {every_night: parquett}", "'parquett' is none of csv, parquet, json, vcon (did you mean 'parquet'?)"),
        ("mails: {every_night: true}", "`pages` is missing"),
        ("mails: {to: {north: nobody}}", "'nobody' is no mail address"),
        ('mails: {to: {north: "a@b.org\\nBcc: x@y.org"}}', "is no mail address"),
        ("mail: {}", "unknown key 'mail' (did you mean 'mails'?)"),
    ],
)
def test_what_is_wrong_in_the_configuration_is_told_at_its_place(tmp_path, part, says):
    file = tmp_path / "qa_audit.yaml"
    file.write_text(f"reports:\n  {part}\n")
    with pytest.raises(UserFileError) as error:
        load_config(file)
    (problem,) = error.value.problems
    assert says in problem.message
    assert problem.location.line == 2
