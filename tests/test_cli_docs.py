"""docs/cli.md is what the commands say of themselves, and says all of it."""

from __future__ import annotations

from pathlib import Path

from qa_audit.cli import COMMANDS
from qa_audit.cli.docs import EXIT_CODES, document
from qa_audit.errors import ExitCode

PAGE = Path(__file__).parent.parent / "docs" / "cli.md"


def test_the_page_is_up_to_date():
    assert PAGE.read_text() == document(), "run: python -m qa_audit.cli.docs > docs/cli.md"


def test_every_command_and_every_exit_code_is_on_it():
    page = document()
    for name in COMMANDS:
        assert f"## `qa-audit {name}`" in page
    assert set(EXIT_CODES) == set(ExitCode)
    for code in ExitCode:
        assert f"| {code.value} | " in page
