"""How much memory a process takes, and how much it may: seen from outside, so that a file that eats memory cannot hide it.

A limit that the kernel holds (RLIMIT_AS) counts address space, of which a speech model maps far more than it ever touches.
"""

from __future__ import annotations

import os
from pathlib import Path

GIGABYTE = 10**9
SHARE = 0.8
"""Of the machine's memory; the rest is for the coordinator, the database and the system."""
LEAST = 2 * GIGABYTE
"""Bytes every process may have, for a speech model needs that much."""

CONTROL_GROUPS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
"""Where a container says how much it may have."""


def resident(pid: int) -> int:
    """Bytes of memory that a process has in use; 0 where that cannot be seen."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def allowed(gigabytes: float, *, processes: int) -> int:
    """Bytes one process may take: what is asked for, or where that is 0 a fair share of this machine."""
    return round(gigabytes * GIGABYTE) if gigabytes else max(round(SHARE * machine_memory() / processes), LEAST)


def machine_memory() -> int:
    """Bytes that this machine, or the container we are in, has."""
    whole = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for file in map(Path, CONTROL_GROUPS):
        try:
            limit = file.read_text().strip()
        except OSError:
            continue
        if limit.isdigit():  # "max" means none
            return min(whole, int(limit))
    return whole
