"""What a machine says in a call: clips with their words go in, those that are menus, queues and hold announcements come out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from qa_audit.intervals import Interval

CUES = re.compile(
    r"\bpress (the )?(one|two|three|four|five|six|seven|eight|nine|zero|star|hash|pound|[0-9])\b"
    r"|\b(your|this) call is (very )?(important|being transferred|in a queue)"
    r"|\b(your )?call will be (answered|taken) (in|by|as)\b"
    r"|\b(all|most) (of )?(our|the) (\w+ ){0,3}(are|is) (currently |all |still )*(busy|engaged|assisting|helping|speaking|serving)"
    r"|\bplease (stay|remain|keep) (on|holding)( the line)?\b(?! while i)"
    r"|\b(you are|you're) (caller )?number \w+ in (the|our) (queue|line)\b"
    r"|\b(estimated|expected|average) (wait|waiting) time\b"
    r"|\b(leave|record) (a|your) message (after|at) the (tone|beep)\b"
    r"|\bthe (person|number|customer) you (have )?(called|dialled|dialed|are calling)\b"
    r"|\bfor \w+( \w+){0,4} press\b",
    re.IGNORECASE,
)
"""What machines say and people on the phone do not."""

LEAST_WORDS = 6
"""A passage must be this long for its repetition to mean anything."""

ALIKE = 0.9
"""How much of two passages must be the same, 0..1."""

SAME_LENGTH = 0.1
"""Seconds by which the same recording, played twice, may differ; nobody says a sentence twice at exactly the same pace."""

FARTHEST = 40
"""Passages are compared with so many before them; announcements come back soon, and a hostile call must not cost the night."""


def announcements(passages: Sequence[tuple[str, Interval]]) -> frozenset[int]:
    """Which passages of one channel (text, and start and end of its speech in seconds) a machine says."""
    found = {place for place, (text, _) in enumerate(passages) if CUES.search(text)}
    for place, passage in enumerate(passages):
        for before in range(max(0, place - FARTHEST), place):
            if _is_replayed(passages[before], passage):
                found |= {before, place}
    return frozenset(found)


def _is_replayed(before: tuple[str, Interval], now: tuple[str, Interval]) -> bool:
    (one, (start, end)), (other, (again, stop)) = before, now
    if abs((end - start) - (stop - again)) > SAME_LENGTH or min(len(one.split()), len(other.split())) < LEAST_WORDS:
        return False
    return SequenceMatcher(None, one.lower().split(), other.lower().split(), autojunk=False).ratio() >= ALIKE
