"""Calls become scorecards and a team: intervals, bands, minimum calls, own past, the funnel, system findings."""

import random
from dataclasses import replace

import pytest
from scoring_helpers import DOUBT, MET, MISSED, NONE, clause, many, rule, ruleset, scored, standard

from qa_audit.models import Standing, Status
from qa_audit.scoring import scorecards, team_summary
from qa_audit.team import Verdict


def card(calls, **options):
    (only,) = scorecards(calls, standard=standard(**options))
    return only


def summary(calls, std=None, rules=None):
    std = std or standard()
    return team_summary(calls, standard=std, ruleset=rules or ruleset(std))


def test_a_scorecard_counts_every_outcome_and_gives_wilson_s_interval():
    calls = [*many("Maya", 17, 3), scored(90, {"apologise": DOUBT, "explain": NONE})]
    maya = card(calls)
    rate = maya.clauses[0]
    assert (rate.met, rate.missed, rate.no_opportunity, rate.cannot_judge) == (17, 3, 0, 1)
    assert (rate.rate, rate.low, rate.high) == pytest.approx((0.85, 0.6396, 0.9476), abs=1e-4)
    assert (maya.clauses[1].no_opportunity, maya.clauses[1].rate) == (21, None)
    assert (maya.score, maya.assessed, len(maya.calls)) == (85.0, 20, 21)


@pytest.mark.parametrize(
    ("met", "missed", "critical", "band", "capped", "passed"),
    [
        (19, 1, 0, "exceeds", False, True),
        (17, 3, 0, "meets", False, True),
        (10, 10, 0, "below", False, False),
        (19, 1, 1, "meets", True, False),
        (16, 4, 1, "meets", False, False),
    ],
)
def test_a_critical_miss_keeps_the_score_and_caps_the_band(met, missed, critical, band, capped, passed):
    calls = many("Maya", met, missed)
    calls[0] = replace(calls[0], critical=("pushy",) * critical)
    maya = card(calls)
    assert (maya.band, maya.capped, maya.passed, maya.critical) == (band, capped, passed, critical)
    assert maya.score == pytest.approx(100 * met / (met + missed))


def test_a_score_on_the_edge_of_a_band_is_in_it():
    assert card(many("Maya", 18, 2)).band == "exceeds"
    assert card(many("Maya", 63, 7)).band == "exceeds"


def test_below_the_minimum_there_is_a_score_and_no_band():
    maya = card(many("Maya", 12, 0))
    assert (maya.score, maya.band, maya.passed, maya.standing, maya.change) == (100.0, None, None, None, None)
    assert maya.why_no_band == "Too few calls for a band: 12 could be assessed, and the standard asks for 20."


def test_nothing_judged_is_not_assessed_and_not_zero():
    maya = card([scored(i, {"apologise": DOUBT, "explain": NONE}) for i in range(30)])
    assert (maya.score, maya.low, maya.high, maya.band, maya.assessed) == (None, None, None, None, 0)
    assert maya.why_no_band.startswith("Not assessed")


def test_no_calls_make_no_scorecards_and_an_empty_team():
    team = summary([])
    assert scorecards([], standard=standard()) == ()
    assert (team.calls, team.score, team.trust, team.funnel) == (0, None, None, ())


def test_calls_without_a_date_are_scored_and_left_out_of_the_trend():
    maya = card([replace(call, started_at=None) for call in many("Maya", 20, 5)])
    assert (maya.first_day, maya.periods, maya.change) == (None, (), None)
    assert maya.score == 80.0


def test_own_past_by_week_marks_noise_as_noise():
    steady = card(many("Maya", 17, 3, day=0) + many("Maya", 16, 4, day=7))
    fallen = card(many("Maya", 38, 2, day=0) + many("Maya", 10, 30, day=7))
    assert [p.calls for p in steady.periods] == [20, 20]
    assert steady.change.noise
    assert steady.change.points == pytest.approx(-5.0)
    assert not fallen.change.noise
    assert fallen.change.high < 0


