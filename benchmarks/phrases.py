"""Sets of phrases to measure with, and the same phrases in the language of spaCy's Matcher."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import chain, islice, product

from talk import exchanges

from qa_audit.audit.matching import COMMON
from qa_audit.config import Rules
from qa_audit.rules import load_rules
from qa_audit.rules.phrases import compile_phrase
from qa_audit.rules.syntax import Choice, Gap, Node, Option, PhraseError, Word, parse

SEED = 5
MOST_PATTERNS = 64
"""A phrase that takes the Matcher more patterns than this is left out, for every engine."""

Tokens = list[dict[str, object]]


def phrase_set(size: int) -> list[str]:
    """So many distinct phrases: those of the starter rules, then ones made of words that follow one another in talk.

    The latter are plain words, or have alternatives, a gap or an option, in equal parts; like those that people write, none is
    made of the commonest words alone.
    """
    draw = random.Random(SEED)
    starter = [phrase for behaviour in load_rules(Rules()).behaviours.values() for phrase in behaviour.says]
    draw.shuffle(starter)
    found: dict[str, None] = {}
    for phrase in chain(starter, _made_up(draw)):
        if len(found) == size:
            break
        if _can_be_compared(phrase):
            found[phrase] = None
    return list(found)


def _made_up(draw: random.Random) -> Iterator[str]:
    while True:
        (_, one), (_, other) = draw.choice(exchanges()), draw.choice(exchanges())
        first, second = ([word.strip(".,?!").lower() for word in text.split()] for _, text in (one, other))
        if len(first) < 5 or not second:
            continue
        at = draw.randrange(len(first) - 4)
        a, b, c = first[at : at + 3]
        if not any(word.isalpha() and len(word) > 3 and word not in COMMON for word in (a, c)):
            continue
        forms = (f"{a} {b} {c}", f"{a} ({b}|{draw.choice(second)}|{draw.choice(second)}) {c}", f"{a} ... {c}", f"{a} [{b}] {c}")
        yield draw.choice(forms)


def _can_be_compared(phrase: str) -> bool:
    try:
        nodes = parse(phrase)
    except PhraseError:
        return False
    if not compile_phrase(phrase).anchors or not _is_plain(nodes):
        return False
    return len(list(islice(_expanded(nodes), MOST_PATTERNS + 1))) <= MOST_PATTERNS


def _is_plain(nodes: Sequence[Node]) -> bool:
    """Whether there are only words, choices, options and gaps: prefixes, exact forms and values have no equal in the Matcher."""
    for node in nodes:
        if isinstance(node, Choice | Option):
            if not all(map(_is_plain, node.branches)):
                return False
        elif not isinstance(node, Gap) and not (isinstance(node, Word) and not node.exact):
            return False
    return True


def matcher_patterns(phrase: str) -> list[Tokens]:
    """The phrase as patterns over lemmas; alternatives of several words multiply."""
    return list(_expanded(parse(phrase)))


def _expanded(nodes: Sequence[Node]) -> Iterator[Tokens]:
    for parts in product(*(list(_alternatives(node)) for node in nodes)):
        yield [token for part in parts for token in part]


def _alternatives(node: Node) -> Iterator[Tokens]:
    match node:
        case Word(lemma=lemma):
            yield [{"ORTH": lemma}]
        case Gap(most=most):
            yield [{"ORTH": {"NOT_IN": [",", ".", "!not", "!never"]}, "OP": "?"}] * most
        case Choice(branches=branches) | Option(branches=branches):
            optional = isinstance(node, Option)
            single = [branch[0].lemma for branch in branches if len(branch) == 1 and isinstance(branch[0], Word)]
            if len(single) == len(branches):
                yield [{"ORTH": {"IN": single}, "OP": "?"} if optional else {"ORTH": {"IN": single}}]
                return
            if optional:
                yield []
            for branch in branches:
                yield from _expanded(branch)
