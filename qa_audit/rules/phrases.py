"""A phrase in plain words goes in, a bounded pattern over the lines of `words` comes out, with the words it cannot do without.

    plain words      any inflection, spelling or contraction of each, next to one another (fillers and commas are passed over)
    (a|b)            one of these            [x]  [x|y]   may be there
    ...   ...8       up to four, up to eight words between; never across a comma, a full stop, `not` or `never`
    cancel*          a word that begins so   =cancel      exactly this form
    <number> <money> <date> <time> <name>    a value

Parsing is `syntax.parse`; here its tree becomes a regular expression. Every repetition is bounded and no repetition holds another, and the
parser limits how loose the gaps of one phrase may be together, so that no turn can make it hang.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from qa_audit.rules.english import UNINFLECTED
from qa_audit.rules.syntax import Choice, Gap, Node, Option, PhraseError, Prefix, Value, Word, parse
from qa_audit.rules.values import VALUES
from qa_audit.rules.words import Line

__all__ = ["Phrase", "PhraseError", "compile_phrase"]

_ANY_FORM = "(?:=[^ ]+)?"
_ANY_LEMMA = r"(?:[^ =]+=)?\^?"
_COMMA = "(?: ,)??"
_BETWEEN = "(?: [^ ,.!][^ ]*)"


@dataclass(frozen=True, slots=True)
class Phrase:
    """One compiled phrase.

    `pattern` is a regular expression (for `re` and `re2` alike) to search in `Line.text`; a match begins and ends with the space
    around its tokens, so `Line.span(match.start(), match.end())` gives the words of the turn.

    `anchors` are the words it cannot do without: a line can only match if, for *every* set, it holds a token whose lemma (the part
    before `=`) is in the set. So it can be filed under the members of whichever one set is rarest. Empty when the phrase is made of
    prefixes and values alone; then only `pattern` decides.
    """

    source: str
    anchors: tuple[frozenset[str], ...]
    pattern: str

    def search(self, line: Line) -> tuple[int, int] | None:
        """First and one past the last word, in the turn, of the first match; None when there is none."""
        match = compiled(self.pattern).search(line.text)
        return line.span(match.start(), match.end()) if match else None


@lru_cache(maxsize=4096)
def compiled(pattern: str) -> re.Pattern[str]:
    """The compiled pattern; made on first use, since most phrases of a pack never meet a candidate."""
    return re.compile(pattern)


@lru_cache(maxsize=8192)
def compile_phrase(source: str) -> Phrase:
    """Parse and compile; PhraseError says what is wrong, with the column in `source`."""
    nodes = parse(source)
    return Phrase(source=source, anchors=_anchors(nodes), pattern=_sequence(nodes) + " ")


def _sequence(nodes: Sequence[Node]) -> str:
    """One pattern for nodes that follow each other; each token takes the space before it."""
    parts = []
    for position, node in enumerate(nodes):
        comma = _COMMA if _goes_on_with_a_word(nodes[position + 1 :]) and not isinstance(node, Gap) else ""
        parts.append(_pattern(node, comma))
    return "".join(parts)


def _goes_on_with_a_word(rest: Sequence[Node]) -> bool:
    """Whether a comma may come next: a word follows, not a gap and not the end."""
    needed = next((node for node in rest if not isinstance(node, Option)), None)
    return bool(rest) and not isinstance(needed or rest[0], Gap)


def _pattern(node: Node, comma: str) -> str:
    match node:
        case Gap(most=most):
            return f"{_BETWEEN}{{0,{most}}}?"
        case Option(branches=branches):
            return f"(?:{_branches(branches)}{comma})?"
        case Choice(branches=branches):
            return f"{_branches(branches)}{comma}"
        case Value(name=name):
            return f"(?:{VALUES[name]}){comma}"
        case _:
            return f" {_token(node)}{comma}"


def _token(node: Word | Prefix) -> str:
    if isinstance(node, Prefix):
        return f"{_ANY_LEMMA}{re.escape(node.start)}[^ =]*"
    return _ANY_LEMMA + re.escape(node.surface) if node.exact else re.escape(node.lemma) + _ANY_FORM


def _branches(branches: Sequence[Sequence[Node]]) -> str:
    return f"(?:{'|'.join(map(_sequence, branches))})"


def _anchors(nodes: Sequence[Node]) -> tuple[frozenset[str], ...]:
    sets = [needed for node in nodes if (needed := _needed(node))]
    return tuple(dict.fromkeys(sets))


def _needed(node: Node) -> frozenset[str]:
    """Lemmas of which one must be there for this node; empty when none can be named."""
    if isinstance(node, Word):
        return frozenset({node.lemma})
    if not isinstance(node, Choice):
        return frozenset()
    needs = [_rarest(branch) for branch in node.branches]
    return frozenset().union(*needs) if all(needs) else frozenset()


def _rarest(nodes: Sequence[Node]) -> frozenset[str]:
    """Of all that a branch needs, the set without `to` or `the`, of the longest words: they are rare (Zipf's law of abbreviation)."""
    return max(_anchors(nodes), key=lambda words: (words.isdisjoint(UNINFLECTED), min(map(len, words))), default=frozenset())
