"""A word form goes in, its dictionary form in one spelling comes out: cancelled -> cancel, apologised -> apologize.

The tables are those of lemminflect (from the NIH SPECIALIST Lexicon) and breame; lemminflect's is read without importing the package,
because the import loads spaCy, which takes longer than a night with nothing new.
"""

from __future__ import annotations

import gzip
from functools import cache
from importlib.metadata import distribution, version

from breame.data.spelling_constants import BRITISH_ENGLISH_SPELLINGS

from qa_audit.rules.english import SPELLINGS, UNINFLECTED

_TABLE = "lemminflect/resources/lemma_lu.csv.gz"
_PREFERENCE = ("verb", "aux", "noun", "adj", "adv")
_PREFIXES = ("un", "re", "over", "under", "up", "mis", "out", "down", "pre", "co", "auto", "voice")

_REWRITTEN = frozenset(SPELLINGS.values())

DICTIONARIES = f"lemminflect-{version('lemminflect')} breame-{version('breame')}"


@cache
def _dictionary() -> dict[str, str]:
    """Every known form with one lemma: the verb's where there is one, since what people do is what rules look for."""
    ranked: dict[str, tuple[int, str]] = {}
    with gzip.open(str(distribution("lemminflect").locate_file(_TABLE)), "rt", encoding="utf-8") as rows:
        for row in rows:
            form, kind, lemmas = row.rstrip("\n").split(",")
            entry = (_PREFERENCE.index(kind), lemmas.split("/")[0].lower())
            if form not in ranked or entry < ranked[form]:
                ranked[form] = entry
    return {form: lemma for form, (_, lemma) in ranked.items()}


def spelling(form: str) -> str:
    """The one spelling under which a lower-case form is kept (American where the two differ)."""
    form = SPELLINGS.get(form, form)
    return str(BRITISH_ENGLISH_SPELLINGS.get(form, form))


def lemma(form: str) -> str:
    """The dictionary form of a lower-case word, in one spelling; an unknown word loses at most a plural or verb ending."""
    form = spelling(form)
    if form in UNINFLECTED:
        return form
    return spelling(_dictionary().get(form) or _guess(form))


def is_known(form: str) -> bool:
    """Whether the dictionaries know the form, or could derive it; names mostly are not known."""
    form = spelling(form)
    return form in _REWRITTEN or form in UNINFLECTED or form in _dictionary() or _guess(form) != form


def _guess(form: str) -> str:
    """unsubscribed -> unsubscribe, voicemails -> voicemail: a known rest after a known prefix, or a known stem before an s."""
    known = _dictionary()
    for prefix in _PREFIXES:
        rest = form.removeprefix(prefix)
        if rest != form and len(rest) > 3 and rest in known:
            return prefix + known[rest]
    stem = form.removesuffix("s")
    return known.get(stem, stem) if stem in known or stem in UNINFLECTED else form
