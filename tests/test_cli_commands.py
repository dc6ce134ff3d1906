"""Every command from the outside: what it prints where, and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pipeline_helpers import BEHAVIOURS, COLD, RULE, SAD, STANDARD, write_call

from qa_audit import __version__
from qa_audit.cli import COMMANDS, main
from qa_audit.config import Config, load_config
from qa_audit.errors import ExitCode

CONFIG = """
recordings:
  sources: [calls]
  pattern: "{agent}_{customer}.json"
speech: {engine: imported}
rules: {paths: [rules]}
work: {processes: 1}
"""


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A folder to start from, as the current one: two calls, a configuration, rules of one's own."""
    home = tmp_path / "qa home"
    for name, text in (("standard", STANDARD), ("behaviours", BEHAVIOURS), ("say-sorry", RULE)):
        (home / "rules").mkdir(parents=True, exist_ok=True)
        (home / "rules" / f"{name}.yaml").write_text(text)
    (home / "qa_audit.yaml").write_text(CONFIG)
    write_call(home / "calls", "kim_1", SAD)
    write_call(home / "calls", "omar_2", COLD)
    monkeypatch.chdir(home)
    return home


def qa_audit(*arguments: str, expect: int = ExitCode.OK, stdin: str | None = None) -> Result:
    result = CliRunner().invoke(main, list(arguments), input=stdin)
    assert result.exit_code == expect, result.output + result.stderr
    return result


def data(result: Result) -> dict:
    """The one JSON object on stdout."""
    lines = result.stdout.splitlines()
    assert len(lines) == 1, result.stdout
    return json.loads(lines[0])


# ------------------------------------------------------------------------------------------------- the door


