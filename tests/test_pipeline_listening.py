"""Real recordings through the whole job with the engine that needs no download: heard, marked, on a page with their sound."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from pipeline_helpers import fates, night, own_rules, run

from qa_audit.config import Defaults, Recordings, Speech, Work
from qa_audit.errors import EngineError

SAMPLES = Path(__file__).parent.parent / "sample_calls"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("night")
    (home / "calls").mkdir()
    for name in ("10-opening-hours.ogg", "17-silence.wav", "18-damaged.mp3"):
        shutil.copy(next(SAMPLES.glob(f"{Path(name).stem}.*")), home / "calls")
    return home


def settings(home, **speech):
    known = Recordings(sources=("calls",), defaults=Defaults(agent="lucy"), channels=("agent", "customer"))
    return night(home, recordings=known, speech=Speech(**speech), work=Work(processes=2), rules=own_rules(home))


def test_a_step_down_is_taken_only_where_the_configuration_says_so_and_is_told(home):
    with pytest.raises(EngineError, match="no-such-model"):
        run(settings(home, engine="faster-whisper", model="no-such-model"))
    assert not (home / "qa_audit.db").exists()

    result = run(settings(home, engine=["faster-whisper", "sphinx"], model="no-such-model"))
    assert fates(result) == {"10-opening-hours": "scored", "17-silence": "no-speech", "18-damaged": "not-audio"}
    assert ([f.call_id for f in result.excluded], [f.call_id for f in result.failed]) == (["17-silence"], ["18-damaged"])
    assert [heard.engine for heard in result.heard] == ["sphinx"]
    assert any("faster-whisper has no model no-such-model" in warning for warning in result.warnings)
    out = home / "scorecards"
    assert len(list((out / "audio").glob("*.mp3"))) == 1
    assert json.loads((out / "run.json").read_text())["heard"][0]["engine"] == "sphinx"
    assert "faster-whisper has no model no-such-model" in (out / "index.html").read_text(), "the pages say it"

    again = run(settings(home, engine="sphinx"))
    assert (again.listened, again.marked) == (0, 0), "the same ears, whoever they stood in for"
