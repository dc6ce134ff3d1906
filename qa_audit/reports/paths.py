"""Where each page lies in the folder."""

from __future__ import annotations

from qa_audit.reports.slugs import slug


def call_path(call_id: str, part: int = 1) -> str:
    """A call's page; part 2 and on hold the rest of a very long transcript."""
    return _path("calls", call_id, part)


def agent_path(agent: str, part: int = 1) -> str:
    """An agent's scorecard; part 2 and on hold the rest of a long list of calls."""
    return _path("agents", agent, part)


def rule_path(rule: str) -> str:
    """A rule's page."""
    return _path("rules", rule, 1)


def _path(folder: str, name: str, part: int) -> str:
    # a slug has no dot, so no name can take the place of another one's further part
    return f"{folder}/{slug(name)}.html" if part == 1 else f"{folder}/{slug(name)}.{part}.html"
