"""What commands print: tables, lists, JSON; nothing that a file name or a transcript says can move the cursor."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import click

from qa_audit.logs import safe


def say(line: str = "") -> None:
    """A line of data for people, on stdout."""
    click.echo(safe(line))


def warn(line: str) -> None:
    """What is no data, on stderr; further lines of it stand below the first."""
    first, *more = line.splitlines() or [""]
    click.echo(f"qa-audit: {safe(first)}", err=True)
    for further in more:
        click.echo(f"  {safe(further)}", err=True)


def say_json(value: object) -> None:
    """One JSON value on one line of stdout; lone surrogates of odd file names stay escaped."""
    text = json.dumps(value, ensure_ascii=False)
    click.echo(text if text.isprintable() else json.dumps(value))


def say_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table; columns of numbers are given as text already and stand to the right."""
    lines = [tuple(safe(cell) for cell in row) for row in (head, *rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    numeric = [all(_is_number(line[column]) for line in lines[1:]) for column in range(len(head))]
    for line in lines:
        cells = [c.rjust(w) if n else c.ljust(w) for c, w, n in zip(line, widths, numeric, strict=True)]
        click.echo("  ".join(cells).rstrip())


def _is_number(cell: str) -> bool:
    return cell == "–" or cell.replace(".", "", 1).replace("-", "", 1).replace("–", "").isdigit()


def plural(count: int, noun: str) -> str:
    """`1 call`, `2 calls`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
