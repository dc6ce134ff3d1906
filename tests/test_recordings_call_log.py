"""The telephone system's list against what was found, whatever the list looks like."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from pipeline_helpers import night, own_rules, run, write_call

from qa_audit.config import CallLogColumns, Config, Recordings
from qa_audit.errors import UserFileError
from qa_audit.models import CallFailure, Recording
from qa_audit.reconciled import Reconciled
from qa_audit.recordings.call_log import reconcile
from qa_audit.recordings.discovery import Discovery


def found(*names: str) -> Discovery:
    """Recordings of these files; the id is the file's name without what follows the point."""
    return Discovery(tuple(Recording(call_id=Path(n).stem, uri=f"/calls/{n}", size=1, modified=1.0, agent="kim") for n in names), ())


def against(tmp_path: Path, log: str | bytes, calls: Discovery, **columns: str) -> Reconciled:
    file = tmp_path / "log.csv"
    file.write_bytes(log if isinstance(log, bytes) else log.encode())
    settings = Config(recordings=Recordings(call_log="log.csv", call_log_columns=CallLogColumns(**columns)), folder=tmp_path)
    said = reconcile(calls, config=settings)
    assert said is not None
    return said


def test_calls_without_a_recording_and_recordings_without_a_call(tmp_path):
    said = against(tmp_path, "call_id,agent,start\nc1,kim,2026-03-01\nc2,lee,2026-03-02\nc2,omar,2026-03-02\n", found("c1.wav", "c9.wav"))
    assert (said.calls, said.matched) == (2, 1), "a call that was passed on is one call"
    assert [(call.call_id, call.agent, call.started_at, call.line) for call in said.without_recording] == [("c2", "lee", "2026-03-02", 3)]
    assert said.without_call == ("/calls/c9.wav",)


@pytest.mark.parametrize("file", ["c1.wav", "C1.mp3", "/mnt/record/c1.wav", "D:\\record\\c1.wav", "sub/c1"])
def test_a_recording_is_known_by_its_file_where_ids_differ(tmp_path, file):
    said = against(tmp_path, f"Interaction ID;Recording File\n0815;{file}\n", found("c1.wav"))
    assert (said.matched, said.without_recording, said.without_call) == (1, (), ())


def test_a_recording_that_is_set_aside_is_there_and_a_row_of_the_manifest_without_one_is_not(tmp_path):
    aside = CallFailure("c1", "/calls/c1.wav", "discover", "no-agent", "…", excluded=True)
    missing = CallFailure("c2", "/calls/c2.wav", "discover", "no-file", "…", excluded=True)
    said = against(tmp_path, "call_id\nc1\nc2\n", Discovery((), (aside, missing)))
    assert [call.call_id for call in said.without_recording] == ["c2"]
    assert said.without_call == ()


def test_columns_are_called_what_the_configuration_says(tmp_path):
    said = against(tmp_path, "Gesprächsnr|wer\nc1|kim\n", found("c1.wav"), call_id="gesprächsnr", agent="wer")
    assert said.matched == 1


@pytest.mark.parametrize(
    ("log", "columns", "says"),
    [
        ("Gespraechsnummer,wer\n1,kim\n", {"call_id": "Gesprächsnummer"}, "did you mean 'Gespraechsnummer'?"),
        ("a,b\n1,2\n", {}, "name it under recordings.call_log_columns.call_id"),
        ("", {}, "the file is empty"),
        ("call_id,call_id\n1,2\n", {"call_id": "call_id"}, "stands there twice"),
        ('call_id\n"c1\n', {}, "cannot be read from here on"),
    ],
)
def test_what_is_wrong_as_a_whole_is_said_at_its_place(tmp_path, log, columns, says):
    with pytest.raises(UserFileError, match=r"log\.csv") as caught:
        against(tmp_path, log, found(), **columns)
    assert says in str(caught.value)


def test_a_log_that_is_not_there_is_said(tmp_path):
    settings = Config(recordings=Recordings(call_log="none.csv"), folder=tmp_path)
    with pytest.raises(UserFileError, match="the call log cannot be read"):
        reconcile(found(), config=settings)
    assert reconcile(found(), config=Config()) is None


def test_a_hostile_log_costs_its_rows_and_nothing_else(tmp_path):
    rows = ["c1", "", "\u202egnp.c2", "=cmd|'/c calc'!A1", "<script>alert(1)</script>", "x" * 5000, "c\x1b[2J"]
    with (tmp_path / "made.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["call_id", "note"], *([cell, "n"] for cell in rows)])
    said = against(tmp_path, (tmp_path / "made.csv").read_bytes(), found("c1.wav"))
    assert said.matched == 1
    assert len(said.unreadable) == 1
    assert "line 3" in said.unreadable[0]
    shown = "".join(call.call_id for call in said.without_recording)
    assert shown.isprintable()
    assert max(len(call.call_id) for call in said.without_recording) <= 300


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252", "utf-8-sig"])
def test_any_encoding_and_many_rows(tmp_path, encoding):
    log = "call_id;agent\n" + "".join(f"ü{number};kim\n" for number in range(20_000))
    said = against(tmp_path, log.encode(encoding), found("ü17.wav"))
    assert (said.calls, said.matched) == (20_000, 1)


def test_the_run_tells_it_everywhere(tmp_path):
    for name in ("kim_1", "kim_2"):
        write_call(tmp_path / "calls", name)
    (tmp_path / "log.csv").write_text("call_id,agent\nkim_1,kim\nkim_7,<b>kim</b>\n")
    parts = Recordings(sources=("calls",), pattern="{agent}_{customer}.json", call_log="log.csv")
    result = run(night(tmp_path, rules=own_rules(tmp_path), recordings=parts))
    assert result.call_log is not None
    assert [call.call_id for call in result.call_log.without_recording] == ["kim_7"]
    page = (tmp_path / "scorecards" / "run.html").read_text()
    assert "Calls without a recording" in page
    assert "kim_7" in page
    assert "<b>kim</b>" not in page
    assert '"without_recording"' in (tmp_path / "scorecards" / "run.json").read_text()
    (tmp_path / "log.csv").write_text("call_id,agent\nkim_1,kim\n")
    run(night(tmp_path, rules=own_rules(tmp_path), recordings=parts))
    assert "kim_7" not in (tmp_path / "scorecards" / "run.html").read_text(), "another log alone makes the page anew"
