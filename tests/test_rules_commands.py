"""`qa-audit rules …` as people and programs meet it: what it prints, how it ends, what it leaves alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from rules_helpers import DATA, SOUND

from qa_audit.cli import main
from qa_audit.rules.schema import json_schema


def rules(*words: str) -> Result:
    return CliRunner().invoke(main, ["rules", *words])


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a configuration and the sound rules."""
    (tmp_path / "rules").mkdir()
    for file in SOUND.iterdir():
        (tmp_path / "rules" / file.name).write_bytes(file.read_bytes())
    (tmp_path / "qa_audit.yaml").write_text("rules:\n  paths: [rules]\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def add_examples(home: Path, *examples: dict[str, object]) -> None:
    file = home / "rules" / "rule.yaml"
    file.write_text(file.read_text("utf-8") + yaml.safe_dump({"examples": list(examples)}), "utf-8")


GOOD = {"missed": "customer: it came broken\nagent: I see"}
BAD = {"met": "customer: it came broken\nagent: I see"}


def test_check_says_how_much_was_read_and_that_all_is_well(home: Path) -> None:
    add_examples(home, GOOD, {**BAD, "known_miss": True})
    checked = rules("check")
    assert checked.exit_code == 0
    assert checked.stdout.endswith("1 rule, 3 behaviours, 2 clauses\n2 of 2 examples as expected, 1 of them known misses\n")
    assert "rules/rule.yaml:1:1: note: nobody has confirmed yet" in checked.stdout


def test_check_ends_with_1_when_an_example_comes_out_otherwise(home: Path) -> None:
    add_examples(home, GOOD, BAD, {"met": "customr: hello"})
    checked = rules("check")
    assert checked.exit_code == 1
    assert "rules/rule.yaml:13:3: no-apology: an example that is met came out missed: After “broken”" in checked.stdout
    assert "came out unreadable: line 1: 'customr: hello' is not `agent: …`" in checked.stdout
    assert "1 of 3 examples as expected" in checked.stdout


def test_check_ends_with_2_when_a_file_is_wrong_and_draws_the_line(home: Path) -> None:
    checked = rules("check", str(SOUND), str(DATA / "broken" / "rule-three-at-once.yaml"))
    assert (checked.exit_code, checked.stdout) == (2, "")
    assert checked.stderr.count("\n") == 9
    assert "    titel: Bad\n    ^\n" in checked.stderr


def test_check_for_programs(home: Path) -> None:
    add_examples(home, GOOD, BAD)
    told = json.loads(rules("check", "--json").stdout)
    assert told["problems"] == []
    assert [(example["passed"], example["got"], example["line"]) for example in told["examples"]] == [
        (True, "missed", 10),
        (False, "missed", 13),
    ]
    assert {"path", "line", "column", "message"} == told["notes"][0].keys()
    refused = rules("check", "--json", str(SOUND), str(DATA / "broken" / "rule-severity.yaml"))
    assert refused.exit_code == 2
    assert [(problem["line"], problem["column"]) for problem in json.loads(refused.stdout)["problems"]] == [(4, 11)]


def test_check_of_other_rules_leaves_the_overrides_of_ones_own_aside(home: Path) -> None:
    (home / "qa_audit.yaml").write_text("rules:\n  paths: [rules]\n  override: {no-apologie: {status: 'off'}}\n", "utf-8")
    assert rules("check").exit_code == 2
    assert rules("check", str(SOUND)).exit_code == 0


def test_list_names_every_rule_once(home: Path) -> None:
    assert rules("list").stdout.splitlines()[1].split() == ["no-apology", "be-kind", "major", "scored", "No", "apology"]
    (told,) = json.loads(rules("list", "--json").stdout)
    assert (told["id"], told["stale"], told["path"]) == ("no-apology", False, "rules/rule.yaml")
    assert "| `no-apology` | `be-kind` | scored | When the customer complains" in rules("list", "--markdown").stdout
    assert "overlap_seconds" in rules("list", "--metrics").stdout
    assert "overlap_seconds" in json.loads(rules("list", "--metrics", "--json").stdout)


def test_every_shipped_rule_and_behaviour_is_shown_in_plain_words() -> None:
    for rule in json.loads(rules("list", "--json").stdout):
        shown = rules("show", rule["id"]).stdout
        assert "\N{REPLACEMENT CHARACTER}" not in shown
        assert "An example that is missed" in shown
        assert "there is a" not in rule["in_words"], "a behaviour of it has no `does`"


@pytest.mark.parametrize(
    ("name", "part"),
    [("no-apology", "it is expected within 3 turns"), ("apology", "but not\n  sorry to"), ("be-kind", "served by no-apology")],
)
def test_show_knows_rules_behaviours_and_clauses(home: Path, name: str, part: str) -> None:
    shown = rules("show", name)
    assert (shown.exit_code, part in shown.stdout) == (0, True)
    assert "\N{REPLACEMENT CHARACTER}" not in shown.stdout
    assert json.loads(rules("show", name, "--json").stdout)["id"] == name


def test_an_unknown_name_is_told_with_the_nearest(home: Path) -> None:
    for command in ("show", "try"):
        shown = rules(command, "no-apologie")
        assert (shown.exit_code, "did you mean 'no-apology'?" in shown.stderr) == (2, True)


def test_schema_prints_the_schema() -> None:
    assert json.loads(rules("schema").stdout) == json_schema()


def test_new_writes_a_draft_that_checks_at_once(home: Path) -> None:
    assert rules("new", "leak", "--clause", "be-kindly").exit_code == 2
    written = rules("new", "leak", "--clause", "be-kind")
    assert written.exit_code == 0
    assert (home / "rules" / "packs" / "leak.yaml").exists()
    assert rules("check").exit_code == 0
    assert rules("new", "leak", "--clause", "be-kind").exit_code == 2


def test_the_rules_of_the_program_are_not_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for command in (["new", "leak", "--clause", "explain"], ["confirm", "--all"]):
        refused = rules(*command)
        assert (refused.exit_code, "qa-audit init" in refused.stderr) == (2, True)


def test_confirm_names_the_files_it_changed(home: Path) -> None:
    assert rules("confirm").exit_code == 2
    assert rules("confirm", "no-apologi").exit_code == 2
    assert rules("confirm", "--all").stdout == "rules/rule.yaml: confirmed\n"
    assert rules("confirm", "no-apology").stdout == ""
    assert "clause_seen:" in (home / "rules" / "rule.yaml").read_text("utf-8")


@pytest.mark.parametrize("command", [("try", "no-apology"), ("diff", "rules", "rules")])
def test_nothing_to_try_on_is_told_and_nothing_is_made(home: Path, command: tuple[str, ...]) -> None:
    refused = rules(*command)
    assert refused.exit_code == 2
    assert "Traceback" not in refused.stderr
    assert not list(home.glob("*.db"))
