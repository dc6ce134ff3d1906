"""Lessons are read with every mistake at its line, and those that ship are as many and as mixed as real talk."""

from __future__ import annotations

from collections import Counter

import pytest

from qa_audit.audit.meaning.lessons import MARKS, read_lessons
from qa_audit.audit.meaning.teaching import from_lesson
from qa_audit.errors import UserFileError
from qa_audit.models import Outcome, Speaker
from qa_audit.rules import starter_folder

SMALL = """\
# a remark
== A lid that does not fit
channel: phone, apologise: met, empathise: ?, close-well: met, resolved: yes

customer: the lid is too small {problem}
agent: I'm sorry. {apology, empathy?} Which pan is it?
customer: the big one
agent: Take care! {courteous-close}
"""


def read(tmp_path, text):
    (tmp_path / "some.txt").write_text(text, encoding="utf-8")
    return read_lessons(tmp_path)


def test_a_lesson_is_read_with_its_labels_and_outcomes(tmp_path):
    (lesson,) = read(tmp_path, SMALL)
    assert (lesson.title, lesson.channel, lesson.resolved) == ("A lid that does not fit", "phone", "yes")
    assert lesson.turns[1].text == "I'm sorry. Which pan is it?"
    assert lesson.turns[1].sure == {"apology"}
    assert lesson.turns[1].unsure == {"empathy"}
    assert lesson.outcomes["apologise"] is Outcome.MET
    assert lesson.outcomes["make-right"] is Outcome.NO_OPPORTUNITY
    assert lesson.outcomes["no-blame"] is Outcome.MET
    assert "empathise" not in lesson.outcomes


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("{problem}", "{problm}", 5, "did you mean 'problem'"),
        ("{problem}", "{apology}", 5, "not something the customer does"),
        ("{courteous-close}", "", 0, ""),
        ("apologise: met", "apologise: perhaps", 3, "cannot be 'perhaps'"),
        ("apologise: met", "apologize: met", 3, "did you mean 'apologise'"),
        ("agent: Take care!", "Take care!", 8, "a turn starts with"),
        ("customer: the lid is too small {problem}", "customer: {problem}", 5, "stands after the words"),
    ],
)
def test_mistakes_are_told_with_their_line(tmp_path, old, new, line, message):
    text = SMALL.replace(old, new)
    if not message:
        assert len(read(tmp_path, text)) == 1
        return
    with pytest.raises(UserFileError) as caught:
        read(tmp_path, text)
    assert caught.value.problems[0].location.line == line
    assert message in str(caught.value)


def test_trouble_is_a_let_down_only_where_the_lesson_has_something_to_be_sorry_for(tmp_path):
    known = frozenset({"problem", "let-down", "apology"})
    (theirs,) = read(tmp_path, SMALL)
    (nobodys,) = read(tmp_path, SMALL.replace("apologise: met, ", ""))
    (unclear,) = read(tmp_path, SMALL.replace("apologise: met", "apologise: ?"))
    shown = [next(from_lesson(lesson, known)).units[0] for lesson in (theirs, nobodys, unclear)]
    assert ["let-down" in unit.shown for unit in shown] == [True, False, False]
    assert ["let-down" in unit.absent for unit in shown] == [False, True, False]


def test_the_lessons_that_ship_are_sound_many_and_mixed():
    lessons = read_lessons(starter_folder() / "lessons")
    turns = [turn for lesson in lessons for turn in lesson.turns]
    assert len(lessons) >= 150
    assert {lesson.channel for lesson in lessons} == {"chat", "phone", "tweet"}
    assert sum(not turn.sure for turn in turns) > len(turns) / 3
    shown = Counter(name for turn in turns for name in turn.sure)
    assert all(shown[name] >= 15 for speaker in (Speaker.AGENT, Speaker.CUSTOMER) for name in MARKS[speaker]), shown
    assert len({lesson.title for lesson in lessons}) > 0.95 * len(lessons)
