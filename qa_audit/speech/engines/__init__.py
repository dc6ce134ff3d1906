"""The engines there are, by the name they have in a configuration. None of them ever downloads anything."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from qa_audit.speech.engines import faster_whisper, sphinx, whisper
from qa_audit.speech.engines.base import EngineKind

REGISTRY: Mapping[str, EngineKind] = MappingProxyType({"faster-whisper": faster_whisper, "whisper": whisper, "sphinx": sphinx})
"""Every engine, the best first."""
