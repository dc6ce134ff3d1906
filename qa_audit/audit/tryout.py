"""A rule and kept calls in, what it would find out: its hits with their sentences, its outcomes, a sample to judge."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, replace

from qa_audit.audit.auditor import Auditor
from qa_audit.audit.kept import Encoder, Kept
from qa_audit.audit.sentences import sentences
from qa_audit.models import Finding, Moment, Outcome, Recording, Status, Transcript
from qa_audit.rules.language import RuleSet

SEED = 20
SAMPLE = 20
"""Hits in the random sample: enough to see whether a rule is right nine times in ten."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One moment that a rule rests on, with the sentence it stands in."""

    call_id: str
    agent: str
    moment: Moment
    sentence: str


@dataclass(frozen=True, slots=True)
class Tryout:
    """What a rule finds over many calls. `findings` has every call; `hits` are the moments the findings rest on."""

    rule: str
    findings: tuple[tuple[str, Finding], ...]
    hits: tuple[Hit, ...]

    def by_outcome(self) -> dict[Outcome, int]:
        """How many calls come out how."""
        return {outcome: sum(finding.outcome is outcome for _, finding in self.findings) for outcome in Outcome}

    def by_agent(self) -> dict[str, dict[Outcome, int]]:
        """The same for every agent, by name."""
        agents = sorted({agent for agent, _ in self.findings})
        mine = {agent: [finding for who, finding in self.findings if who == agent] for agent in agents}
        return {agent: {outcome: sum(f.outcome is outcome for f in found) for outcome in Outcome} for agent, found in mine.items()}

    def sample(self, size: int = SAMPLE) -> tuple[Hit, ...]:
        """Hits drawn at random, the same at every call, for somebody to judge."""
        if len(self.hits) <= size:
            return self.hits
        return tuple(random.Random(SEED).sample(self.hits, size))  # noqa: S311  (a sample, not a secret)


def try_rule(
    ruleset: RuleSet, rule: str, calls: Iterable[tuple[Recording | None, Transcript, Kept | None]], *, encoder: Encoder | None = None
) -> Tryout:
    """Hold one rule, whatever its status, against kept calls. KeyError when there is no such rule."""
    alone = replace(ruleset.rules[rule], status=Status.SCORED)
    auditor = Auditor(replace(ruleset, rules={rule: alone}), encoder=encoder)
    findings: list[tuple[str, Finding]] = []
    hits: list[Hit] = []
    for recording, transcript, kept in calls:
        agent = recording.agent if recording else ""
        (finding,) = auditor.audit(transcript, recording=recording, kept=kept).findings
        findings.append((agent, finding))
        moments = dict.fromkeys((*finding.triggers, *finding.found))
        hits += (Hit(transcript.call_id, agent, moment, _sentence(transcript, moment)) for moment in moments)
    return Tryout(rule, tuple(findings), tuple(hits))


def _sentence(transcript: Transcript, moment: Moment) -> str:
    """The sentences that the words of a moment stand in; what was measured, where nothing was said."""
    turn = transcript.turns[moment.turn]
    if not moment.quote:
        return moment.because
    touched = [s for s in sentences(replace(transcript, turns=(turn,))) if s.first < moment.span[1] and moment.span[0] < s.last]
    return " ".join(sentence.text(turn) for sentence in touched) or moment.quote
