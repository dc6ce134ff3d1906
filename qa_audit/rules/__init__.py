"""The rule language: YAML files that compliance writes go in, a checked RuleSet comes out."""

from qa_audit.rules.language import RuleSet
from qa_audit.rules.load import LESSONS, load_rules, starter_folder

__all__ = ["LESSONS", "RuleSet", "load_rules", "starter_folder"]
