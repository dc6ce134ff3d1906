"""docs/recordings.md names everything there is: fields, troubles, kinds of transcript, doubts, suffixes."""

from __future__ import annotations

import re
from pathlib import Path

from qa_audit.recordings import Kind
from qa_audit.recordings.facts import FIELDS
from qa_audit.recordings.importers import own
from qa_audit.recordings.importers.base import LARGEST, MOST_WORDS
from qa_audit.recordings.importers.table import JSON_KINDS, TEXT_KINDS
from qa_audit.recordings.sidecar import LARGEST as LARGEST_SIDECAR
from qa_audit.recordings.suffixes import AUDIO, TRANSCRIPTS, UNSUPPORTED

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "recordings.md").read_text(encoding="utf-8")
DOUBT = re.compile(r"Doubt\(\s*\"([a-z-]+)\"")


def table(heading: str) -> list[str]:
    """The first column of the table under a heading row."""
    rows = PAGE.split(f"| {heading} |")[1].partition("\n\n")[0].splitlines()[2:]
    return [row.split("|")[1].strip(" `") for row in rows]


def test_fields():
    assert sorted(table("field")) == sorted(FIELDS)


def test_troubles():
    assert table("kind")[: len(Kind)] == list(Kind)


def test_kinds_of_transcript():
    kinds = PAGE.split("## Ready transcripts")[1]
    named = re.findall(r"^\| `([a-z-]+)` \|", kinds.split("RTTM")[0], re.MULTILINE)
    assert sorted(named) == sorted({own.KIND, *(entry.kind for entry in (*JSON_KINDS, *TEXT_KINDS))})


def test_doubts():
    sources = (ROOT / "qa_audit" / "recordings" / "importers").glob("*.py")
    assert sorted(table("doubt")) == sorted({kind for source in sources for kind in DOUBT.findall(source.read_text(encoding="utf-8"))})


def test_suffixes():
    named = set(
        re.findall(r"(?<![\w`~-])\.[a-z0-9.]*[a-z0-9](?=[ ,.\n])", PAGE.split("A recording and a transcript")[0].split("In a folder")[1])
    )
    assert named == {*AUDIO, *TRANSCRIPTS, *UNSUPPORTED}


def test_limits():
    assert f"may be {LARGEST >> 20} MiB long and hold {MOST_WORDS:,} words" in PAGE
    assert f"larger than {LARGEST_SIDECAR >> 10} KiB is not looked at" in PAGE
