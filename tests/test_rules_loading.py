"""What becomes of rule files that are right: nouns with defaults, versions that follow the meaning, overrides, stale clauses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from rules_helpers import SOUND, load

from qa_audit.config import Override, Rules
from qa_audit.errors import UserFileError
from qa_audit.models import Outcome, Severity, Speaker, Status
from qa_audit.rules import RuleSet, load_rules, starter_folder
from qa_audit.rules.language import AppliesTo, Bound, Example, Kind, Span, Which

RULE = {"id": "tried", "title": "Tried", "clause": "be-kind", "severity": "minor"}


def with_rule(folder: Path, **keys: object) -> RuleSet:
    return with_files(folder, {"tried.yaml": {**RULE, **keys}})


def with_files(folder: Path, files: dict[str, object]) -> RuleSet:
    for name, value in files.items():
        (folder / name).write_text(yaml.safe_dump(value, sort_keys=False), "utf-8")
    return load(SOUND, folder)


def changed(folder: Path, file: str, old: str, new: str) -> RuleSet:
    """The sound files with one text changed."""
    for source in SOUND.iterdir():
        text = source.read_text("utf-8")
        if source.name == file:
            assert old in text
            text = text.replace(old, new)
        (folder / source.name).write_text(text, "utf-8")
    return load(folder)


def test_the_starter_rules_load_without_a_configuration() -> None:
    ruleset = load_rules(Rules())
    assert {rule.location.path.split("/")[-1] for rule in ruleset.rules.values()} <= {
        path.name for path in starter_folder().rglob("*.yaml")
    }
    assert len(ruleset.standard.clauses) == 9
    assert sum(clause.weight for clause in ruleset.standard.clauses) == 100


def test_a_rule_has_its_defaults(tmp_path: Path) -> None:
    rule = with_rule(tmp_path, expect="apology").rules["tried"]
    assert (rule.kind, rule.expect, rule.status, rule.at_least, rule.allow, rule.grace) == (
        Kind.EXPECT,
        ("apology",),
        Status.DRAFT,
        1,
        0,
        10.0,
    )
    assert (rule.which, rule.nth, rule.within, rule.applies_to) == (Which.EVERY, None, None, AppliesTo())
    assert (rule.location.line, rule.location.column) == (1, 1)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"expect": "apology", "when": "complaint", "within": "60s"}, {"within": Span(seconds=60)}),
        ({"expect": "apology", "when": "complaint", "within": "1 min 30 s"}, {"within": Span(seconds=90)}),
        ({"expect": "apology", "when": "complaint", "within": "3 turns"}, {"within": Span(turns=3)}),
        ({"expect": "apology", "when": "complaint", "within": "call"}, {"within": None}),
        ({"expect": "apology", "when": "complaint", "grace": 0}, {"grace": 0.0}),
        ({"expect": "apology", "first": "10%"}, {"first": Span(share=0.1)}),
        ({"expect": "apology", "last": "45 seconds"}, {"last": Span(seconds=45)}),
        ({"expect": ["apology", "trouble"], "at_least": 2}, {"expect": ("apology", "trouble"), "at_least": 2}),
        ({"expect": "apology", "when": "complaint", "every": "first"}, {"which": Which.FIRST}),
        ({"expect": "apology", "when": "complaint", "every": "2nd"}, {"which": Which.NTH, "nth": 2}),
        ({"expect": "apology", "when": "complaint", "every": "1st"}, {"which": Which.FIRST, "nth": None}),
        ({"never": "apology", "after": "complaint"}, {"kind": Kind.NEVER, "after": (1, "complaint")}),
        ({"never": "apology", "after": "2nd complaint", "allow": 1}, {"after": (2, "complaint"), "allow": 1}),
        ({"in_order": ["complaint", "apology"]}, {"kind": Kind.EXPECT, "in_order": ("complaint", "apology"), "expect": ()}),
        ({"limit": {"overlap_seconds": {"max": 10}}}, {"kind": Kind.LIMIT, "limit": {"overlap_seconds": Bound(None, 10)}}),
        (
            {"expect": "apology", "applies_to": {"queue": "sales", "min_duration": "1 min"}},
            {"applies_to": AppliesTo(queue=("sales",), min_duration=60)},
        ),
        ({"expect": "apology", "title": 404}, {"title": "404"}),
    ],
)
def test_a_rule_reads_as_it_is_written(tmp_path: Path, keys: dict[str, object], expected: dict[str, object]) -> None:
    rule = with_rule(tmp_path, **keys).rules["tried"]
    assert {name: getattr(rule, name) for name in expected} == expected


def test_examples_carry_their_outcome_and_their_line(tmp_path: Path) -> None:
    examples = [{"missed": "agent: No.\n"}, {"met": "agent: Sorry.\n", "known_miss": True}]
    first, second = with_rule(tmp_path, expect="apology", examples=examples).rules["tried"].examples
    assert (first.expected, first.known_miss, first.location.line) == (Outcome.MISSED, False, 7)
    assert (second.expected, second.known_miss, second.location.line) == (Outcome.MET, True, 10)


def test_a_behaviour_reads_as_it_is_written(tmp_path: Path) -> None:
    behaviours = {
        "thanks": {
            "who": ["agent", "customer"],
            "says": "thank you",
            "like": ["Much obliged.", {"text": "Cheers.", "after": "Here you are."}],
        },
        "wait": {"measure": "hold", "longer_than": "2 min"},
        "dead-end": {"of": "complaint", "without": "apology", "within_turns": 2},
        "late": {"who": "any", "regex": "l+ate", "only_after": "complaint", "negatable": False},
    }
    known = with_files(tmp_path, {"more.yaml": behaviours}).behaviours
    assert known["thanks"].who == {Speaker.AGENT, Speaker.CUSTOMER}
    assert known["thanks"].like == (Example("Much obliged."), Example("Cheers.", "Here you are."))
    assert (known["wait"].measure, known["wait"].longer_than, known["wait"].who) == ("hold", 120.0, frozenset(Speaker))
    assert (known["dead-end"].of, known["dead-end"].without, known["dead-end"].within_turns) == ("complaint", ("apology",), 2)
    assert (known["late"].regex, known["late"].only_after, known["late"].negatable) == (("l+ate",), "complaint", False)
    assert known["late"].location.path.endswith("more.yaml")


def test_words_that_yaml_takes_for_something_else_stay_words(tmp_path: Path) -> None:
    (tmp_path / "more.yaml").write_text("no-no:\n  who: agent\n  says:\n    - no\n    - on\n    - 12:30\n    - 1\n    - 007\n", "utf-8")
    assert load(SOUND, tmp_path).behaviours["no-no"].says == ("no", "on", "12:30", "1", "007")


def test_an_override_changes_severity_and_status_and_nothing_else() -> None:
    plain = load(SOUND)
    override = {"no-apology": Override(severity=Severity.CRITICAL, status=Status.OFF)}
    other = load_rules(Rules(paths=(str(SOUND),), override=override))
    expected = replace(plain.rules["no-apology"], severity=Severity.CRITICAL, status=Status.OFF)
    assert other.rules["no-apology"] == expected
    assert other.hash != plain.hash


def test_an_override_of_a_rule_that_is_not_there_is_told() -> None:
    rules = Rules(paths=(str(SOUND),), override={"no-apologie": Override(status=Status.OFF)})
    with pytest.raises(UserFileError, match="there is no rule 'no-apologie' \\(did you mean 'no-apology'\\?\\)"):
        load_rules(rules)
    assert load_rules(rules, another_set=True).rules["no-apology"].status is Status.SCORED


@pytest.mark.parametrize(
    ("file", "old", "new", "moves"),
    [
        ("behaviours.yaml", "late|wrong", "late|lost", True),
        ("behaviours.yaml", "sorry to (bother|interrupt)", "sorry to bother", True),
        ("rule.yaml", "3 turns", "4 turns", True),
        ("rule.yaml", "severity: major", "severity: minor", True),
        ("rule.yaml", "title: No apology", "title:    No apology", False),
        ("rule.yaml", "title: No apology", "# a remark\ntitle: No apology", False),
        ("rule.yaml", "title: No apology", "title: No apology\nowner: somebody", False),
        ("rule.yaml", "title: No apology", "title: No apology\nexamples:\n  - met: |\n      agent: Sorry.", False),
        ("standard.yaml", "weight: 60", "weight: 60.0", False),
    ],
)
def test_a_version_moves_with_the_meaning_and_only_then(tmp_path: Path, file: str, old: str, new: str, moves: bool) -> None:
    before, after = load(SOUND), changed(tmp_path, file, old, new)
    assert (before.rules["no-apology"].version != after.rules["no-apology"].version) is moves
    assert (before.hash != after.hash) is moves


def test_a_behaviour_moves_with_what_it_rests_on(tmp_path: Path) -> None:
    before, after = load(SOUND), changed(tmp_path, "behaviours.yaml", "late|wrong", "late|lost")
    moved = {name for name in before.behaviours if before.behaviours[name].version != after.behaviours[name].version}
    assert moved == {"complaint", "trouble"}


def test_a_rule_is_stale_when_its_clause_was_reworded_since(tmp_path: Path) -> None:
    seen = load(SOUND).standard.clause("be-kind").hash
    fresh = changed(tmp_path, "rule.yaml", "clause: be-kind", f"clause: be-kind\nclause_seen: {seen}")
    assert (fresh.stale, fresh.notes) == (frozenset(), ())
    standard = tmp_path / "standard.yaml"
    standard.write_text(standard.read_text("utf-8").replace("weight: 60", "weight: 50").replace("weight: 40", "weight: 50"), "utf-8")
    assert load(tmp_path).stale == frozenset()
    standard.write_text(standard.read_text("utf-8").replace("says sorry when", "says sorry at once when"), "utf-8")
    stale = load(tmp_path)
    assert stale.stale == {"no-apology"}
    assert "reworded" in stale.notes[0]


def test_bands_stand_from_the_highest_down(tmp_path: Path) -> None:
    ruleset = changed(tmp_path, "standard.yaml", "{good: 80, fair: 0}", "{poor: 0, best: 95, good: 80}")
    assert ruleset.standard.bands == (("best", 95), ("good", 80), ("poor", 0))
