"""What a detector makes of chances: which count, how far they can be trusted, and what the whole call decides."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qa_audit.audit.conversation import conversation
from qa_audit.audit.kept import prepare
from qa_audit.audit.meaning.calls import Calls
from qa_audit.audit.meaning.detector import Judged, moments
from qa_audit.audit.meaning.talk import talk
from qa_audit.audit.meaning.thresholds import Threshold, Thresholds, starter_thresholds
from qa_audit.models import Moment, Speaker, Tier, Transcript
from qa_audit.rules.language import Behaviour

SORRY = {"apology": Behaviour(id="apology", who=frozenset((Speaker.AGENT,)))}


class Ones:
    """An encoder for which everything means the same."""

    name = sha256 = "ones"

    def read(self, readings, /):
        return np.ones((sum(len(reading.pieces) for reading in readings), 2), np.float32)


def found(call: Transcript, chance: float, threshold: Threshold) -> tuple[Moment, ...]:
    """The moments where each turn shows an apology with that chance."""
    said = talk(call, prepare(call, Ones()))
    pieces = sum(len(sentences) + (len(sentences) > 1) for sentences in said.sentences)
    table = np.full((len(said.turns), 1), chance, np.float32)
    judged = Judged(said, np.zeros((pieces, 1), np.float32), table, table)
    return tuple(moments(call, judged, table, ("apology",), SORRY, thresholds={"apology": threshold}))


def with_trust(call: Transcript, *trusts: float) -> Transcript:
    (turn,) = call.turns
    words = tuple(replace(word, trust=trust) for word, trust in zip(turn.words, trusts, strict=True))
    return replace(call, turns=(replace(turn, words=words),))


def test_one_word_heard_badly_does_not_spoil_the_sentence():
    call = with_trust(conversation("agent: I'm so sorry Mrs Featherstonehaugh."), 0.9, 0.9, 0.9, 0.9, 0.1)
    (moment,) = found(call, 0.9, Threshold(0.5, 0.5))
    assert moment.trust == pytest.approx(0.74)


@pytest.mark.parametrize(("chance", "tiers"), [(0.3, []), (0.5, [Tier.LENIENT]), (0.7, [Tier.STRICT])])
def test_a_chance_counts_doubtfully_or_surely_by_two_thresholds(chance, tiers):
    assert [moment.tier for moment in found(conversation("agent: I'm so sorry."), chance, Threshold(0.4, 0.6))] == tiers


def test_thresholds_are_those_of_the_medium():
    both = Thresholds(written={"a": Threshold(0.1)}, spoken={"a": Threshold(0.9)})
    chat = conversation("agent: Hello.")
    call = replace(chat, turns=tuple(replace(turn, start=0.0, end=1.0) for turn in chat.turns))
    assert (both.of(chat)["a"].lenient, both.of(call)["a"].lenient) == (0.1, 0.9)


def test_the_starter_behaviours_have_thresholds_for_both_media():
    assert starter_thresholds().written.keys() == starter_thresholds().spoken.keys() > {"apology", "let-down"}


def test_a_whole_call_sets_the_highest_chance_and_keeps_the_order_of_turns():
    calls = Calls(columns=(1,), weights=np.array([[2.0], [0.0]], np.float32), bias=np.zeros(1, np.float32))
    settled = calls.settled(np.array([[0.9, 0.2], [0.1, 0.4]], np.float32))
    assert settled[:, 0].tolist() == pytest.approx([0.9, 0.1])
    assert settled[1, 1] == pytest.approx(0.9**2 / (0.9**2 + 0.1**2), abs=1e-4)
    assert settled[0, 1] == pytest.approx(settled[1, 1] / 2)


def test_a_call_in_which_nobody_shows_anything_stays_so():
    calls = Calls(columns=(0,), weights=np.ones((1, 1), np.float32), bias=np.ones(1, np.float32))
    assert calls.settled(np.zeros((2, 1), np.float32)).tolist() == [[0], [0]]
