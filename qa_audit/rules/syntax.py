"""The text of a phrase goes in, its tree comes out; whatever is wrong is said in plain words with its column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from math import prod

from qa_audit.rules.english import IS_OR_HAS, PAST_OR_WOULD
from qa_audit.rules.values import VALUES
from qa_audit.rules.words import FILLER, raw_tokens

USUAL_GAP = 4
WIDEST_GAP = 12
MOST_CHARACTERS = 400
MOST_WORDS = 120
DEEPEST = 4
LOOSEST = 1000
"""The product of (gap + 1) over a phrase's gaps: how many ways of reading it a turn can hold open at one word."""


class PhraseError(ValueError):
    """Something wrong in a phrase; `column` counts from 1 within its text."""

    def __init__(self, message: str, column: int) -> None:
        self.message, self.column = message, column
        super().__init__(f"{message} (column {column})")


@dataclass(frozen=True, slots=True)
class Word:
    """A word in any of its forms, or (`exact`) in this form only."""

    lemma: str
    surface: str
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Prefix:
    """Any word that, as it was said, begins with `start`."""

    start: str


@dataclass(frozen=True, slots=True)
class Value:
    """A number, an amount, a date, a time or a name."""

    name: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Up to `most` words of any kind."""

    most: int


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several."""

    branches: tuple[tuple[Node, ...], ...]


@dataclass(frozen=True, slots=True)
class Option:
    """One of several, or nothing."""

    branches: tuple[tuple[Node, ...], ...]


Node = Word | Prefix | Value | Gap | Choice | Option

_PUNCTUATION = r"""[.?!,;:"“”]+(?=\s|$|[)\]|])"""
_TOKEN = re.compile(
    rf"""(?P<space>\s+)
      | (?P<gap>(?:\.\.\.|…)\d*)
      | (?P<open>[(\[])
      | (?P<close>[)\]])
      | (?P<bar>\|)
      | (?P<value><[^<>\s]*>?)
      | (?P<exact>=[^\s()\[\]|<>=]*)
      | (?P<stop>{_PUNCTUATION})
      | (?P<word>(?:(?!\.\.\.|…|{_PUNCTUATION})[^\s()\[\]|<>=])+)""",
    re.VERBOSE,
)
_STRANGE = re.compile(r"[^\w\s'’‘.,:/$£€¥₹%&*-]")
_CLOSES = {"(": ")", "[": "]"}
_SHORTEST_PREFIX = 2


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    column: int


def parse(source: str) -> tuple[Node, ...]:
    """The nodes of a phrase in order. Raises PhraseError."""
    if len(source) > MOST_CHARACTERS:
        message = f"a phrase may be {MOST_CHARACTERS} characters long, this one is {len(source)}; make several of it"
        raise PhraseError(message, MOST_CHARACTERS + 1)
    parser = _Parser(_scan(source), len(source) + 1)
    nodes = parser.phrase()
    if parser.words > MOST_WORDS:
        raise PhraseError(f"a phrase may name {MOST_WORDS} words, this one names {parser.words}; make several of it", 1)
    if _looseness(nodes) > LOOSEST:
        raise PhraseError("its gaps and [ ] together leave too much open; make them narrower, or make several phrases of it", 1)
    return nodes


def _scan(source: str) -> tuple[_Token, ...]:
    tokens = []
    position = 0
    while position < len(source):
        found = _TOKEN.match(source, position)
        if found is None:
            raise PhraseError(f"{source[position]!r} has no meaning here", position + 1)
        if found.lastgroup and found.lastgroup != "space":
            tokens.append(_Token(found.lastgroup, found.group(), position + 1))
        position = found.end()
    return tuple(tokens)


