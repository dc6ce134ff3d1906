"""docs/cli.md, made from the commands themselves: `python -m qa_audit.cli.docs > docs/cli.md`."""

from __future__ import annotations

from collections.abc import Iterator

import click

from qa_audit.cli import main
from qa_audit.errors import ExitCode

EXIT_CODES = {
    ExitCode.OK: "The command ran. Misses and calls that were set aside are normal and do not change it.",
    ExitCode.CHECK_FAILED: "What `--fail-on` names came about, or the examples of a rule failed.",
    ExitCode.SETUP: "A file people wrote, the command line, the engine, the store or the folder of the pages is wrong; nothing was processed.",
    ExitCode.CALL: "The only call asked for could not be processed, or a conversation given to `check` could not be read.",
    ExitCode.DEFECT: "A defect of qa-audit; `qa_audit.log` has the traceback.",
    ExitCode.INTERRUPTED: "Ctrl-C or a termination signal; what was finished is kept, and the next run goes on from there.",
}


WIDTH = 100


def document() -> str:
    """The whole page."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield "# The commands"
    yield ""
    yield "Made by `python -m qa_audit.cli.docs > docs/cli.md`. Data goes to stdout, everything else to stderr."
    yield ""
    with _context(main, "qa-audit") as context:
        yield from _command(main, context)
    yield "## Exit codes"
    yield ""
    yield "| code | meaning |"
    yield "|---|---|"
    for code, meaning in EXIT_CODES.items():
        yield f"| {code.value} | {meaning} |"
    yield ""


def _command(command: click.Command, context: click.Context) -> Iterator[str]:
    yield f"## `{context.command_path}`"
    yield ""
    yield "```text"
    yield command.get_help(context)
    yield "```"
    yield ""
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None:
                with _context(inner, name, parent=context) as below:
                    yield from _command(inner, below)


def _context(command: click.Command, name: str, parent: click.Context | None = None) -> click.Context:
    names = command.context_settings.get("help_option_names") if parent is None else None
    return click.Context(command, parent, name, max_content_width=WIDTH, terminal_width=WIDTH, help_option_names=names)


if __name__ == "__main__":
    click.echo(document(), nl=False)
