"""The main job: what is new is done, what is known is not done again, and every call ends in one place."""

from __future__ import annotations

import json

import pytest
from pipeline_helpers import COLD, SAD, fates, night, own_rules, run, snapshot, touch_later, write_call

from qa_audit import pipeline
from qa_audit.config import Recordings, Speech
from qa_audit.errors import OutputError, StoreError, UserFileError
from qa_audit.models import Outcome
from qa_audit.pipeline.places import opened_store


@pytest.fixture
def home(tmp_path):
    """Three calls of two agents, in a folder with a blank and letters beyond ASCII in its name."""
    home = tmp_path / "night shift ü"
    write_call(home / "calls", "kim_1", SAD)
    write_call(home / "calls", "kim_2", COLD)
    write_call(home / "calls", "omar_3", SAD)
    return home


def settings(home, **parts):
    return night(home, rules=own_rules(home), **parts)


def test_recordings_in_scorecards_out(home):
    result = run(settings(home))
    assert fates(result) == {"kim_1": "scored", "kim_2": "scored", "omar_3": "scored"}
    assert (result.listened, result.marked) == (3, 3)
    assert [heard.engine for heard in result.heard] == ["imported"]
    scored = pipeline.score(settings(home))
    outcomes = {call.call_id: call.outcomes["apologise"] for call in scored.calls}
    assert outcomes == {"kim_1": Outcome.MET, "kim_2": Outcome.MISSED, "omar_3": Outcome.MET}
    assert {card.agent: card.score for card in scored.scorecards} == {"kim": pytest.approx(50, abs=40), "omar": pytest.approx(100, abs=40)}
    out = home / "scorecards"
    assert (out / "index.html").is_file()
    document = json.loads((out / "run.json").read_text())
    assert (document["found"], document["scored"], document["excluded"], document["failed"]) == (3, 3, 0, 0)
    assert document["scored_calls"] == ["kim_1", "kim_2", "omar_3"]


def test_a_second_run_does_nothing_again_and_leaves_the_pages_alone(home):
    run(settings(home))
    before = snapshot(home / "scorecards")
    result = run(settings(home))
    assert (result.listened, result.marked, len(result.scored)) == (0, 0, 3)
    after = snapshot(home / "scorecards")
    assert after.pop("run.json") != before.pop("run.json"), "every run leaves its own run.json"
    assert after == before


def test_a_changed_rule_marks_again_without_listening(home):
    run(settings(home))
    changed = night(home, rules=own_rules(home, "within: 1 turn\n"))
    result = run(changed)
    assert (result.listened, result.marked) == (0, 3)
    assert run(settings(home)).marked == 0, "going back to rules that marked it before costs nothing"


def test_another_way_of_listening_listens_again_and_going_back_is_free(home):
    run(settings(home))
    spoken = Recordings(sources=("calls",), pattern="{agent}_{customer}.json", defaults={"language": "de"})
    assert run(settings(home, recordings=spoken)).listened == 3
    result = run(settings(home))
    assert (result.listened, result.marked) == (0, 3), "the audit kept last was of the other transcript"


def test_changed_metadata_marks_again_without_listening(home):
    run(settings(home))
    (home / "calls.csv").write_text("file,queue\ncalls/kim_1.json,billing\n")
    facts = Recordings(sources=("calls",), pattern="{agent}_{customer}.json", manifest="calls.csv")
    result = run(settings(home, recordings=facts))
    assert (result.listened, result.marked) == (0, 1)
    assert {call.queue for call in pipeline.score(settings(home, recordings=facts)).calls} == {"billing", None}


def test_a_changed_file_alone_is_heard_again(home):
    run(settings(home))
    touch_later(write_call(home / "calls", "kim_2", SAD))
    result = run(settings(home))
    assert (result.listened, result.marked) == (1, 1)
    assert all(call.outcomes["apologise"] is Outcome.MET for call in pipeline.score(settings(home)).calls)


def test_a_touched_file_with_the_same_content_is_not_heard_again(home):
    run(settings(home))
    touch_later(home / "calls" / "kim_1.json")
    result = run(settings(home))
    assert (result.listened, result.marked, len(result.scored)) == (0, 0, 3)


def test_one_bad_call_is_set_aside_and_the_others_are_scored(home):
    (home / "calls" / "kim_torn.json").write_text('{"turns": [{"speaker"')
    (home / "calls" / "kim_empty.json").touch()
    (home / "calls" / "nameless.json").write_text((home / "calls" / "kim_1.json").read_text())
    result = run(settings(home))
    assert len(result.scored) == 3
    assert len(result.excluded) + len(result.failed) == 3
    assert result.found == 6
    reasons = fates(result)
    assert reasons["kim_empty"] == "empty"
    assert all(failure.message and failure.kind for failure in (*result.excluded, *result.failed))
    page = json.loads((home / "scorecards" / "run.json").read_text())
    assert sum(page["reasons"].values()) == 3


