"""Two voices and what each says go in; who is agent and who is customer comes out, with how sure that is.

What is known of the channels is checked against the words: a score on the wrong person's card is the worst this program can do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qa_audit.errors import CallError
from qa_audit.models import Doubt, Recording, Speaker
from qa_audit.sides import CONFIRMED, confirmed, first_is_agent
from qa_audit.speech.decode import STAGE

CONTRADICTED = 0.03
"""Likelihood of the stated roles, from the words, below which the call is set aside. Of 148 calls whose sides are known none came
below 0.25."""

DOUBTED = 0.25
"""Likelihood below which the stated roles are not relied upon."""

DECIDED = 0.75
"""Likelihood from which on the words alone decide."""

UNSURE = 0.4
"""The trust in a role that the words speak against."""


@dataclass(frozen=True, slots=True)
class Roles:
    """Who the two voices are, how sure that is (0..1), and what is doubtful about it."""

    speakers: tuple[Speaker, Speaker]
    trust: float
    doubts: tuple[Doubt, ...] = ()


def roles(texts: Sequence[str], *, opens: int | None, recording: Recording, stated: Sequence[Speaker]) -> Roles:
    """The roles of two voices from all that each says; `opens` is the one heard first.

    `stated` names them in order where the recording's channels are known, else it is empty. Raises CallError of kind
    `contradiction-roles` when the words say decisively that agent and customer are swapped.
    """
    likely = first_is_agent(texts, opens=opens, direction=recording.direction)
    if len(stated) == 2 and {*stated} == {Speaker.AGENT, Speaker.CUSTOMER}:
        return _checked(likely if stated[0] is Speaker.AGENT else 1 - likely, (stated[0], stated[1]), recording)
    if max(likely, 1 - likely) < DECIDED:
        doubt = Doubt("roles-unknown", "Nothing says which voice is the agent, and neither speaks decisively like one.")
        return Roles((Speaker.UNKNOWN, Speaker.UNKNOWN), 0.0, (doubt,))
    speakers = (Speaker.AGENT, Speaker.CUSTOMER) if likely > 0.5 else (Speaker.CUSTOMER, Speaker.AGENT)
    doubt = Doubt("roles-guessed", "Nothing says which voice is the agent; it was told from what they say.")
    return Roles(speakers, max(likely, 1 - likely), (doubt,))


def _checked(likely: float, stated: tuple[Speaker, Speaker], recording: Recording) -> Roles:
    """The stated roles, if the words do not speak against them, or a person who has listened stands by them."""
    if confirmed(recording):
        return Roles(stated, 1.0)
    if likely < CONTRADICTED:
        raise CallError(
            recording.call_id,
            STAGE,
            "contradiction-roles",
            f"The channels are said to be {stated[0]}, {stated[1]}, but the {stated[1]} greets and asks like the agent; "
            f"check `channels` in the manifest or the configuration, or, if they are right, give the call the tag `{CONFIRMED}`.",
        )
    if likely < DOUBTED:
        doubt = Doubt("roles-doubtful", "Agent and customer may be swapped: what they say speaks against what is known of the channels.")
        return Roles(stated, UNSURE, (doubt,))
    return Roles(stated, 1.0)
