"""The same store on a real PostgreSQL server: the same rows, one run at a time, tables that explain themselves."""

from __future__ import annotations

import pytest
import test_store_keeping as keeping
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from postgresql_server import postgresql, programs
from store_helpers import recording

from qa_audit.errors import StoreError
from qa_audit.store import RunState, Store, open_store
from qa_audit.store.tables import metadata

KEEPING = [name for name in dir(keeping) if name.startswith("test_")]


@pytest.fixture(scope="module")
def server():
    """The address of a server of its own, on a free port, gone afterwards."""
    if not programs():
        pytest.skip("postgresql is not installed; install the packages listed in .ci/system-packages")
    with postgresql() as address:
        yield address


@pytest.fixture
def store(server):
    with open_store(server) as opened:
        with opened.database.writing() as connection:
            for table in metadata.sorted_tables:
                connection.execute(table.delete())
        yield opened


@pytest.mark.parametrize("name", KEEPING)
def test_everything_is_kept_as_in_sqlite(store: Store, name):
    getattr(keeping, name)(store)


def test_the_schema_is_the_one_expected_and_explains_itself(store: Store):
    with store.database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_one_run_at_a_time(store: Store, server):
    with store.session("run"), open_store(server) as second:
        with pytest.raises(StoreError, match="held by `run`"), second.session("check"):
            pass
        assert [run.state for run in second.last_runs()] == [RunState.RUNNING]
    with open_store(server) as second, second.session("check"):
        second.keep_recordings([recording()])
