"""The words of a turn go in, one line of normal forms comes out: what phrases are matched against, and what is kept of a call.

The line is text, so that a regular expression can run over it:

    " i want to cancel=canceled , it . "

- It starts and ends with a space; tokens are parted by one space. An empty turn is " ".
- A token is the lemma alone, or `lemma=surface` where the word was said in another form: `cancel`, `cancel=canceled`.
  Both are lower-case and in American spelling. Contractions are taken apart ("can't" -> `can !not`).
- `!not` and `!never` carry a mark because a gap never passes over them.
- `surface` begins with `^` where the word may be a name: `maria=^maria`.
- Numbers are digits: `25`, `20=twenty`, `2.50`, `1st=first`. A currency sign follows its number: "$25" -> `25 dollar=$`.
- A redacted value is `<name>`, `<number>`, `<money>`, `<date>`, `<time>`, or `<value>` for any other.
- `.` ends a sentence (. ? !), `,` a clause (, ; : brackets, dashes). There are never two in a row, nor one at either end.
- English is known; words of any other language stay as they were said.
- Fillers (uh, um), stammers ("I I want", "can- cancel", "I want I want to") and asides between commas (you know) are left out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa_audit.rules import english
from qa_audit.rules.english import IS_OR_HAS, PAST_OR_WOULD
from qa_audit.rules.lemmas import DICTIONARIES, is_known, lemma, spelling

WORDS_VERSION = f"1 {DICTIONARIES}"
"""Changes whenever the same words could give another line; part of the key of everything kept."""

_LONGEST_WORD = 64
_LONGEST_TEXT = 1024
_MOST_FORMS = 200_000
_LONGEST_STAMMER = 3
_SHORTEST_NAME, _LONGEST_ACRONYM = 3, 4

FILLER, _CUT_OFF, _CAPITAL = "~", "-", "^"
_SPECIAL = frozenset({FILLER, _CUT_OFF, _CAPITAL, ",", ".", "'"})
"""First characters of tokens that are not taken as they are."""

_PIECE = re.compile(
    r"""(?P<redacted>\#[A-Z_]+\d*\#|\[[A-Za-z_ ]+\d*\]|<[A-Za-z_ ]+\d*>|\{+[A-Za-z_ ]+\d*\}+)
      | (?P<number>[$£€¥₹]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:[.:/]\d+)*(?:st|nd|rd|th)?[$£€¥₹%]?)
      | (?P<initials>(?:[^\W\d_]\.){2,}|[AaPp]\.[Mm]\b|(?:Mr|Mrs|Ms|Dr|mr|mrs|ms|dr|vs|etc|approx)\.)
      | (?P<word>'?[^\W_]+(?:'[^\W_]+)*'?)
      | (?P<sign>[$£€¥₹%&])
      | (?P<stop>[.?!。？！]+)
      | (?P<pause>[,;:()\[\]–—]+|(?<!\w)-+(?!\w)|--+)
      | (?P<cut>(?<=\w)-$)""",
    re.VERBOSE,
)
_NUMBER_PARTS = re.compile(r"(?P<sign>[$£€¥₹]?)(?P<digits>[\d.:/]+)(?P<ordinal>[a-z]*)(?P<unit>[$£€¥₹%]?)")
_APOSTROPHES = str.maketrans("’‘ʼ`´", "'''''")
_MORNING = re.compile(r"(?<= )(\d[^ ]*) be=am(?= )")


@dataclass(frozen=True, slots=True)
class Line:
    """One turn in normal form. `text` is the line described above; `at[k]` is the index in the turn of the word that token k came from."""

    text: str
    at: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """First and one past the last word of the turn under text[start:end], a match that begins and ends with a space."""
        first = self.text.count(" ", 0, start)
        last = self.text.count(" ", 0, end) - 2
        return self.at[first], self.at[last] + 1


def normalise(words: Sequence[str]) -> Line:
    """The line of one turn; `words` as they were heard or written, with their punctuation."""
    draft = _Draft()
    out, at = draft.out, draft.at
    for index, word in enumerate(words):
        for form in _FORMS[word]:
            token = form
            if form[0] in _SPECIAL or draft.hesitant:
                token = draft.special(form, index, words[index + 1] if index + 1 < len(words) else "")
                if not token:
                    continue
            out.append(token)
            at.append(index)
            if token in out[-2 - _LONGEST_STAMMER : -1]:
                draft.drop_stammer()
    return draft.finish()


def raw_tokens(word: str) -> tuple[str, ...]:
    """The tokens of one word before anything around it is known: FILLER for a filler, `'d` and `'s` left open."""
    return _FORMS[word]


def said(token: str) -> str:
    """The word as it was said, of a token of a line: `cancel=canceled` -> canceled."""
    return token.rpartition("=")[2].lstrip("^!")


class _Draft:
    """A line in the making; only what is out of the ordinary passes through its methods."""

    __slots__ = ("at", "hesitant", "open_endings", "out", "paused")

    def __init__(self) -> None:
        self.out: list[str] = []
        self.at: list[int] = []
        self.open_endings = False
        self.hesitant = False
        self.paused = False

    def special(self, token: str, index: int, following: str) -> str:
        """The token to take instead of this one; empty when there is none to take."""
        mark = token[0]
        if mark == FILLER:
            self.hesitant = True
            if self.out and self.out[-1] == ",":
                self._forget(1)
                self.paused = True
            return ""
        if mark in ",.":
            self._pause(token, index)
            return ""
        if mark == _CUT_OFF:
            begun = token[1:]
            if following.lower().startswith(begun) or not is_known(begun):
                return ""
            token = _plain(begun)
        if self.hesitant:
            self._go_on(token, index)
        if mark == "'":
            self.open_endings = True
        if mark == _CAPITAL:
            starts = not self.out or self.out[-1] == "."
            token = _plain(token.partition(_CAPITAL)[2].rpartition(_CAPITAL)[2]) if starts else token[1:]
        return token

    def drop_stammer(self) -> None:
        """Leave out the last words when they only repeat the ones before: I I, I want I want, if it's, if it's."""
        out = self.out
        if out[-1][0].isdigit():
            return
        for size in range(1, _LONGEST_STAMMER + 1):
            tail = out[-size:]
            gap = int(out[-size - 1 : -size] == [","])
            if "," not in tail and tail == out[-2 * size - gap : -size - gap]:
                self._forget(size + gap)
                return

    def finish(self) -> Line:
        while self.out and self.out[-1] in {",", "."}:
            self._forget(1)
        if self.open_endings:
            self.out = [self._ending(k) if token[0] == "'" else token for k, token in enumerate(self.out)]
        text = f" {' '.join(self.out)} " if self.out else " "
        if "be=am" in text:
            text = _MORNING.sub(r"\1 a.m", text)
        return Line(text, tuple(self.at))

    def _pause(self, mark: str, index: int) -> None:
        out = self.out
        if self.hesitant and mark == ",":
            self.paused = True
            return
        self.hesitant = self.paused = False
        if not out:
            return
        for size in (1, 2):
            if mark == "," and out[-size - 1 : -size] == [","] and tuple(out[-size:]) in english.PARENTHESES:
                self._forget(size + 1)
                return
        if out[-1] in {",", "."}:
            out[-1] = min(mark, out[-1], key=".,".index)
            return
        out.append(mark)
        self.at.append(index)

    def _go_on(self, token: str, index: int) -> None:
        """After a filler: the comma beside it was a real one if a new clause starts."""
        if self.paused and token in english.CLAUSE_STARTS and self.out and self.out[-1] not in {",", "."}:
            self.out.append(",")
            self.at.append(index)
        self.hesitant = self.paused = False

    def _ending(self, position: int) -> str:
        """Resolve 'd and 's by the word after them."""
        rest = (token for token in self.out[position + 1 : position + 4] if token not in _BETWEEN)
        after = next(rest, "")
        surface = said(after)
        if self.out[position] == PAST_OR_WOULD:
            past = surface in {"better", "had"} or ("=" in after and "^" not in after and not surface.endswith("ing"))
            return "have=had" if past else "would"
        return "have=has" if surface in {"been", "got", "had", "become"} else "be=is"

    def _forget(self, count: int) -> None:
        del self.out[-count:], self.at[-count:]


_BETWEEN = frozenset({"just", "already", "always", "also", "only", "really", "ever", "!not", "!never"})


class _Forms(dict[str, tuple[str, ...]]):
    """Tokens of every distinct raw word seen in this process, so that the work is done once for each."""

    def __missing__(self, raw: str) -> tuple[str, ...]:
        if len(self) >= _MOST_FORMS:
            self.clear()
        tokens = self[raw] = tuple(_tokenise(raw))
        return tokens


_FORMS = _Forms()


def _tokenise(raw: str) -> Iterator[str]:
    text = unicodedata.normalize("NFKC", raw[:_LONGEST_TEXT]).translate(_APOSTROPHES)
    whole = text.lower().strip(".,?!")
    if whole in english.SPELLINGS and "-" in whole:
        text = text.lower().replace(whole, english.SPELLINGS[whole])
    pieces = list(_PIECE.finditer(text))
    for number, piece in enumerate(pieces):
        kind, body = piece.lastgroup, piece.group()
        following = pieces[number + 1] if number + 1 < len(pieces) else None
        if kind == "redacted":
            yield _redacted(body)
        elif kind == "number":
            yield from _number(body)
        elif kind == "sign":
            yield _sign(body)
        elif kind == "initials":
            yield body.rstrip(".").lower()
        elif kind == "word":
            if following and following.lastgroup == "cut":
                yield f"{_CUT_OFF}{body.lower()}"
            elif not (len(body) == 1 and following and following.group().lower().startswith(body.lower())):
                yield from _word(body)
        elif kind != "cut":
            yield "." if kind == "stop" else ","


def _redacted(body: str) -> str:
    inner = body.strip("#[]<>{}")
    if not body.startswith(("#", "<", "{")) and not inner.isupper():
        return ","
    return next((f"<{value}>" for words, value in english.PLACEHOLDERS if words.search(inner)), "<value>")


def _number(body: str) -> Iterator[str]:
    parts = _NUMBER_PARTS.fullmatch(body.replace(",", ""))
    if parts is None:
        return
    yield (parts["digits"] + parts["ordinal"])[:_LONGEST_WORD]
    for sign in (parts["sign"], parts["unit"]):
        if sign:
            yield _sign(sign)


def _sign(sign: str) -> str:
    return f"{english.SIGNS[sign]}={sign}"


def _word(body: str) -> Iterator[str]:
    form = body.lower()[:_LONGEST_WORD]
    if form not in english.SPELLINGS:
        form = form[:-1] + "g" if form.endswith("in'") else form.strip("'")
    if english.FILLER.fullmatch(form):
        yield FILLER
    elif form in english.CONTRACTIONS:
        for part in english.CONTRACTIONS[form]:
            yield part if part in {PAST_OR_WOULD, IS_OR_HAS} else _plain(part)
    elif _may_be_name(body, form):
        surface = spelling(form)
        yield f"{_CAPITAL}{lemma(form)}={_CAPITAL}{surface}" if is_known(form) else f"{lemma(form)}={_CAPITAL}{surface}"
    else:
        yield _plain(form)


def _plain(form: str) -> str:
    """The token of a lower-case word with nothing special about it."""
    if form in english.NEGATORS:
        return english.NEGATORS[form]
    form = spelling(form)
    if form in english.NUMBERS or form in english.ORDINALS:
        return f"{english.NUMBERS.get(form) or english.ORDINALS[form]}={form}"
    base = lemma(form.removesuffix("'s"))
    return base if base == form else f"{base}={form}"


def _may_be_name(body: str, form: str) -> bool:
    """A word with a capital, or one that no dictionary has; whether a sentence begins with it is seen later."""
    bare = form.removesuffix("'s")
    if form in english.UNINFLECTED or form in english.NUMBERS or form in english.ORDINALS or not bare.replace("'", "").isalpha():
        return False
    if is_known(bare):
        return body[0].isupper() and not body.isupper()
    return len(form) >= _SHORTEST_NAME and not (body.isupper() and len(body) <= _LONGEST_ACRONYM)
