"""The store tells a known call from a changed one, keeps what was heard, and lets newer rows win."""

from __future__ import annotations

from pathlib import Path

import pytest
from store_helpers import audit, recording, score, transcript

from qa_audit.errors import StoreError
from qa_audit.models import CallFailure, Outcome, Recording
from qa_audit.store import AuditRow, FailureRow, Store, TranscriptRow, open_store


@pytest.fixture
def store(tmp_path: Path):
    with open_store(str(tmp_path / "kept calls ü.db")) as opened:
        yield opened


def hear(store: Store, noun: Recording, *, sha256: str = "s1", fingerprint: str = "f1") -> None:
    store.keep_recordings([noun])
    store.keep_transcript(noun, TranscriptRow.of(transcript(noun.call_id, fingerprint=fingerprint), sha256=sha256))


def mark(store: Store, call_id: str, *, marked_by: str = "m1", outcome: Outcome = Outcome.MET, view: bytes | None = b"view") -> None:
    (material,) = store.material([call_id], view="v1")
    row = AuditRow.of(material, audit=audit(call_id, outcome=outcome), score=score(call_id), view=view)
    store.keep_audits([row], marked_by=marked_by, ruleset="r1", view="v1")


def test_a_known_file_is_told_by_size_and_time_alone(store):
    store.keep_recordings([recording()])
    state = store.states()["a"]
    assert state.same_file(recording())
    assert not state.same_file(recording(size=1001))
    assert not state.same_file(recording(modified=2.5))
    assert not state.same_file(recording(uri="/elsewhere/a.wav"))


def test_a_changed_file_counts_as_not_heard(store):
    hear(store, recording())
    assert store.states()["a"].sha256 == "s1"
    store.keep_recordings([recording(size=2000)])
    assert store.states()["a"].sha256 is None
    assert store.heard() == {("s1", "f1")}, "what was heard is never thrown away"


def test_what_was_heard_of_a_file_that_was_replaced_meanwhile_does_not_stand_for_the_new_one(store):
    changes = {"longer": {"size": 2000}, "later": {"modified": 2.5}, "moved": {"uri": "/elsewhere/moved.wav"}}
    for call_id, change in changes.items():
        old, new = recording(call_id), recording(call_id, **change)
        store.keep_recordings([old])
        store.keep_recordings([new])  # by another run, while the first one was hearing the old file
        failure = FailureRow(CallFailure(call_id, new.uri, "transcribe", "damaged", "cannot be decoded"), new.size, new.modified, "f1")
        store.keep_failure(failure)
        assert not store.keep_transcript(old, TranscriptRow.of(transcript(call_id), sha256=f"old {call_id}"))
        store.reuse_transcripts([(old, f"old {call_id}", "f1")])
        state = store.states()[call_id]
        assert (state.fingerprint, state.failure) == (None, failure), call_id
        assert list(store.material([call_id], view="v1")) == []
        assert (f"old {call_id}", "f1") in store.heard(), "what was heard is never thrown away"
        assert store.keep_transcript(new, TranscriptRow.of(transcript(call_id), sha256=f"new {call_id}"))
        state = store.states()[call_id]
        assert (state.sha256, state.fingerprint, state.failure) == (f"new {call_id}", "f1", None)


def test_changed_metadata_while_it_was_heard_leaves_it_heard(store):
    store.keep_recordings([recording()])
    store.keep_recordings([recording(agent="Omar")])
    assert store.keep_transcript(recording(), TranscriptRow.of(transcript(), sha256="s1"))
    assert store.states()["a"].heard


def test_changed_metadata_alone_needs_marking_and_no_listening(store):
    hear(store, recording())
    mark(store, "a")
    assert store.states(marked_by="m1")["a"].up_to_date
    store.keep_recordings([recording(agent="Omar")])
    state = store.states(marked_by="m1")["a"]
    assert state.sha256 == "s1"
    assert not state.up_to_date


