"""qa_audit.yaml: where recordings lie, who hears them, which rules hold, where results go.

Only shape is checked here; everything unknown is refused with its place in the file. Without a file the defaults hold.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from qa_audit.models import Direction, Severity, Speaker, Status

DEFAULT_FILE = "qa_audit.yaml"


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_as_list)]


class Part(BaseModel):
    """A section of the file: unknown keys are refused, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Defaults(Part):
    """What holds of a call when nothing else says it."""

    agent: str | None = None
    customer: str | None = None
    direction: Direction = Direction.UNKNOWN
    queue: str | None = None
    language: str | None = "en"
    agent_group: str | None = None


class Recordings(Part):
    """Where calls are found and how what is known of them is read."""

    sources: Names = Field(default=(), description="Folders, globs, files or fsspec URLs; used when the command line names none.")
    manifest: str | None = Field(default=None, description="CSV with a column `file` and any of call_id, agent, customer, started_at, direction, queue, language, channels, agent_group, tags.")
    pattern: str | None = Field(default=None, description="File-name pattern with named fields, such as {agent}_{started_at:%Y%m%d-%H%M%S}_{customer}.wav")
    timezone: str = Field(default="UTC", description="IANA zone of times that carry none.")
    date_format: str | None = Field(default=None, description="How the manifest and the sidecars write started_at, such as %d/%m/%Y %H:%M; default is ISO 8601.")
    channels: tuple[Speaker, ...] = Field(default=(), description="Who is on which channel, left first, such as [agent, customer].")
    agents: tuple[str, ...] = Field(default=(), description="Known agents; when given, any other is set aside as unknown.")
    defaults: Defaults = Defaults()
    min_seconds: float = Field(default=3.0, ge=0, description="Shorter recordings are set aside.")
    max_seconds: float = Field(default=4 * 3600.0, gt=0, description="Longer recordings are set aside.")


class Speech(Part):
    """Who listens, and how."""

    engine: Names = Field(default=("faster-whisper",), description="One engine, or a list to go down when the first is not at hand; a step down is shown on every page.")
    model: str = Field(default="small", description="Whisper model name, or the path of a checkpoint (.pt) or of a CTranslate2 folder.")
    device: Literal["auto", "cpu", "cuda"] = "auto"
    compute_type: str = Field(default="int8", description="Of faster-whisper: int8, float32, float16.")
    beam_size: int = Field(default=1, ge=1, le=10)
    min_trust: float = Field(default=0.5, ge=0, le=1, description="A call heard worse than this on the whole is not assessed.")


class Override(Part):
    """What an organisation may change of a rule without editing it: its severity, its status, or off. Nothing more."""

    severity: Severity | None = None
    status: Status | None = None


class Rules(Part):
    """Which rules hold. Empty paths mean the starter rules inside the package."""

    paths: Names = Field(default=(), description="Folders or files of behaviours, rules and the standard, read together.")
    override: dict[str, Override] = Field(default_factory=dict)
    encoder: str | None = Field(default=None, description="Folder of a sentence encoder of your own; default is the packaged one, if installed.")


class Work(Part):
    """How much of the machine is used and when a call is given up."""

    processes: int = Field(default=0, ge=0, description="0: one for every core.")
    call_timeout: float = Field(default=3600.0, gt=0, description="Seconds after which one call is given up.")


class Config(Part):
    """The whole file."""

    recordings: Recordings = Recordings()
    speech: Speech = Speech()
    rules: Rules = Rules()
    work: Work = Work()
    store: str = Field(default="sqlite:///qa_audit.db", description="SQLAlchemy URL; a relative SQLite path counts from this file.")
    out: str = Field(default="scorecards", description="Folder of the pages.")
    folder: Path = Field(default=Path(), exclude=True, description="Folder of the file; relative paths count from it.")
