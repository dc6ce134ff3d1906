"""The stages in order, one call at a time, what fails set aside: `run`, and each stage on its own.

Names are imported when they are asked for: a worker process that listens must not wait for pandas.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qa_audit.pipeline.exports import Exported, export, mail
    from qa_audit.pipeline.files import check_files
    from qa_audit.pipeline.finish import finishing
    from qa_audit.pipeline.health import Part, examine
    from qa_audit.pipeline.kept import Checked, Scored, Status, call, check, report, score, status
    from qa_audit.pipeline.lookahead import Preview, preview
    from qa_audit.pipeline.marking import Rulebook, open_rulebook
    from qa_audit.pipeline.night import Transcribed, run, transcribe
    from qa_audit.pipeline.progress import Progress, Step
    from qa_audit.pipeline.selection import Selection
    from qa_audit.pipeline.trial import Comparison, compare, try_rule
    from qa_audit.pipeline.verifying import Verified, verify
    from qa_audit.pipeline.voices import Compared, Suspicion, compare_voices

__all__ = [
    "Checked",
    "Compared",
    "Comparison",
    "Exported",
    "Part",
    "Preview",
    "Progress",
    "Rulebook",
    "Scored",
    "Selection",
    "Status",
    "Step",
    "Suspicion",
    "Transcribed",
    "Verified",
    "call",
    "check",
    "check_files",
    "compare",
    "compare_voices",
    "examine",
    "export",
    "finishing",
    "mail",
    "open_rulebook",
    "preview",
    "report",
    "run",
    "score",
    "status",
    "transcribe",
    "try_rule",
    "verify",
]

_HOMES = {
    "exports": ("Exported", "export", "mail"),
    "files": ("check_files",),
    "finish": ("finishing",),
    "health": ("Part", "examine"),
    "kept": ("Checked", "Scored", "Status", "call", "check", "report", "score", "status"),
    "marking": ("Rulebook", "open_rulebook"),
    "night": ("Transcribed", "run", "transcribe"),
    "lookahead": ("Preview", "preview"),
    "progress": ("Progress", "Step"),
    "selection": ("Selection",),
    "trial": ("Comparison", "compare", "try_rule"),
    "voices": ("Compared", "Suspicion", "compare_voices"),
    "verifying": ("Verified", "verify"),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
