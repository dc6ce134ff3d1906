"""`qa-audit voices`: are agent and customer who they are said to be?"""

from __future__ import annotations

import click

from qa_audit import pipeline
from qa_audit.cli.options import AS_JSON, configured, selecting
from qa_audit.cli.progress import Display
from qa_audit.cli.text import plural, say, say_json
from qa_audit.config import Config


@click.command("voices")
@configured("store")
@selecting
@AS_JSON
def command(*, settings: Config, selection: pipeline.Selection, as_json: bool) -> None:
    """Compare the voices of each agent's calls, and name calls in which agent and customer seem swapped.

    Listens again, without words, to the newest calls of each agent that have a channel for each person; an agent needs four.
    Nothing is relabelled and nothing of a voice is kept: listen to the calls that are named, and correct `channels` where it is so.
    With speech.compare_voices every run does this for new calls, and sets suspicious ones aside.
    """
    with Display() as display:
        compared = pipeline.compare_voices(settings, selection=selection, progress=display)
    if as_json:
        found = [
            {"call_id": each.recording.call_id, "agent": each.recording.agent, "sureness": round(each.sureness, 2), "others": each.others}
            for each in compared.suspicions
        ]
        say_json({"calls": compared.calls, "agents": compared.agents, "suspicions": found})
        return
    say(f"{plural(compared.calls, 'call')} of {plural(compared.agents, 'agent')} compared, {len(compared.suspicions)} suspicious")
    for each in compared.suspicions:
        told = f"the customer sounds like {each.recording.agent} in {each.others} other calls, the agent does not"
        say(f"  {each.recording.call_id}: {told} (sureness {each.sureness:.2f})")
