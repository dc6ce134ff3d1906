"""The player's file of every call that has sound, made in worker processes beside the pages; what is there is not made again."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from qa_audit import config
from qa_audit.errors import CallError
from qa_audit.logs import Concern, concerning
from qa_audit.pipeline.progress import Progress, Step
from qa_audit.recordings import is_transcript, localise
from qa_audit.store import State
from qa_audit.workers import Lost, run_tasks

log = logging.getLogger(__name__)

STAGE = "player"
FOLDER = "audio"
OURS = re.compile(r"[0-9a-f]{24}\.mp3")


@dataclass(frozen=True, slots=True)
class PlayerTask:
    """One file to make."""

    call_id: str
    uri: str
    target: Path


def make_players(
    call_ids: Sequence[str], *, states: Mapping[str, State], out: Path, work: config.Work, progress: Progress
) -> tuple[dict[str, str], bool]:
    """The player's files of these calls, by call id and relative to `out`, and whether all were tried; files of other calls go.

    A call whose sound cannot be had any more keeps the file it had, or has none: its page is still worth reading. One whose
    process died was not tried, for it may have been killed by chance.
    """
    names = names_of(call_ids, states)
    _remove_others(out / FOLDER, keep=frozenset(names.values()))
    first = {name: call_id for call_id, name in reversed(names.items()) if not (out / FOLDER / name).is_file()}
    tasks = [PlayerTask(call_id, states[call_id].uri, out / FOLDER / name) for name, call_id in sorted(first.items())]
    tried = True
    for done, (task, answer) in enumerate(
        run_tasks(make_player, tasks, prepare=_nothing, processes=work.processes, timeout=work.call_timeout, memory=work.memory), 1
    ):
        tried = tried and not (isinstance(answer, Lost) and answer.kind == "died")
        trouble = answer.message if isinstance(answer, Lost) else answer
        note = f"no sound on its page: {trouble}" if trouble else "ready"
        log.info("%s", note, extra={"concern": Concern(task.call_id, STAGE)})
        progress(Step(STAGE, done, len(tasks), task.call_id, note))
    return there(names, out), tried


def names_of(call_ids: Sequence[str], states: Mapping[str, State]) -> dict[str, str]:
    """What the player's files of these calls are called; calls without sound have none."""
    return {i: f"{str(states[i].sha256)[:24]}.mp3" for i in call_ids if not is_transcript(states[i].uri)}


def there(names: Mapping[str, str], out: Path) -> dict[str, str]:
    """Those of the files that stand below `out`, relative to it."""
    return {call_id: f"{FOLDER}/{name}" for call_id, name in names.items() if (out / FOLDER / name).is_file()}


def make_player(_: object, task: PlayerTask) -> str:
    """Make one file; why not, or nothing."""
    from qa_audit.reports import write_player_audio  # slow, and needed only in workers

    try:
        with concerning(task.call_id, STAGE), localise(task.uri) as path:
            write_player_audio(path, task.target, call_id=task.call_id)
    except (CallError, OSError) as error:
        return str(error)
    return ""


def _nothing() -> None:
    """There is nothing to load."""


def _remove_others(folder: Path, *, keep: frozenset[str]) -> None:
    if folder.is_dir():
        for file in folder.iterdir():
            if OURS.fullmatch(file.name) and file.name not in keep:
                file.unlink()