class _Parser:
    """Recursive descent over the tokens; `words` counts the words named so far."""

    def __init__(self, tokens: Sequence[_Token], end: int) -> None:
        self.tokens, self.end = tokens, end
        self.position = self.words = 0

    def phrase(self) -> tuple[Node, ...]:
        nodes = self._sequence(depth=0)
        if token := self._peek():
            if token.kind == "bar":
                raise PhraseError("write alternatives in parentheses: (this|that)", token.column)
            raise PhraseError(f"{token.text!r} closes nothing", token.column)
        if not nodes:
            raise PhraseError("the phrase is empty", 1)
        if not any(map(_must_be_said, nodes)):
            raise PhraseError("nothing in this phrase must be said, so it would match anything; have a word outside [ ]", 1)
        return nodes

    def _peek(self) -> _Token | None:
        return self.tokens[self.position] if self.position < len(self.tokens) else None

    def _sequence(self, depth: int) -> tuple[Node, ...]:
        """Nodes up to a bar, a closing bracket or the end."""
        nodes: list[Node] = []
        open_gap: _Token | None = None
        while (token := self._peek()) and token.kind not in {"bar", "close"}:
            self.position += 1
            if token.kind == "stop":
                self._stop(token, depth)
            elif token.kind == "gap":
                if open_gap or not any(map(_must_be_said, nodes)):
                    raise PhraseError("a gap stands between two words; there is none before it", token.column)
                open_gap = token
                nodes.append(_gap(token))
            else:
                found = self._group(token, depth) if token.kind == "open" else self._leaves(token)
                if any(map(_must_be_said, found)):
                    open_gap = None
                nodes.extend(node for node in found if nodes[-1:] != [node])
        if open_gap:
            raise PhraseError("a gap stands between two words; there is none after it", open_gap.column)
        return tuple(nodes)

    def _stop(self, token: _Token, depth: int) -> None:
        """Commas are passed over, and so are marks at the very end; a sentence ends nowhere else."""
        before = self.tokens[self.position - 2].text.lower() if self.position > 1 else ""
        if token.text == ".." or (before.startswith(("...", "…")) and token.text.startswith(".")):
            raise PhraseError("a gap is written with three dots: ...", token.column)
        if set(token.text) & set(".?!") and before not in _ABBREVIATED and (self._peek() or depth):
            raise PhraseError("a phrase does not go past the end of a sentence; make two phrases of it", token.column)

    def _group(self, opened: _Token, depth: int) -> tuple[Node, ...]:
        if depth == DEEPEST:
            raise PhraseError(f"brackets stand in brackets more than {DEEPEST} deep", opened.column)
        branches = [self._branch(opened, depth)]
        while (token := self._peek()) and token.kind == "bar":
            self.position += 1
            branches.append(self._branch(token, depth))
        if token is None:
            raise PhraseError(f"{opened.text!r} is not closed", opened.column)
        if token.text != _CLOSES[opened.text]:
            raise PhraseError(f"{opened.text!r} is closed by {token.text!r}", token.column)
        self.position += 1
        return ((Choice if opened.text == "(" else Option)(tuple(dict.fromkeys(branches))),)

    def _branch(self, opened: _Token, depth: int) -> tuple[Node, ...]:
        branch = self._sequence(depth + 1)
        if not any(map(_must_be_said, branch)) and self._peek():
            raise PhraseError(
                f"nothing must be said after this {opened.text!r}; for words that may be missing write [this|that]", opened.column
            )
        return branch

    def _leaves(self, token: _Token) -> tuple[Node, ...]:
        self.words += 1
        if token.kind == "value":
            return (_value(token),)
        if token.kind == "exact":
            return (_exact(token),)
        if "*" in token.text:
            return (_prefix(token),)
        return tuple(_words(token.text, token.column))


_ABBREVIATED = frozenset({"a.m", "p.m", "mr", "mrs", "ms", "dr"})


def _gap(token: _Token) -> Gap:
    width = token.text.lstrip(".…")
    most = int(width) if width else USUAL_GAP
    if not 1 <= most <= WIDEST_GAP:
        raise PhraseError(f"a gap is 1 to {WIDEST_GAP} words wide, not {most}", token.column)
    return Gap(most)


def _value(token: _Token) -> Value:
    name = token.text.strip("<>").lower()
    if not token.text.endswith(">"):
        raise PhraseError("'<' is not closed", token.column)
    if name not in VALUES:
        near = get_close_matches(name, VALUES, n=1, cutoff=0.5)
        hint = f" (did you mean <{near[0]}>?)" if near else ""
        raise PhraseError(f"unknown value <{name}>{hint}; there are {', '.join(f'<{value}>' for value in VALUES)}", token.column)
    return Value(name)


def _exact(token: _Token) -> Word:
    found = tuple(_words(token.text[1:], token.column + 1)) if len(token.text) > 1 else ()
    if len(found) != 1 or not isinstance(found[0], Word):
        raise PhraseError("'=' stands right before one word, such as =cancel", token.column)
    return replace(found[0], exact=True)


def _prefix(token: _Token) -> Prefix:
    start = token.text.removesuffix("*").lower()
    if "*" in start:
        raise PhraseError("'*' stands at the end of a word, once: cancel*", token.column + token.text.index("*"))
    if not start.isalnum() or len(start) < _SHORTEST_PREFIX:
        raise PhraseError(f"at least {_SHORTEST_PREFIX} letters stand before '*'", token.column)
    return Prefix(start)


def _words(text: str, column: int) -> Iterator[Node]:
    if strange := _STRANGE.search(text):
        message = f"{strange.group()!r} has no meaning in a phrase; a phrase is plain words, for patterns there is `regex:`"
        raise PhraseError(message, column + strange.start())
    tokens = raw_tokens(text.lower())
    if not tokens:
        raise PhraseError(f"{text!r} is no word", column)
    for token in tokens:
        if token == FILLER:
            raise PhraseError(f"{text!r} is passed over wherever it is said, so a phrase leaves it out", column)
        if token[0] in ",.-":
            raise PhraseError(f"{text!r} is not one word; put spaces between words, and no full stop inside", column)
        if token in _EITHER:
            yield Choice(tuple((Word(lemma, surface),) for lemma, surface in _EITHER[token]))
        else:
            yield Word(lemma=token.partition("=")[0], surface=token.rpartition("=")[2].lstrip("^"))


_EITHER = {PAST_OR_WOULD: (("would", "would"), ("have", "had")), IS_OR_HAS: (("be", "is"), ("have", "has"))}


def _must_be_said(node: Node) -> bool:
    return not isinstance(node, Option | Gap)


def _looseness(nodes: Sequence[Node]) -> int:
    """In how many ways a turn could be read from one word on, at worst."""
    return prod(map(_ways, nodes))


def _ways(node: Node) -> int:
    match node:
        case Gap(most=most):
            return most + 1
        case Value():
            return 4
        case Option(branches=branches):
            return 1 + max(map(_looseness, branches))
        case Choice(branches=branches):
            return max(map(_looseness, branches))
        case _:
            return 1
