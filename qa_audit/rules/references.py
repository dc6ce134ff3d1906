"""All pieces go in; names that lead nowhere, circles, and patterns that cannot be compiled come out as problems."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter

from qa_audit.errors import Problem
from qa_audit.measures import METRICS
from qa_audit.plain import did_you_mean
from qa_audit.rules.patterns import regex_problem, token_problems
from qa_audit.rules.phrases import PhraseError, compile_phrase
from qa_audit.rules.pieces import Piece, Pieces
from qa_audit.rules.shape import BehaviourShape, RuleShape

DEEPEST_CHAIN = 12
"""Behaviours that rest on one another."""

_OF_BEHAVIOUR = ("any_of", "of", "without", "only_after")
_OF_RULE = ("when", "expect", "never", "in_order", "unless", "before")


def reference_problems(pieces: Pieces) -> Iterator[Problem]:
    """Behaviours, clauses and metrics that are named and do not exist, and behaviours that rest on themselves."""
    if not pieces.unread:
        for behaviour in pieces.behaviours.values():
            yield from _unknown(behaviour, _OF_BEHAVIOUR, pieces.names)
        for rule in pieces.rules.values():
            yield from _unknown(rule, _OF_RULE, pieces.names)
            if rule.shape.after and rule.shape.after[1] not in pieces.names:
                yield rule.problem(_no_behaviour(rule.shape.after[1], pieces.names), "after")
    for rule in pieces.rules.values():
        yield from _outside(rule, pieces)
    yield from _circles(pieces.behaviours)


def _outside(rule: Piece[RuleShape], pieces: Pieces) -> Iterator[Problem]:
    """The clause and the metrics of a rule."""
    clauses = [clause.id for clause in pieces.standard.shape.clauses] if pieces.standard else [rule.shape.clause]
    if rule.shape.clause not in clauses:
        hint = did_you_mean(rule.shape.clause, clauses) or f"; there are {', '.join(clauses)}"
        yield rule.problem(f"the standard has no clause '{rule.shape.clause}'{hint}", "clause")
    for metric in rule.shape.limit or {}:
        if metric not in METRICS:
            hint = did_you_mean(metric, METRICS) or "; `qa-audit rules list --metrics` names them"
            yield rule.problem(f"there is no metric '{metric}'{hint}", "limit", metric, key=True)


def pattern_problems(piece: Piece[BehaviourShape]) -> Iterator[Problem]:
    """Phrases, regular expressions and token patterns that cannot be compiled."""
    for key in ("says", "ignore"):
        for number, phrase in enumerate(getattr(piece.shape, key) or ()):
            try:
                compile_phrase(phrase)
            except PhraseError as error:
                yield piece.problem(error.message, key, number, offset=error.column - 1)
    for number, regex in enumerate(piece.shape.regex or ()):
        if message := regex_problem(regex):
            yield piece.problem(message, "regex", number)
    for number, tokens in enumerate(piece.shape.tokens or ()):
        for path, message in token_problems(tokens):
            yield piece.problem(message, "tokens", number, *path, key=bool(path) and isinstance(path[-1], str))


def named_by(shape: BehaviourShape) -> tuple[str, ...]:
    """The behaviours that a behaviour rests on."""
    return (
        *(shape.any_of or ()),
        *((shape.of,) if shape.of else ()),
        *(shape.without or ()),
        *((shape.only_after,) if shape.only_after else ()),
    )


def used_by(shape: RuleShape) -> tuple[str, ...]:
    """The behaviours that a rule names."""
    lists = (shape.when, shape.expect, shape.never, shape.in_order, shape.unless)
    single = (shape.before, shape.after[1] if shape.after else None)
    return (*(name for names in lists for name in names or ()), *(name for name in single if name))


def _unknown(piece: Piece[BehaviourShape] | Piece[RuleShape], keys: Iterable[str], known: set[str]) -> Iterator[Problem]:
    for key in keys:
        value = getattr(piece.shape, key) or ()
        for number, name in enumerate((value,) if isinstance(value, str) else value):
            if name not in known:
                yield piece.problem(_no_behaviour(name, known), key, number)


def _no_behaviour(name: str, known: Iterable[str]) -> str:
    return f"there is no behaviour '{name}'{did_you_mean(name, sorted(known))}"


def _circles(behaviours: dict[str, Piece[BehaviourShape]]) -> Iterator[Problem]:
    """Each circle once, told at its first behaviour by name; one link is cut and the next circle looked for."""
    graph = {name: {other for other in named_by(piece.shape) if other in behaviours} for name, piece in behaviours.items()}
    while circle := _circle(graph):
        first = circle.index(min(circle[1:]))
        around = [*circle[first:-1], *circle[:first], circle[first]]
        yield behaviours[around[0]].problem(f"it rests on itself: {' -> '.join(around)}", key=True)
        graph[around[0]].discard(around[1])

    yield from _long_chains(graph, behaviours)


def _long_chains(graph: dict[str, set[str]], behaviours: dict[str, Piece[BehaviourShape]]) -> Iterator[Problem]:
    """Where behaviours begin to rest on each other too deep; there are no circles any more."""
    depths: dict[str, int] = {}
    for name in TopologicalSorter(graph).static_order():
        depths[name] = 1 + max((depths[other] for other in graph[name]), default=0)
        if depths[name] == DEEPEST_CHAIN + 1:
            yield behaviours[name].problem(f"it rests on others that rest on others, more than {DEEPEST_CHAIN} deep", key=True)


def _circle(graph: dict[str, set[str]]) -> list[str]:
    """Names that lead back to the first; empty when there is no circle."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(reversed(error.args[1]))
    return []
