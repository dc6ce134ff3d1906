"""Moments of a call in, the same and what the call as a whole says out: who had the closing word, and what is still open.

Nobody says these things; they follow from what was said, in which order, and by whom last. Every conclusion gives its
reason in words. A conclusion that rests on a text which seems to stop in the middle is a doubtful one (lenient), so that
a rule built on it answers "cannot judge" and accuses nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import fmean

from qa_audit.models import Moment, Speaker, Tier, Transcript, Turn
from qa_audit.rules.language import Behaviour

LAST_WORD, LEFT_OPEN = "last-word", "left-open"
"""The conclusions, by the names of their behaviours; one that the rule set does not have is not drawn."""

COURTEOUS, ABRUPT, DEAD_END = "courteous-close", "abrupt-close", "dead-end"
CLOSINGS = frozenset((COURTEOUS, ABRUPT))
PROMISES = frozenset(("follow-up-promise", "timing"))
AMENDS = frozenset(("remedy", "compensation"))
UNFINISHED = frozenset(("hold-request", "instruction"))
WAYS_FORWARD = frozenset(("remedy", "compensation", "follow-up-promise", "alternative", "transfer"))
NEXT_TURNS = 2
"""Turns of the agent after a no in which a way forward still takes the dead end back."""

SHORT_GOODBYE = 5
"""Words."""

CLOSING_RUNS = 3
"""Runs of turns at the end of a call in which a closing word may stand: a goodbye, an answer, a goodbye."""


@dataclass(frozen=True, slots=True)
class _Call:
    """People's turns in runs of one speaker, and the behaviours of each turn."""

    runs: tuple[tuple[Turn, ...], ...]
    shown: Mapping[int, frozenset[str]]

    def in_run(self, number: int) -> frozenset[str]:
        return frozenset().union(*(self.shown.get(turn.index, frozenset()) for turn in self.runs[number]))

    def last_showing(self, names: Iterable[str], runs: int | None = None) -> int | None:
        """The last turn that shows one of the behaviours, within so many runs of the end."""
        wanted = frozenset(names)
        turns = [turn.index for run in (self.runs if runs is None else self.runs[-runs:]) for turn in run]
        return next((turn for turn in reversed(turns) if wanted & self.shown.get(turn, frozenset())), None)


def whole_call(transcript: Transcript, moments: Sequence[Moment], behaviours: Mapping[str, Behaviour]) -> tuple[Moment, ...]:
    """The moments with the conclusions about the whole call in place of what was only measured."""
    people = [turn for turn in transcript.turns if turn.speaker is not Speaker.SYSTEM and turn.words]
    if not people:
        return tuple(moments)
    shown: dict[int, set[str]] = {}
    for moment in moments:
        shown.setdefault(moment.turn, set()).add(moment.behaviour)
    runs = tuple(tuple(run) for _, run in groupby(people, key=lambda turn: turn.speaker))
    call = _Call(runs, {turn: frozenset(names) for turn, names in shown.items()})
    moments = [moment for moment in moments if _stands(call, moment)]
    drawn = [moment for moment in (_last_word(call), _left_open(call)) if moment is not None and moment.behaviour in behaviours]
    return (*(moment for moment in moments if moment.behaviour not in (LAST_WORD, LEFT_OPEN)), *drawn)


def _stands(call: _Call, moment: Moment) -> bool:
    """Whether a moment still counts in the light of what stands around it."""
    if moment.behaviour == ABRUPT:
        return not _is_after_courtesy(call, moment)
    return moment.behaviour != DEAD_END or not _is_led_on(call, moment)


def _is_led_on(call: _Call, moment: Moment) -> bool:
    """Whether a no is answered by a way forward in its own run of turns or the agent's next two."""
    number = next(n for n, run in enumerate(call.runs) if any(turn.index == moment.turn for turn in run))
    own_and_next = [n for n in range(number, len(call.runs)) if call.runs[n][0].speaker is moment.speaker][: 1 + NEXT_TURNS]
    return any(WAYS_FORWARD & call.in_run(n) for n in own_and_next)


def _is_after_courtesy(call: _Call, moment: Moment) -> bool:
    """Whether a short goodbye only follows a courteous one: "Have a lovely day." - "You too." - "Bye." """
    number = next(n for n, run in enumerate(call.runs) if any(turn.index == moment.turn for turn in run))
    words = sum(len(turn.words) for turn in call.runs[number])
    earlier = COURTEOUS in call.in_run(number - 2) if number >= 2 else False
    return moment.span[1] - moment.span[0] <= SHORT_GOODBYE and (COURTEOUS in call.in_run(number) or (earlier and words <= SHORT_GOODBYE))


def _last_word(call: _Call) -> Moment | None:
    """The agent's closing word: a goodbye near the end, or simply the last turn, unless the text seems to stop there."""
    turn = call.last_showing(CLOSINGS, CLOSING_RUNS)
    if turn is not None:
        return _moment(call, LAST_WORD, turn, Tier.STRICT, "The agent closes the contact.")
    last = call.runs[-1]
    if last[0].speaker is not Speaker.AGENT:
        return None
    if _seems_unfinished(call):
        return _moment(call, LAST_WORD, last[-1].index, Tier.LENIENT, "The text seems to stop in the middle.")
    return _moment(call, LAST_WORD, last[-1].index, Tier.STRICT, "The agent has the last word.")


def _left_open(call: _Call) -> Moment | None:
    """What is still to come when the contact ends: something promised, or trouble that nothing was done about."""
    promise = call.last_showing(PROMISES)
    if promise is not None:
        return _moment(call, LEFT_OPEN, promise, Tier.STRICT, "Something is still to come after the contact.")
    last = call.runs[-1][-1].index
    if call.last_showing(CLOSINGS, CLOSING_RUNS) is None and _seems_unfinished(call):
        return _moment(call, LEFT_OPEN, last, Tier.LENIENT, "The text seems to stop before the matter is finished.")
    trouble, amends = call.last_showing(("let-down",)), call.last_showing(AMENDS)
    if trouble is None or (amends is not None and (amends > trouble or _is_content(call))):
        return None
    return _moment(call, LEFT_OPEN, trouble, Tier.STRICT, "The customer's trouble is not put right when the contact ends.")


def _seems_unfinished(call: _Call) -> bool:
    """Whether the agent was in the middle of something: a question, a request to wait, instructions."""
    last = call.runs[-1]
    if last[0].speaker is not Speaker.AGENT:
        return not _is_content(call)
    return last[-1].text.rstrip().endswith("?") or bool(UNFINISHED & call.in_run(len(call.runs) - 1))


def _is_content(call: _Call) -> bool:
    """Whether the customer's last words are thanks or agreement and no trouble."""
    number = next((n for n in reversed(range(len(call.runs))) if call.runs[n][0].speaker is Speaker.CUSTOMER), None)
    if number is None:
        return False
    shown = call.in_run(number)
    return "thanks" in shown and not shown & {"problem", "frustration", "let-down"}


def _moment(call: _Call, behaviour: str, index: int, tier: Tier, because: str) -> Moment:
    turn = next(turn for run in call.runs for turn in run if turn.index == index)
    return Moment(
        behaviour=behaviour,
        turn=turn.index,
        speaker=turn.speaker,
        start=turn.start,
        end=turn.end,
        quote=turn.text,
        span=(0, len(turn.words)),
        trust=fmean(word.trust for word in turn.words) * turn.role_trust,
        how="structure",
        tier=tier,
        because=because,
    )
