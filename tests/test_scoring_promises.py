"""Promises: the time they name, what later calls show of them, and contacts that were not the last."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from scoring_helpers import NONE, audit, finding, recording, ruleset, scored, standard

from qa_audit.models import Direction, Moment, Speaker, Transcript, Turn, Word
from qa_audit.models import Heard as By
from qa_audit.promises import Means, Promise, State
from qa_audit.scoring import score_call, team_summary
from qa_audit.scoring.contacts import resolution
from qa_audit.scoring.deadlines import deadline
from qa_audit.scoring.ledger import ledger
from qa_audit.scoring.matter import matter_of

MONDAY = datetime(2025, 3, 3, 15, 30, tzinfo=ZoneInfo("Europe/London"))
IN, OUT = Direction.INBOUND, Direction.OUTBOUND


@pytest.mark.parametrize(
    ("words", "due"),
    [
        ("I'll call you back by Friday", "2025-03-07 23:59"),
        ("we will get back to you within 24 hours", "2025-03-04 15:30"),
        ("in an hour", "2025-03-03 16:30"),
        ("in ten minutes", "2025-03-03 15:40"),
        ("I will ring you tomorrow before noon", "2025-03-04 23:59"),
        ("the day after tomorrow", "2025-03-05 23:59"),
        ("you'll hear from us in two or three working days", "2025-03-06 23:59"),
        ("within five to seven business days", "2025-03-12 23:59"),
        ("in the next couple of days", "2025-03-05 23:59"),
        ("it should be with you in about a week", "2025-03-10 23:59"),
        ("I'll call you this afternoon", "2025-03-03 23:59"),
        ("by close of business today", "2025-03-03 23:59"),
        ("I'll bell you by four", "2025-03-03 23:59"),
        ("I'll check in with you monday", "2025-03-10 23:59"),
        ("next Tuesday at 3 pm", "2025-03-11 23:59"),
        ("by the end of the week", "2025-03-09 23:59"),
        ("sometime next week", "2025-03-16 23:59"),
        ("by the end of the month", "2025-03-31 23:59"),
        ("by the tenth of March", "2025-03-10 23:59"),
        ("on February 2nd", "2026-02-02 23:59"),
        ("today, or tomorrow at the latest", "2025-03-04 23:59"),
    ],
)
def test_the_time_named_is_read_as_people_mean_it_and_late_rather_than_early(words, due):
    found = deadline(words, MONDAY)
    assert found is not None
    assert found.due.strftime("%Y-%m-%d %H:%M") == due
    assert found.due.tzinfo is MONDAY.tzinfo


@pytest.mark.parametrize(
    "words",
    [
        "as soon as I hear",
        "shortly",
        "we may call",
        "it took three days",
        "the order of 40 pieces",
        "on the 31st of February",
        "",
        "x" * 100_000,
    ],
)
def test_where_no_time_is_named_none_is_made_up(words):
    assert deadline(words, MONDAY) is None


def test_a_deadline_on_friday_for_next_tuesday_is_the_coming_one():
    assert deadline("next tuesday", MONDAY + timedelta(days=4)).due.day == 11


def test_the_time_is_that_of_the_call_s_zone_over_a_change_of_clocks():
    saturday = datetime(2025, 3, 29, 20, 0, tzinfo=ZoneInfo("Europe/London"))
    due = deadline("tomorrow", saturday).due
    assert (due.hour, due.utcoffset()) == (23, timedelta(hours=1))


def promise(**more) -> Promise:
    given = {
        "call_id": "a",
        "agent": "Maya",
        "customer": "K1",
        "made_at": MONDAY,
        "turn": 3,
        "start": 60.0,
        "quote": "I'll call you by Tuesday.",
        "means": Means.CALL,
    }
    return Promise(**{**given, "due": MONDAY + timedelta(days=1), **more})


def call(id_: str, days: float, *, customer="K1", direction=IN, problem=False, promises=(), matter=()):
    base = scored(0, {"apologise": NONE, "explain": NONE})
    behaviours = ("problem",) if problem else ()
    return replace(
        base,
        call_id=id_,
        started_at=MONDAY + timedelta(days=days),
        customer=customer,
        direction=direction,
        behaviours=behaviours,
        promises=promises,
        matter=matter,
    )


LATE_OTHER = call("z", 9, customer="K9", direction=OUT)


@pytest.mark.parametrize(
    ("made", "later", "state", "settled_by"),
    [
        ({}, [call("b", 0.9, direction=OUT)], State.KEPT, "b"),
        ({}, [call("b", 1.03, direction=OUT)], State.KEPT, "b"),
        ({}, [call("b", 2, direction=OUT)], State.LATE, "b"),
        ({}, [call("b", 2), call("c", 3, direction=OUT)], State.BROKEN, "b"),
        ({}, [call("b", 0.5), call("c", 0.9, direction=OUT)], State.KEPT, "c"),
        ({}, [LATE_OTHER], State.BROKEN, ""),
        ({}, [call("b", 9, customer="K9")], State.UNTOLD, ""),
        ({}, [call("b", 0.5, customer="K9", direction=OUT)], State.OPEN, ""),
        ({"due": None}, [LATE_OTHER], State.OPEN, ""),
        ({"due": None}, [call("b", 5, direction=OUT)], State.KEPT, "b"),
        ({"customer": None}, [LATE_OTHER], State.UNTOLD, ""),
        ({"means": Means.OTHER}, [call("b", 0.9, direction=OUT), LATE_OTHER], State.UNTOLD, ""),
        ({"means": Means.OTHER}, [call("b", 4, problem=True)], State.UNTOLD, "b"),
        ({"means": Means.OTHER}, [call("b", 0.5)], State.OPEN, ""),
    ],
)
def test_later_calls_settle_a_promise(made, later, state, settled_by):
    (found,) = ledger([*later, call("a", 0, promises=(promise(**made),))])
    assert (found.state, found.settled_by) == (state, settled_by)
    assert found.note.endswith(".")


def spoken(text: str) -> Transcript:
    words = tuple(Word(word, float(i), i + 0.9, 0.9) for i, word in enumerate(text.split()))
    turn = Turn(index=4, speaker=Speaker.AGENT, start=0.0, end=float(len(words)), words=words)
    return Transcript(call_id="c1", fingerprint="", heard=By("e", "m"), language="en", duration=60.0, turns=(turn,))


@pytest.mark.parametrize(
    ("text", "means", "words"),
    [
        ("I will call you back by Friday", Means.CALL, "friday"),
        ("I will email you tomorrow", Means.OTHER, "tomorrow"),
        ("We will be in touch", Means.OTHER, ""),
    ],
)
def test_promises_are_taken_down_with_the_score_of_a_call(text, means, words):
    moment = Moment(
        behaviour="follow-up-promise",
        turn=4,
        speaker=Speaker.AGENT,
        start=0.0,
        end=2.0,
        quote="I will",
        span=(0, 2),
        trust=0.9,
        how="phrase",
    )
    heard = replace(audit(finding("rule-apologise", "apologise", NONE)), moments=(moment, replace(moment, start=1.0)))
    std = standard()
    score = score_call(heard, recording=recording(), standard=std, ruleset=ruleset(std), trust=0.9, min_trust=0.5, transcript=spoken(text))
    (made,) = score.promises
    assert (made.means, made.due_words, made.quote, made.turn) == (means, words, text, 4)
    assert score.behaviours == ("follow-up-promise",)
    unheard = score_call(
        heard, recording=recording(), standard=std, ruleset=ruleset(std), trust=0.1, min_trust=0.5, transcript=spoken(text)
    )
    assert unheard.promises == ()


PARCEL, TABLE, BILL = ("parcel", "leeds", "depot"), ("leeds", "table", "parcel"), ("bill", "charge", "twice")


def test_a_contact_is_the_last_unless_the_customer_calls_on_the_same_matter_again_in_time():
    calls = [
        call("a", 0, problem=True, matter=PARCEL),
        call("b", 3, problem=True, matter=TABLE),
        call("c", 0, customer="K2", problem=True, matter=("modem",)),
        call("d", 2, customer="K2"),
        call("e", 0, customer="K3", problem=True, matter=("oven", "door")),
        call("f", 8, customer="K3", problem=True, matter=("oven", "door")),
        call("g", 0, customer="K4", problem=True, matter=("sofa", "legs")),
        call("h", 2, customer="K4", problem=True, direction=OUT, matter=("sofa", "legs")),
        call("i", 12, customer="K5"),
    ]
    found = resolution(calls)
    (again,) = found.again
    assert (found.contacts, found.same, again.first, again.then, again.shared) == (6, 1, "a", "b", ("parcel", "leeds"))
    assert found.rate == pytest.approx(5 / 6)


def test_another_matter_does_not_count_and_a_matter_that_cannot_be_told_is_left_out():
    calls = [
        call("a", 0, problem=True, matter=PARCEL),
        call("b", 2, problem=True, matter=BILL),
        call("c", 4, problem=True, matter=("4419", "refund")),
        call("d", 5, problem=True, matter=("angry", "4419")),
        call("e", 0, customer="K2", problem=True),
        call("f", 2, customer="K2", problem=True, matter=PARCEL),
        call("z", 30, customer="K9"),
    ]
    found = resolution(calls)
    assert {(each.first, each.then, each.shared) for each in found.again if each.same} == {("c", "d", ("4419",))}
    assert (found.contacts, len(found.again), found.untold) == (6, 4, 1)
    assert found.rate == pytest.approx(4 / 5)
    shorter = resolution(calls, days=1)
    assert (shorter.days, [each.first for each in shorter.again]) == (1, ["c"])


def test_words_that_many_customers_use_are_no_matter():
    calls = [call(f"{n}{day}", day, customer=f"K{n}", problem=True, matter=("call", "order", f"w{n}")) for n in range(12) for day in (0, 3)]
    assert resolution([*calls, call("z", 30)]).same == 0


def test_a_repeat_after_a_promise_does_not_lie_with_the_process_alone():
    calls = [call("a", 0, problem=True, matter=PARCEL, promises=(promise(),)), call("b", 3, problem=True, matter=PARCEL), call("z", 30)]
    found = resolution(calls)
    assert (found.same, found.promised) == (1, 1)


@pytest.mark.parametrize(
    ("said", "matter"),
    [
        ("My garden table never arrived at the depot in Leeds.", {"garden", "table", "depot", "leeds"}),
        ("The order is four four one nine, and 88 went well.", {"4419", "order"}),
        ("Ticket 204177 again please.", {"204177", "ticket"}),
    ],
)
def test_what_the_customer_calls_about_is_read_from_their_own_words(said, matter):
    turns = tuple(
        Turn(index=i, speaker=who, start=None, end=None, words=tuple(Word(w, None, None, 0.9) for w in text.split()))
        for i, (who, text) in enumerate([(Speaker.AGENT, "Hello, bicycles and kettles."), (Speaker.CUSTOMER, said)])
    )
    script = Transcript(call_id="c1", fingerprint="f", heard=By("imported", ""), language="en", duration=None, turns=turns)
    trouble = Moment(
        behaviour="problem", turn=1, speaker=Speaker.CUSTOMER, start=None, end=None, quote="", span=(0, 1), trust=0.9, how="phrase"
    )
    found = set(matter_of(replace(audit(), moments=(trouble,)), script))
    assert matter <= found
    assert not found & {"bicycle", "kettle", "and", "again", "please", "88"}
    assert matter_of(audit(), script) == ()


def test_without_customers_or_enough_time_nothing_is_said_of_first_contacts():
    assert resolution([call("a", 0, customer=None, problem=True)]) is None
    recent = resolution([call("a", 0, problem=True), call("b", 2, problem=True)])
    assert (recent.contacts, recent.rate) == (0, None)


def test_the_team_s_summary_carries_the_ledger():
    std = standard()
    team = team_summary([call("a", 0, promises=(promise(),)), call("b", 0.9, direction=OUT)], standard=std, ruleset=ruleset(std))
    assert [made.state for made in team.promises] == [State.KEPT]
    assert team.resolution is not None
