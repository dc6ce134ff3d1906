"""qa_audit.yaml: where recordings lie, who hears them, which rules hold, where results go.

Only shape is checked here; everything unknown is refused with its place in the file. Without a file the defaults hold.
"""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from babel import Locale, UnknownLocaleError
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from qa_audit.errors import Location, Problem, UserFileError
from qa_audit.located import read
from qa_audit.models import Direction, Severity, Speaker, Status
from qa_audit.plain import problems_of

DEFAULT_FILE = "qa_audit.yaml"

PATH_OF_A_MODEL = re.compile(r"[./~].*|.*\.(?:pt|bin)|.*/.*/.*")
"""A model given so is a path whether it is there or not; `small` and `owner/name` are names unless such a path is there."""


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_as_list)]


class Part(BaseModel):
    """A section of the file: unknown keys are refused, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, coerce_numbers_to_str=True)


class Defaults(Part):
    """What holds of a call when nothing else says it."""

    agent: str | None = None
    customer: str | None = None
    direction: Direction = Direction.UNKNOWN
    queue: str | None = None
    language: str | None = "en"
    agent_group: str | None = None


class CallLogColumns(Part):
    """What the columns of the call log are called, where they do not have a usual name."""

    call_id: str | None = None
    file: str | None = None
    agent: str | None = None
    started_at: str | None = None


class Recordings(Part):
    """Where calls are found and how what is known of them is read."""

    sources: Names = Field(default=(), description="Folders, globs, files or fsspec URLs; used when the command line names none.")
    manifest: str | None = Field(
        default=None,
        description="CSV with a column `file` and any of call_id, agent, customer, started_at, direction, queue, language, channels, agent_group, tags.",
    )
    call_log: str | None = Field(
        default=None,
        description="CSV of all calls from the telephone system; calls without a recording are told, and recordings without a call.",
    )
    call_log_columns: CallLogColumns = CallLogColumns()
    pattern: str | None = Field(
        default=None, description="File-name pattern with named fields, such as {agent}_{started_at:%Y%m%d-%H%M%S}_{customer}.wav"
    )
    timezone: str = Field(default="UTC", description="IANA zone of times that carry none.")
    date_format: str | None = Field(
        default=None, description="How the manifest and the sidecars write started_at, such as %d/%m/%Y %H:%M; default is ISO 8601."
    )
    channels: tuple[Speaker, ...] = Field(default=(), description="Who is on which channel, left first, such as [agent, customer].")
    agents: tuple[str, ...] = Field(default=(), description="Known agents; when given, any other is set aside as unknown.")
    defaults: Defaults = Defaults()
    min_seconds: float = Field(default=3.0, ge=0, description="Shorter recordings are set aside.")
    max_seconds: float = Field(default=4 * 3600.0, gt=0, description="Longer recordings are set aside.")


class Speech(Part):
    """Who listens, and how."""

    engine: Names = Field(
        default=("faster-whisper",),
        description="One engine, or a list to go down when the first is not at hand; a step down is shown on every page.",
    )
    model: str = Field(
        default="small", description="Whisper model name, or the path (from this file) of a checkpoint (.pt) or of a CTranslate2 folder."
    )
    device: Literal["auto", "cpu", "cuda"] = "auto"
    compute_type: str = Field(default="int8", description="Of faster-whisper: int8, float32, float16.")
    beam_size: int = Field(default=1, ge=1, le=10)
    audio_context: Literal["full", "fitted"] = Field(
        default="full",
        description="Of faster-whisper: whether its encoder always sees 30 s, as it was trained, or little more than the speech "
        "there is, which is quicker and may cost words.",
    )
    min_trust: float = Field(default=0.5, ge=0, le=1, description="A call heard worse than this on the whole is not assessed.")
    compare_voices: bool = Field(
        default=False,
        description="Whether each run compares the voices of new calls with those of the same agent's other calls, and sets aside calls "
        "in which agent and customer seem swapped. In many places this is processing of biometric data, so nobody does it unasked.",
    )


class Override(Part):
    """What an organisation may change of a rule without editing it: its severity, its status, or off. Nothing more."""

    severity: Severity | None = None
    status: Status | None = None


class Rules(Part):
    """Which rules hold. Empty paths mean the starter rules inside the package."""

    paths: Names = Field(default=(), description="Folders or files of behaviours, rules and the standard, read together.")
    override: dict[str, Override] = Field(default_factory=dict)
    encoder: str | None = Field(
        default=None, description="Folder of a sentence encoder of your own; default is the packaged one, if installed."
    )


class Work(Part):
    """How much of the machine is used and when a call is given up."""

    processes: int = Field(default=0, ge=0, description="0: one for every core.")
    workers: str = Field(
        default="",
        description="Where calls are heard and marked: empty for processes of this machine, dask://HOST:PORT for the Dask cluster "
        "of that scheduler (dask+tls:// with TLS as Dask is configured).",
    )
    call_timeout: float = Field(default=3600.0, gt=0, description="Seconds after which one call is given up.")
    memory: float = Field(
        default=0.0,
        ge=0,
        description="GB of memory that one process may take; a call for which it takes more is given up. 0: four fifths of the machine's, "
        "shared by all processes, and at least 2.",
    )


class ExportFormat(StrEnum):
    """What calls and scorecards can be written as, for other programs."""

    CSV = "csv"
    PARQUET = "parquet"
    JSON = "json"
    VCON = "vcon"


class Exports(Part):
    """The figures and findings as files for other programs."""

    every_night: Annotated[tuple[ExportFormat, ...], BeforeValidator(_as_list)] = Field(
        default=(),
        description="Which of csv, parquet, json (a file for every agent) and vcon (a file for every call, with its transcript) each run writes.",
    )
    out: str = Field(default="exports", description="Folder they are written to.")


def _address(text: str) -> str:
    if not re.fullmatch(r"[^\s@<>,;]+@[^\s@<>,;]+", text):
        raise ValueError(f"'{text}' is no mail address, such as lead@example.org")
    return text


class Mails(Part):
    """The summary for supervisors, a mail for every team (agent_group). They are written as files and never sent."""

    every_night: bool = Field(default=False, description="Whether each run writes them.")
    pages: str | None = Field(
        default=None, description="Address under which their readers open the folder of the pages, such as https://… or file://…"
    )
    to: dict[str, Annotated[str, AfterValidator(_address)]] = Field(
        default_factory=dict, description="Who gets the mail of a team, such as {north: lead@example.org}"
    )
    out: str = Field(default="mails", description="Folder they are written to.")

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:
        if self.every_night and not self.pages:
            raise ValueError(
                "`pages` is missing: the address under which readers of the mails open the pages, such as https://quality.example"
            )
        return self


def _known_locale(lang: str) -> str:
    try:
        Locale.parse(lang.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        raise ValueError(f"unknown locale '{lang}': write it like en, de_AT or pt_BR") from None
    return lang


class Reports(Part):
    """What the pages say besides the calls, and what is written beside them."""

    lang: Annotated[str, AfterValidator(_known_locale)] = Field(
        default="en", description="Locale of dates and numbers, such as en, de_AT or pt_BR; the words of the pages are English."
    )
    disputes: str = Field(
        default="Tell your supervisor which call and which rule it is, and your reason: a person then listens to the moment and decides.",
        min_length=1,
        max_length=1_000,
        description="How a mark is disputed: with whom, how, and by when. Stands on every scorecard and every call.",
    )
    repeat_days: int = Field(
        default=7,
        ge=1,
        le=365,
        description="Days within which another contact on the same matter counts against first-contact resolution.",
    )
    exports: Exports = Exports()
    mails: Mails = Mails()


def _web(url: str) -> str:
    if not re.match(r"https?://[^/\s]+", url):
        raise ValueError(f"'{url}' is no web address: write https://HOST/…")
    return url


class OnFinish(Part):
    """Whom to tell when a run has ended, however it did. They get the figures and no name of anybody."""

    command: tuple[str, ...] = Field(
        default=(),
        description="A program and its arguments, such as [mail, -s, qa-audit, quality@example.org]; the figures come as JSON on its input.",
    )
    webhook: Annotated[str, AfterValidator(_web)] | None = Field(default=None, description="URL that the figures are posted to as JSON.")
    timeout: float = Field(default=30.0, gt=0, le=600, description="Seconds either may take.")


class Night(Part):
    """What those want to know who look after the runs."""

    log_format: Literal["text", "json"] = Field(default="text", description="How lines of the log and of stderr are written.")
    metrics: str | None = Field(default=None, description="File for Prometheus's textfile collector, written after each run.")
    on_finish: OnFinish = OnFinish()


class Config(Part):
    """The whole file."""

    recordings: Recordings = Recordings()
    speech: Speech = Speech()
    rules: Rules = Rules()
    work: Work = Work()
    reports: Reports = Reports()
    night: Night = Night()
    store: str = Field(default="sqlite:///qa_audit.db", description="SQLAlchemy URL; a relative SQLite path counts from this file.")
    out: str = Field(default="scorecards", description="Folder of the pages.")
    folder: Path = Field(default=Path(), exclude=True, description="Folder of the file; relative paths count from it.")


def load_config(file: Path | None = None) -> Config:
    """The configuration in a file, by default that of this folder, else the built-in defaults.

    UserFileError with everything that is wrong in it, each at its place.
    """
    if file is None:
        return load_config(Path(DEFAULT_FILE)) if Path(DEFAULT_FILE).exists() else Config()
    shown = str(file)
    if not file.is_file():
        raise UserFileError([Problem(Location(shown), "there is no such file; `qa-audit init DIR` writes a commented one")])
    located = read(file, shown)
    value = {} if located.value is None else located.value
    try:
        config = Config.model_validate(value)
    except ValidationError as error:
        raise UserFileError(problems_of(error, located, model=Config)) from None
    if "folder" in config.model_fields_set:
        raise UserFileError([located.problem(("folder",), "unknown key 'folder'; it is the folder of this file", key=True)])
    return _at_home(config, file.absolute().parent)


def _at_home(config: Config, folder: Path) -> Config:
    """The configuration with its folder, and with paths that stages take as they are counted from there."""
    model, encoder = config.speech.model, config.rules.encoder
    if PATH_OF_A_MODEL.fullmatch(model) or (folder / model).exists():
        model = str(folder / Path(model).expanduser())
    return config.model_copy(
        update={
            "folder": folder,
            "speech": config.speech.model_copy(update={"model": model}),
            "rules": config.rules.model_copy(update={"encoder": encoder and str(folder / encoder)}),
        }
    )


def commented() -> str:
    """The whole file with every key, what it means and its default, all of it commented out: a start for one's own."""
    lines = ["# The configuration of qa-audit. Every key is optional; what is commented out is the default."]
    for name, field in Config.model_fields.items():
        part = field.annotation
        if isinstance(part, type) and issubclass(part, Part):
            doc = (part.__doc__ or "").splitlines()[0]
            lines += ["", f"# {doc}", f"# {name}:", *_keys(part, indent="#   ")]
        elif not field.exclude:
            lines += ["", f"# {field.description}", f"# {name}: {_shown(field.default)}"]
    return "\n".join(lines) + "\n"


def _keys(part: type[Part], *, indent: str) -> list[str]:
    lines = []
    for name, field in part.model_fields.items():
        if field.description:
            lines.append(f"{indent}# {field.description}")
        nested = field.annotation
        if isinstance(nested, type) and issubclass(nested, Part):
            lines += [f"{indent}{name}:", *_keys(nested, indent=f"{indent}  ")]
        else:
            lines.append(f"{indent}{name}: {_shown(field.get_default(call_default_factory=True))}")
    return lines


def _shown(value: object) -> str:
    """A default as YAML."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case tuple():
            return f"[{', '.join(map(_shown, value))}]"
        case dict():
            return "{}"
        case int() | float():
            return f"{value:g}"
        case _:
            return str(yaml.safe_dump(str(value), width=float("inf"), allow_unicode=True).removesuffix("...\n")).rstrip()
