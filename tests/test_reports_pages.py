"""What stands on the pages: every claim with its evidence, every link leading somewhere, nothing fetched, nothing too large."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from reports_helpers import A, C, audit_of, record, records, report, said, transcript, write_tone

from qa_audit.models import CallFailure, Direction, Outcome, Tier, Turn, Word
from qa_audit.reports import CallRecord, slug, write_pages, write_player_audio
from qa_audit.reports.agent_page import agent_pages
from qa_audit.reports.formats import formats
from qa_audit.reports.promise_rows import ledger_view
from qa_audit.reports.run_page import run_page
from qa_audit.reports.stories import Teller
from qa_audit.reports.team_page import team_page
from qa_audit.reports.timeline import timeline
from qa_audit.reports.transcript import transcript_parts

LIMIT = 1_000_000
"""Bytes that no page may exceed."""


class Anatomy(HTMLParser):
    """The ids and links of a page, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids, self.links, self.words = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.ids += [found["id"]] if "id" in found else []
        self.links += [found[name] for name in ("href", "src") if found.get(name)]

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))


def read(out: Path, path: str) -> Anatomy:
    return Anatomy((out / path).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("site")
    made = records(per_agent=22)
    write_tone(out / "tone.wav", 45)
    write_player_audio(out / "tone.wav", out / "audio" / "tone.mp3")
    audio = {call_id: f"audio/{call_id}.mp3" for call_id in made if not call_id.endswith("-001")}
    for path in audio.values():
        shutil.copy(out / "audio" / "tone.mp3", out / path)
    write_pages(report(made, audio=audio), out)
    return out


def test_every_link_leads_to_a_page_and_a_place_that_are_there(site):
    pages = {path.relative_to(site).as_posix(): Anatomy(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}
    assert len(pages) > 120
    for path, page in pages.items():
        assert len(page.ids) == len(set(page.ids)), path
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme == "data":
                continue
            assert not parts.scheme, (path, link)
            assert not parts.netloc, (path, link)
            target = (site / path).parent / unquote(parts.path) if parts.path else site / path
            assert target.resolve().is_file(), (path, link)
            if parts.fragment and target.suffix == ".html":
                there = pages[target.resolve().relative_to(site.resolve()).as_posix()]
                assert parts.fragment in there.ids, (path, link)


def test_no_page_names_an_address_outside(site):
    for path in site.rglob("*.html"):
        assert not re.findall(r"(?:https?:)?//[a-z]", path.read_text(encoding="utf-8")), path


def test_a_miss_shows_trigger_window_reason_and_what_to_say(site):
    made = records(per_agent=22)
    call_id = next(id_ for id_, each in made.items() if each.score.outcomes["apologise"] is Outcome.MISSED)
    text = read(site, f"calls/{call_id}.html").text
    for words in (
        "Does not apologise after something went wrong",
        "My table still has not arrived",
        "Searched from 0:01 to 0:28 (turns 1 to 6); 96% of what the agent says there was heard well; nothing of the kind was found.",
        "I'm sorry your parcel has not come.",
        "An apology that comes unasked",
        "heard by faster-whisper , model small",
    ):
        assert re.sub(r"\s+", "", words) in re.sub(r"\s+", "", text), words


def test_a_doubtful_call_accuses_nobody(tmp_path):
    made = {"n": record("n", "noisy", "Maya"), "u": record("u", "unheard", "Maya")}
    write_pages(report(made), tmp_path)
    noisy, unheard = read(tmp_path, "calls/n.html").text, read(tmp_path, "calls/u.html").text
    assert "Cannot judge" in noisy
    assert "I'm sorry your parcel" not in noisy
    assert "thanks for watching" in noisy
    assert "Not assessed" in unheard
    assert "trust 0.41, and 0.50 is needed" in unheard


def test_the_scorecard_says_two_numbers_and_why_there_is_no_band(tmp_path):
    write_pages(report(records(("Maya",), per_agent=8)), tmp_path)
    text = read(tmp_path, f"agents/{slug('Maya')}.html").text
    assert "Too few calls for a band: 8 could be assessed, and the standard asks for 20." in text
    assert "Critical misses" in text
    assert "If you disagree" in text


def test_an_agent_with_nothing_judged_is_not_assessed(tmp_path):
    write_pages(report({"u": record("u", "unheard", "Maya")}), tmp_path)
    text = read(tmp_path, f"agents/{slug('Maya')}.html").text
    assert "Not assessed" in text
    assert "That is not a zero." in text


def test_a_report_without_calls_is_a_page_and_not_a_crash(tmp_path):
    written = write_pages(report({}), tmp_path)
    assert "0 calls of 0 agents" in read(tmp_path, "index.html").text
    assert written.index == tmp_path / "index.html"


def test_a_step_down_of_engines_stands_on_every_page_that_marks(tmp_path):
    write_pages(report({"a": record("a", "parcel", "Maya")}, stepped_down=("faster-whisper is not installed: sphinx listened.",)), tmp_path)
    for path in ("index.html", "run.html", "calls/a.html", f"agents/{slug('Maya')}.html"):
        assert "sphinx listened" in read(tmp_path, path).text, path


def test_what_the_organisation_says_of_disputes_is_shown(tmp_path):
    write_pages(report({"a": record("a", "parcel", "Maya")}, disputes="Ring extension 12 within 45 days."), tmp_path)
    assert "Ring extension 12 within 45 days." in read(tmp_path, "calls/a.html").text


def test_chat_without_times_has_turns_and_no_player(tmp_path):
    script = transcript("chat", [(C, "It never arrived."), (A, "I am so sorry.")], timed=False)
    audit = audit_of(script, {"no-apology": (Outcome.MET, 0, 1)})
    base = record("chat", "parcel", "Maya")
    write_pages(report({"chat": CallRecord(recording=base.recording, transcript=script, audit=audit, score=base.score)}), tmp_path)
    page = (tmp_path / "calls/chat.html").read_text(encoding="utf-8")
    assert "<audio" not in page
    assert "<figure" not in page
    assert "Searched in turns 1 to 2" in page


def test_the_timeline_says_in_words_what_it_draws():
    script = record("a", "parcel", "Maya").transcript
    drawn = timeline(script, (), formats=formats("en"))
    assert drawn is not None
    assert drawn.words.startswith("44 s long; the agent speaks for 20 s (45%); the customer for 10 s")
    assert "both at once for 0.4 s" in drawn.words
    assert "on hold for 4.0 s" in drawn.words
    assert drawn.clock[0] == "0:00"
    assert 'class="agent"' in drawn.drawing
    assert "style" not in drawn.drawing
    assert timeline(script, (), formats=formats("en")) == drawn


def test_a_second_writing_changes_nothing_and_fetches_no_call(tmp_path):
    made = records(per_agent=4)
    first = write_pages(report(made), tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.html")}
    fetched = []
    second = write_pages(report(made, load_call=lambda id_: fetched.append(id_) or made[id_]), tmp_path)
    assert (second.written, second.unchanged, second.removed) == (0, first.written, 0)
    assert before == {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.html")}
    assert set(fetched) <= set(made)
    assert len(fetched) < len(made)


def test_one_changed_call_rewrites_its_page_and_those_that_count_it(tmp_path):
    made = records(("Maya", "Jonas"), per_agent=5)
    write_pages(report(made), tmp_path)
    made["call-0-002"] = record("call-0-002", "unheard", "Maya", day=2.0)
    changed = report(made)
    calls = {**changed.calls, "call-0-002": replace(changed.calls["call-0-002"], key="another")}
    assert 2 <= write_pages(replace(changed, calls=calls), tmp_path).written <= 8


def test_pages_of_calls_that_are_gone_are_removed(tmp_path):
    made = records(("Maya", "Jonas"), per_agent=3)
    write_pages(report(made), tmp_path)
    del made["call-1-000"], made["call-1-001"], made["call-1-002"]
    assert write_pages(report(made), tmp_path).removed == 4
    assert not (tmp_path / "calls/call-1-000.html").exists()
    assert not (tmp_path / f"agents/{slug('Jonas')}.html").exists()


def test_clips_stay_while_their_call_does(tmp_path):
    made = {"s": record("s", "shrug", "Maya")}
    write_tone(tmp_path / "t.wav", 45)
    write_player_audio(tmp_path / "t.wav", tmp_path / "audio/s.mp3")
    write_pages(report(made, audio={"s": "audio/s.mp3"}), tmp_path)
    clips = sorted((tmp_path / "audio/clips").iterdir())
    assert clips
    assert write_pages(report(made, audio={"s": "audio/s.mp3"}), tmp_path).removed == 0
    assert sorted((tmp_path / "audio/clips").iterdir()) == clips
    write_pages(report({}), tmp_path)
    assert not list((tmp_path / "audio/clips").iterdir())
    assert (tmp_path / "audio/s.mp3").exists()


def endless(turns: int, words: int):
    lines = [
        Turn(index=i, speaker=(A, C)[i % 2], start=float(i), end=i + 1.0, words=said("word " * words, float(i), 0.3 + 0.5 * (i % 2)))
        for i in range(turns)
    ]
    return replace(transcript("long", [(C, "x")]), turns=tuple(lines), duration=float(turns))


@pytest.mark.parametrize(("turns", "words"), [(12_000, 4), (2, 90_000)])
def test_an_endless_call_is_cut_into_pages_that_open(tmp_path, turns, words):
    script = endless(turns, words)
    base = record("long", "parcel", "Maya")
    write_pages(
        report({"long": CallRecord(recording=base.recording, transcript=script, audit=audit_of(script, {}), score=base.score)}), tmp_path
    )
    pages = sorted((tmp_path / "calls").iterdir())
    assert all(page.stat().st_size < LIMIT for page in pages)
    if turns > 2:
        assert len(pages) > 3
        assert 'id="turn-11999"' in (tmp_path / f"calls/long.{len(pages)}.html").read_text(encoding="utf-8")
    else:
        assert "characters more are not shown here" in pages[0].read_text(encoding="utf-8")


def test_words_no_space_long_or_hostile_are_cut_and_escaped():
    word = Word("<b>" * 10_000, 0.0, 1.0, 0.9)
    turn = Turn(index=0, speaker=A, start=0.0, end=1.0, words=(word,))
    ((view,),) = transcript_parts(replace(transcript("x", [(A, "x")]), turns=(turn,)), (), min_trust=0.5)
    assert sum(len(run.text) for run in view.runs) < 13_000


def copies(count: int, **more) -> dict[str, CallRecord]:
    """Many calls like one, the score of each with its own id and with what `more` makes of its number."""
    one = record("a", "shrug", "Maya")
    return {
        f"c{n}": replace(one, score=replace(one.score, call_id=f"c{n}", **{k: make(n) for k, make in more.items()})) for n in range(count)
    }


def teller(whole) -> Teller:
    return Teller(
        ruleset=whole.ruleset, load=whole.load_call, clip=lambda call_id, at: None, formats=formats("en"), min_trust=whole.min_trust
    )


def met(one: CallRecord, rule: str, **more) -> CallRecord:
    """The call with more said of what one rule found in it."""
    findings = tuple(replace(finding, **more) if finding.rule == rule else finding for finding in one.audit.findings)
    return replace(one, audit=replace(one.audit, findings=findings))


def strengths(one: CallRecord, clause: str) -> list:
    whole = report({one.score.call_id: one})
    return [story.finding for story in teller(whole).going_well(whole.scorecards[0]) if story.clause.id == clause]


def test_a_strength_quotes_what_the_agent_said_and_what_stands_around_it():
    (finding,) = strengths(record("a", "parcel", "Maya"), "apologise")
    assert finding.credit.who == "Agent"
    assert finding.credit.text == "Oh no, I am so sorry about that. Three"
    assert finding.credit.after.startswith("weeks is far too long")


@pytest.mark.parametrize("doubt", [{"trust": 0.3}, {"tier": Tier.LENIENT}, {"speaker": C}])
def test_what_is_in_doubt_is_never_quoted_as_a_strength(doubt):
    one = record("a", "parcel", "Maya")
    (said_sorry,) = next(finding.found for finding in one.audit.findings if finding.rule == "no-apology")
    (finding,) = strengths(met(one, "no-apology", found=(replace(said_sorry, **doubt),)), "apologise")
    assert finding.credit is None


def test_a_finding_below_the_floor_of_trust_is_no_strength_and_an_agent_s_no_is_not_quoted_as_one(tmp_path):
    one = record("a", "parcel", "Maya")
    assert strengths(met(one, "no-apology", trust=0.3), "apologise") == [None]
    refusal = next(finding.found[0] for finding in record("b", "shrug", "Maya").audit.findings if finding.rule == "dead-end")
    never = met(record("c", "grace", "Maya"), "pushy", triggers=(replace(refusal, quote="I cannot help"),), found=())
    write_pages(report({"c": never}), tmp_path)
    assert "I cannot help" not in read(tmp_path, f"agents/{slug('Maya')}.html").text


def test_what_an_advisory_rule_misses_is_shown_apart_and_is_no_part_of_what_to_work_on(tmp_path):
    one = record("a", "parcel", "Maya")
    missed = replace(one.score, rules={**one.score.rules, "talks-over": Outcome.MISSED})
    write_pages(report({"a": replace(one, score=missed)}), tmp_path)
    card = read(tmp_path, f"agents/{slug('Maya')}.html")
    assert "Nothing that counts was missed." in card.text
    assert "Worth a listen, counts for nothing" in card.text
    assert {"../rules/talks-over.html", "../calls/a.html"} <= set(card.links)
    write_pages(report({"a": one}), tmp_path)
    assert "Worth a listen" not in read(tmp_path, f"agents/{slug('Maya')}.html").text


def test_a_broken_promise_needs_a_person_today(tmp_path):
    made = {"a": record("a", "parcel", "Maya", customer="K1"), "b": record("b", "shrug", "Jonas", customer="K1", day=9)}
    write_pages(report(made), tmp_path)
    front = read(tmp_path, "index.html")
    assert front.text.index("Promise broken. Maya") < front.text.index("What lies with the organisation")
    assert front.links.count("calls/a.html#turn-3") == 2, "there and in the ledger"


def test_thousands_of_calls_of_one_agent_fit_their_pages():
    whole = report(copies(2_500))
    pages = dict(agent_pages(whole.scorecards[0], report=whole, teller=teller(whole), formats=formats("en"), ledger=ledger_view((), {})))
    assert len(pages) == 4
    assert all(len(text.encode()) < LIMIT for text in pages.values())
    assert all(f"calls/c{n}.html" in "".join(pages.values()) for n in range(2_500))


def test_thousands_of_failures_are_counted_and_not_all_listed():
    failures = tuple(
        CallFailure(f"f{n}", f"in/{'x' * 200}{n}.wav", "transcribe", "damaged", "cannot be decoded " * 20) for n in range(5_000)
    )
    whole = report(copies(1))
    text = run_page(replace(whole, run=replace(whole.run, failed=failures)), formats=formats("en"))
    assert len(text.encode()) < LIMIT
    assert "4,900 more of the same" in text


def test_a_team_of_five_hundred_fits_one_page():
    whole = report(copies(1_000, agent=lambda n: f"Agent {n % 500} with quite a long family name"))
    text = team_page(whole, teller=teller(whole), formats=formats("en"))
    assert text.count('<tr><th scope="row"><a href="agents/') == 500
    assert len(text.encode()) < LIMIT


def test_the_ledger_stands_on_the_team_s_page_and_on_the_agent_s_own(tmp_path):
    made = {
        "a": record("a", "parcel", "Maya", customer="K1"),
        "b": record("b", "question", "Jonas", customer="K1", day=0.8, direction=Direction.OUTBOUND),
        "c": record("c", "parcel", "Jonas", customer="K2", day=0.1),
        "d": record("d", "shrug", "Jonas", customer="K2", day=9),
    }
    write_pages(report(made), tmp_path)
    team = read(tmp_path, "index.html")
    assert "2 promises: 1 broken, 1 kept" in team.text
    assert "The time was up, and the customer had to call." in team.text
    assert {"calls/a.html#turn-3", "calls/b.html", "calls/d.html"} <= set(team.links)
    assert "After 100% of 2 contacts about a problem" in team.text
    assert "did not call again on the same matter within 7 days." in team.text


def test_who_called_again_on_the_same_matter_is_shown_with_the_words_that_say_so(tmp_path):
    made = {
        "c": record("c", "parcel", "Jonas", customer="K2"),
        "d": record("d", "shrug", "Jonas", customer="K2", day=6),
        "e": record("e", "question", "Jonas", customer="K3", day=9),
    }
    write_pages(report(made), tmp_path)
    team = " ".join(read(tmp_path, "index.html").text.split())
    assert "After 0% of 1 contact about a problem" in team
    assert "1 customer did: it counts against the process, except for 1 to whom the agent had promised something." in team
    assert re.search(r": table, arrive \(the agent had promised something\)", team)


def test_a_promise_settled_by_a_new_call_changes_the_page_of_the_agent_who_made_it(tmp_path):
    made = {"a": record("a", "parcel", "Maya", customer="K1"), "b": record("b", "question", "Jonas", customer="K9", day=0.5)}
    write_pages(report(made), tmp_path)
    assert "1 open" in read(tmp_path, f"agents/{slug('Maya')}.html").text
    made["c"] = record("c", "question", "Jonas", customer="K1", day=0.8, direction=Direction.OUTBOUND)
    write_pages(report(made), tmp_path)
    assert "1 kept" in read(tmp_path, f"agents/{slug('Maya')}.html").text
