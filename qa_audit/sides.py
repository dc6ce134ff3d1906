"""What two voices say goes in; which of them is the agent, and how sure that is, comes out.

Weighted cues: agents greet for a company, offer help, ask for details and speak of "your account"; customers tell what they
bought, waited for and want. Each cue counts at most twice, so that no habit of speech decides alone.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from qa_audit.models import Direction, Recording

CONFIRMED = "channels-confirmed"
"""The tag of a call to which somebody has listened: agent and customer are who they are said to be."""

LONGEST = 60_000
"""Characters of a voice that are looked at; bounds the work on a hostile transcript."""

AT_MOST = 2
"""How often one cue counts."""

STEEPNESS = 0.7
"""What one point is worth in log-odds; set so that the confidence comes out about right on calls whose sides are known."""

FIRST = {Direction.INBOUND: 1.0, Direction.OUTBOUND: -0.5, Direction.UNKNOWN: 0.5}
"""Points for speaking first: who answers an incoming call is the agent, who answers an outgoing one says hello and is not."""

# fmt: off
AGENT_CUES = (
    (4.0, r"\bthank(s| you) for (calling|phoning|ringing|contacting|choosing|reaching)\b(?! (me|us))"),
    (3.0, r"\b(how|what) (can|may|could|else can) (i|we) (help|assist|do)\b"),
    (3.0, r"\b(you are|you're|youre) (speaking (to|with)|through to)\b"),
    (3.0, r"\banything else (that )?(i|we) (can|could|may|might)\b"),
    (3.0, r"\bcalls? (is|are|may be|might be|will be|being) (being )?(recorded|monitored)\b"),
    (2.5, r"\b(can|could|may|might) i (just |please |also )?(have|get|take|grab|ask for|confirm|verify|know) (your|the|a)\b"),
    (2.5, r"\b(confirm|verify|provide|spell|give me|tell me) (me |us )?(with )?your\b"),
    (2.5, r"\bwhat('s| is) (your|the) (full |first |last |e ?mail |order |account |booking |phone |reference |zip |post |customer |member )*(name|code|address|number|id)\b"),
    (2.5, r"\b(for|your) (security|verification|identification)\b"),
    (2.5, r"\bthank(s| you) for (waiting|holding|your patience|being (a|with)|confirming|bearing|that information)\b"),
    (2.0, r"\b(put|place|transfer|connect|pass) you\b"),
    (2.0, r"\bwelcome to\b"),
    (2.0, r"\bbear with me\b|\b(may|can|could) i put\b"),
    (2.0, r"\b(i|we) (do )?apologi[sz]e\b|\bsorry for (the|any) (inconvenience|trouble|delay|confusion)\b"),
    (1.5, r"\blet me (just |quickly |go ahead and |see if )*(check|look|pull|see|find|bring|transfer|get that|take a look|verify)\b"),
    (1.5, r"\b(i|we)('ll| will| can| could|'ve| have) (also |just |now |gone ahead and )*(arrange|send you|issue|process|offer|raise|refund|credit|escalate|email you|call you back|schedule|book you|waive|apply)"),
    (1.5, r"\b(happy|glad|pleased) to (help|assist)\b|\bmy pleasure\b"),
    (1.5, r"\b(i|we) (can )?see (here|that you|your|you)\b"),
    (1.0, r"\b(i understand|i can imagine|i hear|i appreciate) (how|that|your|you|the)\b"),
    (1.0, r"\byour (account|order|booking|policy|subscription|case|claim|request|details|reservation|plan|membership|refund|card|appointment|call)\b"),
    (1.0, r"\bour (system|records|policy|team|engineers?|technicians?|warehouse|department|end|website|terms)\b"),
    (0.5, r"\b(sir|ma'am|madam)\b"),
)
CUSTOMER_CUES = (
    (2.5, r"\b(i|we)('m| am|'re| are| was| were) (calling|ringing|phoning) (about|because|to (cancel|complain|ask|find|check|see|report|get)|in regards?|regarding)\b"),
    (2.5, r"\b(speak|talk) (to|with) (a|your|the) (manager|supervisor|boss|human|person)\b"),
    (2.0, r"\bi('d| would)? (just )?(like|want|need|wanted|wish) (to|you to) (cancel|complain|return|speak|know|change|book|buy|order|report|ask|get|close|leave|make)\b"),
    (2.0, r"\b(want|give me|get|need) (a|my) (refund|money|replacement)\b"),
    (2.0, r"\bi('ve| have|'d| had) (been|already|had|waited|paid|tried|called|asked|told|got|lost)\b"),
    (2.0, r"\bi (was|got|am being|have been|'ve been) (charged|billed|told|promised|overcharged|given|sent)\b"),
    (1.5, r"\bi (just )?(ordered|bought|purchased|paid|received|booked|waited|signed up|noticed)\b"),
    (1.5, r"\b(it|they|he|she|nobody|no one|the \w+) (never|has not|hasn't|didn't|did not|won't|doesn't|does not) (arrive|arrived|come|came|work|worked|turn|show|called|call)"),
    (1.5, r"\b(can|could|will) you (please |just )?(help me|tell me|cancel|send me|explain|refund|fix|change my|check my|give me)\b"),
    (1.0, r"\b(when|why|how|what) (will|am|was|do|should|can|did|would|have) i\b(?! (help|assist|do for))"),
    (1.0, r"\bmy (account|order|bill|internet|phone|package|card|booking|subscription|refund|money|service|reference|policy|claim|delivery|payment|husband|wife|son|daughter|house|home|bank|plan|flight)\b"),
    (1.0, r"\b(you|your) (people|guys|company|driver|engineer|website|colleague|staff)\b"),
    (0.5, r"\b(ridiculous|unacceptable|fed up|frustrat|annoying|disappointed|sick of)"),
)
# fmt: on
CUES = tuple((points, re.compile(pattern)) for points, pattern in (*AGENT_CUES, *((-points, pattern) for points, pattern in CUSTOMER_CUES)))


def confirmed(recording: Recording) -> bool:
    """Whether a person stands by who is agent and who is customer, whatever words and voices say."""
    return CONFIRMED in recording.tags


def manner(text: str) -> float:
    """Points for sounding like an agent (above 0) or like a customer (below)."""
    said = text[:LONGEST].lower().replace("’", "'")
    return sum(points * min(AT_MOST, sum(1 for _ in cue.finditer(said))) for points, cue in CUES)


def first_is_agent(texts: Sequence[str], *, opens: int | None, direction: Direction) -> float:
    """How likely it is, 0..1, that of two voices the first one is the agent, from all that each says.

    `opens` is the voice heard first in the call, None when that is not known. 0.5 means that the words do not tell.
    """
    first, second = texts
    points = manner(first) - manner(second)
    if opens is not None:
        points += FIRST[direction] if opens == 0 else -FIRST[direction]
    return 1 / (1 + math.exp(-STEEPNESS * max(-30.0, min(30.0, points))))
