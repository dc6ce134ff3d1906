"""What is worth keeping of a transcript for the audit: its normalised view, its sentences, their vectors and word groups.

None of it knows the rules, so a changed rule pack is marked again from here without normalising or encoding a word.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import starmap
from typing import ClassVar, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from qa_audit.audit.meaning.grams import Grams, grams_of_pieces
from qa_audit.audit.sentences import Sentence, sentences
from qa_audit.audit.view import VIEW_VERSION, Packed, View, pack, unpack
from qa_audit.models import Speaker, Transcript

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Reading:
    """The pieces of a turn, and what the other side had said last before it: read together, so that "no" has its question."""

    pieces: tuple[str, ...]
    before: str = ""


class Encoder(Protocol):
    """Turns what is said into vectors that lie close when it means the same."""

    @property
    def name(self) -> str:
        """What reports call it."""

    @property
    def sha256(self) -> str:
        """The hash of its weights: vectors of two encoders are never mixed."""

    def read(self, readings: Sequence[Reading], /) -> Vectors:
        """One vector a piece, [pieces, dim], in order."""


class _Form(msgspec.Struct, array_like=True, frozen=True):
    """The kept bytes, unpacked: `sentences` are triples of numbers, `vectors` half-precision rows of `dim`, `counts` how many of
    the word groups `grams` each piece has.
    """

    version: str
    view: Packed
    sentences: bytes
    encoder: str
    dim: int
    vectors: bytes
    counts: bytes
    grams: bytes


@dataclass(frozen=True)
class Kept:
    """The view and the vectors of one transcript. `encoder` is the hash of the one that made them, empty for none."""

    version: ClassVar[str] = f"5 {VIEW_VERSION}"
    """Changes whenever the same transcript could give other kept bytes; with the encoder's hash, the key to keep them under."""

    form: _Form

    @property
    def encoder(self) -> str:
        return self.form.encoder

    @cached_property
    def view(self) -> View:
        return unpack(self.form.view)

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """Every sentence of the people in the call, in order."""
        numbers = np.frombuffer(self.form.sentences, "<u4").reshape(-1, 3)
        return tuple(starmap(Sentence, numbers.tolist()))

    @cached_property
    def vectors(self) -> Vectors | None:
        """One row a sentence, [n, dim]; None when no encoder was there."""
        if not self.form.encoder:
            return None
        return np.frombuffer(self.form.vectors, "<f2").reshape(-1, self.form.dim).astype(np.float32)

    @property
    def grams(self) -> Grams:
        """The word groups of `grams_of_pieces`; none where there are no vectors."""
        return Grams(np.frombuffer(self.form.counts, "<u4"), np.frombuffer(self.form.grams, "<u4"))

    def fits(self, transcript: Transcript, encoder: Encoder | None) -> bool:
        """Whether it can have been made from this transcript and holds the vectors of this encoder."""
        return len(self.form.view.speakers) == len(transcript.turns) and (encoder is None or self.encoder == encoder.sha256)

    def to_bytes(self) -> bytes:
        """The form to keep; about 0.1 MB an hour of talk, and 0.9 MB more with vectors of 384 numbers and word groups."""
        return msgspec.msgpack.encode(self.form)

    @classmethod
    def from_bytes(cls, data: bytes) -> Kept | None:
        """What `to_bytes` gave; None when it was kept by another version and has to be made again."""
        try:
            form = _DECODER.decode(data)
        except msgspec.DecodeError:
            return None
        return cls(form) if form.version == cls.version else None


_DECODER = msgspec.msgpack.Decoder(_Form)


def prepare(transcript: Transcript, encoder: Encoder | None = None) -> Kept:
    """Normalise a transcript and, with an encoder, turn its sentences into vectors: all of the audit that no rule changes."""
    found, view = sentences(transcript), pack(transcript)
    vectors, grams = np.zeros((0, 0), np.float32), Grams.of(())
    if encoder is not None:
        vectors = encoder.read(_readings(transcript, found))
        grams = grams_of_pieces(unpack(view), found)
    numbers = np.asarray([(sentence.turn, sentence.first, sentence.last) for sentence in found], "<u4")
    form = _Form(
        version=Kept.version,
        view=view,
        sentences=numbers.tobytes(),
        encoder="" if encoder is None else encoder.sha256,
        dim=vectors.shape[1],
        vectors=vectors.astype("<f2").tobytes(),
        counts=grams.counts.astype("<u4").tobytes(),
        grams=grams.numbers.astype("<u4").tobytes(),
    )
    return Kept(form)


def _readings(transcript: Transcript, found: Sequence[Sentence]) -> list[Reading]:
    """The sentences of each turn, with what was said before it."""
    texts: dict[int, list[str]] = {}
    for sentence in found:
        texts.setdefault(sentence.turn, []).append(sentence.text(transcript.turns[sentence.turn]))
    before = said_before([(transcript.turns[turn].speaker, " ".join(said)) for turn, said in texts.items()])
    return [Reading(tuple(said), earlier) for said, earlier in zip(texts.values(), before, strict=True)]


def said_before(turns: Iterable[tuple[Speaker, str]]) -> list[str]:
    """For each turn what another speaker had said last, all their turns in a row together; "" for nothing."""
    runs: dict[Speaker, str] = {}
    previous: Speaker | None = None
    found = []
    for speaker, text in turns:
        found.append(next((run for who, run in reversed(runs.items()) if who is not speaker), ""))
        earlier = runs.pop(speaker, "")
        runs[speaker] = f"{earlier} {text}" if previous is speaker else text
        previous = speaker
    return found
