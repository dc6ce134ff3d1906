"""The sentence encoder: near to the original, the same every time, and honest about what it cannot load."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

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


def test_vectors_lie_close_to_those_of_the_original_in_full_precision(encoder):
    reference = json.loads((DATA / "reference.json").read_text(encoding="utf-8"))
    cosines = (encoder.encode(reference["sentences"]) * np.array(reference["vectors"])).sum(axis=1)
    assert cosines.min() > 0.96
    assert cosines.mean() > 0.99


def test_what_means_the_same_lies_closer_than_what_does_not(encoder):
    sorry, regret, hours = encoder.encode(["I'm sorry about the delay.", "We regret that it was late.", "We open at nine."])
    assert sorry @ regret > sorry @ hours + 0.2


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


def test_an_encoder_of_ones_own_is_loaded_from_its_folder(encoder, tmp_path):
    own = tmp_path / "our-encoder"
    shutil.copytree(encoders._packaged(), own)
    loaded = load_encoder(str(own))
    assert loaded is not None
    assert loaded.name == "our-encoder"
    assert np.allclose(loaded.encode(["hello"]), encoder.encode(["hello"]))


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
    first = converted(encoders._packaged(), encoder.sha256)
    before = first.stat().st_mtime_ns
    assert converted(encoders._packaged(), encoder.sha256) == first
    assert first.stat().st_mtime_ns == before
    assert [path.name for path in tmp_path.iterdir()] == [first.name]