def test_help_names_every_command_without_importing_one():
    script = (
        "import sys, qa_audit.cli as c; c.main(['--help'], standalone_mode=False); print(sorted(m for m in sys.modules if '.' not in m))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    for name, line in COMMANDS.items():
        assert name in done.stdout
        assert line.split()[0] in done.stdout
    for heavy in ("pandas", "numpy", "torch", "sqlalchemy", "spacy", "pydantic"):
        assert f"'{heavy}'" not in done.stdout


@pytest.mark.parametrize("name", list(COMMANDS))
def test_the_first_line_of_a_command_is_the_same_everywhere(name):
    command = main.get_command(None, name)
    assert command is not None
    assert (command.help or "").split("\n\n")[0].replace("\n", " ").startswith(COMMANDS[name].rstrip("."))


def test_version():
    assert qa_audit("--version").stdout == f"qa-audit, version {__version__}\n"


def test_an_unknown_command_ends_with_the_exit_code_of_a_wrong_command_line():
    assert "No such command" in qa_audit("listen", expect=ExitCode.SETUP).stderr


# ------------------------------------------------------------------------------------------------------ run


def test_run_prints_one_object_that_balances(home):
    result = qa_audit("run", "--json")
    said = data(result)
    assert {name: said[name] for name in ("found", "scored", "excluded", "failed")} == {"found": 2, "scored": 2, "excluded": 0, "failed": 0}
    assert said["scored_calls"] == ["kim_1", "omar_2"]
    assert said["pages"] == str(home / "scorecards")
    assert "transcribe 1/2" in result.stderr, "a line a call where there is no terminal"
    assert (home / "scorecards" / "index.html").is_file()


def test_run_tells_people_what_became_of_the_calls(home):
    (home / "calls" / "kim_bad.json").write_text("{")
    said = qa_audit("run", "-q")
    assert "3 calls found = 2 scored + 0 excluded + 1 failed" in said.stdout
    assert "kim_bad: " in said.stdout
    assert said.stderr == ""


def test_paths_of_the_command_line_count_from_here_and_those_of_the_file_from_the_file(home, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    qa_audit("run", "--config", "qa home/qa_audit.yaml", "--out", "pages here", "-q")
    assert (tmp_path / "pages here" / "index.html").is_file()
    assert (home / "qa_audit.db").is_file()
    assert not (tmp_path / "qa_audit.db").exists()
    qa_audit("run", "qa home/calls/kim_1.json", "--config", "qa home/qa_audit.yaml", "--store", "here.db", "--out", "p2", "-q")
    assert (tmp_path / "here.db").is_file()


def test_a_dry_run_does_nothing(home):
    assert "2 calls found: 2 to hear, 0 to mark, 0 set aside" in qa_audit("run", "--dry-run").stdout
    assert data(qa_audit("run", "--dry-run", "--json"))["to_hear"] == ["kim_1", "omar_2"]
    assert sorted(p.name for p in home.iterdir()) == ["calls", "qa_audit.yaml", "rules"]


@pytest.mark.parametrize(("on", "expect"), [("failed", ExitCode.CHECK_FAILED), ("excluded", ExitCode.OK), ("critical", ExitCode.OK)])
def test_fail_on(home, on, expect):
    (home / "calls" / "kim_bad.json").write_text("{")
    qa_audit("run", "-q", "--fail-on", on, expect=expect)


def test_fail_on_critical_misses(home):
    rule = home / "rules" / "say-sorry.yaml"
    rule.write_text(rule.read_text().replace("severity: major", "severity: critical"))
    qa_audit("run", "-q", "--fail-on", "critical", expect=ExitCode.CHECK_FAILED)


def test_since_and_agent_select(home):
    assert data(qa_audit("run", "--json", "-q", "--agent", "kim"))["scored_calls"] == ["kim_1"]
    assert data(qa_audit("run", "--json", "-q", "--since", "2026-01-01"))["found"] == 0, "calls without a start are in no period"
    assert "not match the formats" in qa_audit("run", "--since", "yesterday", expect=ExitCode.SETUP).stderr


def test_a_missing_engine_ends_with_what_to_do_and_nothing_done(home):
    (home / "calls" / "lea_3.wav").write_bytes(b"RIFF")
    pattern = CONFIG.replace("{customer}.json", "{customer}.{ext}").replace("engine: imported", "engine: no-such-engine")
    (home / "qa_audit.yaml").write_text(pattern.replace('"{agent}_{customer}.{ext}"', "null\n  defaults: {agent: lea}"))
    said = qa_audit("run", expect=ExitCode.SETUP)
    assert "no-such-engine" in said.stderr
    assert not (home / "qa_audit.db").exists()


# ---------------------------------------------------------------------------------------------------- check

LINE = {
    "call_id": "chat/1",
    "turns": [
        {"speaker": "customer", "text": "It never came."},
        {"speaker": "agent", "text": "I am sorry."},
        {"speaker": "customer", "text": "Ok."},
    ],
}


def test_check_prints_a_line_for_every_conversation(home):
    (home / "chat.jsonl").write_text(f"{json.dumps(LINE)}\n\n{json.dumps(LINE | {'call_id': 'chat/2', 'turns': LINE['turns'][:1]})}\n")
    lines = [json.loads(line) for line in qa_audit("check", "chat.jsonl", "--json").stdout.splitlines()]
    assert [line["call_id"] for line in lines] == ["chat/1", "chat/2"]
    assert lines[0]["outcomes"] == {"apologise": "met"}
    assert [(m["behaviour"], m["turn"]) for m in lines[0]["moments"]] == [("trouble", 0), ("apology", 1)]
    assert {"quote", "how", "trust"} <= lines[0]["moments"][0].keys()
    assert lines[0]["findings"][0]["rule"] == "say-sorry"


def test_check_reads_standard_input(home):
    done = subprocess.run(
        [sys.executable, "-c", "from qa_audit.cli import main; main()", "check", "-", "--json"],
        input=json.dumps(LINE).encode(),
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout)["call_id"] == "chat/1"


def test_check_tells_people_with_the_words_it_rests_on(home):
    (home / "chat.jsonl").write_text(json.dumps(LINE))
    said = qa_audit("check", "chat.jsonl").stdout
    assert "met           apologise" in said
    assert "turn 1 agent: “am sorry.”" in said


def test_a_broken_line_costs_itself(home):
    broken = {"call_id": "x", "turns": [{"speaker": "agent"}]}
    (home / "chat.jsonl").write_text("\n".join([json.dumps(LINE), "{nonsense", json.dumps(broken), json.dumps(LINE)]))
    said = qa_audit("check", "chat.jsonl", "--json", expect=ExitCode.CALL)
    assert len(said.stdout.splitlines()) == 2
    assert "chat.jsonl:2" in said.stderr
    assert "chat.jsonl:3" in said.stderr


def test_check_without_a_file_marks_what_is_kept(home):
    assert "no store" in qa_audit("check", expect=ExitCode.SETUP).stderr
    qa_audit("transcribe", "-q")
    assert data(qa_audit("check", "--json", "-q"))["marked"] == 2
    said = data(qa_audit("check", "--json", "-q"))
    assert (said["checked"], said["marked"]) == (2, 0)


# ------------------------------------------------------------------------------------------ the other stages


def test_the_stages_one_by_one_come_to_the_same_as_run(home):
    assert data(qa_audit("transcribe", "--json", "-q"))["listened"] == 2
    qa_audit("check", "-q")
    assert "2 calls on the pages" in qa_audit("report", "-q").stdout
    alone = {p.name: p.read_bytes() for p in (home / "scorecards" / "calls").iterdir()}
    qa_audit("run", "-q", "--out", "together")
    assert {p.name: p.read_bytes() for p in (home / "together" / "calls").iterdir()} == alone


def test_score_prints_a_table_or_json(home):
    qa_audit("run", "-q")
    assert [line.split()[:3] for line in qa_audit("score").stdout.splitlines()[:3]] == [
        ["agent", "calls", "assessed"],
        ["kim", "1", "1"],
        ["omar", "1", "1"],
    ]
    assert {card["agent"] for card in data(qa_audit("score", "--json"))["scorecards"]} == {"kim", "omar"}


def test_show_and_status(home):
    qa_audit("run", "-q")
    assert "My parcel never came" in qa_audit("show", "kim_1").stdout
    assert data(qa_audit("show", "kim_1", "--json"))["recording"]["agent"] == "kim"
    assert "not kept" in qa_audit("show", "kim_7", expect=ExitCode.SETUP).stderr
    assert "2 calls known, 2 heard, 2 marked" in qa_audit("status").stdout
    assert data(qa_audit("status", "--json"))["runs"][0]["state"] == "finished"


def test_transcribing_one_call_that_cannot_be_ends_with_3(home):
    (home / "calls" / "kim_bad.json").write_text("{")
    qa_audit("transcribe", "calls/kim_bad.json", "-q", expect=ExitCode.CALL)


def test_init_writes_a_start_that_works_and_overwrites_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    qa_audit("init", "new home")
    config = load_config(Path("new home/qa_audit.yaml"))
    assert config.rules.paths == ("rules",)
    assert config == Config().model_copy(update={"folder": tmp_path / "new home", "rules": config.rules})
    assert (tmp_path / "new home" / "rules" / "standard.yaml").is_file()
    before = (tmp_path / "new home" / "qa_audit.yaml").read_bytes()
    assert "left as it is" in qa_audit("init", "new home", expect=ExitCode.SETUP).stderr
    assert (tmp_path / "new home" / "qa_audit.yaml").read_bytes() == before


def test_doctor_says_what_is_there_and_what_is_missing(home):
    parts = {part["name"]: part for part in data(qa_audit("doctor", "--json"))["parts"]}
    assert parts["rules"]["ready"]
    assert parts["listening"]["ready"]
    said = qa_audit("doctor", "--engine", "no-such-engine", expect=ExitCode.SETUP).stdout
    assert "MISSING" in said


# -------------------------------------------------------------------------------------------- how it can end


def test_a_broken_configuration_is_told_with_line_and_caret(home):
    (home / "qa_audit.yaml").write_text("recordings:\n  sorces: [calls]\nspeech:\n  beam_size: 99\n")
    said = qa_audit("run", expect=ExitCode.SETUP).stderr
    assert "qa_audit.yaml:2:3: unknown key 'sorces' (did you mean 'sources'?)" in said
    assert "\n      sorces: [calls]\n      ^" in said
    assert "qa_audit.yaml:4:14: `beam_size` is at most 10, not 99" in said


def test_a_configuration_that_is_not_there_is_told(home):
    assert "qa-audit init" in qa_audit("run", "--config", "no.yaml", expect=ExitCode.SETUP).stderr


def test_a_defect_ends_with_4_and_its_traceback_is_in_the_log(home, monkeypatch):
    monkeypatch.setattr("qa_audit.pipeline.kept.open_rulebook", lambda settings: 1 / 0)
    said = qa_audit("status", expect=ExitCode.DEFECT)
    assert said.stderr.splitlines() == [
        "qa-audit: a defect: ZeroDivisionError: division by zero",
        f"qa-audit: {home}/qa_audit.log has the traceback",
    ]
    assert "Traceback" in (home / "qa_audit.log").read_text()


def test_ctrl_c_ends_with_130(home, monkeypatch):
    def interrupt(settings):
        raise KeyboardInterrupt

    monkeypatch.setattr("qa_audit.pipeline.kept.open_rulebook", interrupt)
    assert "what was finished is kept" in qa_audit("status", expect=ExitCode.INTERRUPTED).stderr


def test_a_reader_that_goes_away_is_no_defect(home):
    (home / "chat.jsonl").write_text(f"{json.dumps(LINE)}\n" * 3000)
    script = [sys.executable, "-c", "from qa_audit.cli import main; main()", "check", "chat.jsonl", "--json"]
    process = subprocess.Popen(script, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    assert (process.wait(), said) == (0, b"")


def test_names_from_outside_cannot_move_the_cursor(home):
    evil = LINE | {"call_id": "a\x1b[2J\u202e", "turns": [{"speaker": "customer", "text": "It never came \x1b]0;x\x07."}]}
    (home / "chat.jsonl").write_text(json.dumps(evil))
    said = qa_audit("check", "chat.jsonl").stdout
    assert "\x1b" not in said
    assert "\u202e" not in said


def test_nothing_is_logged_where_nothing_went_wrong(home):
    qa_audit("init", "other")
    assert not (home / "qa_audit.log").exists()
    assert {path.name for path in (home / "other").iterdir()} == {"rules", "qa_audit.yaml"}
