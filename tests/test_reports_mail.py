"""The mail to a supervisor: the same words as text and as HTML, links to the pages, nothing said in a call."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.policy import default

import pytest
from pipeline_helpers import snapshot
from reports_helpers import AGENTS, HOSTILE, record, records, report

from qa_audit.reports import mail_summary, slug, write_mails

NORTH = {"north": ["Maya"], "söuth/..": ["Jonas"]}
PAGES = "https://quality.example/pages"


def bodies(message) -> tuple[str, str]:
    text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))
    return text.replace("\r\n", "\n"), html


def test_text_and_html_say_the_same_and_lead_to_the_pages():
    text, html = bodies(mail_summary(report(records(AGENTS[:4], per_agent=24)), pages=PAGES))
    assert "Maya: " in text
    assert f"{PAGES}/agents/{slug('Maya')}.html" in text
    assert "critical miss" in text
    assert "index.html#promises" in text
    for line in re.findall(r"^- (.+)$", text, re.MULTILINE):
        assert line.split(" ")[0] in html
    assert html.count('href="https://quality.example/pages/') == html.count("<a ")


def test_no_word_of_a_call_and_no_customer_is_in_it():
    message = mail_summary(report(records(AGENTS[:4], per_agent=24)), pages=PAGES).as_string()
    assert "garden table" not in message
    assert "K-20" not in message
    assert "van tomorrow" not in message


def test_a_supervisor_reads_of_their_own_agents_alone():
    text, html = bodies(mail_summary(report(records(AGENTS[:4], per_agent=24)), pages=PAGES, agents=["Maya"]))
    assert "Maya" in text
    assert "Dubois" not in text + html


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_make_no_header_no_markup_and_no_link(name):
    message = mail_summary(report({"a": record("a", "pushy", f"{name}\r\nBcc: all@example.org")}), pages=PAGES)
    text, html = bodies(message)
    assert message.keys() == ["Subject", "MIME-Version", "Content-Type"]
    assert not re.search(r"<(script|img)", html)
    assert "\u202e" not in text + html
    assert len(message.as_bytes()) < 20_000


def test_a_period_without_calls_is_a_short_mail():
    text, _ = bodies(mail_summary(report({}), pages=PAGES))
    assert "All pages: https://quality.example/pages/index.html" in text


def test_each_team_has_a_draft_with_its_agents_and_the_same_bytes_again(tmp_path):
    made = report(records(("Maya", "Jonas"), per_agent=24))
    options = {"pages": PAGES, "teams": NORTH, "to": {"north": "lead@example.org"}}
    files = write_mails(made, tmp_path / "one", **options)
    north = message_from_bytes(files[0].read_bytes(), policy=default)
    assert (north["To"], north["X-Unsent"], north["From"]) == ("lead@example.org", "1", None)
    assert north["Subject"].startswith("Service quality, north, ")
    text, html = bodies(north)
    assert "Maya" in text and "Jonas" not in text + html
    assert (tmp_path / "one" / "north.txt").read_text(encoding="utf-8") == text
    assert [file.parent for file in files] == [tmp_path / "one"] * 2, "a team's name leads nowhere else"
    write_mails(made, tmp_path / "two", **options)
    assert snapshot(tmp_path / "one") == snapshot(tmp_path / "two")


def test_a_team_that_is_gone_leaves_no_mail_but_writing_one_leaves_the_others(tmp_path):
    made = report(records(("Maya", "Jonas"), per_agent=3))
    write_mails(made, tmp_path, pages=PAGES, teams=NORTH, to={})
    write_mails(made, tmp_path, pages=PAGES, teams={"north": ["Maya"]}, to={}, all_teams=False)
    assert len([*tmp_path.glob("*.eml")]) == 2
    write_mails(made, tmp_path, pages=PAGES, teams={"north": ["Maya"]}, to={})
    assert [file.name for file in tmp_path.glob("*.eml")] == ["north.eml"]
