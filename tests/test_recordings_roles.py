"""Who is who in a ready transcript: by label, by channel, by what is said; and when it is better not to say."""

from __future__ import annotations

import json

import pytest

from qa_audit.models import Recording, Speaker
from qa_audit.recordings.importers import read_data
from qa_audit.recordings.importers.roles import role_of

GREETING = "Thank you for calling Brightwater, how can I help you? May I take your account number?"
WISH = "I've been waiting since Monday for my parcel and nobody called."


def speakers(*turns: tuple[str, str], channels: tuple[Speaker, ...] = ()) -> tuple[str, list[str]]:
    """The speakers of the turns, and the kinds of doubt."""
    recording = Recording(call_id="c-1", uri="x", size=1, modified=0.0, agent="kim", channels=channels)
    document = {"turns": [{"speaker": speaker, "text": text} for speaker, text in turns]}
    transcript = read_data(json.dumps(document).encode(), name="x.json", call_id="c-1", recording=recording)
    return " ".join(turn.speaker for turn in transcript.turns), [doubt.kind for doubt in transcript.doubts]


@pytest.mark.parametrize(
    ("label", "role"),
    [
        ("AGENT", "agent"),
        (" Agent 2 ", "agent"),
        ("agent_0", "agent"),
        ("Kim (Agent)", "agent"),
        ("Representative", "agent"),
        ("END_USER", "customer"),
        ("Caller-1", "customer"),
        ("AUTOMATED_AGENT", "system"),
        ("IVR", "system"),
        ("spk_0", None),
        ("Agentha", None),
        ("Kim", None),
        ("", None),
    ],
)
def test_roles_that_labels_name(label, role):
    assert role_of(label) == role


def test_the_only_other_voice_is_the_other_side():
    assert speakers(("Kim", "Hello"), ("Customer", "Hi")) == ("agent customer", [])
    assert speakers(("Agent", "Hello"), ("IVR", "Please hold"), ("Lee", "Hi")) == ("agent system customer", [])


def test_two_unnamed_voices_beside_a_named_one_stay_unknown():
    assert speakers(("Agent", "Hello"), ("Lee", "Hi"), ("Ana", "Hi too")) == ("agent unknown unknown", [])


def test_unnamed_voices_are_told_by_what_they_say():
    assert speakers(("A", GREETING), ("B", WISH)) == ("agent customer", ["roles-guessed"])
    assert speakers(("A", WISH), ("B", GREETING)) == ("customer agent", ["roles-guessed"])


def test_of_three_unnamed_voices_the_third_stays_unknown():
    assert speakers(("A", GREETING), ("B", WISH), ("C", "Hm")) == ("agent customer unknown", ["roles-guessed"])


def test_nothing_is_guessed_from_small_talk():
    assert speakers(("A", "Hello there"), ("B", "Good morning"), ("A", "Lovely day")) == ("unknown unknown unknown", ["roles-unknown"])


def test_channels_say_who_is_who():
    assert speakers(("ch_0", "Hello"), ("Channel 1", "Hi"), channels=(Speaker.CUSTOMER, Speaker.AGENT)) == ("customer agent", [])
    assert speakers(("ch_0", "Hello"), ("ch_1", "Hi"), ("ch_2", "Hm"), channels=(Speaker.CUSTOMER, Speaker.AGENT)) == (
        "customer agent unknown",
        [],
    )


def test_named_roles_that_the_words_speak_against_are_doubted():
    assert speakers(("agent", WISH), ("customer", GREETING)) == ("agent customer", ["roles-swapped"])
    assert speakers(("agent", GREETING), ("customer", WISH)) == ("agent customer", [])
    assert speakers(("agent", GREETING), ("system", GREETING)) == ("agent system", [])