def test_a_call_that_is_mended_is_scored_and_its_failure_forgotten(home):
    torn = home / "calls" / "kim_9.json"
    torn.write_text("{")
    assert "kim_9" not in run(settings(home)).scored
    touch_later(write_call(home / "calls", "kim_9"))
    result = run(settings(home))
    assert "kim_9" in result.scored
    assert not result.excluded
    assert not result.failed


def test_calls_that_are_gone_are_not_on_the_pages_and_stay_in_the_store(home):
    run(settings(home))
    (home / "calls" / "omar_3.json").unlink()
    result = run(settings(home))
    assert result.scored == ("kim_1", "kim_2")
    assert not [page for page in snapshot(home / "scorecards") if "omar" in page]
    assert len(pipeline.report(settings(home)).scored) == 3, "`report` shows everything kept"


def test_a_selection_is_all_that_a_run_is_about(home):
    result = run(settings(home), selection=pipeline.Selection(agents=frozenset({"kim"}), limit=1))
    assert fates(result) == {"kim_1": "scored"}
    assert fates(run(settings(home), selection=pipeline.Selection(queues=frozenset({"none"})))) == {}


def test_a_preview_touches_nothing(home):
    before = snapshot(home) | snapshot_of_rules(home)
    seen = pipeline.preview(settings(home))
    assert (seen.found, seen.to_hear, seen.to_mark) == (3, ("kim_1", "kim_2", "omar_3"), ())
    assert snapshot(home) == before
    run(settings(home))
    changed = night(home, rules=own_rules(home, "within: 1 turn\n"))
    seen = pipeline.preview(changed)
    assert (seen.to_hear, seen.to_mark) == ((), ("kim_1", "kim_2", "omar_3"))
    assert pipeline.score(settings(home)).unmarked == (), "the marks under the rules that held are still there"


def snapshot_of_rules(home):
    settings(home)
    return {f"rules/{name}": data for name, data in snapshot(home / "rules").items()}


def test_nothing_is_done_when_the_rules_are_broken(home):
    broken = settings(home)
    (home / "rules" / "say-sorry.yaml").write_text("id: say-sorry\nseverty: minor\n")
    with pytest.raises(UserFileError, match="severty"):
        run(broken)
    assert not (home / "qa_audit.db").exists()


def test_nothing_is_done_when_the_pages_cannot_be_written(home):
    (home / "taken").write_text("a file stands where the folder should be")
    with pytest.raises(OutputError, match="--out"):
        run(settings(home, out="taken"))
    assert not (home / "qa_audit.db").exists()


def test_a_second_run_at_the_same_time_is_refused(home):
    with opened_store(settings(home), create=True) as store, store.session("run"), pytest.raises(StoreError, match="held by `run`"):
        run(settings(home))
    assert len(run(settings(home)).scored) == 3


def test_the_same_inputs_give_the_same_pages_to_the_byte(home, tmp_path):
    run(settings(home))
    first = snapshot(home / "scorecards")
    run(settings(home, store="other.db", out="other"))
    second = snapshot(home / "other")
    for pages in (first, second):
        pages.pop("run.json")
        pages.pop("run.html")
    assert first.keys() == second.keys()
    differing = [name for name in first if first[name] != second[name] and not name.startswith(".")]
    assert differing == []


def test_a_transcript_beside_a_recording_is_read_where_imported_is_asked_for(home):
    (home / "calls" / "lea_7.wav").write_bytes(b"RIFF no sound at all")
    write_call(home / "calls", "lea_7")
    only = Recordings(sources=("calls/lea_7.wav",), defaults={"agent": "lea"})
    assert fates(run(settings(home, recordings=only))) == {"lea_7": "scored"}


@pytest.mark.parametrize("scheme", ["", "local://"])
def test_a_transcript_beside_a_recording_that_changes_is_read_again(home, scheme):
    (home / "calls" / "lea_7.wav").write_bytes(b"RIFF no sound at all")
    write_call(home / "calls", "lea_7", SAD)
    only = Recordings(sources=(f"{scheme}{home}/calls/lea_7.wav",), defaults={"agent": "lea"})
    first, again = run(settings(home, recordings=only)), run(settings(home, recordings=only))
    assert (first.listened, again.listened) == (1, 0)
    write_call(home / "calls", "lea_7", COLD)
    changed = run(settings(home, recordings=only))
    assert fates(changed) == {"lea_7": "scored"}
    assert changed.listened == 1


def test_a_recording_without_words_is_set_aside_when_nobody_is_to_listen(home):
    (home / "calls" / "lea_8.wav").write_bytes(b"RIFF")
    result = run(
        settings(home, recordings=Recordings(sources=("calls/lea_8.wav",), defaults={"agent": "lea"}), speech=Speech(engine="imported"))
    )
    assert fates(result) == {"lea_8": "no-transcript"}
    assert "add an engine" in result.excluded[0].message
