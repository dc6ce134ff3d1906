"""The wheel alone, in a fresh environment: starter rules and templates are inside, and the main job runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CALL = """WEBVTT

00:00.500 --> 00:03.000
<v agent>Thank you for calling Lantern, this is Mara, how can I help?

00:03.500 --> 00:07.000
<v customer>My kettle arrived broken and I am very disappointed.

00:07.500 --> 00:13.000
<v agent>I am so sorry about that. I have sent you a new one today. Have a lovely day.
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` of a fresh environment with nothing but the wheel and what it asks for."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT], check=True, capture_output=True)
    venv.create(folder / "venv", with_pip=True)
    (wheel,) = folder.glob("*.whl")
    subprocess.run([folder / "venv/bin/python", "-m", "pip", "install", "--quiet", wheel], check=True, capture_output=True)
    return folder / "venv" / "bin"


def qa_audit(installed: Path, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    return subprocess.run([installed / "qa-audit", *words], cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def test_the_main_job_runs_from_the_installed_wheel(installed: Path, tmp_path: Path) -> None:
    begun = qa_audit(installed, "init", "house", cwd=tmp_path)
    assert begun.returncode == 0, begun.stderr
    house = tmp_path / "house"
    calls = tmp_path / "calls"
    calls.mkdir()
    (calls / "one.vtt").write_text(CALL, encoding="utf-8")
    (calls / "one.json").write_text(json.dumps({"agent": "mara", "started_at": "2026-03-02T09:00:00+00:00"}), encoding="utf-8")

    night = qa_audit(installed, "run", str(calls), "--engine", "imported", "--json", cwd=house)

    assert night.returncode == 0, night.stderr
    result = json.loads(night.stdout)
    assert (result["found"], result["scored"], result["excluded"], result["failed"]) == (1, 1, 0, 0)
    pages = {path.relative_to(house / "scorecards").as_posix() for path in (house / "scorecards").rglob("*.html")}
    assert "index.html" in pages
    assert any(page.startswith("agents/") for page in pages)
    assert any(page.startswith("calls/") for page in pages)


def test_starter_rules_hold_without_a_configuration(installed: Path, tmp_path: Path) -> None:
    call = {
        "call_id": "chat-1",
        "turns": [{"speaker": "customer", "text": "Please cancel my subscription."}, {"speaker": "agent", "text": "Why?"}],
    }
    (tmp_path / "chats.jsonl").write_text(json.dumps(call) + "\n", encoding="utf-8")
    checked = qa_audit(installed, "check", "chats.jsonl", "--json", cwd=tmp_path)
    assert checked.returncode == 0, checked.stderr
    outcomes = json.loads(checked.stdout)["outcomes"]
    assert len(outcomes) == 9
    assert outcomes["let-go"] != "no_opportunity"


def test_doctor_says_what_is_missing_and_what_to_do(installed: Path, tmp_path: Path) -> None:
    state = qa_audit(installed, "doctor", cwd=tmp_path)
    assert state.returncode == 2, "a bare wheel has no engine, so the configured one cannot listen"
    assert "faster-whisper" in state.stdout
    assert "pip install" in state.stdout
