"""What is known of a period becomes pages that need no server, no network and no script to be read."""

from qa_audit.reports.audio import cut_clip, write_player_audio
from qa_audit.reports.exports import ExportsWritten, vcon_analyses, write_exports
from qa_audit.reports.mail import mail_summary, write_mails
from qa_audit.reports.pages import PagesWritten, write_pages
from qa_audit.reports.report import CallEntry, CallRecord, Report
from qa_audit.reports.slugs import slug

__all__ = [
    "CallEntry",
    "CallRecord",
    "ExportsWritten",
    "PagesWritten",
    "Report",
    "cut_clip",
    "mail_summary",
    "slug",
    "vcon_analyses",
    "write_exports",
    "write_mails",
    "write_pages",
    "write_player_audio",
]
