"""Who is the agent: from what is known of the channels, checked against the words, or from the words alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from speech_helpers import AGENT_FIRST, kinds, recording

from qa_audit.errors import CallError
from qa_audit.models import Direction, Speaker
from qa_audit.sides import CONFIRMED, LONGEST, first_is_agent, manner
from qa_audit.speech.roles import roles

AGENT, CUSTOMER, UNKNOWN = Speaker.AGENT, Speaker.CUSTOMER, Speaker.UNKNOWN

CALLS = {
    "water": (
        "Good morning, thank you for calling Harbour Water, how can I help you? Can I take your account number please? Thanks, let me check that for you.",
        "My water has been off since Monday and nobody called me back. It is four two seven one.",
    ),
    "parcel": (
        "Parcels, good afternoon. And what's your order number? I can see here that it left our warehouse. Is there anything else I can do?",
        "I'm calling about my parcel. I've been waiting for two weeks. When will I get it? I want my money back.",
    ),
    "loan": (
        "This call may be recorded. For security, could you confirm your date of birth? I understand how that feels. I will arrange a call.",
        "I was charged twice and I would like to speak to a manager. Can you tell me why I was told something else?",
    ),
    "outbound": (
        "Am I speaking with the account holder? I'm following up on your request. We can offer you a new appointment.",
        "Yes. Oh right, my boiler. I paid for it last week and it never arrived.",
    ),
}


@pytest.mark.parametrize("call", CALLS)
def test_the_words_tell_who_is_the_agent_whatever_the_order(call: str) -> None:
    agent, customer = CALLS[call]
    found = roles((agent, customer), opens=None, recording=recording(direction=Direction.UNKNOWN), stated=())
    turned = roles((customer, agent), opens=None, recording=recording(direction=Direction.UNKNOWN), stated=())
    assert found.speakers == (AGENT, CUSTOMER)
    assert turned.speakers == (CUSTOMER, AGENT)
    assert found.trust == pytest.approx(turned.trust)
    assert 0.75 <= found.trust <= 1
    assert kinds(found.doubts) == {"roles-guessed"}


@pytest.mark.parametrize("call", CALLS)
def test_one_word_in_five_misheard_seldom_matters(call: str) -> None:
    agent, customer = (" ".join(word if i % 5 else "umbrella" for i, word in enumerate(text.split(), 1)) for text in CALLS[call])
    assert first_is_agent((agent, customer), opens=None, direction=Direction.UNKNOWN) > 0.5


def test_what_is_known_of_the_channels_holds_when_the_words_agree_or_say_nothing() -> None:
    for texts in (CALLS["water"], ("yes", "no"), ("", "")):
        found = roles(texts, opens=None, recording=recording(), stated=AGENT_FIRST)
        assert (found.speakers, found.trust, found.doubts) == (AGENT_FIRST, 1.0, ())


def test_a_contradiction_is_set_aside_and_says_what_to_check() -> None:
    agent, customer = CALLS["water"]
    with pytest.raises(CallError, match=r"channels.*agent, customer.*manifest") as refused:
        roles((customer, agent), opens=1, recording=recording(), stated=AGENT_FIRST)
    assert refused.value.kind == "contradiction-roles"


def test_a_person_who_has_listened_overrules_the_words() -> None:
    agent, customer = CALLS["water"]
    found = roles((customer, agent), opens=1, recording=replace(recording(), tags=("vip", CONFIRMED)), stated=AGENT_FIRST)
    assert (found.speakers, found.trust, found.doubts) == (AGENT_FIRST, 1.0, ())


def test_words_that_speak_mildly_against_the_channels_leave_a_doubt() -> None:
    found = roles(
        ("I paid for it", "let me check your order"), opens=None, recording=recording(direction=Direction.UNKNOWN), stated=AGENT_FIRST
    )
    assert found.speakers == AGENT_FIRST
    assert found.trust < 0.5
    assert kinds(found.doubts) == {"roles-doubtful"}


def test_without_a_hint_nobody_is_the_agent() -> None:
    found = roles(("yes it is", "well then"), opens=None, recording=recording(), stated=())
    assert (found.speakers, found.trust) == ((UNKNOWN, UNKNOWN), 0.0)
    assert kinds(found.doubts) == {"roles-unknown"}


@pytest.mark.parametrize(("direction", "likelier"), [(Direction.INBOUND, AGENT), (Direction.OUTBOUND, CUSTOMER)])
def test_who_opens_the_call_counts_a_little(direction: Direction, likelier: Speaker) -> None:
    first = first_is_agent(("hello", "hello"), opens=0, direction=direction)
    assert (first > 0.5) == (likelier is AGENT)
    assert 0.25 < first < 0.75


def test_a_hostile_transcript_costs_no_time_and_a_cue_counts_twice_at_most() -> None:
    assert manner("thank you for calling " * 100_000) == manner("thank you for calling " * 2)
    assert manner("a" * 10 * LONGEST) == 0


def test_one_named_channel_names_the_other() -> None:
    from qa_audit.speech.casting import _stated

    assert tuple(_stated(recording(channels=(UNKNOWN, AGENT)))) == (CUSTOMER, AGENT)
    assert tuple(_stated(recording(channels=(CUSTOMER, UNKNOWN)))) == (CUSTOMER, AGENT)
    assert _stated(replace(recording(), channels=())) == ()
    assert _stated(replace(recording(), channels=(AGENT,))) == ()