def test_other_rules_need_marking_and_the_older_audit_stays(store):
    hear(store, recording())
    mark(store, "a", marked_by="m1", outcome=Outcome.MET)
    assert not store.states(marked_by="m2")["a"].up_to_date
    mark(store, "a", marked_by="m2", outcome=Outcome.MISSED)
    assert store.call("a", marked_by="m1").audit.outcomes["apologise"] is Outcome.MET
    assert store.call("a", marked_by="m2").audit.outcomes["apologise"] is Outcome.MISSED
    assert store.counts().rows["audits"] == 2


def test_another_engine_is_kept_beside_and_can_stand_in_again(store):
    hear(store, recording(), fingerprint="f1")
    hear(store, recording(), fingerprint="f2")
    assert store.states()["a"].fingerprint == "f2"
    store.reuse_transcripts([(recording(), "s1", "f1")])
    assert store.states()["a"].fingerprint == "f1"
    assert next(iter(store.material(["a"], view="v1"))).transcript().fingerprint == "f1"


def test_who_heard_is_told_once_for_all_calls(store):
    for call_id in ("a", "b"):
        hear(store, recording(call_id), sha256=call_id)
    assert store.listeners(["a", "b"]) == (transcript().heard,)
    assert store.listeners([]) == ()


def test_the_view_is_made_once_and_handed_back(store):
    hear(store, recording())
    assert next(iter(store.material(view="v1"))).view is None
    mark(store, "a", view=b"made")
    assert next(iter(store.material(view="v1"))).view == b"made"
    assert next(iter(store.material(view="v2"))).view is None


def test_a_marked_call_comes_back_whole(store):
    hear(store, recording())
    mark(store, "a")
    kept = store.call("a", marked_by="m1")
    assert (kept.recording, kept.transcript, kept.audit, kept.score) == (recording(), transcript(), audit(outcome=Outcome.MET), score())
    assert store.scores(["a", "unknown"], marked_by="m1") == [score()]
    with pytest.raises(StoreError, match="qa-audit check"):
        store.call("a", marked_by="m2")


def test_marks_of_what_a_replaced_file_said_are_not_shown_beside_the_new_transcript(store):
    hear(store, recording())
    mark(store, "a")
    hear(store, recording(size=2000), sha256="s2")
    with pytest.raises(StoreError, match="not marked"):
        store.call("a", marked_by="m1")
    mark(store, "a")
    assert store.call("a", marked_by="m1").recording.size == 2000


def test_a_failure_is_noted_once_a_call_and_goes_when_the_call_succeeds(store):
    store.keep_recordings([recording()])
    failure = CallFailure("a", recording().uri, "transcribe", "damaged", "cannot be decoded")
    store.keep_failure(FailureRow(failure, 1000, 1.5, "f1"))
    store.keep_failure(FailureRow(failure, 1000, 1.5, "f1", tries=2))
    kept = store.states()["a"].failure
    assert kept == FailureRow(failure, 1000, 1.5, "f1", tries=2)
    assert kept.same_attempt(recording(), "f1")
    assert not kept.same_attempt(recording(), "f2")
    assert not kept.same_attempt(recording(size=2), "f1")
    assert store.counts().failures == {("transcribe", "damaged"): 1}
    hear(store, recording())
    assert store.states()["a"].failure is None


def test_more_calls_than_one_query_names_all_come_back(store):
    store.keep_recordings([recording(f"call {i:04}") for i in range(1203)])
    assert len(list(store.recordings([f"call {i:04}" for i in range(1203)]))) == 1203
    assert [r.call_id for r in store.recordings()][:2] == ["call 0000", "call 0001"]
    assert list(store.recordings([])) == []


def test_what_a_night_asks_for_is_answered_without_the_rest(store):
    for number in range(1203):
        store.keep_recordings([recording(f"call {number:04}", size=number)])
    hear(store, recording("call 0007", size=7), sha256="s7")
    hear(store, recording("call 0008", size=8), sha256="s8")
    wanted = [f"call {number:04}" for number in range(0, 1203, 2)]
    assert sorted(store.states(wanted)) == wanted
    assert store.states([]) == {}
    assert store.hashes({7, 8, 9, 5000}) == {7: {"s7"}, 8: {"s8"}, 9: set(), 5000: set()}
    assert store.heard({"s8", "unknown"}) == {("s8", "f1")}
    assert store.heard(set()) == set()
    assert store.heard() == {("s7", "f1"), ("s8", "f1")}
