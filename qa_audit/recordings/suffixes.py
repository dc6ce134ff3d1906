"""The end of a file name in, what kind of file it promises to be out. Nothing is opened."""

from __future__ import annotations

AUDIO = frozenset(
    ".wav .wave .mp3 .mp2 .mpga .flac .ogg .oga .opus .m4a .mp4 .aac .amr .awb .3gp .webm .mka .mkv .wma .aif .aiff .au .snd .gsm .caf".split()  # noqa: SIM905
)
TRANSCRIPTS = (".vcon.json", ".vcon", ".json", ".vtt", ".srt")
"""In the order of what they tell: the first that lies beside a recording is its transcript."""
SPEAKERS = ".rttm"
UNSUPPORTED = frozenset({".vox", ".nmf", ".raw", ".pcm", ".dss", ".ds2", ".g723", ".g729"})
"""Recordings that no decoder here reads, or that do not say how they are to be read."""


def is_transcript(uri: str) -> bool:
    """Whether a name promises a ready transcript. A `.json` may turn out to be something else when it is read."""
    return uri.lower().endswith(TRANSCRIPTS)


def is_audio(uri: str) -> bool:
    return suffix_of(uri) in AUDIO


def is_call(uri: str) -> bool:
    """Whether a file found in a folder is looked at as a call at all: a recording (readable or not) or a transcript."""
    return is_transcript(uri.rstrip()) or suffix_of(uri) in AUDIO | UNSUPPORTED


def suffix_of(uri: str) -> str:
    """The suffix in lower case with its dot. Blanks and line ends after it do not hide it."""
    name, dot, suffix = uri.rstrip().rpartition(".")
    return f".{suffix}".lower() if dot and name and "/" not in suffix else ""


def transcript_suffix(name: str) -> str:
    """Which of TRANSCRIPTS a name ends with; empty when with none."""
    lower = name.lower()
    return next(filter(lower.endswith, TRANSCRIPTS)) if lower.endswith(TRANSCRIPTS) else ""


def stem_of(name: str) -> str:
    """The name without its suffix, `.vcon.json` counting as one."""
    suffix = transcript_suffix(name)
    return name[: -len(suffix)] if suffix else name.rpartition(".")[0] or name
