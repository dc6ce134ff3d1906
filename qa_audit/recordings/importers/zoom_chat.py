"""Zoom's chat.txt: a line for each message, `22:35:18<TAB> From Name : text`; lines without a head continue the one before."""

from __future__ import annotations

import re

from qa_audit.recordings.importers.base import TYPED, Imported, passage, spread

KIND = "zoom-chat"
HEAD = re.compile(r"\d{2}:\d{2}:\d{2}\s+From\s+(.{1,200}?)(?:\s+to\s+.{1,200}?)?\s?:\s(.*)", re.IGNORECASE)
REACTION = re.compile(r"\s*(?:Reacted to|Removed a .{1,40} reaction from) \"")


def sniff(text: str) -> bool:
    return bool(HEAD.match(text))


def read(text: str) -> Imported:
    """The messages as the turns they are; reactions are no messages."""
    said: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        head = HEAD.fullmatch(line)
        if head:
            said.append((head[1], [head[2]]))
        elif said:
            said[-1][1].append(line)
    messages = [(name, " ".join(lines)) for name, lines in said if not REACTION.match(lines[0])]
    return Imported(kind=KIND, passages=tuple(passage(name, spread(text, None, None, TYPED)) for name, text in messages), keep_turns=True)
