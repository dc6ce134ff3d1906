"""Recordings in, transcripts out: who said what and when, how well it was heard, and what the sound alone tells.

`choose_engine` says who listens, `transcribe` hears one call, `measure` gives a ready transcript the sound of its recording.
"""

from qa_audit.speech.choosing import Chosen, choose_engine, engines_at_hand
from qa_audit.speech.engines.base import EngineState
from qa_audit.speech.measuring import measure
from qa_audit.speech.transcribing import transcribe

__all__ = ["Chosen", "EngineState", "choose_engine", "engines_at_hand", "measure", "transcribe"]
