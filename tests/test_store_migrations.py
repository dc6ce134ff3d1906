"""A store of every earlier schema, every table of it full, is brought to the newest without losing a row or a value."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from store_helpers import audit, recording, score, transcript

import qa_audit.store.migrations as migrations
from qa_audit.store import AuditRow, TranscriptRow, open_store
from qa_audit.store.codec import encode, encode_json, facts
from qa_audit.store.opening import address

ROWS = 300
"""In every table."""

Rows = dict[str, list[dict[str, Any]]]


def steps() -> list[str]:
    """Every schema there ever was, the oldest first."""
    script = ScriptDirectory.from_config(config())
    return [step.revision for step in reversed(list(script.walk_revisions()))]


def config() -> Config:
    made = Config()
    made.set_main_option("script_location", str(Path(migrations.__file__).parent))
    return made


def make(engine: sa.Engine, revision: str) -> None:
    """An empty store of that schema."""
    with engine.begin() as connection:
        settings = config()
        settings.attributes["connection"] = connection
        command.upgrade(settings, revision)


def true_row(number: int) -> Mapping[str, Mapping[str, Any]]:
    """A row of each table of ours as this program would write it, so that what is kept can be read again."""
    call = recording(f"call {number:03} ü", agent=f"agent {number % 7}")
    kept = TranscriptRow.of(transcript(call.call_id), sha256=f"s{number}")
    key = {"sha256": kept.sha256, "fingerprint": kept.fingerprint}
    marks = {"audit": encode(audit(call.call_id)), "score": encode(score(call.call_id)), "marked_by": "m1", "facts": facts(call)}
    return {
        "recordings": {"call_id": call.call_id, "facts": facts(call), "known": encode_json(call)} | key,
        "transcripts": {name: getattr(kept, name) for name in kept.__slots__},
        "views": key | {"version": "v1"},
        "audits": {"call_id": call.call_id} | marks | key,
    }


def any_value(column: sa.Column[Any], number: int) -> Any:
    """Something that fits the column, another for each row; null where that may be, now and then."""
    if column.nullable and number % 5 == 0:
        return None
    match column.type:
        case sa.Boolean():
            return number % 2 == 0
        case sa.Float() | sa.Double():
            return number + 0.25
        case sa.Integer():
            return 10**10 + number if isinstance(column.type, sa.BigInteger) else number
        case sa.LargeBinary():
            return bytes([number % 256, 0, 255]) * (number % 9)
        case _:
            return f"{column.name} {number} \u202e'"


def fill(engine: sa.Engine) -> Rows:
    """Fill every table that is there; what is in it then."""
    schema = reflected(engine)
    with engine.begin() as connection:
        for table in schema.sorted_tables:
            rows = []
            for number in range(ROWS):
                made = {column.name: any_value(column, number) for column in table.columns}
                rows.append(made | {k: v for k, v in true_row(number).get(table.name, {}).items() if k in made})
            connection.execute(table.insert(), rows)
    return content(engine)


def reflected(engine: sa.Engine) -> sa.MetaData:
    schema = sa.MetaData()
    schema.reflect(engine)
    schema.remove(schema.tables["alembic_version"])
    return schema


def content(engine: sa.Engine) -> Rows:
    """Every row of every table, in the order of its key."""
    with engine.connect() as connection:
        return {
            table.name: [dict(row) for row in connection.execute(sa.select(table).order_by(*table.primary_key)).mappings()]
            for table in reflected(engine).sorted_tables
        }


def held(before: Rows, after: Rows) -> None:
    """Every row is there, and every column that is still there has its value."""
    for table, rows in before.items():
        assert len(rows) == len(after[table]) == ROWS, table
        for old, new in zip(rows, after[table], strict=True):
            assert {name: new[name] for name in old if name in new} == {name: value for name, value in old.items() if name in new}, table


@pytest.mark.parametrize("revision", steps())
def test_a_store_of_an_earlier_schema_keeps_every_row(tmp_path, revision):
    file = tmp_path / "kept.db"
    upgraded_keeps(f"sqlite:///{file}", revision)
    with sqlite3.connect(file) as kept:
        assert kept.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    kept.close()


@pytest.mark.parametrize("revision", steps())
def test_so_does_one_in_postgresql(server, revision):
    url = address(server)
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE IF EXISTS step_{revision}"))
        connection.execute(sa.text(f"CREATE DATABASE step_{revision}"))
    admin.dispose()
    upgraded_keeps(url.set(database=f"step_{revision}").render_as_string(hide_password=False), revision)


def upgraded_keeps(url: str, revision: str) -> None:
    engine = sa.create_engine(url)
    make(engine, revision)
    before = fill(engine)
    assert set(before) >= {"recordings", "transcripts", "audits", "failures", "runs"}
    with open_store(url) as store:
        with store.database.reading() as connection:
            assert migrations.current(connection) == migrations.HEAD
        kept = store.call("call 007 ü", marked_by="m1")
        assert (kept.transcript, kept.score) == (transcript("call 007 ü"), score("call 007 ü"))
        material = next(iter(store.material(["call 007 ü"], view="v1")))
        assert AuditRow.of(material, audit=kept.audit, score=kept.score, view=None).facts == facts(kept.recording)
    held(before, content(engine))
    engine.dispose()


def test_a_step_that_loses_a_row_would_be_seen():
    before: Rows = {"runs": [{"run_id": str(number), "pid": number} for number in range(ROWS)]}
    held(before, before)
    with pytest.raises(AssertionError):
        held(before, {"runs": before["runs"][1:]})
    with pytest.raises(AssertionError):
        held(before, {"runs": [row | {"pid": 0} for row in before["runs"]]})


def test_a_step_that_fails_halfway_changes_nothing(tmp_path, monkeypatch):
    file = tmp_path / "kept.db"
    engine = sa.create_engine(f"sqlite:///{file}")
    make(engine, steps()[0])
    with engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM alembic_version"))  # the first step then meets tables that are there
    before = fill(engine)
    engine.dispose()
    with pytest.raises(Exception, match="already exists"):
        open_store(str(file))
    assert content(engine) == before
    engine.dispose()
