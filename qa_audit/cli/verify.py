"""`qa-audit verify`: does the same give the same?"""

from __future__ import annotations

import click
import msgspec

from qa_audit import pipeline
from qa_audit.cli.options import AS_JSON, configured
from qa_audit.cli.progress import Display
from qa_audit.cli.text import plural, say, say_json
from qa_audit.config import Config
from qa_audit.errors import ExitCode

MOST = 50
"""Differences that are told one by one; `--json` has them all."""


@click.command("verify")
@click.argument("run_id", metavar="[RUN]", required=False)
@configured("store")
@AS_JSON
def command(*, settings: Config, run_id: str | None, as_json: bool) -> None:
    """Do a run again from what is kept, and say whether it gives the same scorecards and pages, byte for byte.

    RUN is its id, as `status` and run.json give it; by default the last. Transcripts are marked again without anything that was
    prepared for that before; nobody listens again, nothing is kept and no page is touched. The page of the run, which tells when
    it was, is not compared. Ends with exit code 1 when something differs or an input has changed since, and says what and where;
    with 2 when other rules, another encoder or another version hold now than then.
    """
    with Display() as display:
        verified = pipeline.verify(settings, run_id, progress=display)
    if as_json:
        say_json({"same": verified.same} | msgspec.to_builtins(verified))
    else:
        _say(verified)
    if not verified.same:
        click.get_current_context().exit(ExitCode.CHECK_FAILED)


def _say(verified: pipeline.Verified) -> None:
    compared = (
        f"{plural(verified.calls, 'call')} marked again, {plural(verified.scorecards, 'scorecard')}, {plural(verified.pages, 'page')}"
    )
    say(f"run {verified.run_id}: {'the same' if verified.same else 'NOT the same'} ({compared} compared)")
    if verified.pages_why:
        say(f"pages were not compared: {verified.pages_why}")
    for call_id in verified.changed_since[:MOST]:
        say(f"  changed since: {call_id} was heard again, or its facts or its marks are others now")
    for title, differing in (
        ("call", verified.differing_calls),
        ("scorecard", verified.differing_scorecards),
        ("page", verified.differing_pages),
    ):
        for one in differing[:MOST]:
            say(f"  {title} {one.what}: {one.how}")
        if len(differing) > MOST:
            say(f"  … and {len(differing) - MOST} more of the same kind")
