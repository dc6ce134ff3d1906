"""When a run has ended: figures for Prometheus, a command, a webhook. They get the balance; their failure changes nothing."""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from pipeline_helpers import night, own_rules, write_call
from prometheus_client.parser import text_string_to_metric_families

from qa_audit import pipeline
from qa_audit.config import Config, Night, OnFinish, load_config
from qa_audit.errors import StoreError, UserFileError

NAMES = ("kim", "omar", "calls", ".json")
"""What nobody is to be told outside."""


@pytest.fixture
def home(tmp_path):
    write_call(tmp_path / "calls", "kim_1")
    write_call(tmp_path / "calls", "omar_2")
    (tmp_path / "calls" / "kim_torn.json").write_text("{")
    return tmp_path


def settings(home: Path, **parts: object) -> Config:
    return night(home, rules=own_rules(home), night=Night(**parts))  # type: ignore[arg-type]


def run(wanted: Config) -> None:
    with pipeline.finishing(wanted) as finish:
        finish.result = pipeline.run(wanted)


def figures(file: Path) -> dict[tuple[str, ...], float]:
    """Every sample of a metrics file by its name and the values of its labels."""
    families = text_string_to_metric_families(file.read_text())
    return {(sample.name, *sample.labels.values()): sample.value for family in families for sample in family.samples}


def test_the_metrics_are_the_balance(home):
    run(settings(home, metrics="metrics/qa_audit.prom"))
    said = figures(home / "metrics" / "qa_audit.prom")
    assert said["qa_audit_run_success",] == 1
    assert {fate: said["qa_audit_calls", fate] for fate in ("scored", "excluded", "failed")} == {"scored": 2, "excluded": 0, "failed": 1}
    assert said["qa_audit_calls_listened",] == 2
    assert 0 <= said["qa_audit_run_end_timestamp_seconds",] - said["qa_audit_run_start_timestamp_seconds",] < 60
    text = (home / "metrics" / "qa_audit.prom").read_text()
    assert not [name for name in NAMES[:2] if name in text]
    assert [path.name for path in (home / "metrics").iterdir()] == ["qa_audit.prom"], "written aside, then renamed"


def test_a_run_that_failed_says_so_in_the_metrics(home):
    wanted = settings(home, metrics="qa_audit.prom")
    run(wanted)
    (home / "taken").mkdir()
    with pytest.raises(StoreError):
        run(wanted.model_copy(update={"store": "taken"}))
    said = figures(home / "qa_audit.prom")
    assert said["qa_audit_run_success",] == 0
    assert ("qa_audit_calls", "scored") not in said


def test_the_command_gets_the_figures_and_nobodys_name(home):
    program = f"import sys, pathlib; pathlib.Path({str(home / 'told')!r}).write_text(sys.stdin.read())"
    run(settings(home, on_finish=OnFinish(command=(sys.executable, "-c", program))))
    text = (home / "told").read_text()
    said = json.loads(text)
    assert (said["state"], said["found"], said["scored"], said["excluded"], said["failed"]) == ("finished", 3, 2, 0, 1)
    assert not [name for name in NAMES if name in text]


@pytest.mark.parametrize(
    ("program", "says"),
    [
        ("import sys; sys.exit('no printer')", "ended with 1: no printer"),
        ("import subprocess, time; subprocess.Popen(['sleep', '600']); time.sleep(600)", "took more than 1 s and was killed"),
    ],
)
def test_a_command_that_fails_or_hangs_is_told_and_changes_nothing(home, caplog, program, says):
    before = time.monotonic()
    run(settings(home, on_finish=OnFinish(command=(sys.executable, "-c", program), timeout=1.0)))
    assert time.monotonic() - before < 30
    assert says in caplog.text
    assert "the run is not touched by that" in caplog.text


def test_a_command_that_is_not_there_is_told(home, caplog):
    run(settings(home, on_finish=OnFinish(command=("no-such-program",))))
    assert "no-such-program" in caplog.text


class Ear(BaseHTTPRequestHandler):
    """Keeps what it is told, and answers as its server says."""

    def do_POST(self) -> None:
        self.server.heard.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))  # type: ignore[attr-defined]
        time.sleep(self.server.slow)  # type: ignore[attr-defined]
        self.send_response(self.server.answer)  # type: ignore[attr-defined]
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server():
    made = HTTPServer(("127.0.0.1", 0), Ear)
    made.heard, made.answer, made.slow = [], 204, 0.0  # type: ignore[attr-defined]
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


def hook(server: HTTPServer, **options: object) -> OnFinish:
    return OnFinish(webhook=f"http://127.0.0.1:{server.server_port}/hook?token=secret", **options)  # type: ignore[arg-type]


def test_the_webhook_gets_the_figures(home, server):
    run(settings(home, on_finish=hook(server)))
    ((path, body),) = server.heard
    assert path == "/hook?token=secret"
    assert json.loads(body)["scored"] == 2
    assert not [name for name in NAMES if name.encode() in body]
    assert "secret" not in (home / "scorecards" / "run.json").read_text(), "run.json lies beside the pages"


@pytest.mark.parametrize(
    ("answer", "slow", "says"), [(500, 0.0, "HTTP Error 500"), (302, 0.0, "HTTP Error 302"), (204, 3.0, "imed out|no answer")]
)
def test_a_webhook_that_fails_leads_elsewhere_or_is_slow_is_told(home, server, caplog, answer, slow, says):
    server.answer, server.slow = answer, slow
    with caplog.at_level(logging.WARNING):
        run(settings(home, on_finish=hook(server, timeout=1.0)))
    assert len(server.heard) == 1, "nobody is led elsewhere"

    assert re.search(says, caplog.text)
    assert "secret" not in caplog.text


def test_an_interrupted_run_is_told_as_such(home):
    program = f"import sys, pathlib; pathlib.Path({str(home / 'told')!r}).write_text(sys.stdin.read())"
    wanted = settings(home, on_finish=OnFinish(command=(sys.executable, "-c", program)))
    with pytest.raises(KeyboardInterrupt), pipeline.finishing(wanted):
        raise KeyboardInterrupt
    assert json.loads((home / "told").read_text())["state"] == "interrupted"


def test_a_webhook_that_is_no_web_address_is_refused(tmp_path):
    file = tmp_path / "qa_audit.yaml"
    file.write_text("night:\n  on_finish: {webhook: 'file:///etc/passwd'}\n")
    with pytest.raises(UserFileError, match="is no web address"):
        load_config(file)


def test_a_password_of_the_store_does_not_reach_the_pages(home):
    from qa_audit.pipeline.manifest import _shown_config

    assert "geheim" not in str(_shown_config(settings(home).model_copy(update={"store": "postgresql://qa:geheim@db/calls"})))
