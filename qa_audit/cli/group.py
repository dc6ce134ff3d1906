"""A click group that imports a command when it is called, and turns every error into its message and exit code."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from qa_audit.cli.text import warn
from qa_audit.errors import ExitCode, QaAuditError, UserFileError
from qa_audit.logs import log_files, safe, start_logging

log = logging.getLogger(__name__)


class Door(click.Group):
    """`commands_of` maps the names of modules beside this one to their first lines."""

    def __init__(self, *args: Any, commands_of: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.first_lines = {name: line for name, line in commands_of.items() if find_spec(f"qa_audit.cli.{name}")}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.first_lines)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.first_lines:
            return None
        command: click.Command = import_module(f"qa_audit.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(self.first_lines.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; whatever it raises ends as a message on stderr and an exit code."""
        with contextlib.suppress(ValueError):  # not the main thread: somebody else handles signals
            signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            return super().invoke(ctx)
        except UserFileError as error:
            for problem in error.problems:
                click.echo(safe(problem.drawn(), keep="\n\t"), err=True)
            ctx.exit(error.exit_code)
        except QaAuditError as error:
            warn(str(error))
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo("\nqa-audit: interrupted; what was finished is kept", err=True)
            ctx.exit(ExitCode.INTERRUPTED)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # whoever read our output has gone
            ctx.exit(ExitCode.OK)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:  # the last line of defence: whatever nobody foresaw
            _tell_defect(error)
            ctx.exit(ExitCode.DEFECT)


def _tell_defect(error: Exception) -> None:
    if not logging.getLogger().handlers:
        start_logging(Path(), verbose=0)
    log.critical("a defect: %s: %s", type(error).__name__, error, exc_info=error)
    for file in log_files():
        click.echo(f"qa-audit: {file.path} has the traceback", err=True)
