"""The door: `qa-audit` and its commands, a file each. Parse, call, print, exit; nothing else prints."""

from __future__ import annotations

import os

import click

from qa_audit import __version__
from qa_audit.cli.group import Door

__all__ = ["main"]

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy loads: work is shared by processes, and small matrices gain nothing

COMMANDS = {
    "run": "Listen to what is new, mark it, write the scorecards.",
    "transcribe": "Listen to what is new and keep the transcripts.",
    "check": "Hold conversations in files, or everything kept, against the rules.",
    "score": "Print the scorecards of everything kept.",
    "report": "Write the pages of everything kept.",
    "export": "Write what is kept as CSV, Parquet, JSON or vCon.",
    "mail": "Write a mail to each supervisor, ready to be sent.",
    "show": "Print one kept call with what was found in it.",
    "voices": "Compare the voices of each agent's calls, and name calls in which agent and customer seem swapped.",
    "status": "Say how much is kept and how the last runs ended.",
    "verify": "Do a run again from what is kept, and say whether it gives the same.",
    "rules": "Check, list, show, try and compare rules.",
    "init": "Write a commented configuration and a copy of the starter rules.",
    "doctor": "Say what is installed, what is missing, and what to do about it.",
}
"""Every command with its first line, in the order of a working day; help is printed without importing any of them."""


@click.group(cls=Door, commands_of=COMMANDS, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(__version__, prog_name="qa-audit")
def main() -> None:
    """Listens to recorded customer-service calls, holds each against your service standard, and gives every agent a fair scorecard.

    Start with `qa-audit init DIR`, then `qa-audit run RECORDINGS` every night.
    """
