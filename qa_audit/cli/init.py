"""`qa-audit init`: a folder to start from."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import click

from qa_audit.cli.text import say
from qa_audit.config import DEFAULT_FILE, commented
from qa_audit.errors import OutputError
from qa_audit.rules import starter_folder

RULES = "rules"


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
def command(*, folder: Path) -> None:
    """Write a commented configuration and a copy of the starter rules into DIR.

    Nothing that is there already is overwritten.
    """
    file, rules = folder / DEFAULT_FILE, folder / RULES
    for there in (file, rules):
        if there.exists():
            raise OutputError(f"{there} is there already and is left as it is; name another folder, or move it away")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copytree(starter_folder(), rules)
        file.write_text(own_rules(commented()), encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{folder} cannot be filled: {error}") from None
    say(f"{file}: the configuration; put in where your recordings are")
    say(f"{rules}: your standard, behaviours and rules; change them as you like")
    say(f"next: cd {folder} && qa-audit doctor && qa-audit run RECORDINGS")


def own_rules(text: str) -> str:
    """The configuration with its own copy of the rules switched on."""
    return re.sub(r"^# rules:$(.*?)^#   paths: \[\]$", rf"rules:\1  paths: [{RULES}]", text, flags=re.MULTILINE | re.DOTALL)
