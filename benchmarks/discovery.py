"""Seconds to find calls that are all known already: an archive of empty-handed files, made here and thrown away.

    python benchmarks/discovery.py [--calls 1000 10000 100000]

Metadata come from nowhere (an agent by default), from the file names, and from the names and a manifest that must agree.
No audio is opened, so the size of the recordings does not matter.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

from qa_audit.config import Config, Recordings
from qa_audit.recordings import discover

IN_A_FOLDER = 1000
PATTERN = "{agent}_{started_at:%Y%m%d-%H%M%S}_{customer}.wav"


def archive(folder: Path, calls: int) -> None:
    """Files named as a recorder names them, a thousand in a folder, and a manifest of all."""
    rows = ["file,agent,queue"]
    for number in range(calls):
        place = folder / f"{number // IN_A_FOLDER:03}"
        if number % IN_A_FOLDER == 0:
            place.mkdir()
        name = f"agent{number % 50}_20250301-{number % 24:02}{number % 60:02}00_c{number}.wav"
        (place / name).write_bytes(b"x")
        rows.append(f"{place.name}/{name},agent{number % 50},billing")
    (folder / "manifest.csv").write_text("\n".join(rows), encoding="utf-8")


def seconds(folder: Path, calls: int, **recordings: object) -> float:
    config = Config(recordings=Recordings.model_validate(recordings), folder=folder)
    begin = time.perf_counter()
    found = discover([str(folder)], config=config)
    took = time.perf_counter() - begin
    if len(found.recordings) != calls or found.set_aside:
        raise SystemExit(f"found {len(found.recordings)} of {calls}, set aside {len(found.set_aside)}")
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, nargs="+", default=[1000, 10_000, 100_000])
    print(f"{os.cpu_count()} cores, one used\n\n| calls | default agent | file names | file names and manifest |\n|---|---|---|---|")
    for calls in parser.parse_args().calls:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            archive(folder, calls)
            ways = ({"defaults": {"agent": "kim"}}, {"pattern": PATTERN}, {"pattern": PATTERN, "manifest": "manifest.csv"})
            print(f"| {calls:,} | " + " | ".join(f"{seconds(folder, calls, **way):.2f} s" for way in ways) + " |")


if __name__ == "__main__":
    main()
