"""The options that commands share, each in one place; a command that asks for them receives `settings` and `selection`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from qa_audit.config import Config, load_config
from qa_audit.logs import start_logging
from qa_audit.pipeline.selection import Selection

Command = Callable[..., Any]

WHERE = {
    "out": click.option("--out", metavar="DIR", help="Folder of the pages."),
    "store": click.option("--store", metavar="URL", help="Where transcripts and marks are kept: a file, or an SQLAlchemy URL."),
    "workers": click.option(
        "--workers", metavar="URL", help="Where calls are heard and marked: dask://HOST:PORT, a Dask cluster; default is this machine."
    ),
    "call_log": click.option(
        "--call-log",
        metavar="CSV",
        help="List of all calls from the telephone system; says which have no recording, and which recordings it does not know.",
    ),
    "metrics": click.option("--metrics", metavar="FILE", help="Write figures of the run for Prometheus's textfile collector."),
    "engine": click.option(
        "--engine", "engines", metavar="NAME", multiple=True, help="Who listens; given more than once, a list to go down."
    ),
}


def configured(*wanted: str) -> Callable[[Command], Command]:
    """Give a command `--config`, `--log-format`, `-v`, `-q` and those of WHERE it wants; it receives `settings`."""

    def decorate(command: Command) -> Command:
        @wraps(command)
        def with_settings(config: Path | None, verbose: bool, quiet: bool, log_format: str | None, **rest: Any) -> Any:
            said = {name: rest.pop(name) for name in map(_parameter, wanted)}
            settings = _overridden(load_config(config), said)
            as_json = (log_format or settings.night.log_format) == "json"
            start_logging(settings.folder, verbose=1 if verbose else -1 if quiet else 0, as_json=as_json)
            return command(settings=settings, **rest)

        wrapped: Command = with_settings
        for option in (LOG_FORMAT, QUIET, VERBOSE, *(WHERE[name] for name in reversed(wanted)), CONFIG):
            wrapped = option(wrapped)
        return wrapped

    return decorate


CONFIG = click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The configuration; default is qa_audit.yaml here, else built-in defaults.",
)
VERBOSE = click.option("-v", "--verbose", is_flag=True, help="Say what happens to every call, on stderr.")
QUIET = click.option("-q", "--quiet", is_flag=True, help="Say only what went wrong.")
LOG_FORMAT = click.option(
    "--log-format", type=click.Choice(["text", "json"]), help="How lines of the log and of stderr are written; default is night.log_format."
)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def store_here(store: str) -> str:
    """A store's address from the command line; the path of a file counts from the current folder."""
    path = store.removeprefix("sqlite:///")
    return store if "://" in path else str(Path(path).absolute())


def _parameter(wanted: str) -> str:
    return "engines" if wanted == "engine" else wanted


CHANGES: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    "out": ("out", lambda out: str(Path(out).absolute())),
    "store": ("store", store_here),
    "engines": ("speech.engine", lambda engines: engines),
    "workers": ("work.workers", lambda workers: workers),
    "call_log": ("recordings.call_log", lambda log: log if "://" in log else str(Path(log).absolute())),
    "metrics": ("night.metrics", lambda file: str(Path(file).absolute())),
}
"""Which key of the configuration an option changes, and to what; paths count from the current folder."""


def _overridden(settings: Config, said: Mapping[str, Any]) -> Config:
    """The configuration with what the command line says instead."""
    for name, value in said.items():
        if value:
            key, change = CHANGES[name]
            section, _, inner = key.rpartition(".")
            if section:
                part = getattr(settings, section).model_copy(update={inner: change(value)})
                settings = settings.model_copy(update={section: part})
            else:
                settings = settings.model_copy(update={key: change(value)})
    return settings


def selecting(command: Command) -> Command:
    """Give a command `--since`, `--until`, `--agent`, `--queue` and `--limit`; it receives `selection`. Goes under `configured`."""

    @wraps(command)
    def with_selection(
        *,
        settings: Config,
        since: datetime | None,
        until: datetime | None,
        agents: tuple[str, ...],
        queues: tuple[str, ...],
        limit: int | None,
        **rest: Any,
    ) -> Any:
        selection = Selection(
            since=_zoned(since, settings),
            until=_zoned(until, settings),
            agents=frozenset(agents),
            queues=frozenset(queues),
            limit=limit,
        )
        return command(settings=settings, selection=selection, **rest)

    wrapped: Command = with_selection
    for option in reversed(SELECTING):
        wrapped = option(wrapped)
    return wrapped


MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])
SELECTING = (
    click.option("--since", type=MOMENT, metavar="DATE", help="Only calls that started then or later (2026-03-01, 2026-03-01T09:00)."),
    click.option("--until", type=MOMENT, metavar="DATE", help="Only calls that started before."),
    click.option("--agent", "agents", metavar="NAME", multiple=True, help="Only this agent's calls; may be given more than once."),
    click.option("--queue", "queues", metavar="NAME", multiple=True, help="Only calls of this queue; may be given more than once."),
    click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Only the first N calls."),
)


def _zoned(moment: datetime | None, settings: Config) -> datetime | None:
    """A moment of the command line in the zone of the configuration."""
    if moment is None:
        return None
    try:
        return moment.replace(tzinfo=ZoneInfo(settings.recordings.timezone))
    except (ZoneInfoNotFoundError, ValueError):
        raise click.BadParameter(f"recordings.timezone {settings.recordings.timezone!r} is not an IANA time zone") from None
