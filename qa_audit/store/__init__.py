"""What is kept between runs: `open_store(url) -> Store`, SQLite by default, PostgreSQL by address."""

from __future__ import annotations

from qa_audit.store.claims import ALONE, Claims
from qa_audit.store.database import Database
from qa_audit.store.opening import address, open_engine
from qa_audit.store.rows import (
    VOICES,
    AuditRow,
    ComparisonRow,
    Counts,
    FailureRow,
    KeptCall,
    Material,
    RunRow,
    RunState,
    State,
    TranscriptRow,
)
from qa_audit.store.runs import Run
from qa_audit.store.store import Store

__all__ = [
    "ALONE",
    "VOICES",
    "AuditRow",
    "Claims",
    "ComparisonRow",
    "Counts",
    "FailureRow",
    "KeptCall",
    "Material",
    "Run",
    "RunRow",
    "RunState",
    "State",
    "Store",
    "TranscriptRow",
    "open_store",
]


def open_store(url: str, *, create: bool = True) -> Store:
    """The store at a SQLAlchemy URL or the path of a SQLite file, brought to the newest schema.

    `create=False` refuses a file that is not there. StoreError says what is wrong and what to do.
    """
    where = address(url)
    return Store(Database(open_engine(where, create=create), where))
