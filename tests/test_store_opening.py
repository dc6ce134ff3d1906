"""Opening makes or updates the schema, refuses what is no store, and says why in words."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from store_helpers import recording

import qa_audit.store.migrations as migrations
from qa_audit.errors import StoreError
from qa_audit.store import open_store
from qa_audit.store.opening import address
from qa_audit.store.tables import metadata


def test_the_migrations_make_the_tables_that_the_queries_expect(tmp_path):
    with open_store(str(tmp_path / "a.db")) as store, store.database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_head_is_the_newest_step():
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_heads() == [migrations.HEAD]


@pytest.mark.parametrize("url", ["sqlite:///{}/of sky/störe %41.db", "{}/of sky/störe %41.db"])
def test_paths_with_spaces_percent_and_letters_beyond_ascii_work(tmp_path, url):
    with open_store(url.format(tmp_path)) as store:
        store.keep_recordings([recording()])
    assert (tmp_path / "of sky" / "störe %41.db").stat().st_size
    with open_store(url.format(tmp_path), create=False) as store:
        assert list(store.states()) == ["a"]


def test_a_store_that_is_not_there_is_not_made_by_those_who_only_read(tmp_path):
    with pytest.raises(StoreError, match="no store at"):
        open_store(str(tmp_path / "none.db"), create=False)
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path):
    file = tmp_path / "letter.db"
    file.write_text("Dear Sir or Madam, " * 100)
    with pytest.raises(StoreError, match="not one of qa-audit"):
        open_store(str(file))
    assert file.read_text().startswith("Dear Sir")


def test_a_store_of_a_newer_program_is_refused(tmp_path):
    file = tmp_path / "a.db"
    open_store(str(file)).close()
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(StoreError, match="update qa-audit"):
        open_store(str(file))


@pytest.mark.parametrize(
    ("url", "says"), [("nonsense://x", "not a kind of store"), ("://", "is not a store"), ("mysql://h/d", "store|driver")]
)
def test_an_address_that_means_nothing_is_refused(url, says):
    with pytest.raises(StoreError, match=says):
        open_store(url)


def test_a_password_is_not_shown():
    with pytest.raises(StoreError) as caught:
        open_store("postgresql://me:secret@127.0.0.1:1/calls")
    assert "secret" not in str(caught.value)
    assert "127.0.0.1" in str(caught.value)


def test_postgresql_is_spoken_through_the_driver_that_is_installed():
    assert address("postgresql://h/d").drivername == "postgresql+psycopg"


def test_a_sound_store_finds_no_damage_and_a_torn_one_is_told(tmp_path):
    file = tmp_path / "a.db"
    with open_store(str(file)) as store:
        store.keep_recordings([recording(f"{i}") for i in range(2000)])
        assert store.damage() == ()
    data = bytearray(file.read_bytes())
    torn = slice(len(data) // 4, len(data) // 2)
    data[torn] = b"\xff" * len(data[torn])
    file.write_bytes(data)
    with pytest.raises(StoreError, match="damaged"), open_store(str(file)) as store:
        list(store.recordings())


def test_a_database_locked_by_another_program_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("qa_audit.store.opening.BUSY_SECONDS", 0.05)
    file = tmp_path / "a.db"
    with open_store(str(file)) as store:
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked by another program"):
            store.keep_recordings([recording()])
        other.execute("ROLLBACK")
        other.close()
        store.keep_recordings([recording()])
        assert list(store.states()) == ["a"]
