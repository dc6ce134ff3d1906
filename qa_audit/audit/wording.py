"""Verdicts in plain words: the reason that stands under every finding, for the person whose mark hangs on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from textwrap import shorten

from qa_audit.audit.windows import Case, Reach, plain
from qa_audit.models import Moment, Window
from qa_audit.rules.language import Bound, Rule

LONGEST_QUOTE = 90
MOST_QUOTES = 5


def found(case: Case, reach: Reach, moments: Sequence[Moment]) -> str:
    """What was expected was there."""
    return _sentence(f"{_lead(case, reach)}{_told(case, moments)}.")


def lacking(case: Case, reach: Reach, rule: Rule, counted: Sequence[Moment], steps: Sequence[Moment]) -> str:
    """What was expected was not there, or too seldom, or not in its order; without the full stop."""
    if len(steps) < len(rule.in_order):
        before = f" after {plain(rule.in_order[len(steps) - 1])}" if steps else ""
        what = f"no {plain(rule.in_order[len(steps)])}{before}"
    else:
        names = " or ".join(map(plain, rule.expect))
        what = f"only {len(counted)} of {rule.at_least} {names}" if counted else f"no {names}"
    return _sentence(f"{_lead(case, reach)}{what} {_where(case, reach)}")


def happened(case: Case, moments: Sequence[Moment], allow: int) -> str:
    """What must never happen did."""
    return _sentence(f"{_told(case, moments)}{f', beyond the {allow} allowed' if allow else ''}.")


def perhaps(case: Case, moments: Sequence[Moment]) -> str:
    """What must never happen may have happened."""
    return f"Perhaps {_told(case, moments)}, but that is not sure enough to be held against anybody."


def excused(case: Case, excuse: Moment) -> str:
    """It would be a miss, but there is an excuse."""
    return f"Excused by {_told(case, (excuse,))}."


def absent(case: Case, reach: Reach, rule: Rule, allowed: Sequence[Moment]) -> str:
    """What must never happen did not, or not more often than is allowed; without the full stop."""
    names = " or ".join(map(plain, rule.never))
    what = f"{len(allowed)} {names}, which is allowed," if allowed else f"no {names}"
    return _sentence(f"{_lead(case, reach)}{what} {_where(case, reach)}")


def heard(case: Case, window: Window) -> str:
    """How well the stretch was heard; nothing of a conversation that was written."""
    return f"; {_share(window)}." if case.timeline.timed else "."


def badly_heard(window: Window) -> str:
    """That the stretch was not heard well enough."""
    return f"; but only {_share(window)}."


def unsure_trigger(case: Case, triggers: Sequence[Moment]) -> str:
    """The occasion itself is in doubt."""
    return f"It is not sure that there was occasion: perhaps {_told(case, triggers)}."


def no_trigger(rule: Rule) -> str:
    """There was no occasion."""
    return f"No {' or '.join(map(plain, rule.when))} was found in this call."


def out_of_bounds(rule: Rule, names: Sequence[str], metrics: Mapping[str, float]) -> str:
    """Metrics that broke their bound."""
    return _sentence(f"{', '.join(f'{_metric(name, metrics)}, {_bound(rule.limit[name])}' for name in names)}.")


def in_bounds(rule: Rule, metrics: Mapping[str, float]) -> str:
    """Metrics that kept their bounds."""
    return _sentence(f"{', '.join(_metric(name, metrics) for name in rule.limit)}: within bounds.")


def not_measured(names: Iterable[str]) -> str:
    """Metrics that this recording cannot give."""
    return f"This recording does not tell {', '.join(_unsnake(name) for name in names)}."


def quoted(case: Case, moment: Moment) -> str:
    """The words of a moment, or what was measured, and where it is."""
    quote = f"“{_short(moment.quote)}”" if moment.quote else moment.because.rstrip(".")
    return f"{quote} ({_at(case, moment)})" if quote else f"({_at(case, moment)})"


def _short(quote: str) -> str:
    return quote if len(quote) <= LONGEST_QUOTE else shorten(quote, LONGEST_QUOTE, placeholder=" …")


def _share(window: Window) -> str:
    return f"{window.heard:.0%} of what the agent says there was heard well"


def _lead(case: Case, reach: Reach) -> str:
    if reach.mark is None:
        return ""
    if case.timeline.begin_of(reach.mark) >= reach.end:
        return f"before {quoted(case, reach.mark)}: "
    return f"{'after' if reach.from_mark else 'with'} {quoted(case, reach.mark)}: "


def _told(case: Case, moments: Sequence[Moment]) -> str:
    """Each behaviour by name with its words: apology “so sorry” (0:12) and remedy “a new one” (0:20)."""
    told = [f"{plain(moment.behaviour)} {quoted(case, moment)}" for moment in moments[:MOST_QUOTES]]
    if len(moments) > MOST_QUOTES:
        told.append(f"{len(moments) - MOST_QUOTES} more")
    return " and ".join((", ".join(told[:-1]), told[-1])) if len(told) > 1 else "".join(told)


def _where(case: Case, reach: Reach) -> str:
    timeline, window = case.timeline, reach.window(case)
    if reach.begin <= 0 and reach.is_open(case):
        return "in the whole call" if timeline.timed else "in the whole conversation"
    if not timeline.timed:
        first, last = window.first_turn + 1, window.last_turn + 1
        return f"in messages {first} to {last}" if last > first else f"in message {first}"
    until = "the end" if reach.is_open(case) else _clock(reach.end)
    return f"from {_clock(reach.begin)} to {until}"


def _at(case: Case, moment: Moment) -> str:
    return _clock(case.timeline.begin_of(moment)) if case.timeline.timed else f"message {moment.turn + 1}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _metric(name: str, metrics: Mapping[str, float]) -> str:
    return f"{_unsnake(name)} {metrics[name]:.4g}"


def _bound(bound: Bound) -> str:
    limits = (f"at least {bound.least:g}" if bound.least is not None else "", f"at most {bound.most:g}" if bound.most is not None else "")
    return f"where {' and '.join(filter(None, limits))} is right"


def _unsnake(name: str) -> str:
    return name.replace("_", " ")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
