"""Words become turns: pauses, back-channels, talk-over, chat."""

from __future__ import annotations

import random

import pytest

from qa_audit.models import Speaker, Word
from qa_audit.turns import build_turns

SIDES = {"A": Speaker.AGENT, "C": Speaker.CUSTOMER, "S": Speaker.SYSTEM}


def spoken(*lines: str):
    """`A 0.0 how may I help?` is the agent from second 0.0, a word every 0.3 s."""
    for line in lines:
        side, start, *texts = line.split()
        for place, text in enumerate(texts):
            begin = round(float(start) + 0.3 * place, 3)
            yield SIDES[side], Word(text, begin, round(begin + 0.3, 3), 1.0)


def shown(turns):
    back = {speaker: side for side, speaker in SIDES.items()}
    return [f"{back[turn.speaker]} {turn.text}" for turn in turns]


CASES = {
    "speakers alternate": (
        ["A 0 how may I help", "C 1.5 cancel my plan", "A 3 of course"],
        ["A how may I help", "C cancel my plan", "A of course"],
    ),
    "a pause of three seconds is one turn": (["A 0 one moment", "A 3.6 thank you"], ["A one moment thank you"]),
    "a longer pause is two": (["A 0 one moment", "A 3.7 thank you"], ["A one moment", "A thank you"]),
    "a back-channel does not break": (
        ["A 0 I have looked at it", "C 2.0 uh-huh okay", "A 2.8 and it is solved"],
        ["A I have looked at it and it is solved", "C uh-huh okay"],
    ),
    "two words that say something do": (
        ["A 0 how may I help", "C 1.3 cancel it", "A 2.0 may I make an offer"],
        ["A how may I help", "C cancel it", "A may I make an offer"],
    ),
    "no is an answer": (["A 0 half price then", "C 1.0 no", "A 1.5 free then"], ["A half price then", "C no", "A free then"]),
    "yes to a question is an answer": (
        ["A 0 are you the owner?", "C 1.6 yes", "A 2.2 and your postcode?"],
        ["A are you the owner?", "C yes", "A and your postcode?"],
    ),
    "three words are no back-channel": (
        ["A 0 it is done", "C 1.0 oh okay right", "A 2.1 goodbye then"],
        ["A it is done", "C oh okay right", "A goodbye then"],
    ),
    "talked over while carrying on": (
        ["C 0 I have been waiting since Monday and nobody has called me", "A 1.0 but we did call"],
        ["C I have been waiting since Monday and nobody has called me", "A but we did call"],
    ),
    "who outlasts the other takes the floor": (
        ["C 0 I want to cancel", "A 0.8 why would you ever want that", "C 3.2 because I do"],
        ["C I want to cancel", "A why would you ever want that", "C because I do"],
    ),
    "a back-channel does not begin the next turn": (
        ["A 0 let me look", "C 1.2 okay", "A 1.9 there it is now", "C 3.3 great what next"],
        ["A let me look there it is now", "C okay", "C great what next"],
    ),
    "fragments under long talk are one turn": (
        ["A 0 we are the best there is and you know it and so does he", "C 1.0 but I", "C 2.4 want out"],
        ["A we are the best there is and you know it and so does he", "C but I want out"],
    ),
    "a machine is a side of its own": (["S 0 please hold", "A 1 hello there", "C 2 hi"], ["S please hold", "A hello there", "C hi"]),
}


@pytest.mark.parametrize("name", CASES)
def test_turns(name):
    lines, expected = CASES[name]
    assert shown(build_turns(spoken(*lines))) == expected


def test_order_of_the_words_does_not_matter_when_they_have_times():
    words = list(spoken("A 0 how may I help", "C 1.5 cancel my plan", "A 3 of course"))
    shuffled = words.copy()
    random.Random(7).shuffle(shuffled)
    assert build_turns(shuffled) == build_turns(words)


def test_turns_are_numbered_timed_and_trusted():
    turns = build_turns(spoken("A 1 good day", "C 2 hello"), role_trust={Speaker.CUSTOMER: 0.4})
    assert [(turn.index, turn.start, turn.end, turn.role_trust) for turn in turns] == [(0, 1.0, 1.6, 1.0), (1, 2.0, 2.3, 0.4)]


def test_chat_keeps_its_order():
    words = [
        (Speaker.AGENT, Word("hello", None, None, 1.0)),
        (Speaker.CUSTOMER, Word("hi", None, None, 1.0)),
        (Speaker.AGENT, Word("so", 0.0, 1.0, 1.0)),
    ]
    turns = build_turns(words)
    assert [turn.text for turn in turns] == ["hello", "hi", "so"]
    assert (turns[0].start, turns[0].end) == (None, None)


def test_every_word_is_in_exactly_one_turn():
    chance = random.Random(3)
    words = [
        (chance.choice(list(SIDES.values())), Word(str(n), begin := chance.uniform(0, 300), begin + chance.uniform(0, 2), 1.0))
        for n in range(2000)
    ]
    turns = build_turns(words)
    assert sorted(word.text for turn in turns for word in turn.words) == sorted(word.text for _, word in words)
    assert [turn.start for turn in turns] == sorted(turn.start for turn in turns)
    for turn in turns:
        assert all(a.start <= b.start for a, b in zip(turn.words, turn.words[1:], strict=False))


def test_nothing_said_is_no_turn():
    assert build_turns([]) == ()
