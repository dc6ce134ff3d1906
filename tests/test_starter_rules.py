"""The rules that ship: complete, explained, tested by their own examples, and blind to who somebody is."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from qa_audit.audit import Auditor
from qa_audit.audit.conversation import conversation
from qa_audit.audit.examples import run_examples
from qa_audit.audit.meaning.encoder import Encoder, load_encoder
from qa_audit.config import Rules
from qa_audit.models import Outcome, Status
from qa_audit.rules import RuleSet, load_rules

BEHAVIOURS = {
    "abrupt-close", "apology", "blame", "cancel-request", "compensation", "courteous-close", "dead-end", "deflection", "empathy",
    "explanation", "follow-up-promise", "frustration", "problem", "refusal", "remedy", "retention-push",
}  # fmt: skip
CLAUSES = (
    "apologise", "empathise", "no-dead-end", "no-blame", "let-go", "own-next-step", "explain", "make-right", "close-well",
)  # fmt: skip

CALL = """\
agent: Good morning, this is Maria, how can I help?
customer: Hello, my husband's jacket never arrived and he is really upset about it.
agent: I'm so sorry about that, sir. Let me look into it.
customer: He ordered it for his brother's birthday. Can you cancel it?
agent: I have cancelled it and the refund is on its way. I apologise for the grey parcel being lost at the depot.
customer: Thank you, Maria.
agent: You're welcome. Have a lovely day!
"""
SWAPS: Mapping[str, Mapping[str, str]] = {
    "names": {"Maria": "Oluwaseun"},
    "another name": {"Maria": "Nguyet"},
    "gendered words": {"husband": "wife", " he ": " she ", "He ": "She ", " his ": " her ", "brother": "sister", "sir": "madam"},
    "spelling": {"apologise": "apologize", "cancelled": "canceled", "grey": "gray"},
}


@pytest.fixture(scope="module")
def ruleset() -> RuleSet:
    return load_rules(Rules())


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    loaded = load_encoder()
    if loaded is None:
        pytest.skip("the sentence encoder is not installed; install qa-audit[meaning]")
    return loaded


def test_every_shipped_rule_was_held_against_its_clause(ruleset: RuleSet) -> None:
    assert {rule.id for rule in ruleset.rules.values() if not rule.clause_hash} == set()
    assert ruleset.stale == frozenset()


def test_the_standard_has_its_nine_clauses_and_every_one_is_served(ruleset):
    assert tuple(clause.id for clause in ruleset.standard.clauses) == CLAUSES
    assert sum(clause.weight for clause in ruleset.standard.clauses) == 100
    assert {rule.clause for rule in ruleset.rules.values()} == set(CLAUSES)


@pytest.mark.parametrize("name", sorted(BEHAVIOURS))
def test_each_behaviour_is_explained_and_taught_by_both_kinds_of_sentence(ruleset, name):
    behaviour = ruleset.behaviours[name]
    assert len(behaviour.meaning) > 40
    assert len(behaviour.like) >= 20
    assert len(behaviour.unlike) >= 10
    assert set(behaviour.like).isdisjoint(behaviour.unlike)


def test_every_rule_has_examples_of_each_outcome_and_says_what_to_say_instead(ruleset):
    for rule in ruleset.rules.values():
        expected = {example.expected for example in rule.examples}
        wanted = {Outcome.MISSED}
        if not set(rule.when) & set(rule.never):
            wanted.add(Outcome.MET)
        if rule.when:
            wanted.add(Outcome.NO_OPPORTUNITY)
        assert expected >= wanted, rule.id
        assert rule.say_instead and rule.why, rule.id


def test_the_examples_come_out_as_expected_by_phrases_alone(ruleset):
    assert [result for result in run_examples(ruleset) if not result.passed] == []


def test_the_examples_come_out_as_expected_by_meaning(ruleset, encoder):
    assert [result for result in run_examples(ruleset, encoder=encoder) if not result.passed] == []


def test_every_clause_has_an_outcome_also_where_its_rules_are_advisory(ruleset, encoder):
    audit = Auditor(ruleset, encoder=encoder).audit(conversation(CALL))
    assert set(audit.outcomes) == set(CLAUSES)
    advisory = {rule.clause for rule in ruleset.rules.values() if rule.status is Status.ADVISORY}
    assert all(audit.outcomes[clause] in Outcome for clause in advisory)


@pytest.mark.parametrize("swap", SWAPS)
@pytest.mark.parametrize("by_meaning", [False, True])
def test_outcomes_do_not_hang_on_who_somebody_is_or_how_they_spell(ruleset, encoder, swap, by_meaning):
    changed = CALL
    for old, new in SWAPS[swap].items():
        assert old in changed
        changed = changed.replace(old, new)
    auditor = Auditor(ruleset, encoder=encoder if by_meaning else None)
    assert auditor.audit(conversation(changed)).outcomes == auditor.audit(conversation(CALL)).outcomes


def test_one_call_gives_one_audit_however_often_it_is_asked(ruleset, encoder):
    assert Auditor(ruleset, encoder=encoder).audit(conversation(CALL)) == Auditor(ruleset, encoder=encoder).audit(conversation(CALL))
