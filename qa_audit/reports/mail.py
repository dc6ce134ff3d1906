"""The period in an e-mail for one supervisor: plain text and HTML of the same words, with links to the pages; never sent.

No word of a call and no name of a customer is in it, since a mail leaves the house and the pages do not.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from qa_audit.models import Scorecard, Standing
from qa_audit.promises import State
from qa_audit.reports.environment import render
from qa_audit.reports.folder import MAILS, Folder
from qa_audit.reports.formats import Formats, formats
from qa_audit.reports.paths import agent_path
from qa_audit.reports.report import Report
from qa_audit.reports.slugs import slug
from qa_audit.reports.text import clean, name
from qa_audit.reports.words import plural

MOST = 10
"""Agents named under one heading; a mail is read in a minute."""


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence, and the page that shows what it rests on."""

    text: str
    link: str


@dataclass(frozen=True, slots=True)
class Part:
    """A heading and its lines."""

    title: str
    lines: tuple[Line, ...]


def write_mails(
    report: Report, out: Path, *, pages: str, teams: Mapping[str, Collection[str]], to: Mapping[str, str], all_teams: bool = True
) -> tuple[Path, ...]:
    """Write the mail of every team as `.eml`, and its two bodies as `.html` and `.txt`; the `.eml` files.

    `teams` are the agents by team, `to` the address of a team where it is known. With `all_teams`, mails of teams that are
    gone are removed.
    """
    folder = Folder(out, kind=MAILS)
    for team, agents in teams.items():
        message = mail_summary(report, pages=pages, agents=agents, team=team)
        message["X-Unsent"] = "1"  # mail programs then open it as a draft, ready to be sent
        if team in to:
            message["To"] = to[team]
        folder.write(f"{slug(team)}.eml", message.as_bytes().decode("utf-8", "replace"))
        for kind, suffix in (("plain", "txt"), ("html", "html")):
            body = message.get_body((kind,))
            folder.write(f"{slug(team)}.{suffix}", str(body.get_content()) if body else "")
    if not all_teams:
        folder.leave(lambda path: True)
    folder.close()
    return tuple(out / f"{slug(team)}.eml" for team in teams)


def mail_summary(report: Report, *, pages: str, agents: Collection[str] | None = None, team: str = "") -> EmailMessage:
    """The mail without sender and receiver; `pages` is the address under which the pages' folder is opened.

    `agents` are those the supervisor of `team` answers for; None means all.
    """
    f = formats(report.lang)
    cards = [card for card in report.scorecards if agents is None or card.agent in agents]
    title = f"Service quality, {name(team)}" if team else "Service quality"
    subject = " ".join(clean(f"{title}, {f.days(report.team.first_day, report.team.last_day)}").split())
    parts = [
        part
        for part in (_scores(cards, f), _critical(cards), _different(cards, f), _promises(report, cards), _system(report))
        if part.lines
    ]
    view = {"subject": subject, "promise": report.standard.promise, "parts": parts, "pages": _folder(pages), "run": report.run}
    message = EmailMessage(policy=SMTP)
    message["Subject"] = subject
    text = _text(subject, parts, _folder(pages))
    message.set_content(text)
    message.add_alternative(render("mail.html", **view), subtype="html")
    message.set_boundary(sha256(text.encode()).hexdigest()[:32])  # drawn from the words and not at random: the same mail, the same bytes
    return message


def _folder(pages: str) -> str:
    return quote(pages.rstrip("/"), safe=":/") + "/"


def _text(subject: str, parts: Collection[Part], pages: str) -> str:
    blocks = [subject, *(f"{part.title}\n" + "\n".join(f"- {line.text}\n  {pages}{line.link}" for line in part.lines) for part in parts)]
    return clean("\n\n".join(blocks)) + f"\n\nAll pages: {pages}index.html\n"


def _scores(cards: Collection[Scorecard], f: Formats) -> Part:
    """Every agent's two numbers, in the order of their names; many agents are counted and not listed."""
    if len(cards) > MOST:
        assessed = sum(card.assessed for card in cards)
        return Part("Scores", (Line(f"{plural(len(cards), 'agent')}, {plural(assessed, 'call')} assessed.", "index.html"),))
    return Part("Scores", tuple(Line(f"{_who(card)}: {_score(card, f)}.", agent_path(card.agent)) for card in cards))


def _score(card: Scorecard, f: Formats) -> str:
    if card.score is None:
        return "not assessed"
    band = card.band or "too few calls for a band"
    return f"{f.score(card.score)} of 100 (95\u00a0% interval {f.between(card.low, card.high)}), {band}"


def _critical(cards: Collection[Scorecard]) -> Part:
    with_any = sorted((card for card in cards if card.critical), key=lambda card: -card.critical)
    lines = (
        Line(f"{_who(card)}: {plural(card.critical, 'critical miss', 'critical misses')}.", agent_path(card.agent))
        for card in with_any[:MOST]
    )
    return Part("Critical misses", tuple(lines))


def _different(cards: Collection[Scorecard], f: Formats) -> Part:
    """Agents who differ from the team by more than chance, and changes that are more than noise."""
    far = {Standing.FAR_BELOW: "below the team by more than chance", Standing.FAR_ABOVE: "above the team by more than chance"}
    lines = [Line(f"{_who(card)} is {far[card.standing]}.", agent_path(card.agent)) for card in cards if card.standing in far]
    moved = (card for card in cards if card.change and not card.change.noise)
    lines += [
        Line(f"{_who(card)} moved by {f.signed(card.change.points)} points.", agent_path(card.agent)) for card in moved if card.change
    ]
    return Part("More than chance", tuple(lines[:MOST]))


def _promises(report: Report, cards: Collection[Scorecard]) -> Part:
    own = {card.agent for card in cards}
    states = [promise.state for promise in report.team.promises if promise.agent in own]
    counted = ((states.count(state), word) for state, word in ((State.BROKEN, "broken"), (State.LATE, "kept late"), (State.OPEN, "open")))
    said = ", ".join(f"{count} {word}" for count, word in counted if count)
    return Part("Promises to customers", (Line(f"{said}.", "index.html#promises"),) if said else ())


def _system(report: Report) -> Part:
    return Part(
        "What lies with the organisation", tuple(Line(finding.message, "index.html#system") for finding in report.team.findings[:MOST])
    )


def _who(card: Scorecard) -> str:
    return name(card.agent)
