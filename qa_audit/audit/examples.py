"""A rule set in, whether the examples inside its rules come out as their authors expect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from qa_audit.audit.auditor import Auditor
from qa_audit.audit.conversation import ConversationError, conversation
from qa_audit.audit.kept import Encoder
from qa_audit.models import Outcome, Status
from qa_audit.rules.language import AppliesTo, Rule, RuleExample, RuleSet


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """One example of a rule: what it must be, what it is (None when it cannot be read), and why, in words."""

    rule: str
    example: RuleExample
    got: Outcome | None
    reason: str

    @property
    def passed(self) -> bool:
        """As expected; a known miss may come out either way."""
        return self.got is self.example.expected or (self.example.known_miss and self.got is not None)


def run_examples(ruleset: RuleSet, *, encoder: Encoder | None = None, only: Iterable[str] = ()) -> tuple[ExampleResult, ...]:
    """Every example of every rule, drafts included, through the same Auditor that marks calls; `only` names some rules.

    What kinds of call a rule applies to (queue, direction, …) is left aside: an example has none of it.
    """
    rules = {name: replace(rule, status=Status.SCORED, applies_to=AppliesTo()) for name, rule in ruleset.rules.items()}
    auditor = Auditor(replace(ruleset, rules=rules), encoder=encoder)
    wanted = set(only) or rules.keys()
    return tuple(result for rule in rules.values() if rule.id in wanted for result in _results(auditor, rule))


def _results(auditor: Auditor, rule: Rule) -> Iterator[ExampleResult]:
    for example in rule.examples:
        try:
            transcript = conversation(example.conversation, call_id=rule.id)
        except ConversationError as error:
            yield ExampleResult(rule.id, example, None, str(error))
            continue
        finding = next(finding for finding in auditor.audit(transcript).findings if finding.rule == rule.id)
        yield ExampleResult(rule.id, example, finding.outcome, finding.reason)
