"""`verify` does a run again and says what, and where, is not the same; it touches nothing."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner
from crash_host import write_sound
from pipeline_helpers import COLD, SAD, night, own_rules, run, snapshot, touch_later, write_call
from sqlalchemy import update

from qa_audit import pipeline
from qa_audit.cli import main
from qa_audit.config import Recordings
from qa_audit.errors import StoreError
from qa_audit.models import CallScore, Outcome
from qa_audit.pipeline.places import opened_store
from qa_audit.store.codec import decode, encode
from qa_audit.store.tables import audits


@pytest.fixture
def home(tmp_path):
    for name, turns in (("kim_1", SAD), ("kim_2", COLD), ("omar_3", SAD)):
        write_call(tmp_path / "calls", name, turns)
    write_sound(tmp_path / "calls" / "omar_3.wav", 3)
    return tmp_path


def settings(home, more=""):
    found = Recordings(sources=("calls",), pattern="{agent}_{customer}", min_seconds=1.0)
    return night(home, rules=own_rules(home, more), recordings=found)


def kept(home):
    """Everything but the log of the database, whose last writes come into the file when it is closed."""
    return {name: data for name, data in snapshot(home).items() if not name.startswith("qa_audit.db")}


def test_the_same_inputs_give_the_same_to_the_byte(home):
    first = run(settings(home))
    before = kept(home)
    verified = pipeline.verify(settings(home))
    assert verified.same
    assert (verified.run_id, verified.calls, verified.scorecards, verified.pages_why) == (first.run_id, 3, 2, "")
    assert verified.pages > 6
    assert kept(home) == before
    run(settings(home))
    assert pipeline.verify(settings(home), first.run_id).same, "a later run over the same changes nothing of that"


def test_a_page_somebody_changed_is_named_with_the_place(home):
    run(settings(home))
    page = home / "scorecards" / "index.html"
    page.write_bytes(page.read_bytes().replace(b"We say sorry", b"We say sorrY", 1))
    (home / "scorecards" / "calls" / "forged.html").write_text("x")
    verified = pipeline.verify(settings(home))
    assert not verified.same
    how = {one.what: one.how for one in verified.differing_pages}
    assert set(how) == {"index.html", "calls/forged.html"}
    assert "differs from byte" in how["index.html"]
    assert not verified.differing_calls


def test_a_mark_somebody_changed_is_named_with_what_it_was(home):
    run(settings(home))
    with opened_store(settings(home)) as store, store.database.writing() as connection:
        row = connection.execute(audits.select().where(audits.c.call_id == "kim_2")).mappings().one()
        forged = replace(decode(row["score"], CallScore), outcomes={"apologise": Outcome.MET}, score=100.0)
        connection.execute(update(audits).where(audits.c.call_id == "kim_2").values(score=encode(forged)))
    verified = pipeline.verify(settings(home))
    assert [one.what for one in verified.differing_calls] == ["kim_2"]
    assert "apologise was met and is missed" in verified.differing_calls[0].how
    assert not verified.same
    assert "not as they were" in verified.pages_why


def test_other_rules_cannot_tell(home):
    run(settings(home))
    with pytest.raises(StoreError, match=r"rules was .* and is"):
        pipeline.verify(settings(home, "within: 1 turn\n"))


def test_a_call_that_changed_since_is_named(home):
    first = run(settings(home))
    touch_later(write_call(home / "calls", "kim_2", SAD))
    run(settings(home))
    verified = pipeline.verify(settings(home), first.run_id)
    assert verified.changed_since == () and verified.differing_scorecards, "marked again since, with another outcome"
    assert not verified.same


def test_a_run_that_is_not_there_is_said_with_those_that_are(home):
    first = run(settings(home))
    with pytest.raises(StoreError, match=first.run_id):
        pipeline.verify(settings(home), "20000101-000000-ffff")


def test_the_command_says_it_and_ends_with_its_code(home, monkeypatch):
    wanted = settings(home)
    run(wanted)
    (home / "qa_audit.yaml").write_text(
        "recordings: {sources: [calls], pattern: '{agent}_{customer}', min_seconds: 1}\nspeech: {engine: imported}\n"
        "rules: {paths: [rules]}\nwork: {processes: 1}\n"
    )
    monkeypatch.chdir(home)
    done = CliRunner().invoke(main, ["verify", "--json", "-q"])
    assert (done.exit_code, json.loads(done.stdout)["same"]) == (0, True)
    done = CliRunner().invoke(main, ["verify", "-q"])
    assert "the same (3 calls marked again, 2 scorecards" in done.stdout
    (home / "scorecards" / "index.html").write_text("x")
    done = CliRunner().invoke(main, ["verify", "-q"])
    assert done.exit_code == 1
    assert "page index.html" in done.stdout
    assert CliRunner().invoke(main, ["verify", "nothing"]).exit_code == 2
