"""What is kept of a call for the audit: it survives the way to disk and back, and is made again when it does not fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from audit_helpers import ruleset, shared_behaviours
from numpy.typing import NDArray

from qa_audit.audit import Auditor, Kept, prepare
from qa_audit.audit.conversation import conversation
from qa_audit.audit.kept import Reading, Vectors, said_before
from qa_audit.audit.meaning.grams import Grams, grams_of
from qa_audit.audit.meaning.talk import talk
from qa_audit.audit.sentences import LONGEST, sentences
from qa_audit.models import Heard, Speaker, Transcript, Turn, Word

CALL = """
customer: My parcel never arrived. Please cancel it!
agent: I'm so sorry; let me see
system: Your call is important to us.
"""


@dataclass
class Letters:
    """An encoder that really encodes: how often each letter stands in a text."""

    name: str = "letters"
    sha256: str = "1"
    asked: list[str] = field(default_factory=list)
    before: list[str] = field(default_factory=list)

    def read(self, readings: Sequence[Reading], /) -> Vectors:
        texts = [piece for reading in readings for piece in reading.pieces]
        self.asked += texts
        self.before += [reading.before for reading in readings]
        return np.asarray([[text.lower().count(letter) for letter in "aeiou"] for text in texts], np.float32).reshape(-1, 5)


def test_kept_bytes_give_the_same_view_and_vectors() -> None:
    kept = prepare(conversation(CALL), Letters())
    again = Kept.from_bytes(kept.to_bytes())
    assert again is not None
    assert again.view.lines == kept.view.lines == [" my parcel !never arrive=arrived ", " please cancel it ", *again.view.lines[2:]]
    assert again.sentences == kept.sentences
    assert again.encoder == "1"
    np.testing.assert_array_equal(again.vectors, kept.vectors)


def test_a_vector_for_every_sentence_of_a_person() -> None:
    encoder = Letters()
    kept = prepare(conversation(CALL), encoder)
    assert encoder.asked == ["My parcel never arrived.", "Please cancel it!", "I'm so sorry; let me see"]
    assert kept.vectors is not None
    assert kept.vectors.shape == (3, 5)
    assert kept.vectors.dtype == np.float32


def test_word_groups_of_every_sentence_and_of_a_turn_that_has_several() -> None:
    grams = prepare(conversation(CALL), Letters()).grams
    texts = ["My parcel never arrived.", "Please cancel it!", "My parcel never arrived. Please cancel it!", "I'm so sorry; let me see"]
    assert (grams.counts.tolist(), grams.numbers.tolist()) == tuple(part.tolist() for part in groups_of(texts))


def groups_of(texts: Sequence[str]) -> tuple[NDArray[Any], NDArray[Any]]:
    grams = Grams.of([grams_of(text) for text in texts])
    return grams.counts, grams.numbers


def test_a_turn_of_several_sentences_is_a_piece_of_its_own() -> None:
    call = conversation("customer: a\ncustomer: e e\nagent: i. o.\ncustomer: u\n")
    found = talk(call, prepare(call, Letters()))
    assert found is not None
    assert found.begins.tolist() == [0, 1, 2, 5]
    half = 0.5**0.5
    np.testing.assert_allclose(found.vectors[2:5], [[0, 0, 1, 0, 0], [0, 0, 0, 1, 0], [0, 0, half, half, 0]], atol=1e-6)


def test_a_turn_is_read_with_what_the_other_side_said_last() -> None:
    encoder = Letters()
    prepare(conversation(CALL), encoder)
    assert encoder.before == ["", "My parcel never arrived. Please cancel it!"]


def test_what_was_said_before_is_all_of_the_others_turns_in_a_row() -> None:
    agent, customer, system = Speaker.AGENT, Speaker.CUSTOMER, Speaker.SYSTEM
    turns = [(agent, "a"), (customer, "b"), (customer, "c"), (agent, "d"), (system, "s"), (agent, "e"), (agent, "f"), (customer, "g")]
    assert said_before(turns) == ["", "a", "a", "b c", "d", "s", "s", "e f"]


def test_without_an_encoder_there_are_no_vectors() -> None:
    assert prepare(conversation(CALL)).vectors is None


@pytest.mark.parametrize("text", ["", "agent: Hm.", "agent:\ncustomer: ...", "agent: 💥 \x00 \u202e | \\ 文字 " + "x" * 10_000])
def test_odd_calls_are_kept_too(text: str) -> None:
    kept = prepare(conversation(text), Letters())
    again = Kept.from_bytes(kept.to_bytes())
    assert again is not None
    assert again.view.lines == kept.view.lines
    assert again.sentences == kept.sentences


def test_a_turn_of_a_hundred_thousand_words_is_kept(tmp_path: Path) -> None:
    words = tuple(Word("word", None, None, 1.0) if n % 2 else Word("another", None, None, 1.0) for n in range(100_000))
    turn = Turn(index=0, speaker=Speaker.AGENT, start=None, end=None, words=(*words, Word("sorry", None, None, 1.0)))
    transcript = Transcript(call_id="long", fingerprint="", heard=Heard("written", ""), language="en", duration=None, turns=(turn,))
    rules = ruleset(tmp_path, shared_behaviours(), {"never": "apology"})
    (finding,) = Auditor(rules).audit(transcript, kept=Kept.from_bytes(prepare(transcript).to_bytes())).findings
    assert finding.found[0].span == (100_000, 100_001)


@pytest.mark.parametrize("data", [b"", b"\x91\x01", b"not kept at all", msgspec.msgpack.encode(["0", [], b"", "", 0, b""])])
def test_what_another_version_kept_is_not_used(data: bytes) -> None:
    assert Kept.from_bytes(data) is None


def test_kept_that_does_not_fit_is_made_again(tmp_path: Path) -> None:
    rules = ruleset(tmp_path, shared_behaviours(), {"when": "problem", "expect": "apology"})
    transcript = conversation(CALL)
    other = prepare(conversation("agent: Good morning."))
    assert Auditor(rules).audit(transcript, kept=other) == Auditor(rules).audit(transcript)
    encoder = Letters()
    Auditor(rules, encoder=encoder).audit(transcript, kept=prepare(transcript))
    assert encoder.asked


def test_the_same_call_gives_the_same_audit_from_kept_and_from_scratch(tmp_path: Path) -> None:
    rules = ruleset(tmp_path, shared_behaviours(), {"when": "problem", "expect": "apology"}, {"never": "offer"})
    transcript = conversation(CALL)
    assert Auditor(rules).audit(transcript) == Auditor(rules).audit(transcript, kept=Kept.from_bytes(prepare(transcript).to_bytes()))


def pieces(text: str) -> list[str]:
    transcript = conversation(f"agent: {text}")
    return [sentence.text(transcript.turns[0]) for sentence in sentences(transcript)]


def test_sentences_end_at_their_marks() -> None:
    assert pieces('Hello. How "are you?" Mr. Lee said so!') == ["Hello.", 'How "are you?"', "Mr. Lee said so!"]


def test_a_long_run_without_marks_is_cut_before_a_joining_word() -> None:
    run = "we looked at the whole order again with the people in the depot and they told us that it went out on the wrong van"
    assert pieces(run) == [
        "we looked at the whole order again with the people in the depot and they told us",
        "that it went out on the wrong van",
    ]


def test_a_long_run_is_cut_at_its_longest_pause() -> None:
    words = [Word(f"w{n}", n * 0.3 + (2.0 if n >= 11 else 0.0), n * 0.3 + 0.3 + (2.0 if n >= 11 else 0.0), 1.0) for n in range(25)]
    turn = Turn(index=0, speaker=Speaker.CUSTOMER, start=0.0, end=9.5, words=tuple(words))
    transcript = Transcript(call_id="c", fingerprint="", heard=Heard("x", ""), language="en", duration=10.0, turns=(turn,))
    assert [(s.first, s.last) for s in sentences(transcript)] == [(0, 11), (11, 25)]


def test_no_piece_is_long() -> None:
    long = " ".join(f"w{n}" for n in range(500))
    lengths = [len(piece.split()) for piece in pieces(long)]
    assert sum(lengths) == 500
    assert max(lengths) <= LONGEST
