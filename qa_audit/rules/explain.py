"""A rule or a behaviour goes in, plain English comes out: what `rules show` and the rule pages say of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from qa_audit.measures import METRICS
from qa_audit.models import Severity, Speaker, Status
from qa_audit.rules.language import MEASURES, AppliesTo, Behaviour, Bound, Kind, Rule, RuleSet, Span, Which
from qa_audit.rules.lemmas import lemma

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_SEVERITIES = {Severity.MINOR: "A miss is minor.", Severity.MAJOR: "A miss is major.", Severity.CRITICAL: "A miss is critical."}
_STATUSES = {
    Status.DRAFT: "It is a draft and is not run.",
    Status.SHADOW: "It runs in the shadow: quality assurance sees it, and it counts nothing.",
    Status.ADVISORY: "It is advice: agents see it, and it counts nothing.",
    Status.SCORED: "It is scored.",
    Status.OFF: "It is switched off.",
}


@dataclass(frozen=True, slots=True)
class InWords:
    """A rule in plain words: what it says, and what each behaviour it names means, by name."""

    sentences: tuple[str, ...]
    terms: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        return " ".join(self.sentences)


def rule_in_words(rule: Rule, ruleset: RuleSet) -> InWords:
    """What a rule asks, when, and what a miss is, for somebody who has never seen the file."""
    behaviours = ruleset.behaviours
    sentences = [*_demand(rule, behaviours), *_excuses(rule, behaviours), _SEVERITIES[rule.severity], _STATUSES[rule.status]]
    named = dict.fromkeys((*rule.when, *rule.expect, *rule.never, *rule.in_order, *rule.unless, *_ends(rule)))
    terms = tuple((called(name), behaviour_in_words(behaviours[name], behaviours)) for name in named)
    return InWords(tuple(sentences), terms)


def behaviour_in_words(behaviour: Behaviour, behaviours: Mapping[str, Behaviour]) -> str:
    """What a behaviour means and how it is found."""
    parts = [behaviour.meaning.strip()] if behaviour.meaning else []
    parts += _found_by(behaviour)
    if behaviour.only_after:
        parts.append(f"It counts only when, before it, {_happens(behaviour.only_after, behaviours)}.")
    return " ".join(part if part.endswith(".") else f"{part}." for part in parts)


def called(name: str) -> str:
    """A behaviour's id as a word: cancel-request -> cancel request."""
    return name.replace("-", " ")


def length(span: Span) -> str:
    """60 seconds, 2 minutes, 3 turns of the agent, 10 % of the call."""
    if span.turns is not None:
        return _counted(span.turns, "turn of the agent", "turns of the agent")
    if span.share is not None:
        return f"{span.share * 100:g} % of the call"
    seconds = span.seconds or 0.0
    if seconds >= 120 and seconds % 60 == 0:
        return f"{seconds / 60:g} minutes"
    return _counted(seconds, "second", "seconds")


def _demand(rule: Rule, behaviours: Mapping[str, Behaviour]) -> Iterator[str]:
    if rule.kind is Kind.LIMIT:
        bounds = (_bound(name, bound) for name, bound in rule.limit.items())
        yield f"In {_calls(rule.applies_to)}, {_list(bounds, 'and')}; anything else is a miss."
        return
    opening, where = _opening(rule, behaviours), _where(rule, behaviours)
    if rule.in_order:
        steps = ", then ".join(_happens(name, behaviours) for name in rule.in_order)
        yield f"{opening}, it is expected{where}, in this order, that {steps}."
        yield "If one is missing or comes too early, that is a miss."
    elif rule.expect:
        wanted = _list((_happens(name, behaviours) for name in rule.expect), "or")
        yield f"{opening}, it is expected{where} that {wanted}{_times(rule.at_least)}."
        yield "If not, that is a miss."
    elif rule.allow:
        allowed = _list((_may_happen(name, rule.allow, behaviours) for name in rule.never), "or")
        yield f"{opening}, {allowed}{where}."
        yield "Every further time is a miss."
    else:
        unwanted = _list((_happens(name, behaviours) for name in rule.never), "or")
        yield f"{opening}, it is a miss if{where} {unwanted}."


def _opening(rule: Rule, behaviours: Mapping[str, Behaviour]) -> str:
    """In every call …, / When the customer asks to cancel, / The first time the customer asks to cancel,"""
    applies = "" if rule.when and rule.applies_to == AppliesTo() else f"In {_calls(rule.applies_to)}"
    if not rule.when:
        return applies
    triggers = _list((_happens(name, behaviours) for name in rule.when), "or")
    which = {Which.EVERY: "when", Which.FIRST: "the first time", Which.LAST: "the last time"}
    trigger = f"{which.get(rule.which) or f'the {_ordinal(rule.nth or 1)} time'} {triggers}"
    return f"{applies}, {trigger}" if applies else trigger[0].upper() + trigger[1:]


