"""One call against the standard: what counts, what does not, and what cannot be said."""

import pytest
from scoring_helpers import DOUBT, MET, MISSED, NONE, audit, clause, finding, recording, rule, ruleset, standard

from qa_audit.models import Severity, Status
from qa_audit.scoring import score_call

STANDARD = standard(clause("apologise", 60), clause("explain", 40), clause("smile", 0))


def score(*findings, std=STANDARD, rules=None, trust=0.9):
    rules = rules or ruleset(std, *(rule(r, c.id) for c in std.clauses for r in (f"a-{c.id}", f"b-{c.id}")))
    return score_call(audit(*findings), recording=recording(), standard=std, ruleset=rules, trust=trust, min_trust=0.5)


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ({"apologise": MET, "explain": MISSED}, 60.0),
        ({"apologise": MISSED, "explain": MISSED}, 0.0),
        ({"apologise": NONE, "explain": MET}, 100.0),
        ({"apologise": DOUBT, "explain": MISSED}, 0.0),
        ({"apologise": DOUBT, "explain": NONE}, None),
        ({"apologise": NONE, "explain": NONE, "smile": MET}, None),
        ({"apologise": MET, "explain": NONE, "smile": MISSED}, 100.0),
    ],
)
def test_score_is_the_weighted_share_met_of_what_could_be_judged(outcomes, expected):
    assert score(*(finding(f"a-{c}", c, o) for c, o in outcomes.items())).score == expected


@pytest.mark.parametrize(
    ("first", "second", "clause_outcome"),
    [(MET, MISSED, MISSED), (MET, DOUBT, DOUBT), (DOUBT, MISSED, MISSED), (NONE, MET, MET), (NONE, NONE, NONE)],
)
def test_the_weightier_outcome_of_two_rules_is_the_clause_s(first, second, clause_outcome):
    call = score(finding("a-apologise", "apologise", first), finding("b-apologise", "apologise", second))
    assert call.outcomes["apologise"] is clause_outcome


@pytest.mark.parametrize("status", [Status.ADVISORY, Status.SHADOW])
def test_rules_on_trial_count_for_nothing_and_are_still_shown(status):
    call = score(
        finding("a-apologise", "apologise", MISSED, severity=Severity.CRITICAL, status=status),
        finding("a-explain", "explain", MET),
    )
    assert (call.score, call.critical, call.outcomes["apologise"]) == (100.0, (), NONE)
    assert call.rules == {"a-apologise": MISSED, "a-explain": MET}


def test_a_badly_heard_call_harms_nobody():
    call = score(finding("a-apologise", "apologise", MISSED, severity=Severity.CRITICAL), trust=0.4)
    assert (call.score, call.critical) == (None, ())
    assert call.outcomes["apologise"] is DOUBT
    assert call.rules == {"a-apologise": DOUBT}
    assert call.why_no_score == "The call was heard too poorly to be assessed: trust 0.40, and 0.50 is needed."


def test_why_there_is_no_score_tells_nothing_asked_from_not_heard():
    assert "came up in this call" in score(finding("a-apologise", "apologise", NONE)).why_no_score
    assert "could not be judged" in score(finding("a-apologise", "apologise", DOUBT)).why_no_score
    assert score(finding("a-apologise", "apologise", MET)).why_no_score == ""


def test_critical_misses_stand_apart_from_the_score():
    std = standard(clause("apologise", 50), clause("let-go", 50, critical=True))
    call = score(
        finding("a-apologise", "apologise", MET),
        finding("b-apologise", "apologise", MET, severity=Severity.CRITICAL),
        finding("a-let-go", "let-go", MISSED, severity=Severity.MINOR),
        std=std,
    )
    assert (call.score, call.critical) == (50.0, ("a-let-go",))


def test_a_rule_that_no_longer_exists_does_not_count():
    call = score(finding("gone", "apologise", MISSED), finding("a-explain", "explain", MET))
    assert (call.score, call.rules) == (100.0, {"a-explain": MET})
