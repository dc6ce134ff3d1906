"""Sources in, the calls that can be heard and those set aside before anybody listens out.

What is known of a call comes from the manifest, a sidecar, a vCon and the file name, all of which must agree, and from
`recordings.defaults`, which fill what nobody says. No audio is opened and nothing is hashed, so that a hundred thousand
known files are found in seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from qa_audit.config import DEFAULT_FILE, Config
from qa_audit.errors import Location, Problem, UserFileError
from qa_audit.models import CallFailure, Recording
from qa_audit.recordings.access import exists, is_url, plain
from qa_audit.recordings.dates import Calendar
from qa_audit.recordings.facts import Facts, Said, agree, printable, shown
from qa_audit.recordings.files import find_files
from qa_audit.recordings.found import Found
from qa_audit.recordings.ids import derived_id
from qa_audit.recordings.manifest import Manifest, Row, key_of, read_manifest
from qa_audit.recordings.pattern import NamePattern, compile_pattern
from qa_audit.recordings.sidecar import is_metadata, read_sidecars
from qa_audit.recordings.suffixes import TRANSCRIPTS, UNSUPPORTED, is_transcript, stem_of, suffix_of, transcript_suffix
from qa_audit.recordings.trouble import Kind, Trouble

STAGE = "discover"
JOURNEYS = 32
"""Sidecars fetched from a bucket at the same time."""


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found: together, every call there is, each in exactly one of the two."""

    recordings: tuple[Recording, ...]
    set_aside: tuple[CallFailure, ...]


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything that may say something of a call, read and ready."""

    calendar: Calendar
    manifest: Manifest
    pattern: NamePattern | None


def discover(sources: Sequence[str], *, config: Config, now: datetime | None = None) -> Discovery:
    """Every call of the sources, or of `recordings.sources` where none are given; `now` tells what lies in the future.

    UserFileError for what is wrong as a whole: no source, or one that is not there, a broken manifest, pattern or time zone.
    Whatever is wrong with one call sets that call aside, all its troubles in one message, counted by the first.
    """
    sources = sources or [_from(config, source) for source in config.recordings.sources]
    if not sources:
        message = "nothing says where the recordings are: name a folder on the command line or under recordings.sources"
        raise UserFileError([Problem(Location(str(config.folder / DEFAULT_FILE)), message)])
    known = _sources(config, now or datetime.now(UTC))
    found = find_files(sources, skip=_from(config, config.out))
    calls = list(_calls(found))
    looked = _look_at_all(calls, partial(_look, known=known, config=config))
    missing = list(_missing(known.manifest, calls, sources))
    heard = [recording for recording in looked if isinstance(recording, Recording)]
    twice = tuple(_set_aside_twice(heard))
    duplicate = {failure.call_id for failure in twice}
    return Discovery(
        recordings=tuple(recording for recording in heard if recording.call_id not in duplicate),
        set_aside=(*(failure for failure in looked if isinstance(failure, CallFailure)), *twice, *missing),
    )


def _from(config: Config, path: str) -> str:
    """A path of the configuration, counted from its folder."""
    return path if is_url(path) else str(config.folder / path)


def _sources(config: Config, now: datetime) -> Sources:
    given, file = config.recordings, str(config.folder / DEFAULT_FILE)
    try:
        zone = ZoneInfo(given.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = f"recordings.timezone {given.timezone!r} is not an IANA time zone; write one like Europe/London"
        raise UserFileError([Problem(Location(file), message)]) from None
    return Sources(
        calendar=Calendar(zone, now, given.date_format),
        manifest=read_manifest(_from(config, given.manifest)) if given.manifest else Manifest({}),
        pattern=compile_pattern(given.pattern, path=file) if given.pattern else None,
    )


def _calls(found: Sequence[Found]) -> Iterator[Found]:
    """One file for each call: its recording, or where there is none, the transcript that tells most."""
    files = {file.uri for file in found}
    heard = {file.folder + stem_of(file.name) for file in found if not is_transcript(file.name)}
    written: dict[str, list[Found]] = {}
    for file in found:
        stem = file.folder + stem_of(file.name)
        if not is_transcript(file.name):
            yield file
        elif stem not in heard and stem not in files:
            written.setdefault(stem, []).append(file)
    for transcripts in written.values():
        yield transcripts[0] if len(transcripts) == 1 else _fullest(transcripts)


def _fullest(transcripts: Sequence[Found]) -> Found:
    ranked = sorted(transcripts, key=lambda file: TRANSCRIPTS.index(transcript_suffix(file.name)))
    return next((file for file in ranked if not is_metadata(file)), ranked[0])


def _look_at_all(calls: Sequence[Found], look: Callable[[Found], Recording | CallFailure]) -> list[Recording | CallFailure]:
    """One after the other where files are at hand; many at once in a bucket, where every sidecar is a journey."""
    if not any(is_url(call.uri) for call in calls):
        return list(map(look, calls))
    with ThreadPoolExecutor(JOURNEYS) as pool:
        return list(pool.map(look, calls))


def _look(file: Found, known: Sources, config: Config) -> Recording | CallFailure:
    """A call and what is known of it, or why it is set aside."""
    rows = known.manifest.about(file.uri)
    if file.trouble:
        return _failure(file, [Trouble(file.trouble, file.why)], rows)
    if suffix_of(file.name) in UNSUPPORTED:
        return _failure(
            file, [Trouble(Kind.UNKNOWN_FORMAT, f"{suffix_of(file.name)} cannot be decoded here; convert it to WAV or FLAC")], rows
        )
    named = known.pattern.read(file.relative) if known.pattern else None
    facts = agree([*rows, *read_sidecars(file), *([named] if named else [])], calendar=known.calendar)
    agent = facts.values.get("agent") or config.recordings.defaults.agent
    troubles = [*facts.troubles, *_agent_troubles(agent, file, facts, config, unnamed=known.pattern is not None and not named)]
    if troubles or agent is None:
        return _failure(file, troubles, rows, facts.values.get("call_id"))
    return _recording(file, agent, facts.values, config)


def _recording(file: Found, agent: str, values: Mapping[str, Any], config: Config) -> Recording:
    defaults = config.recordings.defaults
    started_at = values.get("started_at")
    return Recording(
        call_id=values.get("call_id") or derived_id(file.relative),
        uri=file.uri,
        size=file.size,
        modified=file.modified,
        agent=agent,
        customer=values.get("customer", defaults.customer),
        started_at=started_at.at if started_at else None,
        direction=values.get("direction", defaults.direction),
        queue=values.get("queue", defaults.queue),
        language=values.get("language", defaults.language),
        channels=values.get("channels", config.recordings.channels),
        agent_group=values.get("agent_group", defaults.agent_group),
        tags=values.get("tags", ()),
    )


def _agent_troubles(agent: str | None, file: Found, facts: Facts, config: Config, *, unnamed: bool) -> Iterator[Trouble]:
    known = config.recordings.agents
    if agent is None:
        if any(trouble.field == "agent" for trouble in facts.troubles):
            return
        if is_metadata(file):
            yield Trouble(Kind.NO_FILE, "it is no transcript, and the recording that it may tell of is not there")
            return
        why = "; its name does not have the shape of recordings.pattern" if unnamed else ""
        yield Trouble(
            Kind.NO_AGENT,
            f"nobody says who the agent is{why}: name the agent in the manifest, a sidecar, the file name or recordings.defaults",
        )
    elif known and agent not in known:
        near = get_close_matches(agent, known, n=1)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        yield Trouble(Kind.UNKNOWN_AGENT, f"agent {agent!r} is not in recordings.agents{hint}")


def _failure(file: Found, troubles: Sequence[Trouble], rows: Sequence[Said], call_id: str | None = None) -> CallFailure:
    """A call set aside. Its id is what a single row of the manifest or an agreed source says, else the derived one."""
    given = call_id or next((str(said.values["call_id"]) for said in rows if said.values.get("call_id")), None)
    message = "; ".join(trouble.message for trouble in troubles)
    return CallFailure(
        given or derived_id(file.relative),
        printable(file.uri),
        STAGE,
        troubles[0].kind.value,
        f"{printable(file.relative)}: {message}",
        excluded=True,
    )


def _missing(manifest: Manifest, found: Sequence[Found], sources: Sequence[str]) -> Iterator[CallFailure]:
    """Rows of the manifest whose recording is not there. Rows of files outside the folders looked at are not asked for."""
    there = {key_of(file.uri) for file in found} if manifest.rows else set()
    under = tuple(f"{key_of(plain(source)).rstrip('/')}/" for source in sources)
    for key, rows in manifest.rows.items():
        if key in there:
            continue
        for row in rows:
            if not row.file:
                yield _no_file(row, row.said.trouble.message if row.said.trouble else "")
            elif key.startswith(under) and not exists(row.key):
                yield _no_file(row, f"{row.said.origin}: the recording {shown(row.file)} is not there; it would be {printable(row.key)}")


def _no_file(row: Row, message: str) -> CallFailure:
    call_id = str(row.said.values.get("call_id") or derived_id(row.file or row.said.origin))
    return CallFailure(call_id, printable(row.key), STAGE, Kind.NO_FILE.value, message, excluded=True)


def _set_aside_twice(heard: Sequence[Recording]) -> Iterator[CallFailure]:
    """All calls that share an id: nobody can say which of them is meant."""
    by_id: dict[str, list[Recording]] = {}
    for recording in heard:
        by_id.setdefault(recording.call_id, []).append(recording)
    for call_id, recordings in by_id.items():
        if len(recordings) > 1:
            uris = " and ".join(recording.uri for recording in recordings[:5])
            for recording in recordings:
                yield CallFailure(
                    call_id,
                    recording.uri,
                    STAGE,
                    Kind.DUPLICATE_ID.value,
                    f"call id {call_id!r} belongs to {uris}: give each its own call_id, or keep one",
                    excluded=True,
                )
