"""docs/night.md: its units, its cron line, its configuration and its backup are tried, so that they cannot rot."""

from __future__ import annotations

import re
import shlex
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from pipeline_helpers import night, own_rules, run, write_call

from qa_audit.cli import main
from qa_audit.config import Config
from qa_audit.errors import ExitCode
from qa_audit.store import open_store

PAGE = (Path(__file__).parent.parent / "docs" / "night.md").read_text()
BLOCKS = re.findall(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)


def blocks(kind: str) -> list[str]:
    return [text for found, _, text in BLOCKS if found == kind]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed; install the package systemd")
def test_systemd_takes_the_units(tmp_path):
    for _, name, text in BLOCKS:
        if name:
            (tmp_path / name).write_text(text.replace("/opt/qa-audit/bin/qa-audit", "/bin/true"))
    units = [str(tmp_path / "qa-audit.service"), str(tmp_path / "qa-audit.timer")]
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    said = [line for line in done.stderr.splitlines() if "qa-audit" in line]
    assert not said
    calendar = re.search(r"OnCalendar=(.*)", PAGE)
    assert calendar
    subprocess.run(["systemd-analyze", "calendar", calendar[1]], check=True, capture_output=True)


def commands() -> list[list[str]]:
    """Every command line of qa-audit in the units and the cron line, without where it is installed."""
    lines = [line.partition("=")[2] for line in PAGE.splitlines() if line.startswith("ExecStart=")]
    lines += [re.sub(r"^(\S+\s+){5}", "", line).partition("&&")[2].partition(">>")[0] for line in "".join(blocks("cron")).splitlines()]
    return [shlex.split(line)[1:] for line in lines]


def test_the_commands_are_commands():
    assert len(commands()) == 2
    for command in commands():
        done = CliRunner().invoke(main, [*command, "--help"])
        assert done.exit_code == 0
        options = {word for word in command if word.startswith("--")}
        assert all(option in done.output for option in options)


def test_the_cron_line_is_a_cron_line():
    (line,) = blocks("cron")
    fields = line.split(maxsplit=5)
    assert all(re.fullmatch(r"[\d*/,-]+", field) for field in fields[:5])
    subprocess.run(["sh", "-n", "-c", fields[5]], check=True)


@pytest.mark.parametrize("text", blocks("yaml"))
def test_the_configuration_is_taken(text):
    assert Config.model_validate(yaml.safe_load(text)) != Config(), "and it settles something"


def test_the_exit_codes_are_those_there_are():
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", PAGE, flags=re.MULTILINE)}
    assert told == {code.value for code in ExitCode} - {ExitCode.CALL.value}, "a run never ends with that one"


def test_the_metrics_it_alerts_on_are_written():
    source = (Path(__file__).parent.parent / "qa_audit" / "pipeline" / "metrics.py").read_text()
    names = set(re.findall(r"qa_audit_\w+", "".join(blocks("promql"))))
    assert names
    for name in names:
        assert f'"{name.removeprefix("qa_audit_")}"' in source or f'"{name}"' in source


def test_the_backup_can_be_gone_on_from(tmp_path):
    write_call(tmp_path / "calls", "kim_1")
    settings = night(tmp_path, rules=own_rules(tmp_path))
    run(settings)
    statement = blocks("sql")[0].strip()
    assert statement in blocks("sh")[0], "the program's line does just this"
    with sqlite3.connect(tmp_path / "qa_audit.db") as store:
        store.execute(statement.replace("/backup/qa_audit.db", str(tmp_path / "backup.db")))
    store.close()
    for file in tmp_path.glob("qa_audit.db*"):
        file.unlink()
    (tmp_path / "backup.db").rename(tmp_path / "qa_audit.db")
    with open_store(str(tmp_path / "qa_audit.db"), create=False) as restored:
        assert restored.damage() == ()
    again = run(settings)
    assert (again.listened, again.marked, again.scored) == (0, 0, ("kim_1",))
