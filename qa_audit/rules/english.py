"""What is known of spoken English beyond a dictionary: contractions, fillers, numbers, spellings. Tables only."""

from __future__ import annotations

import re


def _list(words: str) -> tuple[str, ...]:
    return tuple(words.split())


FILLER = re.compile(r"u+h+m*|u+m+|e+r+m*|e+h+|a+h+|h+m+|m+h*m+")
"""Sounds that mean nothing: uh, um, er, erm, hmm, ah."""

PARENTHESES = frozenset({("you", "know"), ("i", "mean"), ("like",), ("sir",), ("madam",), ("ma'am",)})
"""Passed over when they stand between two commas: "I want, you know, to cancel"."""

CLAUSE_STARTS = frozenset(_list("i we you they he she it there but so because if then"))
"""Words after which a comma beside a filler was a real one: "nothing you need to do, uh, I can do it"."""

NEGATORS = {"not": "!not", "never": "!never"}
"""Words that turn what follows round; a gap does not pass over them."""

_NOT = _list("can could would should must might need do does did have has had is are was were")
_PRONOUNS = _list("i you we they he she it that this there here what who where how when why which")
_NAMED = _list("everything something nothing everyone someone everybody somebody nobody")

PAST_OR_WOULD, IS_OR_HAS = "'d", "'s"
"""Endings that only the next word decides: I'd like (would), I'd been (had); it's done (is), it's been (has)."""

CONTRACTIONS: dict[str, tuple[str, ...]] = {
    **{f"{verb}n't": (verb, "not") for verb in _NOT},
    **{f"{verb}nt": (verb, "not") for verb in _NOT if verb not in {"need", "must", "might"}},
    **{f"{who}'ll": (who, "will") for who in _PRONOUNS},
    **{f"{who}'ve": (who, "have") for who in _PRONOUNS},
    **{f"{who}'re": (who, "are") for who in _PRONOUNS},
    **{f"{who}'d": (who, PAST_OR_WOULD) for who in _PRONOUNS},
    **{f"{who}'s": (who, IS_OR_HAS) for who in (*_PRONOUNS, *_NAMED)},
    **{f"{who}d've": (who, "would", "have") for who in ("i'", "you'", "we'", "they'", "he'", "she'", "it'")},
    "i'm": ("i", "am"), "im": ("i", "am"), "ive": ("i", "have"),
    "youre": ("you", "are"), "youve": ("you", "have"), "youll": ("you", "will"), "youd": ("you", PAST_OR_WOULD),
    "theyre": ("they", "are"), "theyve": ("they", "have"), "theyll": ("they", "will"), "weve": ("we", "have"),
    "hes": ("he", IS_OR_HAS), "shes": ("she", IS_OR_HAS), "thats": ("that", IS_OR_HAS), "whats": ("what", IS_OR_HAS),
    "theres": ("there", IS_OR_HAS), "heres": ("here", IS_OR_HAS), "itll": ("it", "will"), "thatll": ("that", "will"),
    "can't": ("can", "not"), "cant": ("can", "not"), "cannot": ("can", "not"), "can't've": ("can", "not", "have"),
    "won't": ("will", "not"), "wont": ("will", "not"), "shan't": ("shall", "not"), "ain't": ("be", "not"), "aint": ("be", "not"),
    "could've": ("could", "have"), "would've": ("would", "have"), "should've": ("should", "have"), "must've": ("must", "have"),
    "might've": ("might", "have"), "couldn't've": ("could", "not", "have"), "wouldn't've": ("would", "not", "have"),
    "coulda": ("could", "have"), "woulda": ("would", "have"), "shoulda": ("should", "have"), "mighta": ("might", "have"),
    "let's": ("let", "us"), "c'mon": ("come", "on"), "d'you": ("do", "you"), "y'all": ("you", "all"), "yall": ("you", "all"),
    "gonna": ("going", "to"), "gunna": ("going", "to"), "wanna": ("want", "to"), "gotta": ("got", "to"), "hafta": ("have", "to"),
    "oughta": ("ought", "to"), "tryna": ("trying", "to"), "finna": ("going", "to"), "lemme": ("let", "me"), "gimme": ("give", "me"),
    "dunno": ("do", "not", "know"), "kinda": ("kind", "of"), "sorta": ("sort", "of"), "outta": ("out", "of"), "lotta": ("lot", "of"),
    "whatcha": ("what", "are", "you"), "gotcha": ("got", "you"), "innit": ("is", "not", "it"), "alot": ("a", "lot"),
}  # fmt: skip

