"""What several test files share. A test whose need is missing is skipped with the reason printed; CI demands everything."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator

import pytest
from postgresql_server import postgresql, programs

DEMAND_ALL = bool(os.environ.get("QA_AUDIT_TESTS_DEMAND_ALL"))


def need_program(name: str) -> str:
    """The path of a system program; skips the test with what to do when it is not installed."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed; install the packages listed in .ci/system-packages")
    return path


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where everything is demanded, a skipped test is a failed one."""
    report = yield
    if DEMAND_ALL and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
    return report


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a PostgreSQL server of its own, on a free port, gone afterwards."""
    if not programs():
        pytest.skip("postgresql is not installed; install the packages listed in .ci/system-packages")
    with postgresql() as address:
        yield address
