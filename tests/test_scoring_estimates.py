"""The statistics do what their sources say: known values, and intervals that cover as often as they claim."""

import numpy as np
import pytest

from qa_audit.scoring.causes import cause_of, differ_by_chance, pooled_rates
from qa_audit.scoring.estimate import Estimate, difference, weighted_share, wilson
from qa_audit.team import Verdict


@pytest.mark.parametrize(
    ("met", "judged", "low", "high"), [(17, 20, 0.640, 0.948), (85, 100, 0.767, 0.907), (0, 10, 0.0, 0.278), (3, 3, 0.438, 1.0)]
)
def test_wilson_gives_the_published_bounds(met, judged, low, high):
    share = wilson(met, judged)
    assert (share.low, share.high) == pytest.approx((low, high), abs=6e-4)


def simulated(rng, calls):
    """Calls of six clauses with weights, some not arising, good and bad calls hanging together."""
    weights = np.array([15, 15, 20, 10, 25, 15.0])
    arises = rng.random((calls, 6)) < 0.6
    arises[:, 0] |= ~arises.any(axis=1)
    quality = rng.beta(4, 1.5, size=(calls, 1))
    met = (rng.random((calls, 6)) < quality) & arises
    return met @ weights, arises @ weights, int(arises.sum())


@pytest.mark.parametrize("calls", [5, 20, 80])
def test_the_interval_of_a_score_covers_the_truth_about_19_times_in_20(calls):
    rng = np.random.default_rng(7)
    truth = 4 / 5.5
    covered = sum((e := weighted_share(*simulated(rng, calls))).low <= truth <= e.high for _ in range(600)) / 600
    assert 0.92 <= covered <= 0.99


@pytest.mark.parametrize("calls", [1, 2, 10])
def test_perfect_calls_are_not_perfectly_known(calls):
    share = weighted_share(np.full(calls, 50.0), np.full(calls, 50.0), 3 * calls)
    assert share.value == 1.0
    assert share.low < 0.75
    assert share.high == pytest.approx(1.0)


def test_equal_single_outcomes_come_close_to_plain_wilson():
    met = np.repeat([1.0, 0.0], [17, 3])
    share, plain = weighted_share(met, np.ones(20), 20), wilson(17, 20)
    assert (share.low, share.high) == pytest.approx((plain.low, plain.high), abs=0.02)


def test_a_difference_is_noise_unless_the_intervals_say_otherwise():
    far, near = difference(wilson(90, 100), wilson(60, 100)), difference(wilson(17, 20), wilson(15, 20))
    assert far.low > 0
    assert near.low < 0 < near.high
    assert difference(Estimate(0.5, 0.4, 0.6), Estimate(0.5, 0.5, 0.5)).value == 0


def test_newcombe_s_own_example_of_a_difference():
    moved = difference(wilson(56, 70), wilson(48, 80))
    assert (moved.value, moved.low, moved.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=1e-4)


def test_alike_agents_are_not_told_apart_and_the_misses_lie_with_everyone():
    cause = cause_of("x", np.array([20, 22, 19, 21]), np.array([10, 9, 11, 10]))
    assert (cause.verdict, cause.with_agents, cause.benchmark) == (Verdict.EVERYONE, 0.0, None)
    assert "no more than chance" in cause.sentence


def test_one_agent_far_from_the_others_carries_the_misses():
    cause = cause_of("x", np.array([38, 39, 10, 40, 39]), np.array([2, 1, 30, 0, 1]))
    assert cause.verdict is Verdict.AGENTS
    assert 25 <= cause.with_agents <= 34
    assert cause.p_value < 0.001


def test_a_low_team_with_some_spread_lies_mostly_with_everyone():
    cause = cause_of("x", np.array([80, 60, 55, 50]), np.array([120, 140, 145, 150]))
    assert cause.verdict is Verdict.EVERYONE
    assert 0 < cause.with_agents < 555 / 3


def test_what_nobody_ever_does_lies_with_everyone():
    cause = cause_of("x", np.array([0, 0, 0]), np.array([20, 9, 14]))
    assert (cause.verdict, cause.p_value) == (Verdict.EVERYONE, 1.0)


@pytest.mark.parametrize(("met", "missed"), [([5, 6], [1, 2]), ([30], [30]), ([50, 50], [2, 2]), ([], [])])
def test_too_little_says_so(met, missed):
    cause = cause_of("x", np.array(met, dtype=int), np.array(missed, dtype=int))
    assert cause.verdict is Verdict.TOO_FEW
    assert "Too little" in cause.sentence


def test_agents_alike_are_called_different_about_once_in_20():
    rng = np.random.default_rng(3)
    judged = np.array([4, 9, 25, 12, 6, 30])
    false_alarms = sum(differ_by_chance(m := rng.binomial(judged, 0.8), judged - m) < 0.05 for _ in range(150)) / 150
    assert false_alarms <= 0.11


def test_few_opportunities_are_pulled_further_towards_the_team():
    met, missed = np.array([2, 20, 90, 60]), np.array([0, 0, 10, 40])
    rates, raw = pooled_rates(met, missed), met / (met + missed)
    assert rates[0] < rates[1] < 1.0
    assert abs(rates[3] - raw[3]) < abs(rates[0] - raw[0])
