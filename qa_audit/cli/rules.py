"""`qa-audit rules`: check, list, show, try and compare what compliance writes; start a rule, confirm its clause."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from qa_audit.audit.examples import ExampleResult, run_examples
from qa_audit.audit.meaning.encoder import load_encoder
from qa_audit.audit.meaning.learnt import taught
from qa_audit.cli.options import AS_JSON, configured
from qa_audit.cli.rules_kept import diff_command, try_command
from qa_audit.cli.rules_words import as_dict, known, say_behaviour, say_clause, say_rule
from qa_audit.cli.text import plural, say, say_json, say_table
from qa_audit.config import Config
from qa_audit.errors import ExitCode, OutputError, Problem, UserFileError
from qa_audit.logs import safe
from qa_audit.measures import METRICS
from qa_audit.rules import RuleSet, load_rules
from qa_audit.rules.drafts import IdTaken, confirm, draft_rule
from qa_audit.rules.lint import lint
from qa_audit.rules.schema import schema_text
from qa_audit.rules.table import readme


@click.group("rules", context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
def command() -> None:
    """Check, list, show, try and compare rules."""


command.add_command(try_command)
command.add_command(diff_command)


@command.command("check", short_help="Read every file, run every example, and say what is wrong or probably not meant.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@configured()
@AS_JSON
def check_command(*, settings: Config, paths: Sequence[Path], as_json: bool) -> None:
    """Read every rule file and lesson, run every example, and say what is wrong or probably not meant.

    PATH is a folder or file of rules; default are those of the configuration. Exit code 2: a file is wrong, and nothing would be
    processed with it. 1: an example does not come out as its author expects. Notes are worth reading and change nothing.
    """
    try:
        ruleset = _ruleset(settings, paths)
        taught(ruleset.lessons)
    except UserFileError as error:
        if not as_json:
            raise
        say_json({"problems": [_problem(problem) for problem in error.problems], "notes": [], "examples": []})
        raise click.exceptions.Exit(ExitCode.SETUP) from None
    notes = lint(ruleset)
    results = run_examples(ruleset, encoder=load_encoder(settings.rules.encoder))
    if as_json:
        say_json({"problems": [], "notes": [_problem(note) for note in notes], "examples": [_example(result) for result in results]})
    else:
        _say_check(ruleset, notes, results)
    if not all(result.passed for result in results):
        raise click.exceptions.Exit(ExitCode.CHECK_FAILED)


def _say_check(ruleset: RuleSet, notes: Sequence[Problem], results: Sequence[ExampleResult]) -> None:
    for note in notes:
        say(f"{note.location}: note: {note.message}")
    for result in results:
        if not result.passed:
            got = result.got.value if result.got else "unreadable"
            say(
                f"{result.example.location}: {result.rule}: an example that is {result.example.expected.value} came out {got}: {result.reason}"
            )
    passed = sum(result.passed for result in results)
    known_misses = sum(result.passed and result.got is not result.example.expected for result in results)
    say(
        f"{plural(len(ruleset.rules), 'rule')}, {plural(len(ruleset.behaviours), 'behaviour')}, {plural(len(ruleset.standard.clauses), 'clause')}"
    )
    say(f"{passed} of {plural(len(results), 'example')} as expected{f', {known_misses} of them known misses' if known_misses else ''}")


def _problem(problem: Problem) -> dict[str, Any]:
    place = problem.location
    return {"path": place.path, "line": place.line, "column": place.column, "message": problem.message}


def _example(result: ExampleResult) -> dict[str, Any]:
    place = result.example.location
    return {
        "rule": result.rule,
        "path": place.path,
        "line": place.line,
        "expected": result.example.expected.value,
        "got": result.got.value if result.got else None,
        "known_miss": result.example.known_miss,
        "passed": result.passed,
        "reason": result.reason,
    }


@command.command("list", short_help="List the rules.")
@configured()
@click.option("--markdown", is_flag=True, help="Print all clauses, rules and behaviours as rules/README.md holds them.")
@click.option("--metrics", is_flag=True, help="List what `limit` may name instead.")
@AS_JSON
def list_command(*, settings: Config, markdown: bool, metrics: bool, as_json: bool) -> None:
    """List the rules: the clause each serves, how bad a miss is, whether it counts, whether its clause was reworded since."""
    if metrics:
        say_json(dict(METRICS)) if as_json else say_table(("metric", "what it is"), METRICS.items())
        return
    ruleset = _ruleset(settings)
    if markdown:
        click.echo(safe(readme(ruleset), keep="\n"), nl=False)
    elif as_json:
        say_json([as_dict(rule, ruleset) for rule in ruleset.rules.values()])
    else:
        rows = ((r.id, r.clause, r.severity, r.status, "stale" if r.id in ruleset.stale else "", r.title) for r in ruleset.rules.values())
        say_table(("rule", "clause", "severity", "status", "", "title"), sorted(rows, key=lambda row: row[1]))


@command.command("show", short_help="Say in plain words what a rule, a behaviour or a clause is.")
@click.argument("name", metavar="ID")
@configured()
@AS_JSON
def show_command(*, settings: Config, name: str, as_json: bool) -> None:
    """Say in plain words what a rule asks, what a behaviour means, or what a clause promises."""
    ruleset = _ruleset(settings)
    known(name, [*ruleset.rules, *ruleset.behaviours, *(clause.id for clause in ruleset.standard.clauses)])
    if name in ruleset.rules:
        rule = ruleset.rules[name]
        say_json(as_dict(rule, ruleset)) if as_json else say_rule(rule, ruleset)
    elif name in ruleset.behaviours:
        say_behaviour(ruleset.behaviours[name], ruleset, as_json=as_json)
    else:
        say_clause(ruleset.standard.clause(name), ruleset, as_json=as_json)


@command.command("schema", short_help="Print the JSON Schema of rule files for editors.")
def schema_command() -> None:
    """Print the JSON Schema of rule files, for editors that complete keys and underline mistakes."""
    click.echo(schema_text(), nl=False)


@command.command("new", short_help="Write a first, commented rule to start from.")
@click.argument("name", metavar="ID")
@click.option("--clause", required=True, metavar="CLAUSE", help="The clause of the standard that the rule serves.")
@configured()
def new_command(*, settings: Config, name: str, clause: str) -> None:
    """Write a first, commented rule and its behaviours, as a draft, into your rules folder."""
    ruleset = _ruleset(settings)
    known(clause, [known_clause.id for known_clause in ruleset.standard.clauses])
    try:
        written = draft_rule(name, _own_folder(settings), ruleset, clause=clause)
    except IdTaken as error:
        raise click.UsageError(str(error)) from None
    for path in written:
        say(str(path))
    say(f"now: edit them, then `qa-audit rules check` and `qa-audit rules show {name}`")


@command.command("confirm", short_help="Note that a rule was held against its clause as worded now.")
@click.argument("names", nargs=-1, metavar="[ID]...")
@click.option("--all", "everything", is_flag=True, help="Every rule.")
@configured()
def confirm_command(*, settings: Config, names: Sequence[str], everything: bool) -> None:
    """Note in a rule's file that somebody held it against its clause as the clause is worded now."""
    _own_folder(settings)
    ruleset = _ruleset(settings)
    for name in names:
        known(name, ruleset.rules)
    if not names and not everything:
        raise click.UsageError("name the rules that you have read beside their clauses, or give --all")
    for name in ruleset.rules if everything else names:
        if confirm(ruleset.rules[name], ruleset):
            say(f"{ruleset.rules[name].location.path}: confirmed")


def _ruleset(settings: Config, paths: Sequence[Path] = ()) -> RuleSet:
    if not paths:
        return load_rules(settings.rules, folder=settings.folder)
    rules = settings.rules.model_copy(update={"paths": tuple(str(path.absolute()) for path in paths)})
    return load_rules(rules, folder=settings.folder, another_set=True)


def _own_folder(settings: Config) -> Path:
    """The first rules folder of one's own; the rules inside the program are not written to."""
    folder = next((settings.folder / path for path in settings.rules.paths if (settings.folder / path).is_dir()), None)
    if folder is None:
        raise OutputError("the rules that come with the program are not changed; `qa-audit init DIR` gives you a copy of your own")
    return folder
