"""Loading small rule folders in tests, and saying what is wrong with them."""

from __future__ import annotations

from pathlib import Path

from qa_audit.config import Rules
from qa_audit.errors import UserFileError
from qa_audit.rules import RuleSet, load_rules

DATA = Path(__file__).parent / "data" / "rules"
SOUND = DATA / "sound"


def load(*paths: Path) -> RuleSet:
    return load_rules(Rules(paths=tuple(map(str, paths))))


def refused(*paths: Path) -> str:
    """What the loader says of files that are wrong: a line a problem, files by name alone."""
    try:
        load(*paths)
    except UserFileError as error:
        return "".join(f"{str(problem).replace(problem.location.path, Path(problem.location.path).name)}\n" for problem in error.problems)
    return ""


def sound_beside(broken: Path) -> list[Path]:
    """The sound files that a broken one is loaded with; a broken standard takes the place of the sound one."""
    return [
        SOUND / name
        for name in ("standard.yaml", "behaviours.yaml", "rule.yaml")
        if not (broken.stem.startswith("standard-") and name == "standard.yaml")
    ]
