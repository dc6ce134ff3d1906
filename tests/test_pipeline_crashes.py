"""Two hundred nights cut short, by kill -9, by a dying worker, by a power cut: the next one always completes them.

QA_AUDIT_FAULTS says how many in each of the two series; crash_host.py says what is done and what is held against it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

FAULTS = int(os.environ.get("QA_AUDIT_FAULTS", "100"))
HERE = Path(__file__).parent


@pytest.mark.parametrize("seed", [1, 2])
def test_a_night_cut_short_anywhere_is_completed_by_the_next(tmp_path, seed):
    home = tmp_path / "night ü"
    environment = os.environ | {"PYTHONPATH": f"{HERE.parent}{os.pathsep}{HERE}"}
    command = [sys.executable, str(HERE / "crash_host.py"), str(home), str(seed), str(FAULTS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=60 + 10 * FAULTS)
    assert done.returncode == 0, f"{done.stdout[-600:]}\n{done.stderr[-3000:]}"
    trial, *faults = map(json.loads, done.stdout.splitlines())
    assert len(faults) == FAULTS
    assert {fault["kind"] for fault in faults} == {"run", "power", "worker"}
    assert {"find", "transcribe", "after transcribe", "check", "after check", "player", "after player"} <= set(trial["trial"]["stages"])
