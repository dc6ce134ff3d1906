"""File-name patterns: what they read, what they refuse, and that no name can hang them."""

from __future__ import annotations

import pytest

from qa_audit.errors import UserFileError
from qa_audit.recordings.pattern import compile_pattern


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("{agent}_{customer}.wav", "kim_c-9.wav", {"agent": "kim", "customer": "c-9"}),
        ("{agent}_{customer}.wav", "kim_c-9.WAV", {"agent": "kim", "customer": "c-9"}),
        ("{agent}_{customer}.wav", "kim_c-9.mp3", None),
        ("{agent}_{customer}", "kim_c-9.mp3", {"agent": "kim", "customer": "c-9"}),
        ("{agent}_{customer}", "kim_c.9.vcon.json", {"agent": "kim", "customer": "c.9"}),
        ("{agent}_{customer}.wav", "kim_lee_c-9.wav", {"agent": "kim", "customer": "lee_c-9"}),
        ("{agent}_{customer}.wav", "_c-9.wav", None),
        ("{}-{agent}-{}.wav", "001-kim-x-y.wav", {"agent": "kim"}),
        ("{agent}/{call_id}.wav", "deep/down/kim/17.wav", {"agent": "kim", "call_id": "17"}),
        ("{agent}/{call_id}.wav", "17.wav", None),
        ("a+b({agent}).wav", "a+b(kim).wav", {"agent": "kim"}),
        ("{{{agent}}}.wav", "{kim}.wav", {"agent": "kim"}),
        ("{agent}-{started_at:%d%b%Y_%I%M%p}.wav", "kim-01Mar2026_0215PM.wav", {"agent": "kim", "started_at": "01Mar2026_0215PM"}),
        (
            "{agent}-{started_at:%Y%m%dT%H%M%S%z}.wav",
            "kim-20260301T101500+0200.wav",
            {"agent": "kim", "started_at": "20260301T101500+0200"},
        ),
        ("{agent}-{started_at}.wav", "kim-20260301T101500Z.wav", {"agent": "kim", "started_at": "20260301T101500Z"}),
        ("{agent}-{started_at:%Y%m%d}.wav", "kim-2026-03-01.wav", None),
        ("{agent}_{customer}.wav", "محمد_ع.wav", {"agent": "محمد", "customer": "ع"}),
    ],
)
def test_read(pattern, name, expected):
    said = compile_pattern(pattern, path="qa_audit.yaml").read(name)
    assert (said and dict(said.values)) == expected


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("{agnt}.wav", ["unknown field {agnt} (did you mean {agent}?)"]),
        (
            "{zzz}.wav",
            [
                "unknown field {zzz}; known are call_id, agent, customer, direction, queue, language, channels, agent_group, tags, started_at"
            ],
        ),
        ("{agent}_{agent}.wav", ["field {agent} stands there twice"]),
        ("{agent:%Y}.wav", ["only {started_at:…} takes a format, {agent} does not"]),
        ("{started_at:%Q}.wav", ["%Q is not read from file names"]),
        ("{started_at:%}.wav", ["% is not read from file names"]),
        ("calls.wav", ["it names no field"]),
        ("{}.wav", ["it names no field"]),
        ("{agent.wav", ["expected '}' before end of string", "it names no field"]),
        ("{agent}}.wav", ["Single '}' encountered in format string"]),
        ("{agnt}_{agent}_{agent}.wav", ["field {agent} stands there twice", "unknown field {agnt}"]),
    ],
)
def test_refused(pattern, says):
    with pytest.raises(UserFileError) as caught:
        compile_pattern(pattern, path="conf/qa_audit.yaml")
    problems = caught.value.problems
    assert len(problems) == len(says)
    for problem, expected in zip(problems, says, strict=True):
        assert str(problem).startswith(f"conf/qa_audit.yaml: recordings.pattern {pattern!r}: ")
        assert expected in problem.message


def test_no_name_can_hang_it():
    pattern = compile_pattern("{agent}_{customer}_{queue}_{call_id}_{direction}_{language}_{tags}.wav", path="x")
    assert pattern.read("_" * 250 + ".mp3") is None
