"""qa-audit: every recorded call, held against the organisation's own written service standard."""

__version__ = "0.1.0"
