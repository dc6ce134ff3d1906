"""Bytes of a file people or programs wrote in, its text out, whatever the encoding."""

from __future__ import annotations

import codecs
import logging
import re
import unicodedata

import charset_normalizer

log = logging.getLogger(__name__)

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
WESTERN = "cp1252"
ENCODINGS = ["gb18030", "cp932", "big5", "cp949", WESTERN, "cp1250", "cp1251", "cp1253", "cp1255", "cp1256"]
SAMPLE = 64 * 1024
WORD_BREAK = re.compile(r"[\s,;|.:!?\"'()<>/-]+")
MOST_ACCENTS = 0.6
"""More accented letters than this in accented words, and it is another alphabet read in the wrong encoding."""


def decode(data: bytes, *, name: str) -> str:
    """The text without a byte order mark; `name` is for the log, where a guess is named.

    UTF-8 wins wherever it fits. What does not fit is guessed; a short text leaves several encodings equally likely, and
    then Western European wins if the words it gives look like words. Never fails: a byte that fits nothing becomes U+FFFD.
    """
    encoding = _marked(data) or ("utf-8" if _fits(data, "utf-8") else _guess(data[:SAMPLE]))
    if encoding not in {"utf-8", "utf-16", "utf-32"}:
        log.warning("%s is not UTF-8; read as %s", name, encoding)
    return data.decode(encoding, errors="replace").removeprefix("\ufeff")


def _marked(data: bytes) -> str | None:
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return encoding
    if b"\0" in data[:4]:
        return "utf-16-be" if data[:1] == b"\0" else "utf-16-le"
    return None


def _fits(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _guess(sample: bytes) -> str:
    likely = charset_normalizer.from_bytes(sample, cp_isolation=ENCODINGS)
    plausible = [match.encoding for match in likely if _looks_written(str(match))]
    if WESTERN in plausible or (not plausible and _fits(sample, WESTERN)):
        return WESTERN
    return plausible[0] if plausible else "utf-8"


def _looks_written(text: str) -> bool:
    """Whether words mix plain and accented letters as words do, with no symbols grown into them and no two scripts of the
    Far East in one."""
    accented, letters = 0, 0
    for word in WORD_BREAK.split(text):
        if word.isascii():
            continue
        scripts = [_script(character) for character in word if not character.isascii()]
        if {"HANGUL", "CJK"} <= set(scripts):
            return False
        odd = scripts.count("LATIN") + scripts.count("SYMBOL")
        accented += odd
        letters += len(word) if odd else 0
    return accented <= MOST_ACCENTS * letters


def _script(character: str) -> str:
    """LATIN, CJK, HANGUL, … or SYMBOL."""
    return "SYMBOL" if unicodedata.category(character)[0] in "SC" else unicodedata.name(character, "").partition(" ")[0]
