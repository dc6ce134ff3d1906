"""Rules, behaviours and clauses as pages of plain text, and as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import fill, indent
from typing import Any

import click

from qa_audit.cli.text import say, say_json
from qa_audit.models import Speaker
from qa_audit.plain import did_you_mean
from qa_audit.rules.explain import behaviour_in_words, rule_in_words
from qa_audit.rules.language import Behaviour, Clause, Rule, RuleSet

WIDTH = 100


def known(name: str, names: Iterable[str]) -> None:
    """Nothing when the name is among them; else the nearest, as an error of the command line."""
    names = list(names)
    if name not in names:
        hint = did_you_mean(name, names) or "; `qa-audit rules list` names them"
        raise click.UsageError(f"there is no '{name}'{hint}")


def as_dict(rule: Rule, ruleset: RuleSet) -> dict[str, Any]:
    """A rule for programs: what it is, what it says in words, whether it is stale."""
    return {
        "id": rule.id,
        "title": rule.title,
        "clause": rule.clause,
        "severity": rule.severity.value,
        "status": rule.status.value,
        "stale": rule.id in ruleset.stale,
        "in_words": rule_in_words(rule, ruleset).text,
        "say_instead": rule.say_instead,
        "why": rule.why,
        "owner": rule.owner,
        "path": rule.location.path,
        "version": rule.version,
    }


def say_rule(rule: Rule, ruleset: RuleSet) -> None:
    """A page about one rule."""
    told, clause = rule_in_words(rule, ruleset), ruleset.standard.clause(rule.clause)
    say(f"{rule.id}: {rule.title}")
    _paragraph(told.text)
    if rule.id in ruleset.stale:
        _paragraph(f"STALE: the clause was reworded since; read both, then run `qa-audit rules confirm {rule.id}`.")
    _titled("The clause it serves", f"{clause.title}. {clause.good_looks_like}")
    _titled("Why", rule.why)
    _titled("What to say instead", rule.say_instead)
    if told.terms:
        _heading("What the words mean")
        for term, meaning in told.terms:
            _paragraph(f"{term}: {meaning}", space="  ")
    for example in rule.examples:
        known = " (known to come out wrong)" if example.known_miss else ""
        _heading(f"An example that is {example.expected.value.replace('_', ' ')}{known}")
        for line in example.conversation.splitlines():
            say(f"  {line}")
    _heading(f"{rule.location}, version {rule.version}{f', owner {rule.owner}' if rule.owner else ''}")


def say_behaviour(behaviour: Behaviour, ruleset: RuleSet, *, as_json: bool) -> None:
    """A page about one behaviour: what it means, its phrases and sentences, and which rules use it."""
    meaning = behaviour_in_words(behaviour, ruleset.behaviours)
    users = [
        rule.id for rule in ruleset.rules.values() if behaviour.id in {*rule.when, *rule.expect, *rule.never, *rule.in_order, *rule.unless}
    ]
    if as_json:
        found = {"id": behaviour.id, "who": sorted(behaviour.who), "meaning": meaning, "says": list(behaviour.says), "rules": users}
        say_json(found | {"path": behaviour.location.path, "version": behaviour.version})
        return
    who = "anybody" if behaviour.who == frozenset(Speaker) else " or ".join(sorted(behaviour.who))
    say(f"{behaviour.id}: said or done by {who}")
    _paragraph(meaning)
    sentences = ([sentence.text for sentence in part] for part in (behaviour.like, behaviour.unlike))
    parts = (behaviour.says, behaviour.ignore, behaviour.regex, *sentences)
    for title, lines in zip(("phrases", "but not", "patterns", "sentences that mean it", "and that do not"), parts, strict=True):
        if lines:
            _heading(title)
            for line in lines:
                say(f"  {line}")
    _heading(f"used by {', '.join(users) or 'no rule'}; {behaviour.location}")


def say_clause(clause: Clause, ruleset: RuleSet, *, as_json: bool) -> None:
    """A page about one clause and the rules that serve it."""
    rules = [rule.id for rule in ruleset.rules.values() if rule.clause == clause.id]
    if as_json:
        found = {"id": clause.id, "title": clause.title, "good_looks_like": clause.good_looks_like, "weight": clause.weight}
        say_json(found | {"family": clause.family, "critical": clause.critical, "rules": rules})
        return
    say(f"{clause.id}: {clause.title}")
    _paragraph(clause.good_looks_like)
    _heading(
        f"weight {clause.weight:g}, {clause.family}{', critical' if clause.critical else ''}; served by {', '.join(rules) or 'no rule'}"
    )


def _heading(line: str) -> None:
    """A line with an empty one before it."""
    say()
    say(line)


def _titled(title: str, text: str) -> None:
    if text.strip():
        _heading(title)
        _paragraph(text, space="  ")


def _paragraph(text: str, space: str = "") -> None:
    for line in indent(fill(" ".join(text.split()), WIDTH), space).splitlines():
        say(line)
