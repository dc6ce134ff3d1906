"""What follows from a call as a whole: who closes it, what is left open, and when that cannot be told."""

from __future__ import annotations

import pytest

from qa_audit.audit.conversation import conversation
from qa_audit.audit.meaning.structure import whole_call
from qa_audit.config import Rules
from qa_audit.models import Moment, Tier
from qa_audit.rules import load_rules

BEHAVIOURS = load_rules(Rules()).behaviours

CASES = [
    ("agent: All done.\ncustomer: Thanks.\nagent: Bye, take care! {courteous-close}", "last-word", 2, Tier.STRICT),
    ("agent: Take care! {courteous-close}\ncustomer: You too, bye.", "last-word", 0, Tier.STRICT),
    ("customer: And the lid?\nagent: It is in the box.", "last-word", 1, Tier.STRICT),
    ("customer: And the lid?\nagent: Which pan is it?", "last-word", 1, Tier.LENIENT),
    ("customer: ok\nagent: Tap the menu. {instruction}", "last-word", 1, Tier.LENIENT),
    ("agent: Which pan?\ncustomer: The big one.", "last-word", None, None),
    ("customer: where is it {let-down}\nagent: I'll ring you. {follow-up-promise}\ncustomer: ok", "left-open", 1, Tier.STRICT),
    (
        "customer: it broke {let-down}\nagent: Oh dear.\ncustomer: well {problem}\nagent: Bye. {courteous-close}",
        "left-open",
        0,
        Tier.STRICT,
    ),
    ("customer: it broke {let-down}\nagent: New one sent. {remedy}\nagent: Bye. {courteous-close}", "left-open", None, None),
    ("customer: which way is it\nagent: Left.\ncustomer: ta {thanks}\nagent: Bye. {courteous-close}", "left-open", None, None),
    ("customer: it broke {let-down}\nagent: Hold on. {hold-request}", "left-open", 1, Tier.LENIENT),
]


def told(text: str) -> tuple[Moment, ...]:
    """The conversation, with a moment where a name stands in braces, seen as a whole."""
    lines = text.split("\n")
    transcript = conversation("\n".join(line.partition(" {")[0] for line in lines))
    moments = []
    for turn, line in zip(transcript.turns, lines, strict=True):
        if name := line.partition(" {")[2].rstrip("}"):
            moments.append(
                Moment(
                    behaviour=name,
                    turn=turn.index,
                    speaker=turn.speaker,
                    start=None,
                    end=None,
                    quote="",
                    span=(0, len(turn.words)),
                    trust=1.0,
                    how="phrase",
                )
            )
    return whole_call(transcript, moments, BEHAVIOURS)


@pytest.mark.parametrize(("text", "name", "turn", "tier"), CASES)
def test_conclusions_about_the_whole_call(text, name, turn, tier):
    drawn = [moment for moment in told(text) if moment.behaviour == name]
    assert [(moment.turn, moment.tier) for moment in drawn] == ([] if turn is None else [(turn, tier)])
    assert all(moment.because and moment.how == "structure" for moment in drawn)


def test_a_short_bye_after_a_courteous_word_is_not_abrupt():
    kind = told("agent: Have a lovely day! {courteous-close}\ncustomer: You too.\nagent: Bye. {abrupt-close}")
    rude = told("agent: I can't help.\ncustomer: But what now?\nagent: Bye. {abrupt-close}")
    assert "abrupt-close" not in {moment.behaviour for moment in kind}
    assert "abrupt-close" in {moment.behaviour for moment in rude}


@pytest.mark.parametrize(
    ("after", "counts"),
    [
        ("agent: Bye.", True),
        ("agent: I have sent a new one. {remedy}", False),
        ("agent: Hm.\ncustomer: And now?\nagent: We could try Monday. {alternative}", False),
        ("agent: Hm.\ncustomer: And now?\nagent: Well.\ncustomer: Hello?\nagent: I'll ring you. {follow-up-promise}", True),
    ],
)
def test_a_dead_end_is_taken_back_by_a_way_forward_within_the_next_two_turns(after, counts):
    found = told(f"customer: Can you come?\nagent: No. {{dead-end}}\ncustomer: Oh.\n{after}")
    assert ("dead-end" in {moment.behaviour for moment in found}) is counts


def test_nothing_is_concluded_for_rules_that_do_not_ask():
    transcript = conversation("customer: hi\nagent: hello")
    assert whole_call(transcript, (), {}) == ()


def test_an_empty_call_has_no_ending():
    assert whole_call(conversation(""), (), BEHAVIOURS) == ()
