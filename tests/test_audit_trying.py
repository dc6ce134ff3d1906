"""What authors see before a rule counts: its examples, what it would find, what a change would move."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from audit_helpers import ruleset, shared_behaviours

from qa_audit.audit import Auditor, prepare
from qa_audit.audit.conversation import ConversationError, conversation
from qa_audit.audit.diff import difference
from qa_audit.audit.examples import run_examples
from qa_audit.audit.tryout import try_rule
from qa_audit.models import Outcome, Recording, Speaker

APOLOGY = {"when": "problem", "expect": "apology", "id": "no-apology"}
MISSED = "customer: My parcel never arrived, I was at home all day. Where is it?\nagent: Let me see."
MET = "customer: My parcel never arrived.\nagent: I am so sorry."


def test_examples_come_out_as_expected_or_not(tmp_path: Path) -> None:
    examples = [{"missed": MISSED}, {"met": MISSED}, {"met": MISSED, "known_miss": True}, {"no_opportunity": "agent: Hello."}]
    rules = ruleset(tmp_path, shared_behaviours(), {**APOLOGY, "status": "draft", "applies_to": {"queue": ["none"]}, "examples": examples})
    results = run_examples(rules)
    assert [(result.got, result.passed) for result in results] == [
        (Outcome.MISSED, True),
        (Outcome.MISSED, False),
        (Outcome.MISSED, True),
        (Outcome.NO_OPPORTUNITY, True),
    ]
    assert "no apology" in results[1].reason


def test_an_example_that_cannot_be_read_fails_with_its_line(tmp_path: Path) -> None:
    rules = ruleset(tmp_path, shared_behaviours(), APOLOGY)
    broken = replace(rules.rules["no-apology"], examples=(replace_conversation("agent: Hi.\nagnt: Hello."),))
    (result,) = run_examples(replace(rules, rules={"no-apology": broken}))
    assert (result.got, result.passed) == (None, False)
    assert "line 2: 'agnt: Hello.'" in result.reason


def replace_conversation(text: str):
    from qa_audit.rules.language import RuleExample

    return RuleExample(Outcome.MET, text, known_miss=True)


def test_only_the_rules_asked_for_run_their_examples(tmp_path: Path) -> None:
    rules = ruleset(tmp_path, shared_behaviours(), {**APOLOGY, "examples": [{"met": MET}]}, {"never": "offer", "examples": [{"met": MET}]})
    assert {result.rule for result in run_examples(rules, only=["rule-1"])} == {"rule-1"}


def recording(agent: str) -> Recording:
    return Recording(call_id="c", uri="c.wav", size=1, modified=0.0, agent=agent)


def test_trying_a_rule_shows_its_hits_in_their_sentences(tmp_path: Path) -> None:
    rules = ruleset(tmp_path, shared_behaviours(), {**APOLOGY, "status": "draft"}, {"never": "offer"})
    calls = [(recording("Ada"), conversation(MISSED, call_id="1"), None), (recording("Bo"), conversation(MET, call_id="2"), None)]
    calls += [(None, conversation("agent: Hello.", call_id="3"), prepare(conversation("agent: Hello.")))]
    tryout = try_rule(rules, "no-apology", calls)
    assert tryout.by_outcome() == {Outcome.MISSED: 1, Outcome.MET: 1, Outcome.NO_OPPORTUNITY: 1, Outcome.CANNOT_JUDGE: 0}
    assert tryout.by_agent()["Ada"][Outcome.MISSED] == 1
    assert [(hit.call_id, hit.agent, hit.sentence) for hit in tryout.hits] == [
        ("1", "Ada", "My parcel never arrived, I was at home all day."),
        ("2", "Bo", "My parcel never arrived."),
        ("2", "Bo", "I am so sorry."),
    ]


def test_the_sample_of_hits_is_the_same_every_time(tmp_path: Path) -> None:
    rules = ruleset(tmp_path, shared_behaviours(), APOLOGY)
    tryout = try_rule(rules, "no-apology", [(None, conversation(MISSED, call_id=str(n)), None) for n in range(50)])
    assert len(tryout.sample(5)) == 5
    assert tryout.sample(5) == tryout.sample(5)
    assert tryout.sample(100) == tryout.hits


def test_a_rule_that_does_not_exist_cannot_be_tried(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="nowhere"):
        try_rule(ruleset(tmp_path, shared_behaviours(), APOLOGY), "nowhere", [])


def test_the_difference_between_two_rule_sets(tmp_path: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
    old = ruleset(tmp_path / "old", shared_behaviours(), APOLOGY)
    new = ruleset(tmp_path / "new", shared_behaviours(), {**APOLOGY, "unless": "abuse"}, {"never": "offer"})
    calls = [conversation(text, call_id=str(n)) for n, text in enumerate([MISSED, MET, MISSED + "\ncustomer: Find it, you idiot!"])]
    moved = difference((Auditor(old).audit(call), Auditor(new).audit(call)) for call in calls)
    assert (moved.calls, moved.moved) == (3, ("0", "1", "2"))
    assert [(move.call_id, move.old, move.new) for move in moved.outcomes] == [("2", Outcome.MISSED, Outcome.MET)]
    assert moved.counts() == {(Outcome.MISSED, Outcome.MET): 1}
    assert [(move.call_id, move.rule) for move in moved.findings if move.old is None] == [("0", "rule-1"), ("1", "rule-1"), ("2", "rule-1")]
    assert [(move.call_id, move.rule) for move in moved.findings if move.old is not None] == [("2", "no-apology")]


def test_equal_rule_sets_move_nothing(tmp_path: Path) -> None:
    auditor = Auditor(ruleset(tmp_path, shared_behaviours(), APOLOGY))
    moved = difference([(auditor.audit(conversation(MISSED)), auditor.audit(conversation(MISSED)))])
    assert (moved.calls, moved.moved, moved.findings, moved.outcomes) == (1, (), (), ())


# ------------------------------------------------------------------------------------------- written conversations


def test_a_conversation_without_times_is_a_chat() -> None:
    chat = conversation("Agent: Hello there.\n\n  customer:  Hi.  ")
    assert [(turn.speaker, turn.text, turn.start) for turn in chat.turns] == [
        (Speaker.AGENT, "Hello there.", None),
        (Speaker.CUSTOMER, "Hi.", None),
    ]
    assert not chat.timed


def test_a_conversation_with_one_time_or_event_is_a_call() -> None:
    call = conversation("agent: One moment.\n[hold 40s]\n[1:00] agent: Sorry about that.\n[badly heard] customer: mmh\n[cut off]")
    assert call.timed
    assert call.holds == ((pytest.approx(1.2), pytest.approx(41.2)),)
    assert [turn.start for turn in call.turns] == [0.0, 60.0, pytest.approx(61.55)]
    assert call.turns[2].words[0].trust < 0.5
    assert [doubt.kind for doubt in call.doubts] == ["cut-off"]


@pytest.mark.parametrize("line", ["hello", "agent hello", "[hold]", "[hold 5 m]", "[12] agent: Hi", "boss: Hi"])
def test_a_line_that_is_none_is_refused(line: str) -> None:
    with pytest.raises(ConversationError, match="line 2"):
        conversation(f"agent: Hi.\n{line}")
