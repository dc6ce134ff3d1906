"""From moments to findings and clause outcomes: trust, tiers, statuses, to whom a rule applies, and a second look by meaning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from audit_helpers import ruleset, shared_behaviours

from qa_audit.audit import Auditor, Kept
from qa_audit.audit.conversation import conversation
from qa_audit.audit.detector import Detected
from qa_audit.audit.endings import is_cut_off
from qa_audit.audit.evaluate import clause_outcomes
from qa_audit.audit.measured import STRETCHES
from qa_audit.audit.timeline import Timeline
from qa_audit.models import Direction, Finding, Moment, Outcome, Recording, Severity, Sound, Speaker, Status, Tier, Transcript
from qa_audit.rules.language import MEASURES, Clause, Span

COMPLAINT = """
customer: My parcel never arrived.
agent: Let me see.
"""


@pytest.fixture
def judged(tmp_path: Path):
    """The finding of one rule over one call."""

    def judge(rule: dict, call: str | Transcript, *, recording: Recording | None = None, detector=None) -> Finding:
        rules = ruleset(tmp_path, shared_behaviours(), rule)
        transcript = conversation(call) if isinstance(call, str) else call
        (finding,) = Auditor(rules, detector=detector).audit(transcript, recording=recording).findings
        return finding

    return judge


def with_trust(transcript: Transcript, turn: int, *trusts: float) -> Transcript:
    """The same transcript with other trust on the words of one turn."""
    words = tuple(replace(word, trust=trust) for word, trust in zip(transcript.turns[turn].words, trusts, strict=True))
    turns = [replace(old, words=words) if old.index == turn else old for old in transcript.turns]
    return replace(transcript, turns=tuple(turns))


# ------------------------------------------------------------------------------------------------------ trust


def test_a_moment_is_worth_its_least_heard_word_and_how_sure_the_speaker_is(judged) -> None:
    call = with_trust(conversation("agent: Really, half price?"), 0, 0.1, 0.9, 0.8)
    finding = judged({"never": "offer"}, call)
    assert (finding.outcome, finding.trust) == (Outcome.MISSED, 0.8)
    unsure = replace(call, turns=tuple(replace(turn, role_trust=0.5) for turn in call.turns))
    finding = judged({"never": "offer"}, unsure)
    assert (finding.outcome, finding.found[0].trust) == (Outcome.CANNOT_JUDGE, 0.4)


def test_an_absence_is_worth_the_share_of_the_agent_that_was_heard(judged) -> None:
    call = with_trust(conversation(COMPLAINT), 1, 0.9, 0.3, 0.9)
    rule = {"when": "problem", "expect": "apology"}
    assert judged(rule, call).outcome is Outcome.CANNOT_JUDGE
    call = with_trust(conversation("customer: My parcel never arrived.\nagent: Let me see, one moment."), 1, 0.9, 0.9, 0.9, 0.9, 0.3)
    finding = judged(rule, call)
    assert (finding.outcome, finding.trust, finding.searched[0].heard) == (Outcome.MISSED, 0.8, 0.8)


def test_an_agent_who_may_be_somebody_else_was_not_heard(judged) -> None:
    call = conversation(COMPLAINT)
    unsure = replace(call, turns=(call.turns[0], replace(call.turns[1], role_trust=0.4)))
    finding = judged({"when": "problem", "expect": "apology"}, unsure)
    assert (finding.outcome, finding.searched[0].heard) == (Outcome.CANNOT_JUDGE, 0.0)


def test_a_voice_without_words_was_not_heard(judged) -> None:
    call = conversation("[0:00] customer: My parcel never arrived.\n[0:05] agent: Let me see.\n[0:30] customer: Bye.")
    rule = {"when": "problem", "expect": "apology"}
    assert judged(rule, call).outcome is Outcome.MISSED
    more = replace(call, speech=(*call.speech, Sound(Speaker.AGENT, 10.0, 20.0)))
    finding = judged(rule, more)
    assert finding.outcome is Outcome.CANNOT_JUDGE
    assert finding.searched[0].heard == pytest.approx(1.05 / 11.05)


def test_a_finding_shows_its_window_in_turns_and_seconds(judged) -> None:
    call = "[0:00] customer: My parcel never arrived.\n[0:05] agent: Let me see.\n[0:30] agent: Tomorrow.\n[0:40] customer: Bye."
    (window,) = judged({"when": "problem", "expect": "apology", "within": "10s"}, call).searched
    assert (window.first_turn, window.last_turn, window.start, window.end) == (0, 1, pytest.approx(0.7), pytest.approx(11.4))


def test_a_chat_has_windows_without_seconds(judged) -> None:
    (window,) = judged({"when": "problem", "expect": "apology"}, COMPLAINT).searched
    assert (window.first_turn, window.last_turn, window.start, window.end) == (0, 1, None, None)


# ------------------------------------------------------------------------------------------- to whom it applies

RECORDING = Recording(
    call_id="c",
    uri="c.wav",
    size=1,
    modified=0.0,
    agent="Ada",
    started_at=datetime(2025, 3, 1, tzinfo=UTC),
    direction=Direction.INBOUND,
    queue="billing",
    agent_group="north",
    tags=("vip", "pilot"),
)


@pytest.mark.parametrize(
    ("applies_to", "applies"),
    [
        ({"queue": ["billing", "sales"]}, True),
        ({"queue": ["sales"]}, False),
        ({"direction": ["inbound"]}, True),
        ({"direction": ["outbound"]}, False),
        ({"language": ["en"]}, True),
        ({"language": ["fr"]}, False),
        ({"agent_group": ["south"]}, False),
        ({"tag": ["pilot"]}, True),
        ({"tag": ["test"]}, False),
        ({"min_duration": "20s"}, True),
        ({"min_duration": "21s"}, False),
        ({"queue": ["billing"], "tag": ["test"]}, False),
    ],
)
def test_a_rule_is_only_for_the_calls_it_applies_to(judged, applies_to: dict, applies: bool) -> None:
    finding = judged({"when": "problem", "expect": "apology", "applies_to": applies_to}, COMPLAINT, recording=RECORDING)
    assert finding.outcome is (Outcome.MISSED if applies else Outcome.NO_OPPORTUNITY)
    assert applies or finding.reason.startswith("This rule is for ")


def test_what_is_not_known_of_a_call_is_not_what_the_rule_asks_for(judged) -> None:
    finding = judged({"when": "problem", "expect": "apology", "applies_to": {"queue": ["billing"]}}, COMPLAINT)
    assert finding.outcome is Outcome.NO_OPPORTUNITY


# ------------------------------------------------------------------------------------------------ status, clauses


@pytest.mark.parametrize(
    ("statuses", "outcome"),
    [
        ({"missed": "scored", "met": "scored"}, Outcome.MISSED),
        ({"missed": "advisory", "met": "scored"}, Outcome.MET),
        ({"missed": "advisory"}, Outcome.MISSED),
        ({"missed": "shadow"}, Outcome.CANNOT_JUDGE),
        ({"missed": "draft"}, Outcome.CANNOT_JUDGE),
        ({"missed": "draft", "met": "scored"}, Outcome.MET),
    ],
)
def test_only_scored_rules_decide_a_clause(tmp_path: Path, statuses: dict[str, str], outcome: Outcome) -> None:
    asks = {"missed": {"when": "problem", "expect": "apology"}, "met": {"never": "offer"}}
    rules = ruleset(tmp_path, shared_behaviours(), *({**asks[name], "status": status} for name, status in statuses.items()))
    audit = Auditor(rules).audit(conversation(COMPLAINT))
    assert audit.outcomes == {"promise": outcome}
    assert len(audit.findings) == sum(status != "draft" for status in statuses.values())


OUTCOMES = [Outcome.MISSED, Outcome.CANNOT_JUDGE, Outcome.MET, Outcome.NO_OPPORTUNITY]


@pytest.mark.parametrize("worse", range(4))
@pytest.mark.parametrize("better", range(4))
def test_a_clause_is_worth_its_worst_rule(worse: int, better: int) -> None:
    clause = Clause(id="c", title="", good_looks_like="", weight=1, family="customer")
    finding = {"call_id": "x", "rule_version": "", "clause": "c", "severity": Severity.MINOR, "status": Status.SCORED}
    findings = [Finding(rule=str(n), outcome=OUTCOMES[n], **finding) for n in (worse, better)]
    assert clause_outcomes([clause], findings) == {"c": OUTCOMES[min(worse, better)]}


def test_a_clause_that_no_rule_serves_cannot_be_judged() -> None:
    clause = Clause(id="c", title="", good_looks_like="", weight=1, family="customer")
    assert clause_outcomes([clause], []) == {"c": Outcome.CANNOT_JUDGE}


# ----------------------------------------------------------------------------------------------------- meaning


@dataclass(frozen=True)
class ByMeaning:
    """A detector that takes every turn with a certain word for a behaviour, as its author says."""

    word: str
    behaviour: str
    tier: Tier = Tier.STRICT
    drops: str = ""
    denies: frozenset[tuple[str, int]] = frozenset()

    def detect(self, transcript: Transcript, kept: Kept) -> Detected:
        moments = [
            Moment(
                behaviour=self.behaviour,
                turn=turn.index,
                speaker=turn.speaker,
                start=turn.start,
                end=turn.end,
                quote=turn.text,
                span=(0, len(turn.words)),
                trust=0.9,
                how="example",
                tier=self.tier,
            )
            for turn in transcript.turns
            if self.word in turn.text
        ]
        return Detected(moments, self.denies)

    def revise(self, transcript: Transcript, moments: Sequence[Moment]) -> Sequence[Moment]:
        return [moment for moment in moments if moment.behaviour != self.drops]


def test_what_is_found_by_meaning_meets_an_expectation(judged) -> None:
    rule = {"when": "problem", "expect": "apology"}
    assert judged(rule, COMPLAINT, detector=ByMeaning("see", "apology", Tier.LENIENT)).outcome is Outcome.MET
    assert judged(rule, COMPLAINT, detector=ByMeaning("else", "apology")).outcome is Outcome.MISSED


def test_what_is_loosely_found_by_meaning_accuses_nobody(judged) -> None:
    assert judged({"never": "offer"}, COMPLAINT, detector=ByMeaning("see", "offer", Tier.LENIENT)).outcome is Outcome.CANNOT_JUDGE
    assert judged({"never": "offer"}, COMPLAINT, detector=ByMeaning("see", "offer")).outcome is Outcome.MISSED


def test_what_is_found_by_meaning_in_the_wrong_mouth_or_ignored_does_not_count(judged) -> None:
    assert judged({"never": "offer"}, COMPLAINT, detector=ByMeaning("parcel", "offer")).outcome is Outcome.MET
    call = "customer: Please cancel my appointment.\nagent: Done."
    rule = {"when": "cancel-request", "expect": "apology"}
    assert judged(rule, call, detector=ByMeaning("appointment", "cancel-request")).outcome is Outcome.NO_OPPORTUNITY


def test_a_second_look_comes_before_what_follows_from_it(judged) -> None:
    call = "customer: Can I change it?\nagent: That is not possible.\ncustomer: Oh."
    rule = {"never": "dead-end"}
    assert judged(rule, call, detector=ByMeaning("nothing", "offer")).outcome is Outcome.MISSED
    assert judged(rule, call, detector=ByMeaning("nothing", "offer", drops="refusal")).outcome is Outcome.MET


def test_a_phrase_where_the_call_says_otherwise_does_not_count(judged) -> None:
    detector = ByMeaning("nothing", "offer", denies=frozenset((("offer", 0),)))
    assert judged({"never": "offer"}, "agent: Half price?", detector=detector).outcome is Outcome.MET
    assert judged({"never": "offer"}, "agent: Hello.\nagent: Half price?", detector=detector).outcome is Outcome.MISSED


def test_a_phrase_found_in_the_same_turn_is_one_moment(judged) -> None:
    finding = judged({"never": "offer"}, "agent: Half price?", detector=ByMeaning("Half", "offer"))
    assert [moment.how for moment in finding.found] == ["phrase"]


# -------------------------------------------------------------------------------------------- measured, the clock


def test_every_measure_is_found() -> None:
    assert STRETCHES.keys() == MEASURES.keys()


def test_who_hung_up_is_never_sure(judged) -> None:
    behaviours_call = "[0:00] customer: Can I change it?\n[0:05] agent: That is not possible."
    call = replace(conversation(behaviours_call), duration=7.0)
    transcript = replace(call, duration=call.turns[-1].end + 0.5)
    found = list(STRETCHES["agent-hangs-up"](transcript))
    assert [(stretch.speaker, stretch.tier) for stretch in found] == [(Speaker.AGENT, Tier.LENIENT)]
    polite = conversation("[0:00] customer: Can I change it?\n[0:05] agent: Yes, done, goodbye.")
    assert list(STRETCHES["agent-hangs-up"](replace(polite, duration=polite.turns[-1].end + 0.5))) == []


def test_a_recording_that_stops_in_mid_speech_is_cut_off_unless_that_speech_is_a_goodbye() -> None:
    def stopping(words: str) -> Transcript:
        call = conversation(f"[0:00] customer: Hello?\n[0:05] agent: {words}")
        return replace(call, duration=call.turns[-1].end)

    assert is_cut_off(stopping("So what I will do now is"))
    assert not is_cut_off(stopping("All the best and goodbye."))
    assert not is_cut_off(conversation("agent: So what I will do now is"))


@pytest.mark.parametrize(
    ("span", "end"),
    [(Span(seconds=20), 2.0), (Span(seconds=21), 4.0), (Span(turns=3), 6.0), (Span(share=0.5), 4.0), (Span(turns=4), float("inf"))],
)
def test_the_clock_of_a_chat_counts_turns(span: Span, end: float) -> None:
    timeline = Timeline(conversation("customer: a\nagent: b\ncustomer: c\nagent: d\ncustomer: e\nagent: f"))
    assert timeline.ahead(0.5, span, turn=0) == end
