"""The rule paths of a configuration go in, one checked RuleSet comes out; or every problem of every file, at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from qa_audit import config as configuration
from qa_audit.errors import Location, Problem, UserFileError
from qa_audit.models import Severity, Status
from qa_audit.plain import did_you_mean
from qa_audit.rules import build
from qa_audit.rules.coherence import behaviour_problems, rule_problems, standard_problems
from qa_audit.rules.language import Behaviour, Rule, RuleSet, Standard
from qa_audit.rules.pieces import Pieces, collect, shown
from qa_audit.rules.references import pattern_problems, reference_problems
from qa_audit.rules.words import WORDS_VERSION

_PACKAGE = Path(__file__).parent.parent

LESSONS = "lessons"
"""Folder of conversations that teach, inside a folder of rules."""


def starter_folder() -> Path:
    """Where the rules that come with the program lie: inside the package, or beside it in a checkout."""
    packaged = _PACKAGE / "starter" / "rules"
    return packaged if packaged.is_dir() else _PACKAGE.parent / "rules"


def load_rules(config: configuration.Rules, *, folder: Path = Path(), another_set: bool = False) -> RuleSet:
    """Read all behaviours, rules and the standard of `config.paths` together; relative paths count from `folder`.

    Without paths the starter rules hold. `another_set` says that the paths are not the ones the overrides were written for, so an
    override of a rule that is not there is passed over. Raises UserFileError with the problems of all files.
    """
    paths = [folder / path for path in config.paths] or [starter_folder()]
    pieces = collect(paths)
    problems = [*pieces.problems, *_problems(pieces, paths), *(() if another_set else _override_problems(config.override, pieces))]
    if problems or pieces.standard is None:
        raise UserFileError(problems)
    behaviours = build.behaviours(pieces.behaviours)
    standard = build.standard(pieces.standard)
    rules = {name: _overridden(build.rule(piece, behaviours), config.override) for name, piece in pieces.rules.items()}
    stale = frozenset(rule.id for rule in rules.values() if rule.clause_hash not in {"", standard.clause(rule.clause).hash})
    return RuleSet(
        behaviours=behaviours,
        rules=rules,
        standard=standard,
        hash=_hash(behaviours, rules, standard),
        stale=stale,
        notes=tuple(_stale_note(rules[name], standard) for name in sorted(stale)),
        lessons=tuple(path / LESSONS for path in paths if (path / LESSONS).is_dir()),
    )


def _problems(pieces: Pieces, paths: list[Path]) -> Iterator[Problem]:
    for behaviour in pieces.behaviours.values():
        yield from behaviour_problems(behaviour)
        yield from pattern_problems(behaviour)
    for rule in pieces.rules.values():
        yield from rule_problems(rule)
    for standard in pieces.standards:
        yield from standard_problems(standard)
    for another in pieces.standards[1:]:
        yield another.problem(f"a second standard; the first is {pieces.standards[0].file.path}", "id")
    yield from reference_problems(pieces)
    if not pieces.problems:
        yield from _missing(pieces, paths)


def _missing(pieces: Pieces, paths: list[Path]) -> Iterator[Problem]:
    where = Location(", ".join(map(shown, paths)))
    if pieces.standard is None:
        yield Problem(where, "no standard is here; write standard.yaml with a promise and its clauses (see docs/write-a-rule.md)")
    if not pieces.rules:
        yield Problem(where, "no rule is here; `qa-audit rules new` writes a first one")


def _override_problems(override: Mapping[str, configuration.Override], pieces: Pieces) -> Iterator[Problem]:
    """Overrides of rules that do not exist; only where all rules could be read."""
    for name in () if pieces.problems else sorted(override.keys() - pieces.rules.keys()):
        hint = did_you_mean(name, pieces.rules)
        yield Problem(Location(configuration.DEFAULT_FILE), f"rules: override: there is no rule '{name}'{hint}")


def _overridden(rule: Rule, override: Mapping[str, configuration.Override]) -> Rule:
    change = override.get(rule.id)
    if change is None:
        return rule
    return replace(rule, severity=Severity(change.severity or rule.severity), status=Status(change.status or rule.status))


def _stale_note(rule: Rule, standard: Standard) -> str:
    clause = standard.clause(rule.clause)
    return (
        f"{rule.location}: the clause '{clause.id}' was reworded after rule '{rule.id}' was held against it; "
        f"read both, then run `qa-audit rules confirm {rule.id}`"
    )


def _hash(behaviours: Mapping[str, Behaviour], rules: Mapping[str, Rule], standard: Standard) -> str:
    return build.digest(
        WORDS_VERSION,
        standard.hash,
        {name: behaviour.version for name, behaviour in behaviours.items()},
        {name: [rule.version, rule.severity, rule.status] for name, rule in rules.items()},
    )
