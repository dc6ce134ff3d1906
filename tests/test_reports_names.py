"""Names, text, numbers and dates: safe as files, harmless on a page, written as the locale writes them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_audit.reports.formats import formats
from qa_audit.reports.slugs import PLAIN, slug
from qa_audit.reports.text import clean, shorten

NAMES = st.text(st.characters(), min_size=0, max_size=80)


@given(NAMES)
def test_any_name_becomes_a_safe_short_file_name_that_never_changes(name):
    assert PLAIN.fullmatch(slug(name))
    assert len(slug(name)) <= 59
    assert slug(name) == slug(name)


@given(NAMES, NAMES)
def test_no_two_names_share_a_file_not_even_where_case_is_ignored(one, other):
    assert (slug(one).lower() == slug(other).lower()) == (one == other)


@pytest.mark.parametrize("name", ["call-17", "a", "2025-03-03-maya"])
def test_a_plain_name_stays_readable_as_it_is(name):
    assert slug(name) == name


@pytest.mark.parametrize(
    "name", ["con", "nul", "com1", "Maya", "", ".", "..", "a b", "a--b", "x-0123456789", "-a", "é", "王小明", "\ud800"]
)
def test_other_names_get_a_hash_of_their_own(name):
    assert slug(name) != name
    assert PLAIN.fullmatch(slug(name))


def test_a_name_that_looks_like_the_file_of_another_does_not_take_it():
    assert slug(slug("Maya")) != slug("Maya")


@pytest.mark.parametrize("sign", ["\x00", "\x07", "\x1b", "\x85", "\u202e", "\u2066", "\u200b", "\ufeff", "\ud800", "\U000e0041"])
def test_characters_that_act_on_their_surroundings_become_visible(sign):
    assert clean(f"a{sign}b") == "a\ufffdb"


@pytest.mark.parametrize("text", ["line\nline", "tab\tstop", "naïve", "أمينة", "王小明", "👩‍💻", "e\u0301"])
def test_ordinary_text_of_any_script_stays_as_it_is(text):
    assert clean(text) == text


def test_long_text_is_cut_with_an_ellipsis():
    assert shorten("abcdef", 6) == "abcdef"
    assert shorten("abcd efgh", 6) == "abcd…"


MARCH = date(2025, 3, 3)
THIN_SPACE = "\u2009"
"""Where it stands around a dash changes from one version of the locale data to the next."""


@pytest.mark.parametrize(
    ("lang", "day", "days", "number", "percent"),
    [
        ("en", "Mar 3, 2025", "Mar 3–30, 2025", "1,234.5", "85%"),
        ("en_GB", "3 Mar 2025", "3–30 Mar 2025", "1,234.5", "85%"),
        ("de", "03.03.2025", "3.–30. März 2025", "1.234,5", "85\xa0%"),
        ("pt-BR", "3 de mar. de 2025", "3–30 de mar. de 2025", "1.234,5", "85%"),
    ],
)
def test_dates_and_numbers_follow_the_locale(lang, day, days, number, percent):
    f = formats(lang)
    assert f.day(MARCH) == day
    assert f.days(MARCH, date(2025, 3, 30)).replace(THIN_SPACE, "") == days
    assert f.number(1234.5, 1) == number
    assert f.percent(0.8512) == percent


def test_a_moment_is_shown_in_its_own_zone():
    at = datetime(2025, 3, 3, 8, 30, tzinfo=UTC).astimezone(ZoneInfo("Asia/Kolkata"))
    assert formats("en").moment(at).replace("\u202f", " ") == "Mar 3, 2025, 2:00 PM"


@pytest.mark.parametrize("lang", ["xx", "not a locale", "", "en_EN_EN_EN"])
def test_an_unknown_locale_is_refused_with_what_to_write(lang):
    with pytest.raises(ValueError, match="write it like en, de_AT or pt_BR"):
        formats(lang)


@pytest.mark.parametrize(("seconds", "clock"), [(0, "0:00"), (7.9, "0:07"), (62, "1:02"), (3723, "1:02:03"), (None, "–")])
def test_a_place_in_a_call_reads_like_a_clock(seconds, clock):
    assert formats("en").clock(seconds) == clock


@pytest.mark.parametrize(("seconds", "length"), [(0.42, "0.4 s"), (12.3, "12 s"), (60, "1 min 0 s"), (200, "3 min 20 s")])
def test_a_length_of_time_reads_like_one(seconds, length):
    assert formats("en").length(seconds) == length


def test_nothing_is_a_dash_and_not_a_zero():
    f = formats("en")
    assert {f.score(None), f.percent(None), f.between(None, 1.0), f.shares(0.1, None), f.day(None), f.days(None, None), f.moment(None)} == {
        "–"
    }
