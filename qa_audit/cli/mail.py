"""`qa-audit mail`: the period in a mail, for whoever answers for a team."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from qa_audit import pipeline
from qa_audit.cli.options import AS_JSON, configured, selecting
from qa_audit.cli.text import say, say_json
from qa_audit.config import Config


@click.command("mail")
@configured("store")
@selecting
@click.option("--team", "teams", metavar="NAME", multiple=True, help="Only this team (agent_group); may be given more than once.")
@click.option("--pages", metavar="URL", help="Address under which readers open the folder of the pages.")
@click.option(
    "--out",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Folder of the mails; default is that of the configuration.",
)
@AS_JSON
def command(
    *, settings: Config, selection: pipeline.Selection, teams: Sequence[str], pages: str | None, folder: Path | None, as_json: bool
) -> None:
    """Write a mail to each supervisor, ready to be sent.

    One for each team (the agent_group of the calls), as an .eml that mail programs open as a draft, and as .html and .txt. Nothing
    is sent, and no word of a call and no customer is in it.
    """
    files = pipeline.mail(settings, teams=teams, pages=pages, out=folder and folder.absolute(), selection=selection)
    if as_json:
        say_json({"mails": {team: str(file) for team, file in files.items()}})
        return
    for team, file in files.items():
        say(f"{team}: {file}")
