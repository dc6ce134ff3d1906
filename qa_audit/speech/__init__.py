"""Recordings in, transcripts out: who said what and when, how well it was heard, and what the sound alone tells.

`choose_engine` says who listens, `transcribe` hears one call, `measure` gives a ready transcript the sound of its recording;
`swapped` compares the voices of an agent's calls.
"""

from qa_audit.speech.choosing import Chosen, choose_engine, engines_at_hand
from qa_audit.speech.engines.base import EngineState
from qa_audit.speech.familiar import OTHERS, CallVoices, comparable, swapped, voices_of
from qa_audit.speech.measuring import measure
from qa_audit.speech.transcribing import transcribe

__all__ = [
    "OTHERS",
    "CallVoices",
    "Chosen",
    "EngineState",
    "choose_engine",
    "comparable",
    "engines_at_hand",
    "measure",
    "swapped",
    "transcribe",
    "voices_of",
]
