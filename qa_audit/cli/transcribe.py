"""`qa-audit transcribe`: the first half of the main job."""

from __future__ import annotations

from collections.abc import Sequence

import click

from qa_audit import pipeline
from qa_audit.cli.options import AS_JSON, configured, selecting
from qa_audit.cli.progress import Display
from qa_audit.cli.summaries import say_failures, say_warnings
from qa_audit.cli.text import plural, say, say_json
from qa_audit.config import Config
from qa_audit.errors import ExitCode
from qa_audit.pipeline.manifest import as_dict


@click.command("transcribe")
@click.argument("sources", nargs=-1)
@configured("store", "engine", "workers")
@selecting
@click.option("--retry", is_flag=True, help="Try again what was set aside or failed too often.")
@AS_JSON
def command(*, settings: Config, selection: pipeline.Selection, sources: Sequence[str], retry: bool, as_json: bool) -> None:
    """Listen to what is new and keep the transcripts.

    SOURCES as for `run`. Ends with exit code 3 when the only call asked for could not be heard.
    """
    with Display() as display:
        done = pipeline.transcribe(settings, sources=sources, selection=selection, retry=retry, progress=display)
    found = len(done.heard) + len(done.excluded) + len(done.failed)
    if as_json:
        counts = {"found": found, "heard": len(done.heard), "excluded": len(done.excluded), "failed": len(done.failed)}
        lists = {
            "heard_calls": list(done.heard),
            "excluded_calls": [as_dict(failure) for failure in done.excluded],
            "failed_calls": [as_dict(failure) for failure in done.failed],
        }
        say_json({"run_id": done.run_id} | counts | {"listened": done.listened} | lists | {"warnings": list(done.warnings)})
    else:
        say(f"{plural(found, 'call')} found = {len(done.heard)} heard + {len(done.excluded)} excluded + {len(done.failed)} failed")
        say(f"new in this run: {done.listened} listened to")
        say_failures(done.excluded, done.failed)
    say_warnings(done.warnings)
    if found == 1 and not done.heard:
        click.get_current_context().exit(ExitCode.CALL)
