"""What goes wrong costs one call or one night's rest, never a call twice, never the store, never half a page."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from pipeline_helpers import COLD, SAD, fates, night, own_rules, run, snapshot, write_call

from qa_audit import pipeline
from qa_audit.config import Config, Speech
from qa_audit.models import CallFailure, Recording
from qa_audit.pipeline.failures import MAX_TRIES, is_held, lost, next_try, refused, told
from qa_audit.pipeline.listening import HeardBefore, Listener, ListenTask, listen
from qa_audit.pipeline.places import opened_store
from qa_audit.recordings import discover, hash_file
from qa_audit.store import State, TranscriptRow
from qa_audit.workers import Lost


@pytest.fixture
def home(tmp_path):
    for i in range(12):
        write_call(tmp_path / "calls", f"kim_{i:02}", (SAD, COLD)[i % 2])
    return tmp_path


def found(path: Path, **changes: object) -> Recording:
    seen = path.stat()
    values = {"call_id": path.stem, "uri": str(path), "size": seen.st_size, "modified": seen.st_mtime, "agent": "kim"}
    return Recording(**(values | changes))  # type: ignore[arg-type]


def heard_alone(recording: Recording, *, known: frozenset[str] = frozenset()) -> TranscriptRow | HeardBefore | CallFailure:
    listener = Listener(speech=Speech(engine=()), limits=Config().recordings, imports=True, chosen=None)
    return listen(listener, ListenTask(recording, "f1", known))


# --------------------------------------------------------------------------------------------- one recording


def test_a_recording_still_being_written_waits_for_the_next_run(home):
    answer = heard_alone(found(home / "calls" / "kim_00.json", size=10))
    assert isinstance(answer, CallFailure)
    assert (answer.kind, answer.excluded) == ("changing", False)
    assert "next run" in answer.message


def test_a_recording_that_went_away_after_it_was_found_costs_itself(home):
    recording = found(home / "calls" / "kim_00.json")
    Path(recording.uri).unlink()
    answer = heard_alone(recording)
    assert isinstance(answer, CallFailure)
    assert answer.call_id == "kim_00"
    assert answer.kind == "gone"


def test_known_content_under_a_new_name_is_not_heard_again(home):
    path = home / "calls" / "kim_00.json"
    assert heard_alone(found(path), known=frozenset({hash_file(path)})) == HeardBefore(hash_file(path))


def test_the_transcript_is_named_by_all_that_shapes_it(home):
    row = heard_alone(found(home / "calls" / "kim_00.json"))
    assert isinstance(row, TranscriptRow)
    assert row.fingerprint == "f1"


# --------------------------------------------------------------------------------------------------- tries

BROKEN = lost(found(Path(__file__)), "transcribe", Lost("died", "it died"))


def state_after(*attempts: str, failure: CallFailure = BROKEN) -> State:
    """What is kept of this file after these attempts failed, in order."""
    recording = found(Path(__file__))
    state = State(
        call_id="a",
        uri=recording.uri,
        size=recording.size,
        modified=recording.modified,
        facts="",
        sha256=None,
        fingerprint=None,
        marked=None,
        failure=None,
    )
    for attempt in attempts:
        state = replace(state, failure=next_try(failure, recording, attempt=attempt, state=state))
    return state


@pytest.mark.parametrize(
    ("attempts", "tries", "held"),
    [
        (["f1"], 1, False),
        (["f1"] * (MAX_TRIES - 1), MAX_TRIES - 1, False),
        (["f1"] * MAX_TRIES, MAX_TRIES, True),
        (["f1"] * (MAX_TRIES + 1), 1, False),
        (["f0", "f0", "f1"], 1, False),
        (["f1", "f1", "f0"], 1, False),
    ],
)
def test_a_failure_is_tried_three_times_in_the_same_way(attempts, tries, held):
    state = state_after(*attempts)
    assert state.failure is not None
    assert state.failure.tries == tries
    assert is_held(state.failure, state, attempt="f1") is held


def test_what_was_set_aside_on_purpose_is_not_tried_again_until_something_changes():
    state = state_after("f1", failure=replace(BROKEN, excluded=True))
    assert is_held(state.failure, state, attempt="f1")
    assert not is_held(state.failure, state, attempt="f2")
    assert not is_held(state.failure, replace(state, size=state.size + 1), attempt="f1")


def test_a_call_given_up_says_how_to_try_it_again():
    state = state_after(*["f1"] * MAX_TRIES)
    assert state.failure is not None
    assert "--retry" in told(state.failure).message


def test_a_torn_transcript_is_excluded_until_retry(home):
    (home / "calls" / "kim_torn.json").write_text("{")
    settings = night(home, rules=own_rules(home))
    first = run(settings)
    again = run(settings, retry=True)
    assert fates(first)["kim_torn"] == fates(again)["kim_torn"] != "scored"


# --------------------------------------------------------------------------------------------------- kills

NIGHT = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from pipeline_helpers import night, own_rules, run
if __name__ == "__main__":
    home = Path(sys.argv[1])
    run(night(home, rules=own_rules(home)), progress=lambda step: print(step.stage, step.done, flush=True))
    print("finished", flush=True)
"""


