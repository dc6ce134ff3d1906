"""What the rules say of calls becomes scores: of one call, of every agent over a period, and of the team."""

from qa_audit.scoring.agents import scorecards
from qa_audit.scoring.calls import score_call
from qa_audit.scoring.summary import team_summary

__all__ = ["score_call", "scorecards", "team_summary"]