SPELLINGS = {
    "'em": "them", "'cause": "because", "'til": "until", "til": "until", "cos": "because", "coz": "because", "cuz": "because",
    "u": "you", "ur": "your", "pls": "please", "plz": "please", "thx": "thanks", "tks": "thanks", "ok": "okay", "yeah": "yes",
    "yep": "yes", "yup": "yes", "yea": "yes", "nope": "no", "nah": "no", "ya": "you", "mam": "madam", "ma'am": "madam",
    "pm": "p.m", "acct": "account", "appt": "appointment", "e-mail": "email", "wi-fi": "wifi", "on-line": "online", "alright": "okay",
    "enquiry": "inquiry", "enquiries": "inquiries", "enquire": "inquire", "cheque": "check", "cheques": "checks", "kerb": "curb",
    "learnt": "learned", "burnt": "burned", "dreamt": "dreamed", "whilst": "while", "amongst": "among", "mum": "mom",
    "sory": "sorry", "sry": "sorry", "apologys": "apologies", "recieve": "receive", "recieved": "received", "tommorow": "tomorrow",
    "tomorow": "tomorrow", "definately": "definitely", "cancle": "cancel", "cancelation": "cancellation", "ahold": "hold",
}  # fmt: skip
"""One way of writing for words that have several; the dictionary of British and American spellings comes on top."""

_UNITS = _list(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
)
_TENS = _list("twenty thirty forty fifty sixty seventy eighty ninety")
NUMBERS = {
    **{word: str(value) for value, word in enumerate(_UNITS)},
    **{word: str(10 * value) for value, word in enumerate(_TENS, start=2)},
    "hundred": "100", "thousand": "1000", "million": "1000000", "dozen": "12",
}  # fmt: skip

_ORDINALS = _list(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth "
    "seventeenth eighteenth nineteenth twentieth"
)
ORDINALS = {
    **{word: f"{value}{ {1: 'st', 3: 'rd'}.get(value, 'th') }" for value, word in enumerate(_ORDINALS, start=1) if word != "second"},
    "thirtieth": "30th",
}
"""`second` is left alone: it is a stretch of time far more often."""

CURRENCY_SIGNS = {"$": "dollar", "£": "pound", "€": "euro", "¥": "yen", "₹": "rupee"}
SIGNS = {**CURRENCY_SIGNS, "%": "percent", "&": "and"}
CURRENCIES = frozenset({*CURRENCY_SIGNS.values(), "cent", "penny", "pence", "p", "buck", "quid", "usd", "gbp", "eur", "aud", "cad"})

WEEKDAYS = _list("monday tuesday wednesday thursday friday saturday sunday")
MONTHS = _list("january february march april may june july august september october november december")

UNINFLECTED = (
    frozenset(
        _list("""
    a an the this that these those i me my mine myself you your yours yourself he him his himself she her hers herself it its itself
    we us our ours ourselves they them their theirs themselves who whom whose which what where when why how
    can could may might must shall should will would ought and or but nor so if because as than then though although unless until while
    since of in on at by for from to with without into onto over under about above below after before between through during against
    among within along across behind beyond upon off out up down near past per via not never no none nobody nothing neither either
    any anyone anybody anything some someone somebody something every everyone everybody everything each all both few many much more most
    less least later latest last further such own same other another yes okay please hello hi hey bye goodbye there here now
    just very too also only even still yet again ever always often well better best worse worst evening morning afternoon bit ground
    number news customs goods clothes being human ceiling pudding wedding according interesting outstanding second crew
    whether whatever whichever whoever wherever whenever maybe perhaps despite beside besides oops gosh hiya dear sir madam
    """)
    )
    | frozenset(WEEKDAYS)
    | frozenset(MONTHS)
)
"""Words that stay as they are: function words, and forms whose dictionary entry would mislead (evening is no form of even)."""

EMPTY = frozenset(
    _list("""
    be have do go get come put say tell know think want need like try take make give see look hear call ring phone speak talk wait
    thank thing time day week month year today tomorrow yesterday morning afternoon good bad new old big little happen help
    """)
)
"""Lemmas that any call is full of and that say nothing of what it is about."""

PLACEHOLDERS = (
    (re.compile(r"name|agent|customer|person", re.I), "name"),
    (re.compile(r"number|phone|order|account|card|id", re.I), "number"),
    (re.compile(r"money|amount|price", re.I), "money"),
    (re.compile(r"date|day", re.I), "date"),
    (re.compile(r"time", re.I), "time"),
)
"""What a redacted value such as [NAME] or #ORDER_NUMBER# stood for."""
