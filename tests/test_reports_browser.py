"""Every kind of page in a real browser from file://: silent, offline, accessible, playable, narrow, printable, unmoved by hostile text."""

from __future__ import annotations

import io
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from conftest import need_program
from PIL import Image
from reports_helpers import AGENTS, HOSTILE, record, records, report, write_tone

from qa_audit.reports import slug, write_pages, write_player_audio

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install -e '.[dev]'")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed: pip install -e '.[dev]'")
pypdf = pytest.importorskip("pypdf", reason="pypdf is not installed: pip install -e '.[dev]'")

LOOKS = Path(__file__).parent / "data" / "looks"
THUMBNAIL = (48, 32)
ALIKE = 5
"""Mean difference of grey, 0..255: another font makes less than 1, a page without its style more than 10."""
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--autoplay-policy=no-user-gesture-required"]
WAYS = ("shrug", "pushy", "parcel", "noisy", "grace", "unheard")
PAGES = {
    "team": "index.html",
    "agent": f"agents/{slug('Maya')}.html",
    "call": "calls/call-0-000.html",
    "doubtful-call": "calls/noisy.html",
    "rule": "rules/no-apology.html",
    "run": "run.html",
    "hostile-agent": f"agents/{slug(HOSTILE[4])}.html",
    "hostile-call": "calls/hostile-3.html",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """All pages of the small call centre, with agents and customers who mean harm, and sound for every call."""
    out = tmp_path_factory.mktemp("pages")
    made = records(AGENTS[:4], per_agent=24)
    made["noisy"] = record("noisy", "noisy", "Maya")
    for number, (name, way) in enumerate(zip(HOSTILE, WAYS, strict=True)):
        made[f"hostile-{number}"] = record(f"hostile-{number}", way, name, customer=name, queue=name)
    write_tone(out / "tone.wav", 50)
    first = out / "audio" / "tone.mp3"
    write_player_audio(out / "tone.wav", first)
    audio = {call_id: f"audio/{slug(call_id)}.mp3" for call_id in made}
    for path in audio.values():
        shutil.copy(first, out / path)
    write_pages(report(made, audio=audio, stepped_down=("faster-whisper is not installed: sphinx listened.",)), out)
    return out


@pytest.fixture(scope="module")
def browser():
    need_program("chromium")
    with playwright.sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=need_program("chromium"), args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser, site):
    """Opens a page by its path; afterwards nothing may have been said on the console and nothing asked of the network."""
    contexts, complaints, asked = [], [], []

    def open_(path: str, *, width: int = 1200, **options):
        context = browser.new_context(viewport={"width": width, "height": 800}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        page.on("request", lambda request: asked.append(request.url))
        page.goto((site / path).as_uri())
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_axe_finds_nothing_in_light_and_dark_and_nothing_scrolls_sideways(open_page, path):
    page = open_page(path)
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    checks = axe.Axe()
    found = checks.run(page)
    assert found.violations_count == 0, found.generate_report()
    page.emulate_media(color_scheme="dark")
    found = checks.run(page, options={"runOnly": ["color-contrast"]})
    assert found.violations_count == 0, found.generate_report()
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("path", [PAGES["team"], PAGES["agent"], PAGES["call"]])
def test_text_can_be_twice_as_large(open_page, path):
    page = open_page(path, width=640)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth") <= 640


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_hostile_names_are_shown_and_do_nothing(open_page, number):
    for path in (f"agents/{slug(HOSTILE[number])}.html", f"calls/hostile-{number}.html"):
        page = open_page(path)
        assert "owned" not in page.title() or "document.title" in page.title()
        assert page.evaluate("document.querySelectorAll('main img, main script, main iframe').length") == 0
        assert page.evaluate("[...document.links].every((link) => link.protocol === 'file:')")
        shown = page.inner_text("h1")
        assert shown.startswith(HOSTILE[number][:4])
        assert len(shown) < 300
        assert not any(sign in shown for sign in "\u202e\u202c\x07\x00")


PLAYS = """new Promise((done) => {
  const audio = document.querySelector("audio");
  const told = () => { if (!audio.seeking && audio.currentTime > 0.5) done(audio.currentTime); else setTimeout(told, 20); };
  told();
})"""


def playing_at(page) -> float:
    return page.evaluate(PLAYS)


def test_the_player_jumps_to_the_moment_of_a_finding_and_follows(open_page):
    page = open_page("calls/hostile-0.html")
    link = page.locator("article.finding a.play").first
    wanted = float(link.get_attribute("data-t"))
    assert wanted > 5
    page.get_by_label("Follow in the transcript").check()
    link.click()
    assert wanted - 0.2 <= playing_at(page) <= wanted + 2.0
    now = page.locator(".turns [aria-current=true]")
    now.wait_for()
    assert float(now.get_attribute("data-start")) <= wanted + 2.0
    assert page.url.endswith("hostile-0.html")


def test_the_player_obeys_the_keyboard(open_page):
    page = open_page("calls/hostile-0.html")
    turn = page.locator(".turns a.play").nth(2)
    turn.focus()
    page.keyboard.press("Enter")
    wanted = float(turn.get_attribute("data-t"))
    assert wanted - 0.2 <= playing_at(page) <= wanted + 2.0


def test_without_script_everything_is_there_and_leads_to_the_sound(open_page):
    page = open_page("calls/hostile-0.html", java_script_enabled=False)
    assert page.locator("article.finding").count() == 3
    assert page.locator("a.play").first.get_attribute("href").startswith("../audio/hostile-0.mp3#t=")
    assert page.locator("audio[controls]").count() == 1
    assert page.locator("input").count() == 0


def test_a_clip_on_the_scorecard_plays(open_page):
    page = open_page(PAGES["agent"])
    length = page.evaluate(
        "new Promise((done) => { const clip = document.querySelector('article audio'); clip.onloadedmetadata = () => done(clip.duration); clip.load(); })"
    )
    assert 5 <= length <= 10.2


def column(page, index: int) -> list[str]:
    return page.evaluate(
        f"[...document.querySelectorAll('#agents ~ .scroll tbody tr')].map((row) => row.cells[{index}].innerText.split('\\n')[0])"
    )


def test_tables_sort_by_number_both_ways_with_gaps_last(open_page):
    page = open_page(PAGES["team"])
    head = page.locator("#agents ~ .scroll thead th").nth(1)
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    up = [float(score) for score in column(page, 1) if score != "not assessed"]
    assert up == sorted(up)
    assert column(page, 1)[-1] == "not assessed"
    head.get_by_role("button").press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    down = column(page, 1)
    assert [float(score) for score in down if score != "not assessed"] == up[::-1]
    assert down[-1] == "not assessed"


def test_the_filter_finds_an_agent_and_says_how_many(open_page):
    page = open_page(PAGES["team"])
    page.get_by_label("Find an agent").fill("émile")
    assert page.locator("#agents ~ .scroll tbody tr:visible").count() == 1
    assert page.get_by_role("status").inner_text() == f"1 of {4 + len(HOSTILE)} shown"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("agent", ["Maya", "To work on", "Say instead", "Clause by clause"]),
        ("call", ["Transcript", "If you disagree"]),
        ("team", ["ladder", "Agents"]),
    ],
)
def test_a_printed_page_can_be_read(open_page, path, words):
    page = open_page(PAGES[path])
    printed = pypdf.PdfReader(io.BytesIO(page.pdf(format="A4")))
    text = "\n".join(sheet.extract_text() for sheet in printed.pages)
    assert all(word in text for word in words)
    assert "Follow in the transcript" not in text
    assert len(printed.pages) <= 12


def thumbnail(png: bytes) -> np.ndarray:
    """The picture in grey at 48 by 32 points, 0..255."""
    return np.asarray(Image.open(io.BytesIO(png)).convert("L").resize(THUMBNAIL))


@pytest.mark.parametrize("look", ["light", "dark", "narrow"])
@pytest.mark.parametrize("kind", ["team", "agent", "call", "rule", "run"])
def test_a_page_looks_as_it_did(open_page, kind, look):
    """Pictures are compared as small grey ones, so that fonts and a moved line do not matter and a broken layout does.

    To accept a new look: QA_AUDIT_KEEP_LOOKS=1 pytest tests/test_reports_browser.py -k looks
    """
    page = open_page(PAGES[kind], width=360 if look == "narrow" else 1200, color_scheme="dark" if look == "dark" else "light")
    seen = thumbnail(page.screenshot())
    kept = LOOKS / f"{kind}-{look}.png"
    if os.environ.get("QA_AUDIT_KEEP_LOOKS"):
        Image.fromarray(seen).save(kept)
    assert np.abs(seen.astype(int) - np.asarray(Image.open(kept)).astype(int)).mean() < ALIKE
