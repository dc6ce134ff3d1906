"""A loaded rule set goes in; what is allowed and yet probably not meant comes out: worth reading, never fatal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields

from qa_audit.errors import Problem
from qa_audit.models import Outcome, Status
from qa_audit.rules.english import UNINFLECTED
from qa_audit.rules.language import Behaviour, Rule, RuleSet
from qa_audit.rules.phrases import Phrase, compile_phrase
from qa_audit.rules.samples import samples
from qa_audit.rules.words import Line, normalise

NEAR = 0.25
"""Two conversations that share this part of their words (Jaccard) are near each other."""

LOOKED_AT = frozenset((
    "alternative", "deflection", "frustration", "hardship", "hold-request", "instruction", "problem", "thanks", "transfer",
))  # fmt: skip
"""Behaviours that the detectors and the promise ledger look at by their names, so that no rule has to use them."""

_RUN = frozenset({Status.SHADOW, Status.ADVISORY, Status.SCORED})
_EVERYDAY = UNINFLECTED | {"be", "have", "do", "go", "get", "!not", "!never"}


def lint(ruleset: RuleSet) -> tuple[Problem, ...]:
    """All notes, in the order of the files."""
    found = [*_behaviour_notes(ruleset), *_clause_notes(ruleset), *_twins(ruleset)]
    for rule in ruleset.rules.values():
        found += (Problem(rule.location, message) for message in _rule_notes(rule, ruleset))
    return tuple(sorted(found))


def _behaviour_notes(ruleset: RuleSet) -> Iterator[Problem]:
    used = _used(ruleset)
    for behaviour in ruleset.behaviours.values():
        for message in _phrase_notes(behaviour):
            yield Problem(behaviour.location, message)
        if behaviour.id not in used | LOOKED_AT:
            yield Problem(behaviour.location, f"no rule and no other behaviour uses '{behaviour.id}'")
        if behaviour.like and not behaviour.unlike:
            yield Problem(behaviour.location, f"'{behaviour.id}' has sentences that mean it and none that only look like it (`unlike`)")


def _used(ruleset: RuleSet) -> set[str]:
    used: set[str] = set()
    for rule in ruleset.rules.values():
        used.update(rule.when, rule.expect, rule.never, rule.in_order, rule.unless, (rule.before, rule.after[1] if rule.after else ""))
    for behaviour in ruleset.behaviours.values():
        used.update(behaviour.any_of, behaviour.without, (behaviour.of, behaviour.only_after))
    return used


def _phrase_notes(behaviour: Behaviour) -> Iterator[str]:
    ignored = [compile_phrase(source) for source in behaviour.ignore]
    patterns: dict[str, str] = {}
    for source in (*behaviour.says, *behaviour.ignore):
        phrase = compile_phrase(source)
        if phrase.pattern in patterns:
            yield f'the phrase "{source}" says the same as "{patterns[phrase.pattern]}"'
        patterns[phrase.pattern] = source
    for source in behaviour.says:
        phrase = compile_phrase(source)
        lines = [normalise(sample.split()) for sample in samples(source)]
        if not any(phrase.search(line) for line in lines):
            yield f'the phrase "{source}" can never match'
        elif all(_is_ignored(phrase, ignored, line) for line in lines):
            yield f'the phrase "{source}" never counts: `ignore` takes every match away'
        elif all(anchor <= _EVERYDAY for anchor in phrase.anchors) and phrase.anchors:
            yield f'the phrase "{source}" is made of everyday words alone and will match a great deal'


def _is_ignored(phrase: Phrase, ignored: Iterable[Phrase], line: Line) -> bool:
    span = phrase.search(line)
    others = filter(None, (other.search(line) for other in ignored))
    return span is not None and any(first < span[1] and span[0] < last for first, last in others)


def _clause_notes(ruleset: RuleSet) -> Iterator[Problem]:
    served = {rule.clause for rule in ruleset.rules.values() if rule.status in _RUN}
    for clause in ruleset.standard.clauses:
        if clause.id not in served:
            yield Problem(clause.location, f"no rule that is run serves the clause '{clause.id}'; it will never be judged")


def _twins(ruleset: RuleSet) -> Iterator[Problem]:
    """Rules that ask the same."""
    known: dict[tuple[str, ...], Rule] = {}
    for rule in ruleset.rules.values():
        earlier = known.setdefault(_asks(rule), rule)
        if earlier is not rule:
            yield Problem(rule.location, f"'{rule.id}' says the same as '{earlier.id}'")


_WORDING = frozenset(
    {"id", "title", "severity", "status", "say_instead", "why", "examples", "owner", "clause_hash", "location", "version"},
)
"""What two rules may differ in and still ask the same."""


def _asks(rule: Rule) -> tuple[str, ...]:
    return tuple(str(getattr(rule, field.name)) for field in fields(Rule) if field.name not in _WORDING)


def _rule_notes(rule: Rule, ruleset: RuleSet) -> Iterator[str]:
    if rule.id in ruleset.stale:
        yield f"'{rule.id}' is stale: its clause was reworded since; read both, then run `qa-audit rules confirm {rule.id}`"
    elif not rule.clause_hash:
        yield f"nobody has confirmed yet that '{rule.id}' fits the wording of its clause; run `qa-audit rules confirm {rule.id}`"
    yield from _example_notes(rule)
    untold = [f"`{key}`" for key in ("why", "say_instead") if not getattr(rule, key)]
    if untold and rule.status is Status.SCORED:
        yield f"'{rule.id}' is scored and does not tell the agent {' and '.join(untold)}"


def _example_notes(rule: Rule) -> Iterator[str]:
    outcomes = {example.expected for example in rule.examples}
    is_always_a_miss = bool(set(rule.when) & set(rule.never))
    wanted = (Outcome.MISSED,) if is_always_a_miss else (Outcome.MISSED, Outcome.MET)
    if lacking := [outcome.value for outcome in wanted if outcome not in outcomes]:
        yield f"'{rule.id}' has no example that is {' and none that is '.join(lacking)}"
    elif not _has_near_miss(rule):
        yield f"'{rule.id}' has no near miss among its examples: one that looks much like a miss and is none"


def _has_near_miss(rule: Rule) -> bool:
    """Whether an example that is no miss shares a good part of its words with one that is."""
    told = [(example.expected, _words(example.conversation)) for example in rule.examples]
    misses = [words for outcome, words in told if outcome is Outcome.MISSED]
    others = [words for outcome, words in told if outcome is not Outcome.MISSED]
    return any(len(miss & other) >= NEAR * len(miss | other) for miss in misses for other in others)


def _words(conversation: str) -> set[str]:
    """The words of a conversation that tell it from others."""
    turns = (line.partition(":")[2].split() for line in conversation.splitlines())
    lemmas = {token.partition("=")[0] for turn in turns for token in normalise(turn).text.split()}
    return lemmas - _EVERYDAY - {",", "."}
