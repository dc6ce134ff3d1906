"""A phrase goes in, sentences that it ought to match come out: with and without what may be missing, one for each alternative."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, product

from qa_audit.rules.syntax import Choice, Gap, Node, Option, Prefix, Value, Word, parse

MOST = 24

_VALUES = {"number": "five", "money": "20 dollars", "date": "Monday", "time": "3 pm", "name": "Zora"}


def samples(source: str, *, most: int = MOST) -> tuple[str, ...]:
    """At most `most` sentences."""
    return tuple(islice(dict.fromkeys(" ".join(words) for words in _sentences(parse(source))), most))


def _sentences(nodes: Sequence[Node]) -> Iterator[list[str]]:
    """Every way of saying the nodes, the earlier choices varying slowest."""
    for choice in product(*(tuple(islice(_ways(node), MOST)) for node in nodes)):
        yield [word for words in choice for word in words]


def _ways(node: Node) -> Iterator[list[str]]:
    match node:
        case Word(surface=surface):
            yield [surface.lstrip("!")]
        case Prefix(start=start):
            yield [start]
        case Value(name=name):
            yield _VALUES[name].split()
        case Gap():
            yield []
        case Option(branches=branches):
            yield []
            for branch in branches:
                yield from _sentences(branch)
        case Choice(branches=branches):
            for branch in branches:
                yield from _sentences(branch)