def test_a_long_past_is_told_by_month():
    maya = card(many("Maya", 5, 1, day=0) + many("Maya", 5, 1, day=7) + many("Maya", 5, 1, day=200))
    assert [p.calls for p in maya.periods] == [12, 6]


def test_the_funnel_tells_chance_from_difference():
    calls = many("Ann", 45, 5) + many("Ben", 43, 7) + many("Cem", 44, 6) + many("Dee", 15, 35) + many("Eve", 5, 0)
    standings = {c.agent: c.standing for c in scorecards(calls, standard=standard())}
    assert standings["Dee"] is Standing.FAR_BELOW
    assert standings["Eve"] is None
    assert standings["Ben"] in (Standing.WITHIN, Standing.ABOVE)
    limits = summary(calls).funnel
    assert all(limit.far_low <= limit.low < limit.high <= limit.far_high for limit in limits)
    assert limits[0].high - limits[0].low > limits[-1].high - limits[-1].low


def test_each_clause_stands_against_the_team_by_exact_limits():
    calls = many("Ann", 45, 5) + many("Ben", 43, 7) + many("Dee", 15, 35) + many("Eve", 3, 1)
    standings = {c.agent: c.clauses[0].standing for c in scorecards(calls, standard=standard())}
    assert standings == {"Ann": Standing.FAR_ABOVE, "Ben": Standing.ABOVE, "Dee": Standing.FAR_BELOW, "Eve": None}


def test_an_agent_alone_is_compared_with_nobody():
    assert card(many("Maya", 30, 5)).standing is None
    assert card(many("Maya", 30, 5)).clauses[0].standing is None
    assert summary(many("Maya", 30, 5)).funnel == ()


def test_agents_come_by_name_and_the_order_of_calls_changes_nothing():
    calls = many("zoe", 20, 3) + many("Émile", 15, 8) + many("Adam", 22, 1, day=9) + many("Adam", 4, 4)
    mixed = random.Random(1).sample(calls, len(calls))
    cards = scorecards(calls, standard=standard())
    assert [c.agent for c in cards] == ["Adam", "zoe", "Émile"]
    assert [(c.agent, c.score, c.low, c.clauses, c.change) for c in cards] == [
        (c.agent, c.score, c.low, c.clauses, c.change) for c in scorecards(mixed, standard=standard())
    ]


def test_system_findings_name_what_lies_with_the_organisation():
    std = standard(clause("apologise"), clause("explain"))
    rules = ruleset(std, rule("sorry", "apologise"), rule("why", "explain", status=Status.SHADOW), stale=frozenset({"sorry"}))
    team = summary([call for agent in ("Ann", "Ben", "Cem") for call in many(agent, 12, 13)], std, rules)
    assert [(f.kind, f.clause, f.rule) for f in team.findings] == [
        ("stale", "apologise", "sorry"),
        ("team-wide", "apologise", ""),
        ("uncovered", "explain", ""),
    ]
    assert team.causes[0].verdict is Verdict.EVERYONE
    assert "missed in 39 of 75 opportunities" in team.findings[1].message


def test_a_queue_that_stands_out_is_named():
    calls = many("Ann", 40, 2, queue="orders") + many("Ben", 38, 3, queue="orders") + many("Ann", 10, 25, queue="billing")
    (uneven,) = [f for f in summary(calls).findings if f.kind == "uneven"]
    assert "queue “billing” (25 of 35) than elsewhere (5 of 83)" in uneven.message


def test_one_bad_agent_is_no_team_wide_miss():
    calls = many("Ann", 40, 0) + many("Ben", 39, 1) + many("Cem", 2, 38)
    team = summary(calls)
    assert team.causes[0].verdict is Verdict.AGENTS
    assert [f.kind for f in team.findings] == []


def test_the_outcomes_of_a_hostile_name_are_counted_like_any_other():
    name = '<script>"; DROP TABLE\u202e\udcff'
    assert card([scored(i, {"apologise": MET if i else MISSED, "explain": MET}, agent=name) for i in range(3)]).agent == name
