"""Lines of the log: one a message, with the call it concerns, as text or as JSON, also from inside a worker."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
import workers_helpers as helpers

from qa_audit.logs import Concern, concern_of, concerning, forget_logging, start_logging
from qa_audit.workers import Lost, run_tasks

HOSTILE = "kim\n2026 ERROR forged\u202e"


@pytest.fixture(autouse=True)
def _afterwards():
    yield
    forget_logging()


def lines(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "qa_audit.log").read_text().splitlines()]


def test_json_lines_name_the_call_and_the_stage(tmp_path, capsys):
    start_logging(tmp_path, verbose=1, as_json=True)
    log = logging.getLogger("qa_audit.x")
    log.info("%s", "heard", extra={"concern": Concern(HOSTILE, "transcribe")})
    with concerning("kim_2", "check"):
        log.warning("odd %d", 7)
    log.info("nothing of a call")
    first, second, third = lines(tmp_path)
    assert (first["call"], first["stage"], first["message"], first["level"]) == (HOSTILE, "transcribe", "heard", "INFO")
    assert (second["call"], second["stage"], second["message"]) == ("kim_2", "check", "odd 7")
    assert "call" not in third
    assert str(first["time"]).endswith("+00:00")
    assert [json.loads(line) for line in capsys.readouterr().err.splitlines()] == [first, second, third], "stderr says the same"


def test_text_lines_name_them_too_and_stay_one_line(tmp_path):
    start_logging(tmp_path, verbose=-1)
    with concerning(HOSTILE, "check"):
        logging.getLogger("qa_audit.x").warning("odd")
    (line,) = (tmp_path / "qa_audit.log").read_text().splitlines()
    assert "call=kim�2026 ERROR forged� stage=check odd" in line


def test_an_exception_carries_the_call_it_was_raised_for():
    with pytest.raises(ValueError, match="x") as caught, concerning("kim_1", "check"):
        raise ValueError("x")
    assert concern_of(caught.value) == Concern("kim_1", "check")
    assert caught.value.__notes__ == ["call=kim_1 stage=check"]


def test_a_defect_in_a_worker_is_logged_with_its_call(tmp_path):
    start_logging(tmp_path, verbose=-1, as_json=True)
    done = list(run_tasks(helpers.obey, ["stumble kim_9"], prepare=helpers.prepared, processes=1, timeout=60))
    assert isinstance(done[0][1], Lost)
    (said,) = [line for line in lines(tmp_path) if line["level"] == "ERROR"]
    assert (said["call"], said["stage"]) == ("kim_9", "check")
    assert "ValueError" in str(said["traceback"])
    assert [line["call"] for line in lines(tmp_path) if line["message"] == "about to stumble"] == ["kim_9"], (
        "and so does what it logs itself"
    )