def start_night(home: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", NIGHT, str(home), str(Path(__file__).parent)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )


@pytest.mark.parametrize("moment", ["transcribe 1", "transcribe 12", "check 1", "check 12"])
def test_a_night_killed_at_any_moment_is_completed_by_the_next(home, moment):
    process = start_night(home)
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip() == moment:
            process.send_signal(signal.SIGKILL)
            break
    process.wait()
    process.stdout.close()
    settings = night(home, rules=own_rules(home))
    result = run(settings)
    assert set(fates(result).values()) == {"scored"}
    assert result.found == 12
    with opened_store(settings) as store:
        assert store.damage() == ()
        rows = store.counts().rows
    assert (rows["recordings"], rows["transcripts"], rows["audits"]) == (12, 12, 12), "each heard and marked once"
    assert not [name for name in snapshot(home / "scorecards") if ".part" in name]
    assert run(settings).listened == 0


def test_recordings_moved_elsewhere_are_not_heard_again_though_the_night_that_saw_it_was_killed(home):
    """Their transcripts were known by the old places alone, which the killed night had already forgotten."""
    run(night(home, rules=own_rules(home)))
    (home / "calls").rename(home / "archive")
    (home / "calls").symlink_to("archive")
    for i, file in enumerate(sorted((home / "archive").iterdir())):
        os.utime(file, (i, i))
    process = start_night(home)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("transcribe 1")
    process.kill()
    process.wait()
    process.stdout.close()
    result = run(night(home, rules=own_rules(home)))
    assert (result.listened, set(fates(result).values())) == (0, {"scored"})


def test_other_content_of_the_same_size_is_heard_though_the_night_that_saw_it_was_killed(home):
    settings = night(home, rules=own_rules(home))
    run(settings)
    file = home / "calls" / "kim_00.json"
    file.write_text(file.read_text().replace("parcel", "letter"))
    with opened_store(settings) as store:  # as far as that night came
        store.keep_recordings(discover((), config=settings).recordings)
    assert run(settings).listened == 1
    with opened_store(settings) as store:
        (material,) = store.material(["kim_00"], view="")
    assert "letter" in material.transcript().turns[0].text


def test_a_write_torn_by_a_power_cut_loses_at_most_the_last_work(home):
    settings = night(home, rules=own_rules(home))
    run(settings)
    database = home / "qa_audit.db"
    with opened_store(settings) as store:
        store.keep_recordings([found(home / "calls" / "kim_00.json", agent="somebody else")])
        torn = {name: (home / name).read_bytes() for name in ("qa_audit.db", "qa_audit.db-wal", "qa_audit.db-shm")}
    for name, data in torn.items():
        (home / name).write_bytes(data)
    wal = home / "qa_audit.db-wal"
    cut = random.Random(7).randrange(1, wal.stat().st_size)
    os.truncate(wal, cut)
    result = run(settings)
    assert set(fates(result).values()) == {"scored"}
    with opened_store(settings) as store:
        assert store.damage() == ()
        assert store.states()["kim_00"].failure is None
    assert database.stat().st_size


def test_a_full_disk_ends_the_night_with_a_reason_and_the_next_completes_it(home):
    room = 120 * 1024  # bytes that any one file may have: enough for the tables, not for twelve calls and their pages
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room}))\n" + NIGHT
    arguments = [sys.executable, "-c", limited, str(home), str(Path(__file__).parent)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "StoreError" in done.stderr or "OutputError" in done.stderr
    settings = night(home, rules=own_rules(home))
    assert set(fates(run(settings)).values()) == {"scored"}
    with opened_store(settings) as store:
        assert store.damage() == ()


def test_interrupting_keeps_what_is_finished(home):
    process = start_night(home)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("transcribe")
    process.send_signal(signal.SIGINT)
    process.wait()
    process.stdout.close()
    with opened_store(night(home)) as store:
        assert store.last_runs()[0].state.value == "interrupted"
        assert store.counts().rows["transcripts"] >= 1


def test_no_worker_is_left_over_when_the_night_is_killed(home):
    process = start_night(home)
    assert process.stdout is not None
    process.stdout.readline()
    below = children_of(process.pid)
    assert below
    process.kill()
    process.wait()
    process.stdout.close()
    for _ in range(500):
        if not any(alive(pid) for pid in below):
            break
        time.sleep(0.02)
    assert not [pid for pid in below if alive(pid)]


def children_of(pid: int) -> list[int]:
    """Every process below one."""
    parents = {int(p.name): parent_of(p) for p in Path("/proc").iterdir() if p.name.isdigit()}
    below, last = [pid], 0
    while len(below) > last:
        last = len(below)
        below += [child for child, parent in parents.items() if parent in below and child not in below]
    return below[1:]


def parent_of(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_refusal_is_excluded_and_a_breakdown_is_failed():
    from qa_audit.errors import CallError

    recording = found(Path(__file__))
    assert refused(recording, CallError("x", "transcribe", "too-short", "lasts 1 s")).excluded
    broken = refused(recording, CallError("x", "transcribe", "damaged", "cannot be decoded"))
    assert not broken.excluded
    assert (broken.call_id, broken.message) == (recording.call_id, "cannot be decoded")


def test_pipeline_names_are_what_they_say():
    for name in pipeline.__all__:
        assert callable(getattr(pipeline, name))
    with pytest.raises(AttributeError, match="nonsense"):
        pipeline.nonsense  # noqa: B018
