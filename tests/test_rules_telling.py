"""What the program says of rules that are right: in plain words, as notes, as a table, as a JSON Schema; and what it writes into files."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml
from rules_helpers import DATA, SOUND, load
from test_rules_loading import RULE, with_files

from qa_audit.config import Rules
from qa_audit.located import read
from qa_audit.rules import load_rules, starter_folder
from qa_audit.rules.drafts import IdTaken, confirm, draft_rule
from qa_audit.rules.explain import behaviour_in_words, rule_in_words
from qa_audit.rules.lint import lint
from qa_audit.rules.schema import json_schema, schema_text
from qa_audit.rules.table import readme

WORDS = yaml.safe_load((DATA / "in_words.yaml").read_text("utf-8"))


@pytest.mark.parametrize("case", WORDS["rules"], ids=lambda case: str(case["says"])[:40])
def test_a_rule_says_in_plain_words(tmp_path: Path, case: dict[str, object]) -> None:
    ruleset = with_files(tmp_path, {"more.yaml": WORDS["behaviours"], "tried.yaml": {**RULE, **case["rule"]}})
    assert rule_in_words(ruleset.rules["tried"], ruleset).text.startswith(str(case["says"]))


def test_severity_and_status_are_said_too() -> None:
    ruleset = load(SOUND)
    assert rule_in_words(ruleset.rules["no-apology"], ruleset).text.endswith("A miss is major. It is scored.")


def test_the_behaviours_that_a_rule_names_are_explained() -> None:
    ruleset = load(SOUND)
    terms = dict(rule_in_words(ruleset.rules["no-apology"], ruleset).terms)
    assert terms == {"complaint": "Says that something went wrong. Found by 2 phrases.", "apology": "Found by 1 phrase."}


@pytest.mark.parametrize(("name", "says"), WORDS["meanings"].items())
def test_a_behaviour_says_in_plain_words(tmp_path: Path, name: str, says: str) -> None:
    behaviours = with_files(tmp_path, {"more.yaml": WORDS["behaviours"]}).behaviours
    assert behaviour_in_words(behaviours[name], behaviours) == says


NOTES = yaml.safe_load((DATA / "notes.yaml").read_text("utf-8"))


@pytest.mark.parametrize("case", NOTES, ids=lambda case: str(case["note"])[:40])
def test_a_note_is_made_where_it_is_due(tmp_path: Path, case: dict[str, object]) -> None:
    quiet = {str(problem.message) for problem in lint(load(SOUND))}
    notes = lint(with_files(tmp_path, case["files"]))  # type: ignore[arg-type]
    assert str(case["note"]) in {note.message for note in notes} - quiet
    assert all(note.location.line for note in notes)


def test_a_rule_that_is_complete_has_no_note(tmp_path: Path) -> None:
    rule = {
        **RULE,
        "when": "complaint",
        "expect": "apology",
        "within": "2 turns",
        "status": "scored",
        "why": "It helps.",
        "say_instead": "I am sorry.",
    }
    rule["clause_seen"] = load(SOUND).standard.clause("be-kind").hash
    rule["examples"] = [
        {"missed": "customer: my kettle came broken\nagent: and the order number?"},
        {"met": "customer: my kettle came broken\nagent: so sorry"},
    ]
    notes = [note.message for note in lint(with_files(tmp_path, {"tried.yaml": rule})) if "tried" in note.location.path]
    assert notes == []


def test_the_schema_holds_for_every_shipped_file_and_refuses_a_misspelt_key() -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    files = sorted(starter_folder().rglob("*.yaml"))
    assert len(files) > 20
    for file in files:
        assert [error.message for error in validator.iter_errors(read(file, file.name).value)] == []
    for name in ("rule-unknown-key", "behaviour-unknown-key", "standard-pass", "rule-severity", "behaviour-who", "rule-title-list"):
        assert list(validator.iter_errors(read(DATA / "broken" / f"{name}.yaml", name).value))


def test_the_schema_names_its_dialect_and_describes_every_key() -> None:
    schema = json.loads(schema_text())
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    for name in ("BehaviourShape", "RuleShape", "StandardShape", "ClauseShape"):
        assert all("description" in key for key in schema["$defs"][name]["properties"].values())


@pytest.mark.parametrize(("file", "text"), [("README.md", lambda: readme(load_rules(Rules()))), ("schema.json", schema_text)])
def test_what_is_generated_is_not_stale(file: str, text: object) -> None:
    assert (starter_folder() / file).read_text("utf-8") == text()  # type: ignore[operator]


def test_a_first_rule_loads_at_once_and_says_what_it_does(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    paths = draft_rule("leak-left-alone", folder, load(folder), clause="be-kind")
    ruleset = load(folder)
    rule = ruleset.rules["leak-left-alone"]
    assert [path.relative_to(folder).as_posix() for path in paths] == ["packs/leak-left-alone.yaml", "behaviours/leak-left-alone.yaml"]
    assert rule_in_words(rule, ruleset).text.startswith(
        "When the customer reports a leak, it is expected within 3 turns of the agent that the agent sends somebody."
    )
    assert rule.id not in ruleset.stale


def test_nothing_is_written_over(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    draft_rule("leak", folder, load(folder), clause="be-kind")
    before = {path: path.read_bytes() for path in folder.rglob("*.yaml")}
    for taken in ("leak", "no-apology"):
        with pytest.raises(IdTaken):
            draft_rule(taken, folder, load(folder), clause="be-kind")
    assert {path: path.read_bytes() for path in folder.rglob("*.yaml")} == before


def test_confirming_writes_one_line_and_keeps_the_rest(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    file = folder / "rule.yaml"
    file.write_text("# mine\n" + file.read_text("utf-8").replace("clause: be-kind", "clause: be-kind   # the kind one"), "utf-8")
    before = file.read_text("utf-8")
    assert confirm(load(folder).rules["no-apology"], load(folder))
    seen = load(folder).standard.clause("be-kind").hash
    assert file.read_text("utf-8") == before.replace("# the kind one\n", f"# the kind one\nclause_seen: {seen}\n")
    assert not confirm(load(folder).rules["no-apology"], load(folder))
    standard = folder / "standard.yaml"
    standard.write_text(standard.read_text("utf-8").replace("says sorry", "says sorry at once"), "utf-8")
    assert load(folder).stale == {"no-apology"}
    assert confirm(load(folder).rules["no-apology"], load(folder))
    assert load(folder).stale == frozenset()


def copied(tmp_path: Path) -> Path:
    for file in SOUND.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path
