"""The schema's history: one file a step in versions/, in order; `upgrade` brings a database to the newest."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.schema import SetColumnComment, SetTableComment

from qa_audit.errors import StoreError
from qa_audit.store.tables import metadata

HEAD = "0004"
"""The newest step; a test holds it to the files."""


def upgrade(connection: Connection) -> None:
    """Bring the schema to HEAD inside the caller's transaction; StoreError when it is newer than this program."""
    if current(connection) == HEAD:
        return
    from alembic import command, util  # needed once in a store's life
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except util.CommandError as error:
        raise StoreError(
            f"the store was made by another version of qa-audit ({error}); update qa-audit, or give --store another place"
        ) from None
    if connection.dialect.supports_comments:
        _comment(connection)


def _comment(connection: Connection) -> None:
    """Let whoever looks into the database read what the tables mean."""
    for table in metadata.sorted_tables:
        connection.execute(SetTableComment(table))
        for column in table.columns:
            connection.execute(SetColumnComment(column))


def current(connection: Connection) -> str | None:
    """The step the database stands at; None when it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
