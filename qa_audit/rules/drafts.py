"""Edits that the program makes in people's files: a first, commented rule, and the line that ties a rule to its clause.

Only what is asked for is written; comments and everything else in a file stay as they are.
"""

from __future__ import annotations

import re
from pathlib import Path

from qa_audit.rules.language import Rule, RuleSet

_CLAUSE_LINE = re.compile(r"^clause:[^\n]*\n", re.MULTILINE)
_SEEN_LINE = re.compile(r"^clause_seen:[^\n]*\n", re.MULTILINE)

_RULE = """\
# A rule says what ought, or ought not, to happen. `qa-audit rules check` reads it, `qa-audit rules show {id}` says it in plain words.
id: {id}
title: {title}                # one line that a supervisor reads beside a miss
clause: {clause}              # the clause of the standard that it serves: {clauses}
clause_seen: {seen}   # the wording of the clause that you held the rule against; `qa-audit rules confirm` renews it
severity: minor               # minor | major | critical
status: draft                 # draft (not run) | shadow (run, counts nothing) | advisory (shown, weight 0) | scored

when: {id}-trigger            # what makes it an opportunity; without `when` every call is one
expect: {id}-answer           # what ought to follow. Instead of `expect`: `never: …`, or `limit: {{longest_silence: {{max: 20}}}}`
within: 3 turns               # how soon: 60s, 3 turns, or leave it out: any time before the call ends
# every: first                # which trigger counts: occurrence (every one), first, last, 2nd
# unless: abuse               # what excuses a miss
say_instead: What the agent could have said.
why: >
  Why it matters, for the agent who reads it.

examples:                     # run by `qa-audit rules check`; have a near miss, one that looks like a miss and is none
  - missed: |
      customer: It starts raining in.
      agent: Anything else?
  - met: |
      customer: It starts raining in.
      agent: Somebody is on the way.
  - no_opportunity: |
      customer: Are you open on Sunday?
      agent: Yes, until four.
owner: {owner}
"""

_BEHAVIOURS = """\
# What people say, in plain words: (a|b) one of these, [x] may be there, ... up to four words between, cancel* a beginning.
{id}-trigger:
  who: customer               # agent | customer | system | any
  does: reports a leak        # in a few words, to follow who does it
  meaning: Says that water comes in. A question about the weather is not one.
  says:
    - raining in
    - (water|rain) ... (comes|coming) in
  ignore:
    - not raining in
  like:                       # sentences that mean it; found by meaning, not by words
    - There is a puddle under my window again.
  unlike:                     # sentences that look like it and are not
    - They say it is going to rain all week.

{id}-answer:
  who: agent
  does: sends somebody
  meaning: Says that somebody comes.
  says:
    - (somebody|someone) [is|will] ... (way|come|coming)
"""


class IdTaken(ValueError):
    """An id that a rule or a file already has."""


def draft_rule(rule_id: str, folder: Path, ruleset: RuleSet, *, clause: str, owner: str = "compliance") -> tuple[Path, Path]:
    """Write a first rule and its behaviours below `folder`; the two paths. Raises IdTaken rather than write over anything."""
    rule_path, behaviours_path = folder / "packs" / f"{rule_id}.yaml", folder / "behaviours" / f"{rule_id}.yaml"
    taken = rule_id in ruleset.rules or {f"{rule_id}-trigger", f"{rule_id}-answer"} & ruleset.behaviours.keys()
    if taken or rule_path.exists() or behaviours_path.exists():
        raise IdTaken(f"'{rule_id}' is already taken; an id is never used twice")
    told = {
        "id": rule_id,
        "title": rule_id.replace("-", " ").capitalize(),
        "clause": clause,
        "clauses": ", ".join(known.id for known in ruleset.standard.clauses),
        "seen": ruleset.standard.clause(clause).hash,
        "owner": owner,
    }
    for path, text in ((behaviours_path, _BEHAVIOURS), (rule_path, _RULE)):
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, text.format(**told))
    return rule_path, behaviours_path


def confirm(rule: Rule, ruleset: RuleSet) -> bool:
    """Note in the rule's file that it was held against the clause as it is worded now; whether anything had to change."""
    seen = ruleset.standard.clause(rule.clause).hash
    if rule.clause_hash == seen:
        return False
    path = Path(rule.location.path)
    text = path.read_text("utf-8")
    line = f"clause_seen: {seen}\n"
    if _SEEN_LINE.search(text):
        text = _SEEN_LINE.sub(line, text, count=1)
    else:
        text = _CLAUSE_LINE.sub(lambda found: found.group() + line, text, count=1)
    _write(path, text)
    return True


def _write(path: Path, text: str) -> None:
    """Whole or not at all."""
    aside = path.with_name(f".{path.name}.new")
    aside.write_text(text, "utf-8")
    aside.replace(path)
