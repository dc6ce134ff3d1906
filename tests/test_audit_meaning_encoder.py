"""The sentence encoder: near to the original, the same every time, and honest about what it cannot load."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from qa_audit.audit.kept import Reading
from qa_audit.audit.meaning import encoder as encoders
from qa_audit.audit.meaning.convert import converted
from qa_audit.audit.meaning.encoder import Encoder, load_encoder
from qa_audit.errors import EngineError

DATA = Path(__file__).parent / "data" / "audit" / "meaning"


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    loaded = load_encoder()
    if loaded is None:
        pytest.skip("the sentence encoder is not installed; install qa-audit[meaning]")
    return loaded


@pytest.fixture(scope="module")
def untuned(encoder, tmp_path_factory) -> Encoder:
    """The packaged weights as an organisation's own: nothing is added to them."""
    own = tmp_path_factory.mktemp("own") / "our-encoder"
    shutil.copytree(encoders.packaged(), own)
    return load_encoder(str(own))


def test_the_converted_model_computes_what_the_original_does_in_full_precision(untuned):
    """The reference is the mean over all tokens, those of start and end too."""
    reference = json.loads((DATA / "reference.json").read_text(encoding="utf-8"))
    windows = untuned.windows([Reading((text,)) for text in reference["sentences"]])
    means = np.array([np.asarray(untuned.model.forward_batch([window.ids]).last_hidden_state)[0].mean(axis=0) for window in windows])
    cosines = (means / np.linalg.norm(means, axis=1, keepdims=True) * np.array(reference["vectors"])).sum(axis=1)
    assert cosines.min() > 0.96
    assert cosines.mean() > 0.99


def test_tuning_changes_the_encoder_and_its_hash(encoder, untuned):
    assert untuned.sha256 == encoders.PACKAGED_SHA256 != encoder.sha256
    text = ["I'm sorry about the delay."]
    assert encoder.encode(text)[0] @ untuned.encode(text)[0] < 0.99


def test_pieces_are_read_with_what_stands_around_them(encoder):
    alone, after = encoder.read([Reading(("No.",)), Reading(("No.",), "Can you change the address?")])
    assert alone @ after < 0.99
    assert encoder.read([Reading(("No.", "I can't."), "Why?"), Reading(("Yes.",))]).shape == (3, encoder.dim)


def test_a_turn_too_long_for_one_reading_is_read_in_parts_and_loses_no_piece(encoder):
    windows = list(encoder.windows([Reading(("word " * 60, "other " * 60, "", "x " * 500), "before " * 90)]))
    assert [[row for row, _, _ in window.spans] for window in windows] == [[0], [1, 2], [3]]
    assert max(len(window.ids) for window in windows) <= encoders.OWN_TOKENS + encoders.BEFORE_TOKENS + 3


SAME_AND_OTHER = [
    ("I'm sorry about the delay.", "We regret that it was late.", "We open at nine."),
    ("I'll ring you back tomorrow.", "You will get a call from us in the morning.", "The blue one is out of stock."),
    ("I want to cancel my contract.", "Please end my membership.", "My parcel arrived broken."),
    ("Unfortunately that isn't possible.", "I can't do that, I'm afraid.", "Thank you, have a nice day."),
    ("This is an absolute disgrace.", "I'm really angry about this.", "What are your opening hours?"),
]


def test_what_means_the_same_lies_closer_than_what_does_not(encoder):
    vectors = [encoder.encode(texts) for texts in SAME_AND_OTHER]
    closer = [one @ same - one @ other for one, same, other in vectors]
    assert min(closer) > 0.1
    assert np.mean(closer) > 0.4


def test_a_text_has_the_same_vector_whatever_stands_beside_it(encoder):
    texts = ["Yes.", "Please cancel it.", "I have been waiting for a very long time indeed, and nobody has rung me back."]
    together, alone = encoder.encode(texts), np.concatenate([encoder.encode([text]) for text in texts])
    assert np.allclose(together, encoder.encode(texts))
    assert (together * alone).sum(axis=1).min() > 0.995


def test_vectors_have_length_one_and_nothing_gives_no_vectors(encoder):
    assert encoder.encode(["word"]).shape == (1, encoder.dim)
    assert np.linalg.norm(encoder.encode(["a long story", ""]), axis=1) == pytest.approx([1, 1], abs=1e-4)
    assert encoder.encode([]).shape == (0, encoder.dim)


def test_a_text_of_any_length_is_read(encoder):
    assert np.isfinite(encoder.encode(["word " * 5000])).all()


def test_an_encoder_of_ones_own_is_loaded_from_its_folder(untuned):
    assert untuned.name == "our-encoder"


def test_a_folder_without_an_encoder_is_refused_with_what_is_missing(tmp_path):
    with pytest.raises(EngineError, match=r"config\.json is missing"):
        load_encoder(str(tmp_path))


def test_another_kind_of_model_is_refused(tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "t5", "hidden_act": "relu"}', encoding="utf-8")
    with pytest.raises(EngineError, match="t5"):
        converted(tmp_path, "0" * 64)


def test_packaged_weights_that_are_not_the_known_ones_are_refused(encoder, monkeypatch):
    monkeypatch.setattr(encoders, "PACKAGED_SHA256", "0" * 64)
    with pytest.raises(EngineError, match="reinstall"):
        encoders._load.__wrapped__(None)


def test_the_converted_model_is_made_once_and_left_whole(encoder, tmp_path, monkeypatch):
    monkeypatch.setenv("QA_AUDIT_CACHE", str(tmp_path))
    first = converted(encoders.packaged(), encoder.sha256)
    before = first.stat().st_mtime_ns
    assert converted(encoders.packaged(), encoder.sha256) == first
    assert first.stat().st_mtime_ns == before
    assert [path.name for path in tmp_path.iterdir()] == [first.name]


def test_british_and_american_spelling_are_read_alike(encoder):
    british, american = encoder.encode(["We apologise, the grey one was cancelled.", "We apologize, the gray one was canceled."])
    assert np.array_equal(british, american)
