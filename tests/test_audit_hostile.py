"""Calls as nobody would record them: whatever comes in, an audit comes out whose findings hold together."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from audit_helpers import CASES, ruleset, shared_behaviours
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_audit.audit import Auditor, Kept, prepare
from qa_audit.audit.hearing import is_sure
from qa_audit.models import Audit, Doubt, Heard, Outcome, Sound, Speaker, Transcript, Turn, Word
from qa_audit.rules.language import Kind, RuleSet

SPEAKERS = st.sampled_from(list(Speaker))
TIMES = st.one_of(st.none(), st.floats(-5, 300))
SAYINGS = (
    "my parcel never arrived", "please cancel it", "half price", "two months free", "I am so sorry", "not possible", "you idiot", "order number 4471",
    "good morning", "date of birth", "call is recorded", "have a lovely day", "what can you offer", "instead", "hm", "no.", "I did not say", "you told me", "",
)  # fmt: skip
TEXTS = st.one_of(st.sampled_from(SAYINGS), st.text(max_size=12))
WORDS = st.builds(Word, TEXTS, TIMES, TIMES, st.sampled_from([0.0, 0.3, 0.5, 0.9, 1.0]))


@st.composite
def transcripts(draw: st.DrawFn) -> Transcript:
    turns = [
        Turn(index=index, speaker=speaker, start=start, end=end, role_trust=trust, words=tuple(words))
        for index, (speaker, start, end, trust, words) in enumerate(
            draw(st.lists(st.tuples(SPEAKERS, TIMES, TIMES, st.sampled_from([0.2, 1.0]), st.lists(WORDS, max_size=4)), max_size=8))
        )
    ]
    return Transcript(
        call_id="odd",
        fingerprint="",
        heard=Heard("odd", ""),
        language=draw(st.sampled_from(["en", "", "xx"])),
        duration=draw(st.one_of(st.none(), st.floats(0, 400))),
        turns=tuple(turns),
        speech=tuple(
            Sound(who, at, at + length)
            for who, at, length in draw(st.lists(st.tuples(SPEAKERS, st.floats(0, 300), st.floats(0, 60)), max_size=5))
        ),
        holds=tuple((at, at + 40.0) for at in draw(st.lists(st.floats(0, 300), max_size=2))),
        doubts=tuple(Doubt(kind, "") for kind in draw(st.sets(st.sampled_from(["cut-off", "mono", "clipped"])))),
    )


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> RuleSet:
    """Every rule of the semantics together."""
    folder: Path = tmp_path_factory.mktemp("rules")
    rules = {
        repr(case["rule"]): case["rule"] for case in yaml.safe_load((CASES / "semantics.yaml").read_text()) if "behaviours" not in case
    }
    return ruleset(folder, shared_behaviours(), *rules.values())


def test_any_call_has_an_audit_that_holds_together(everything: RuleSet) -> None:
    auditor = Auditor(everything)

    @settings(max_examples=150, deadline=None)
    @given(transcripts())
    def check(transcript: Transcript) -> None:
        audit = auditor.audit(transcript)
        assert audit == auditor.audit(transcript, kept=Kept.from_bytes(prepare(transcript).to_bytes()))
        assert len(audit.findings) == len(everything.rules)
        holds_together(audit, transcript, everything)

    check()


def holds_together(audit: Audit, transcript: Transcript, rules: RuleSet) -> None:
    for moment in audit.moments:
        assert 0 <= moment.turn < len(transcript.turns)
        assert 0 <= moment.trust <= 1
    for finding in audit.findings:
        rule = rules.rules[finding.rule]
        assert finding.reason.endswith(".")
        assert 0 <= finding.trust <= 1
        assert all(0 <= window.heard <= 1 for window in finding.searched)
        if finding.outcome is Outcome.MISSED:
            assert not rule.when or all(is_sure(trigger) for trigger in finding.triggers)
        if finding.outcome is Outcome.MISSED and rule.kind is Kind.NEVER:
            assert finding.found
            assert all(is_sure(moment) for moment in finding.found)
        if finding.outcome is Outcome.MET and rule.kind is Kind.EXPECT:
            assert finding.found
