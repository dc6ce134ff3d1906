"""Google Cloud Speech-to-Text, v1 and v2 as JSON: results with alternatives and words, speakers by tag or by channel.

With diarisation the last result repeats every word of the call with its `speakerTag` (v2: `speakerLabel`); then only that
one is read. Times come as `"1.500s"` or as `{"seconds": "1", "nanos": 500000000}`.
"""

from __future__ import annotations

from qa_audit.models import Word
from qa_audit.recordings.importers.base import (
    UNSTATED,
    Camel,
    Imported,
    Passage,
    Refused,
    has,
    passage,
    runs,
    shaped,
    spread,
    within_a_call,
    word,
)

KIND = "google-stt"


class Duration(Camel, frozen=True):
    seconds: float = 0
    nanos: float = 0


class Spoken(Camel, frozen=True):
    word: str = ""
    start_time: Duration | str | None = None
    end_time: Duration | str | None = None
    start_offset: str | None = None
    end_offset: str | None = None
    confidence: float | None = None
    speaker_tag: int | None = None
    speaker_label: str | None = None


class Alternative(Camel, frozen=True):
    transcript: str = ""
    confidence: float | None = None
    words: tuple[Spoken, ...] = ()


class Result(Camel, frozen=True):
    alternatives: tuple[Alternative, ...] = ()
    channel_tag: int | None = None
    language_code: str | None = None


class File(Camel, frozen=True):
    results: tuple[Result, ...]


def sniff(document: object) -> bool:
    results = document.get("results") if isinstance(document, dict) else None
    if not isinstance(results, list):
        return has(document, "response") and sniff(document["response"])
    return bool(results) and has(results[0], "alternatives") and "final" not in results[0]


def read(document: object) -> Imported:
    if has(document, "response"):
        document = document["response"]
    results = [result for result in shaped(document, File).results if result.alternatives]
    diarised = [result for result in results if any(_tag(spoken) for spoken in result.alternatives[0].words)]
    passages = [said for result in (diarised[-1:] or results) for said in _passages(result)]
    language = next((result.language_code for result in results if result.language_code), None)
    return Imported(kind=KIND, passages=tuple(passages), language=language)


def _passages(result: Result) -> list[Passage]:
    best = result.alternatives[0]
    trust = best.confidence or UNSTATED
    channel = "" if result.channel_tag is None else f"ch_{max(0, result.channel_tag - 1)}"
    if not best.words:
        return [passage(channel, spread(best.transcript, None, None, trust))]
    by_voice = runs((_tag(spoken) or channel, spoken) for spoken in best.words)
    return [passage(label, (_word(spoken, trust) for spoken in run)) for label, run in by_voice]


def _word(said: Spoken, trust: float) -> Word | None:
    start, end = _time(said.start_time or said.start_offset), _time(said.end_time or said.end_offset)
    return word(said.word, start, end, said.confidence or trust)


def _tag(spoken: Spoken) -> str:
    return spoken.speaker_label or (f"speaker {spoken.speaker_tag}" if spoken.speaker_tag else "")


def _time(when: Duration | str | None) -> float:
    """Seconds; a beginning of zero is left out of the file altogether."""
    if when is None:
        return 0.0
    try:
        seconds = when.seconds + when.nanos / 1e9 if isinstance(when, Duration) else float(when.removesuffix("s"))
    except ValueError:
        raise Refused("damaged", f"not as its format says: a time of {when!r}") from None
    return within_a_call(seconds)
