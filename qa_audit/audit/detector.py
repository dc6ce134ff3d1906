"""How detection by meaning plugs into the audit: one small protocol, so that phrases alone also make an audit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from qa_audit.audit.kept import Kept
from qa_audit.models import Moment, Transcript


@dataclass(frozen=True, slots=True)
class Detected:
    """What is meant in a call. `denied` are behaviours and turns in which a phrase alone shows nothing: the call says otherwise."""

    moments: Sequence[Moment]
    denied: frozenset[tuple[str, int]] = frozenset()


class Detector(Protocol):
    """Finds moments by what is meant rather than by the words used."""

    def detect(self, transcript: Transcript, kept: Kept) -> Detected:
        """Moments (how="example") of the behaviours that have `like` sentences, at most one a behaviour a turn.

        `kept` has the sentences of the call and their vectors. Who may say what, the merging with phrases and the rest
        of a behaviour (`ignore`, `only_after`, `any_of`, `of`) are seen to by the caller.
        """

    def revise(self, transcript: Transcript, moments: Sequence[Moment]) -> Sequence[Moment]:
        """The moments of the whole call after a second look, by what stands around them.

        It is given what was said and measured, before behaviours are joined (`any_of`), filtered (`only_after`) or seen
        by what is missing (`of` … `without`); it may add, drop or change moments and says why in `because`.
        """