def _where(rule: Rule, behaviours: Mapping[str, Behaviour]) -> str:
    parts = []
    if rule.within:
        parts.append(f"within {length(rule.within)}")
    if rule.after:
        number, name = rule.after
        parts.append(f"from the {_ordinal(number)} time on that {_happens(name, behaviours)}")
    if rule.before:
        parts.append(f"before {_happens(rule.before, behaviours)}")
    parts += [f"in the {edge} {length(span)}" for edge, span in (("first", rule.first), ("last", rule.last)) if span]
    return "".join(f" {part}" for part in parts)


def _excuses(rule: Rule, behaviours: Mapping[str, Behaviour]) -> Iterator[str]:
    if rule.unless:
        yield f"A miss is excused if {_list((_happens(name, behaviours) for name in rule.unless), 'or')}."


def _ends(rule: Rule) -> Iterator[str]:
    if rule.after:
        yield rule.after[1]
    if rule.before:
        yield rule.before


def _calls(applies: AppliesTo) -> str:
    parts = []
    if applies.direction:
        parts.append(_list(applies.direction, "or"))
    text = f"every {' '.join((*parts, 'call'))}"
    for name, values in (("queue", applies.queue), ("group", applies.agent_group)):
        if values:
            text += f" of the {name} {_list(values, 'or')}"
    if applies.language:
        text += f" in {_list(applies.language, 'or')}"
    if applies.tag:
        text += f" tagged {_list(applies.tag, 'or')}"
    if applies.min_duration:
        text += f" of at least {length(Span(seconds=applies.min_duration))}"
    return text


def _bound(metric: str, bound: Bound) -> str:
    name = METRICS.get(metric, metric).rstrip(".").split(",")[0]
    name = f"`{metric}` ({name[0].lower()}{name[1:]})"
    if bound.least is None:
        return f"{name} is at most {bound.most:g}"
    if bound.most is None:
        return f"{name} is at least {bound.least:g}"
    return f"{name} is between {bound.least:g} and {bound.most:g}"


def _found_by(behaviour: Behaviour) -> Iterator[str]:
    if behaviour.any_of:
        yield f"Any of these counts: {_list(map(called, behaviour.any_of), 'or')}."
    if behaviour.of:
        turns = f" or the agent's next {_number(behaviour.within_turns)} turns" if behaviour.within_turns else ""
        followers = _list((called(name) for name in behaviour.without), "or")
        yield f"It is a {called(behaviour.of)} with no {followers} in the same turn{turns}."
    if behaviour.measure:
        longer = f", for longer than {length(Span(seconds=behaviour.longer_than))}" if behaviour.longer_than else ""
        yield f"Measured: {MEASURES[behaviour.measure].rstrip('.').split(';')[0]}{longer}."
    ways = (
        (len(behaviour.says), "phrase", "phrases"),
        (len(behaviour.regex) + len(behaviour.tokens), "pattern", "patterns"),
        (len(behaviour.like), "sentence that means it", "sentences that mean it"),
        (len(behaviour.unlike), "that only looks like it", "that only look like it"),
    )
    if found := [_counted(count, one, many) for count, one, many in ways if count]:
        yield f"Found by {_list(found, 'and')}."


_SIDES = {
    frozenset({Speaker.AGENT}): "the agent",
    frozenset({Speaker.CUSTOMER}): "the customer",
    frozenset({Speaker.SYSTEM}): "the line",
}


def _happens(name: str, behaviours: Mapping[str, Behaviour]) -> str:
    """the customer asks to cancel; there is a cancel request, where the behaviour has no `does`.

    Where anybody may be the one, `does` is a whole clause: the matter is still open.
    """
    behaviour = behaviours[name]
    if not behaviour.does:
        return f"there is {_a(name)}"
    return behaviour.does if behaviour.who == frozenset(Speaker) else f"{_SIDES.get(behaviour.who, 'somebody')} {behaviour.does}"


def _may_happen(name: str, times: int, behaviours: Mapping[str, Behaviour]) -> str:
    """the agent may once make an offer; there may be one save offer, where the behaviour has no `does`."""
    behaviour = behaviours[name]
    if not behaviour.does:
        return f"there may be {_number(times)} {called(name)}{'s' if times > 1 else ''}"
    verb, _, rest = behaviour.does.partition(" ")
    often = {1: "once", 2: "twice"}.get(times, f"{_number(times)} times")
    return f"{_SIDES.get(behaviour.who, 'somebody')} may {often} {lemma(verb)} {rest}".rstrip()


def _times(count: int) -> str:
    return f", at least {'twice' if count == 2 else f'{_number(count)} times'}" if count > 1 else ""


def _a(name: str) -> str:
    return f"{'an' if name[0] in 'aeiou' else 'a'} {called(name)}"


def _list(words: Iterable[str], joined_by: str) -> str:
    *first, last = words
    return f"{', '.join(first)} {joined_by} {last}" if first else last


def _number(count: int | None) -> str:
    return _NUMBERS[count] if count is not None and count < len(_NUMBERS) else str(count)


def _counted(count: float, one: str, many: str) -> str:
    return f"{count:g} {one if count == 1 else many}"


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
