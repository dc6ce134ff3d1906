"""vCon (IETF, conversation data container, versions 0.0.1 to 0.3.0): parties, dialog, analysis, and what was redacted.

The words are in an analysis of type `transcript` (a list of speakers and messages, or the file of a recogniser as it is) or,
of chats, in the dialog itself. Audio inside or behind a link is not fetched: give the recording as a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any

from qa_audit.models import Doubt, Speaker
from qa_audit.recordings.importers import conversation, own
from qa_audit.recordings.importers.base import TYPED, UNSTATED, Imported, Passage, Refused, Shape, has, parse_json, passage, shaped, spread
from qa_audit.recordings.importers.roles import role_of

KIND = "vcon"
TRANSCRIPT = "transcript"
ReadInner = Callable[[object], Imported | None]


class Meta(Shape, frozen=True):
    role: str = ""
    direction: str = ""


class Party(Shape, frozen=True):
    name: str | None = None
    tel: str | None = None
    mailto: str | None = None
    id: str | None = None
    role: str = ""
    meta: Meta = Meta()

    @property
    def speaker(self) -> Speaker | None:
        return role_of(self.role or self.meta.role)


class Dialog(Shape, frozen=True):
    type: str = ""
    start: str | None = None
    duration: float | None = None
    parties: int | tuple[Any, ...] = ()
    originator: int | None = None
    body: Any = None
    meta: Meta = Meta()

    @property
    def speaker(self) -> int | None:
        """The place of the party who wrote a message."""
        if self.originator is not None:
            return self.originator
        first = self.parties if isinstance(self.parties, int) else next(iter(self.parties), None)
        return first if isinstance(first, int) else None


class Analysis(Shape, frozen=True):
    type: str = ""
    body: Any = None
    transcript: Any = None
    vendor: str | None = None
    product: str | None = None


class Vcon(Shape, frozen=True):
    uuid: str | None = None
    parties: tuple[Party, ...] = ()
    dialog: tuple[Dialog, ...] = ()
    analysis: tuple[Analysis, ...] = ()
    redacted: Any = None


def sniff(document: object) -> bool:
    return has(document, "parties") and ("vcon" in document or has(document, "uuid", "dialog"))


def read(document: object, *, read_inner: ReadInner) -> Imported:
    """The transcript in a vCon; `read_inner` reads the file of a recogniser that an analysis carries."""
    file = shaped(document, Vcon)
    doubts = (Doubt("redacted", "the vCon is a redacted copy: parts were taken out before it came here"),) if file.redacted else ()
    stated = {party.name: party.speaker for party in file.parties if party.name and party.speaker}
    for reader in (partial(_recognised, read_inner=read_inner), _plain_text):
        for analysis in sorted(file.analysis, key=lambda analysis: analysis.type != TRANSCRIPT):
            inner = reader(analysis)
            if inner and any(said.words for said in inner.passages):
                return Imported(
                    kind=KIND,
                    passages=inner.passages,
                    roles={**stated, **inner.roles},
                    language=inner.language,
                    duration=inner.duration or _duration(file),
                    keep_turns=inner.keep_turns,
                    model=inner.model or " ".join(filter(None, (analysis.vendor, analysis.product))),
                    doubts=(*doubts, *inner.doubts),
                )
    messages = tuple(_messages(file))
    if not messages:
        raise Refused("no-words", "a vCon without a transcript and without messages; give the recording it speaks of as a file")
    places = {f"party {place}": party.speaker for place, party in enumerate(file.parties) if party.speaker}
    return Imported(kind=KIND, passages=messages, roles=places, keep_turns=True, doubts=doubts)


def own_transcript(document: object) -> object | None:
    """The product's own transcript in a vCon, which holds more than others do; None when there is none."""
    if not sniff(document):
        return None
    return next((body for analysis in shaped(document, Vcon).analysis if own.sniff(body := _body(analysis))), None)


def call_facts(document: object) -> Mapping[str, object]:
    """What a vCon says of its call: id, agent, customer, start, direction."""
    if not sniff(document):
        return {}
    file = shaped(document, Vcon)
    people = {party.speaker: party for party in reversed(file.parties)}
    agent, customer = people.get(Speaker.AGENT), people.get(Speaker.CUSTOMER)
    first = file.dialog[0] if file.dialog else Dialog()
    return {
        "call_id": file.uuid,
        "agent": agent and (agent.id or agent.name or agent.mailto or agent.tel),
        "customer": customer and (customer.id or customer.tel or customer.mailto or customer.name),
        "started_at": _iso(first.start),
        "direction": first.meta.direction,
    }


def _recognised(analysis: Analysis, read_inner: ReadInner) -> Imported | None:
    """An analysis that tells who said what, or that is the file of a recogniser."""
    body = _body(analysis)
    if isinstance(body, list):
        return conversation.read(body, trust=UNSTATED) if conversation.sniff(body) else None
    return read_inner(body)


def _plain_text(analysis: Analysis) -> Imported | None:
    """A transcript that is only text: its paragraphs, of which nobody knows who spoke them."""
    body = _body(analysis)
    text = body.get(TRANSCRIPT) if isinstance(body, dict) else body
    if analysis.type != TRANSCRIPT or not isinstance(text, str):
        return None
    passages = tuple(passage("", spread(paragraph, None, None, UNSTATED)) for paragraph in text.splitlines() if paragraph.strip())
    return Imported(kind=KIND, passages=passages, keep_turns=True)


def _body(analysis: Analysis) -> object:
    """The body as JSON where it is JSON, whether it came as such or as text."""
    body = analysis.body if analysis.body is not None else analysis.transcript
    if isinstance(body, str) and body.lstrip()[:1] in {"{", "["}:
        try:
            return parse_json(body)
        except Refused:
            return body
    return body


def _messages(file: Vcon) -> Iterator[Passage]:
    for dialog in file.dialog:
        if dialog.type == "text" and isinstance(dialog.body, str):
            yield passage(None if dialog.speaker is None else f"party {dialog.speaker}", spread(dialog.body, None, None, TYPED))


def _duration(file: Vcon) -> float | None:
    return next((dialog.duration for dialog in file.dialog if dialog.duration), None)


def _iso(start: str | None) -> str | None:
    """A start as ISO 8601; the first vCons wrote dates as e-mails do."""
    if start is None or start[:1].isdigit():
        return start
    try:
        parsed: datetime = parsedate_to_datetime(start)
    except ValueError:
        return start
    return parsed.isoformat()
