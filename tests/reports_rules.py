"""The standard and the rules of the small call centre of the tests: five clauses, five rules, one of them on trial."""

from __future__ import annotations

from qa_audit.errors import Location
from qa_audit.models import Outcome, Severity, Speaker, Status
from qa_audit.rules.language import Behaviour, Bound, Clause, Kind, Rule, RuleExample, RuleSet, Span, Standard

A, C = Speaker.AGENT, Speaker.CUSTOMER

STANDARD = Standard(
    id="harbour",
    promise="We are the neighbour who turns up with a ladder.",
    clauses=(
        Clause(
            id="apologise",
            title="We say sorry, and mean it",
            good_looks_like="When we let someone down, we say so first.",
            weight=20,
            family="customer",
        ),
        Clause(
            id="no-dead-end",
            title="A no is never the end of the road",
            good_looks_like="With every no comes another way.",
            weight=30,
            family="customer",
        ),
        Clause(
            id="let-go",
            title="Whoever wants to leave may leave",
            good_looks_like="A wish to leave is granted with grace.",
            weight=30,
            family="customer",
            critical=True,
        ),
        Clause(
            id="close-well", title="We part on good terms", good_looks_like="The last word is a friendly one.", weight=20, family="business"
        ),
        Clause(id="plain-talk", title="We talk plainly", good_looks_like="No word that needs explaining.", weight=0, family="business"),
    ),
    bands=(("exceeds", 90), ("meets", 75), ("below", 0)),
    pass_score=80,
    pass_without_critical=True,
    minimum_calls=20,
    hash="standard-1",
)

BEHAVIOURS = (
    Behaviour(
        id="problem",
        who=frozenset({C}),
        does="says that something went wrong",
        meaning="Says that something went wrong.",
        says=("(never|not) arrived", "still waiting"),
    ),
    Behaviour(
        id="apology", who=frozenset({A}), does="apologises", meaning="Says sorry for a fault of ours.", says=("[so] sorry", "I apologise")
    ),
    Behaviour(
        id="refusal",
        who=frozenset({A}),
        does="says no",
        meaning="Says that it cannot be done.",
        says=("nothing [more] I can do", "not possible"),
    ),
    Behaviour(
        id="cancel-request",
        who=frozenset({C}),
        does="asks to leave",
        meaning="Asks to end the contract.",
        says=("(cancel|end) [my|the] (plan|contract)",),
    ),
    Behaviour(
        id="retention-push",
        who=frozenset({A}),
        does="argues against leaving",
        meaning="Tries to change their mind.",
        says=("why would you",),
    ),
    Behaviour(
        id="courteous-close",
        who=frozenset({A}),
        does="says goodbye kindly",
        meaning="Ends with thanks or good wishes.",
        says=("thank you for", "have a lovely"),
    ),
)


def _rule(id_: str, clause: str, title: str, kind: Kind, **more) -> Rule:
    common = {
        "severity": Severity.MAJOR,
        "status": Status.SCORED,
        "version": "3f9a1c77d2",
        "owner": "compliance",
        "location": Location("rules/x.yaml", 1, 1),
    }
    return Rule(id=id_, clause=clause, title=title, kind=kind, **{**common, **more})


RULES = (
    _rule(
        "no-apology",
        "apologise",
        "Does not apologise after something went wrong",
        Kind.EXPECT,
        when=("problem",),
        expect=("apology",),
        within=Span(seconds=60),
        say_instead="I'm sorry your parcel has not come. Let me find out where it is.",
        why="An apology that comes unasked is worth three that are asked for.",
        examples=(
            RuleExample(Outcome.MISSED, "customer: It never arrived.\nagent: What is your number?"),
            RuleExample(Outcome.MET, "customer: It never arrived.\nagent: I'm so sorry."),
        ),
    ),
    _rule(
        "dead-end",
        "no-dead-end",
        "Says no and leaves it there",
        Kind.NEVER,
        never=("refusal",),
        say_instead="I can't change the date myself, but the depot can. I'll ring them now and call you back by four.",
        why="A customer who hears only no will ask somebody else, in public.",
    ),
    _rule(
        "pushy",
        "let-go",
        "Keeps selling after the customer asked to leave",
        Kind.NEVER,
        severity=Severity.CRITICAL,
        when=("cancel-request",),
        never=("retention-push",),
        allow=1,
        after=(1, "cancel-request"),
        say_instead="I'm sorry to see you go. It ends today, and there is nothing more to pay.",
        why="Whoever may leave with grace comes back.",
    ),
    _rule(
        "cold-close",
        "close-well",
        "Ends without a friendly word",
        Kind.EXPECT,
        severity=Severity.MINOR,
        expect=("courteous-close",),
        last=Span(seconds=45),
        say_instead="Thank you for ringing. Have a lovely afternoon.",
        why="The last words are the ones that are remembered.",
    ),
    _rule(
        "talks-over", "plain-talk", "Talks over the customer", Kind.LIMIT, status=Status.ADVISORY, limit={"overlap_seconds": Bound(most=5)}
    ),
)
RULESET = RuleSet(
    behaviours={b.id: b for b in BEHAVIOURS},
    rules={r.id: r for r in RULES},
    standard=STANDARD,
    hash="rules-1",
    stale=frozenset({"cold-close"}),
)
