"""A behaviour, rule or standard of the right shape goes in; what contradicts itself within it comes out as problems."""

from __future__ import annotations

from collections.abc import Iterator

from qa_audit.errors import Problem
from qa_audit.models import Status
from qa_audit.rules.language import Which
from qa_audit.rules.pieces import Piece
from qa_audit.rules.shape import BehaviourShape, RuleShape, StandardShape

_SAID = ("says", "regex", "tokens", "like")
_ALONE = ("any_of", "measure", "of")
_ASKS = ("expect", "never", "limit", "in_order")
_SEARCHES = ("within", "after", "before", "first", "last")


def behaviour_problems(piece: Piece[BehaviourShape]) -> Iterator[Problem]:
    """Ways of finding it that exclude each other, and keys that say nothing where they stand."""
    shape = piece.shape
    said = [name for name in _SAID if getattr(shape, name)]
    alone = [name for name in _ALONE if getattr(shape, name)]
    if not said and not alone:
        yield piece.problem("nothing says how it is found; give `says`, `like`, `any_of`, `of` or `measure`", key=True)
    for name in alone:
        if rest := [other for other in (*said, *alone) if other != name]:
            yield piece.problem(
                f"`{name}` and `{rest[0]}` exclude each other; make two behaviours and join them with `any_of`", name, key=True
            )
            break
    needed = {"ignore": said, "unlike": shape.like, "longer_than": shape.measure, "without": shape.of, "within_turns": shape.without}
    for name, companion in needed.items():
        if getattr(shape, name) is not None and not companion:
            yield piece.problem(f"`{name}` says nothing here; it goes with `{_GOES_WITH[name]}`", name, key=True)
    if shape.of and not shape.without:
        yield piece.problem("`of` needs `without`: what would take it back?", "of", key=True)
    if said and shape.who is None:
        yield piece.problem("`who` is missing: who says it? agent, customer, system or any", key=True)


_GOES_WITH = {"ignore": "says", "unlike": "like", "longer_than": "measure", "without": "of", "within_turns": "without"}


def rule_problems(piece: Piece[RuleShape]) -> Iterator[Problem]:
    """What a rule asks must be one thing, and the rest must fit it."""
    shape = piece.shape
    asks = [name for name in _ASKS if getattr(shape, name)]
    if len(asks) != 1:
        found = f"this one has {' and '.join(f'`{name}`' for name in asks)}" if asks else "this one has none"
        yield piece.problem(f"a rule asks one thing: `expect`, `never`, `limit` or `in_order`; {found}", *asks[1:2] or ("id",), key=True)
        return
    yield from _misplaced(piece, asks[0])
    if shape.first and shape.last:
        yield piece.problem("`first` and `last` exclude each other; make two rules of it", "last", key=True)
    if shape.status is Status.OFF:
        yield piece.problem("`off` stands in the configuration, under rules: override; a rule that is not run yet is a draft", "status")
    for bound in (shape.limit or {}).items():
        yield from _bound_problems(piece, *bound)
    for number, example in enumerate(shape.examples):
        outcomes = [name for name in ("met", "missed", "no_opportunity", "cannot_judge") if getattr(example, name) is not None]
        if len(outcomes) != 1:
            found = " and ".join(outcomes) or "none"
            message = f"an example has one outcome: met, missed, no_opportunity or cannot_judge; this one has {found}"
            yield piece.problem(message, "examples", number)


def _misplaced(piece: Piece[RuleShape], asks: str) -> Iterator[Problem]:
    """Keys that say nothing beside what the rule asks."""
    shape = piece.shape
    for name in ("at_least", "allow", *_SEARCHES):
        fits = {"at_least": asks == "expect", "allow": asks == "never"}.get(name, asks != "limit")
        if getattr(shape, name) is not None and not fits:
            yield piece.problem(f"`{name}` says nothing beside `{asks}`", name, key=True)
    for name, given in (("within", shape.within is not None), ("every", shape.every != (Which.EVERY, None))):
        if given and not shape.when:
            yield piece.problem(f"`{name}` counts from a trigger; say `when`", name, key=True)


def _bound_problems(piece: Piece[RuleShape], metric: str, bound: object) -> Iterator[Problem]:
    least, most = getattr(bound, "min", None), getattr(bound, "max", None)
    if least is None and most is None:
        yield piece.problem(f"give `{metric}` a `min`, a `max` or both", "limit", metric, key=True)
    elif least is not None and most is not None and least > most:
        yield piece.problem("`min` is greater than `max`, so every call would miss", "limit", metric, "min")


def standard_problems(piece: Piece[StandardShape]) -> Iterator[Problem]:
    """Weights that do not sum to 100, clauses and bands that clash."""
    shape = piece.shape
    total = sum(clause.weight for clause in shape.clauses)
    if abs(total - 100) > 0.01:
        yield piece.problem(f"the weights of the clauses sum to {total:g}; they must sum to 100", "clauses", key=True)
    seen: dict[str, int] = {}
    for number, clause in enumerate(shape.clauses):
        if clause.id in seen:
            yield piece.problem(f"clause '{clause.id}' stands here a second time", "clauses", number, "id")
        seen.setdefault(clause.id, number)
    if min(shape.bands.values()) > 0:
        yield piece.problem("no band begins at 0, so low scores would have none", "bands", key=True)
    scores = list(shape.bands.values())
    for name, score in shape.bands.items():
        if scores.count(score) > 1:
            yield piece.problem(f"two bands begin at {score:g}", "bands", name, key=True)
            break
