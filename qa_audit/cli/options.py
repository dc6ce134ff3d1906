"""The options that commands share, each in one place; a command that asks for them receives `settings` and `selection`."""

from __future__ import annotations

from collections.abc import Callable
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
    "engine": click.option(
        "--engine", "engines", metavar="NAME", multiple=True, help="Who listens; given more than once, a list to go down."
    ),
}


def configured(*wanted: str) -> Callable[[Command], Command]:
    """Give a command `--config`, `-v`, `-q` and those of WHERE it wants; it receives `settings`."""

    def decorate(command: Command) -> Command:
        @wraps(command)
        def with_settings(
            config: Path | None, verbose: bool, quiet: bool, *, out: str = "", store: str = "", engines: tuple[str, ...] = (), workers: str = "", **rest: Any
        ) -> Any:
            settings = _overridden(load_config(config), out=out, store=store, engines=engines, workers=workers)
            start_logging(settings.folder, verbose=1 if verbose else -1 if quiet else 0)
            return command(settings=settings, **rest)

        wrapped: Command = with_settings
        for option in (QUIET, VERBOSE, *(WHERE[name] for name in reversed(wanted)), CONFIG):
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
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def _overridden(settings: Config, *, out: str | None, store: str | None, engines: tuple[str, ...], workers: str | None) -> Config:
    """The configuration with what the command line says instead; paths there count from the current folder."""
    update: dict[str, object] = {}
    if out:
        update["out"] = str(Path(out).absolute())
    if store:
        update["store"] = store_here(store)
    if engines:
        update["speech"] = settings.speech.model_copy(update={"engine": engines})
    if workers:
        update["work"] = settings.work.model_copy(update={"workers": workers})
    return settings.model_copy(update=update)


def store_here(store: str) -> str:
    """A store's address from the command line; the path of a file counts from the current folder."""
    path = store.removeprefix("sqlite:///")
    return store if "://" in path else str(Path(path).absolute())


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
