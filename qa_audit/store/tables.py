"""The tables of the kept state, each column explained; migrations/ makes them, this describes them to the queries.

Points in time are seconds since 1970. `fingerprint` names everything that shaped a transcript, `marked_by` everything
besides the transcript and the recording that shaped an audit (rules, encoder, program version).
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, LargeBinary, MetaData, String, Table, Text

metadata = MetaData()

recordings = Table(
    "recordings",
    metadata,
    Column("call_id", String, primary_key=True, comment="the call's name, as found in the metadata or made from the file's name"),
    Column("uri", Text, nullable=False, comment="path or fsspec URL of the audio or of the ready transcript"),
    Column(
        "size", BigInteger, nullable=False, comment="bytes; with `modified` it tells a known file from a changed one without reading it"
    ),
    Column("modified", Float, nullable=False, comment="when the file last changed"),
    Column("facts", String, nullable=False, comment="hash of `known`; another hash means the metadata changed"),
    Column("known", LargeBinary, nullable=False, comment="what is known of the call before anybody listens, as JSON"),
    Column("sha256", String, comment="hash of the content that was heard; of the file as it is now only while `fingerprint` is not null"),
    Column("fingerprint", String, comment="the transcript that stands for this call; null until it has been heard"),
    Index("recordings_size", "size"),
    comment="every call that was found and could be processed",
)

transcripts = Table(
    "transcripts",
    metadata,
    Column("sha256", String, primary_key=True, comment="hash of the content that was heard"),
    Column("fingerprint", String, primary_key=True, comment="everything that shaped the words: engine, model, options, channels, language"),
    Column("engine", String, nullable=False, comment="who listened"),
    Column("model", String, nullable=False, comment="with which model"),
    Column("heard", LargeBinary, nullable=False, comment="all that is known of the listener, as JSON"),
    Column("duration", Float, comment="seconds; null for chat"),
    Column("trust", Float, nullable=False, comment="how well it was heard on the whole, 0..1"),
    Column("heard_at", Float, nullable=False, comment="when it was heard"),
    Column("data", LargeBinary, nullable=False, comment="the transcript, see store/codec.py"),
    comment="what was heard; expensive, so never thrown away and never heard twice",
)

views = Table(
    "views",
    metadata,
    Column("sha256", String, primary_key=True, comment="of the transcript"),
    Column("fingerprint", String, primary_key=True, comment="of the transcript"),
    Column("version", String, primary_key=True, comment="of the form of the view and the encoder in it"),
    Column("data", LargeBinary, nullable=False, comment="the normalised words and sentence embeddings that rules read"),
    comment="transcripts made ready for the rules, whatever the rules are",
)

audits = Table(
    "audits",
    metadata,
    Column("call_id", String, primary_key=True, comment="of the recording"),
    Column("marked_by", String, primary_key=True, comment="hash of the rules, the encoder and the program version"),
    Column("sha256", String, nullable=False, comment="of the transcript that was marked"),
    Column("fingerprint", String, nullable=False, comment="of the transcript that was marked"),
    Column("facts", String, nullable=False, comment="of the recording when it was marked"),
    Column("ruleset", String, nullable=False, comment="hash of the rules and the standard alone"),
    Column("marked_at", Float, nullable=False, comment="when it was marked"),
    Column("audit", LargeBinary, nullable=False, comment="moments, findings, outcomes and metrics, see store/codec.py"),
    Column("score", LargeBinary, nullable=False, comment="the call's score, see store/codec.py"),
    Index("audits_marked_by", "marked_by"),
    comment="what the rules said of a call; one row for every set of rules it was ever held against: the audit trail",
)

failures = Table(
    "failures",
    metadata,
    Column("call_id", String, primary_key=True, comment="of the recording"),
    Column("uri", Text, nullable=False, comment="of the file that failed"),
    Column("size", BigInteger, nullable=False, comment="of that file; another size or time starts the tries anew"),
    Column("modified", Float, nullable=False, comment="of that file"),
    Column("attempt", String, nullable=False, comment="hash of what was tried (engine or rules); another one starts the tries anew"),
    Column("stage", String, nullable=False, comment="where it stopped: transcribe or check"),
    Column("kind", String, nullable=False, comment="a stable word for counting"),
    Column("message", Text, nullable=False, comment="what happened and what to do"),
    Column("excluded", Boolean, nullable=False, comment="true: set aside on purpose, not tried again; false: something broke"),
    Column("tries", Integer, nullable=False, comment="how often this attempt failed"),
    Column("failed_at", Float, nullable=False, comment="when it failed last"),
    comment="calls that could not be processed, until they can",
)

comparisons = Table(
    "comparisons",
    metadata,
    Column("call_id", String, primary_key=True, comment="of the recording"),
    Column("sha256", String, nullable=False, comment="of the transcript that said who spoke when"),
    Column(
        "fingerprint", String, nullable=False, comment="of that transcript; when another one stands for the call, this row says nothing"
    ),
    Column("usable", Boolean, nullable=False, comment="whether the call has two voices that can be told by their channels"),
    Column("contradiction", Text, comment="why the call is set aside; null when its voices do not speak against its roles"),
    Column("compared_at", Float, nullable=False, comment="when it was compared"),
    comment="calls whose voices were compared with the same agent's other calls; of the voices nothing is kept",
)

runs = Table(
    "runs",
    metadata,
    Column("run_id", String, primary_key=True, comment="start time and a random end"),
    Column("command", String, nullable=False, comment="run, transcribe or check"),
    Column("host", String, nullable=False, comment="the machine that ran it"),
    Column("pid", Integer, nullable=False, comment="its process"),
    Column("started_at", Float, nullable=False, comment="when it began"),
    Column("finished_at", Float, comment="when it ended; null while it runs, and for ever when it was killed"),
    Column("state", String, nullable=False, comment="running, finished, interrupted, failed or killed"),
    Column("seen_at", Float, comment="its last sign of life, by the database's clock; null where a run holds the store alone"),
    Column("manifest", LargeBinary, comment="what it did, as JSON: versions, engine, rules, counts, lists"),
    comment="every run that changed the kept state",
)

claims = Table(
    "claims",
    metadata,
    Column("call_id", String, primary_key=True, comment="of the recording"),
    Column("run_id", String, nullable=False, comment="the run that has it in hand"),
    Column("until", Float, nullable=False, comment="when the claim lapses unless the run renews it, by the database's clock"),
    comment="calls that are being heard or marked now, where several runs share the store",
)
