"""A transcript in, an Audit out: the moments that matter, what every rule finds, what that makes of every clause."""

from qa_audit.audit.auditor import Auditor
from qa_audit.audit.detector import Detector
from qa_audit.audit.kept import Encoder, Kept, prepare

__all__ = ["Auditor", "Detector", "Encoder", "Kept", "prepare"]
