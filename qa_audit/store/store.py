"""The kept state: what was found, heard, marked and what failed, in SQLite or PostgreSQL.

Each method is one transaction, so a kill at any moment loses at most the row in flight. Where several runs share the store,
methods that take `claims` keep only what is said of calls that are still the run's own.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, func, select, text, update

from qa_audit.errors import StoreError
from qa_audit.models import CallFailure, CallScore, Heard, Recording
from qa_audit.store.claims import ALONE, Claims
from qa_audit.store.codec import decode, decode_heard, decode_recording, encode_json, facts
from qa_audit.store.database import Database, upsert
from qa_audit.store.opening import shown
from qa_audit.store.rows import (
    VOICES,
    AuditRow,
    ComparisonRow,
    Counts,
    FailureRow,
    KeptCall,
    Material,
    RunRow,
    State,
    TranscriptRow,
)
from qa_audit.store.runs import Run, last_runs, manifest, session
from qa_audit.store.tables import audits, comparisons, failures, metadata, recordings, transcripts, views

BATCH = 500
"""Call ids that one query names."""

TRANSCRIPT_OF_CALL = and_(transcripts.c.sha256 == recordings.c.sha256, transcripts.c.fingerprint == recordings.c.fingerprint)

AUDIT_OF_CALL = and_(
    audits.c.call_id == recordings.c.call_id,
    audits.c.sha256 == recordings.c.sha256,
    audits.c.fingerprint == recordings.c.fingerprint,
)

COMPARISON_OF_CALL = and_(
    comparisons.c.call_id == recordings.c.call_id,
    comparisons.c.sha256 == recordings.c.sha256,
    comparisons.c.fingerprint == recordings.c.fingerprint,
)


class Store:
    """An open store. `with store: …` closes it."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __str__(self) -> str:
        return shown(self.database.url)

    def close(self) -> None:
        """Give back every connection."""
        self.database.engine.dispose()

    def session(self, command: str) -> AbstractContextManager[Run]:
        """Open the store for a run; StoreError that names the holder when another one has it alone."""
        return session(self.database, command)

    def last_runs(self, *, limit: int = 10) -> tuple[RunRow, ...]:
        """The newest runs, newest first."""
        return last_runs(self.database, limit=limit)

    def manifest(self, run_id: str | None = None) -> dict[str, Any]:
        """What a run left behind, by default the newest that left anything; StoreError when there is no such run."""
        return manifest(self.database, run_id)

    # ------------------------------------------------------------------------------------------- recordings

    def states(self, call_ids: Collection[str] | None = None, *, marked_by: str = "") -> dict[str, State]:
        """What is kept of these calls or of every call, by call id; `marked_by` says under which rules."""
        known, audit, failure = recordings.c, audits.c, failures.c
        query = (
            select(
                *(known.call_id, known.uri, known.size, known.modified, known.facts, known.sha256, known.fingerprint),
                *(audit.sha256, audit.fingerprint, audit.facts),
                *(failure.uri, failure.stage, failure.kind, failure.message, failure.excluded),
                *(failure.size, failure.modified, failure.attempt, failure.tries),
                *(comparisons.c.call_id, comparisons.c.contradiction),
            )
            .outerjoin(audits, and_(audit.call_id == known.call_id, audit.marked_by == marked_by))
            .outerjoin(failures, failure.call_id == known.call_id)
            .outerjoin(comparisons, COMPARISON_OF_CALL)
        )
        states: dict[str, State] = {}
        for batch in _batches(call_ids):
            with self.database.reading() as connection:
                rows = connection.execute(query if batch is None else query.where(known.call_id.in_(batch)))
                states.update((row[0], _state(row)) for row in rows)
        return states

    def keep_recordings(self, found: Iterable[Recording]) -> None:
        """Note new and changed recordings; a changed file counts as not heard, changed metadata alone leaves it heard.

        The hash of a file stays while its size does: it may have moved only, and be told by its content as one that was heard.
        """
        rows = [
            {"call_id": r.call_id, "uri": r.uri, "size": r.size, "modified": r.modified, "facts": facts(r), "known": encode_json(r)}
            for r in sorted(found, key=attrgetter("call_id"))  # two runs that keep the same calls must not wait for each other
        ]
        with self.database.writing() as connection:
            upsert(connection, recordings, rows, while_same={"sha256": ("size",), "fingerprint": ("uri", "size", "modified")})

    def recordings(self, call_ids: Collection[str] | None = None) -> Iterator[Recording]:
        """The recordings of these calls, or of all, in order of call id."""
        query = select(recordings.c.known).order_by(recordings.c.call_id)
        for batch in _batches(call_ids):
            with self.database.reading() as connection:
                for (known,) in connection.execute(query if batch is None else query.where(recordings.c.call_id.in_(batch))):
                    yield decode_recording(known)

    # ------------------------------------------------------------------------------------------ transcripts

    def heard(self, hashes: Collection[str] | None = None) -> set[tuple[str, str]]:
        """The transcripts kept of content with these hashes, or of any, as (sha256, fingerprint)."""
        found: set[tuple[str, str]] = set()
        query = select(transcripts.c.sha256, transcripts.c.fingerprint)
        for batch in _batches(hashes):
            with self.database.reading() as connection:
                rows = connection.execute(query if batch is None else query.where(transcripts.c.sha256.in_(batch)))
                found.update((sha256, fingerprint) for sha256, fingerprint in rows)
        return found

    def hashes(self, sizes: Collection[int]) -> dict[int, set[str]]:
        """Hashes of content that was heard and has one of these sizes in bytes, by size."""
        found: dict[int, set[str]] = {size: set() for size in sizes}
        query = select(recordings.c.size, recordings.c.sha256).where(recordings.c.sha256.is_not(None))
        ordered = sorted(found)
        for start in range(0, len(ordered), BATCH):
            with self.database.reading() as connection:
                for size, sha256 in connection.execute(query.where(recordings.c.size.in_(ordered[start : start + BATCH]))):
                    found[size].add(sha256)
        return found

    def listeners(self, call_ids: Collection[str]) -> tuple[Heard, ...]:
        """Who heard these calls, each once."""
        heard: set[bytes] = set()
        for batch in _batches(call_ids):
            query = select(transcripts.c.heard).distinct().join(recordings, TRANSCRIPT_OF_CALL).where(recordings.c.call_id.in_(batch or ()))
            with self.database.reading() as connection:
                heard.update(connection.execute(query).scalars())
        return tuple(decode_heard(data) for data in sorted(heard))

    def keep_transcript(self, recording: Recording, row: TranscriptRow, *, claims: Claims = ALONE) -> bool:
        """Keep what was heard of a recording, and let it stand for the call; whether it does.

        Nothing is kept of a call that is no longer the run's own, and nothing stands for a call whose file was replaced meanwhile.
        """
        kept = {column: getattr(row, column) for column in row.__slots__} | {"heard_at": time.time()}
        with self.database.writing() as connection:
            if not claims.settle(connection, [recording.call_id]):
                return False
            upsert(connection, transcripts, [kept])
            return _stand_for(connection, [(recording, row.sha256, row.fingerprint)]) == 1

    def reuse_transcripts(self, of_calls: Sequence[tuple[Recording, str, str]], *, claims: Claims = ALONE) -> None:
        """Let transcripts already kept stand for calls whose file was not replaced meanwhile: (recording, sha256, fingerprint) each."""
        if of_calls:
            with self.database.writing() as connection:
                ours = claims.settle(connection, [recording.call_id for recording, _, _ in of_calls])
                still = [call for call in of_calls if call[0].call_id in ours]
                _stand_for(connection, sorted(still, key=lambda call: call[0].call_id))

    def material(self, call_ids: Collection[str] | None = None, *, view: str) -> Iterator[Material]:
        """Everything marking needs, call by call, of these calls or of all that may be marked; `view` is the version wanted."""
        query = (
            select(recordings.c.known, recordings.c.facts, recordings.c.sha256, recordings.c.fingerprint, transcripts.c.data, views.c.data)
            .join(transcripts, TRANSCRIPT_OF_CALL)
            .outerjoin(
                views,
                and_(views.c.sha256 == transcripts.c.sha256, views.c.fingerprint == transcripts.c.fingerprint, views.c.version == view),
            )
            .order_by(recordings.c.call_id)
        )
        ids = sorted(s.call_id for s in self.states().values() if s.heard) if call_ids is None else call_ids
        for batch in _batches(ids, size=50):
            with self.database.reading() as connection:
                rows = connection.execute(query.where(recordings.c.call_id.in_(batch or ()))).all()
            for known, fact, sha256, fingerprint, data, seen in rows:
                yield Material(
                    recording=decode_recording(known), facts=fact, sha256=sha256 or "", fingerprint=fingerprint or "", data=data, view=seen
                )

    # ----------------------------------------------------------------------------------------------- audits

    def keep_audits(self, rows: Collection[AuditRow], *, marked_by: str, ruleset: str, view: str, claims: Claims = ALONE) -> frozenset[str]:
        """Keep what the rules said of some calls, and the views that were made on the way; which of the calls were the run's own."""
        if not rows:
            return frozenset()
        with self.database.writing() as connection:
            ours = claims.settle(connection, [row.call_id for row in rows])
            _keep_audits(connection, [row for row in rows if row.call_id in ours], marked_by=marked_by, ruleset=ruleset, view=view)
        return ours

    def scores(self, call_ids: Collection[str], *, marked_by: str) -> list[CallScore]:
        """The scores of these calls under these rules, in order of call id."""
        wanted = set(call_ids)
        query = select(audits.c.call_id, audits.c.score).where(audits.c.marked_by == marked_by).order_by(audits.c.call_id)
        with self.database.reading() as connection:
            return [decode(score, CallScore) for call_id, score in connection.execute(query) if call_id in wanted]

    def marks(self, call_ids: Collection[str], *, marked_by: str) -> Iterator[tuple[str, bytes, bytes]]:
        """Id, audit and score of these calls as they are kept under these rules, in no order."""
        query = select(audits.c.call_id, audits.c.audit, audits.c.score).where(audits.c.marked_by == marked_by)
        for batch in _batches(call_ids):
            with self.database.reading() as connection:
                rows = connection.execute(query.where(audits.c.call_id.in_(batch or ()))).all()
            yield from ((call_id, audit, score) for call_id, audit, score in rows)

    def call(self, call_id: str, *, marked_by: str) -> KeptCall:
        """One marked call with all it rests on; StoreError when its transcript was not marked under these rules."""
        query = (
            select(recordings.c.known, transcripts.c.data, audits.c.audit, audits.c.score)
            .join(transcripts, TRANSCRIPT_OF_CALL)
            .join(audits, and_(AUDIT_OF_CALL, audits.c.marked_by == marked_by))
            .where(recordings.c.call_id == call_id)
        )
        with self.database.reading() as connection:
            row = connection.execute(query).first()
        if row is None:
            raise StoreError(
                f"call {call_id!r} is not kept, or not marked under the rules that hold now; `qa-audit check` marks what is kept"
            )
        known, transcript, audit, score = row
        return KeptCall.of(recording=decode_recording(known), transcript=transcript, audit=audit, score=score)

    # --------------------------------------------------------------------------------------------- failures

    def keep_failure(self, row: FailureRow, *, claims: Claims = ALONE) -> None:
        """Note a failure in place of the call's last one."""
        noun, wanted = row.failure, ("call_id", "uri", "stage", "kind", "message", "excluded")
        values = {name: getattr(noun, name) for name in wanted}
        values |= {"size": row.size, "modified": row.modified, "attempt": row.attempt, "tries": row.tries, "failed_at": time.time()}
        with self.database.writing() as connection:
            if claims.settle(connection, [noun.call_id]):
                upsert(connection, failures, [values])

    # ------------------------------------------------------------------------------------------ comparisons

    def keep_comparisons(self, rows: Sequence[ComparisonRow]) -> None:
        """Note what came of comparing the voices of some calls."""
        values = [{column: getattr(row, column) for column in row.__slots__} | {"compared_at": time.time()} for row in rows]
        with self.database.writing() as connection:
            upsert(connection, comparisons, values)

    def forget_comparisons(self) -> bool:
        """Forget that any voices were compared, and what came of it; whether there was anything to forget."""
        with self.database.reading() as connection:
            there = connection.execute(select(comparisons.c.call_id).limit(1)).first() is not None
        if there:
            with self.database.writing() as connection:
                connection.execute(delete(comparisons))
        return there

    def vouched(self) -> Iterator[Recording]:
        """The recordings whose voices were compared and speak for their roles, in order of call id."""
        said = and_(comparisons.c.usable, comparisons.c.contradiction.is_(None))
        query = select(recordings.c.known).join(comparisons, COMPARISON_OF_CALL).where(said).order_by(recordings.c.call_id)
        with self.database.reading() as connection:
            for (known,) in connection.execute(query):
                yield decode_recording(known)

    # ------------------------------------------------------------------------------------------------ whole

    def counts(self) -> Counts:
        """How much is kept."""
        with self.database.reading() as connection:
            rows = {
                table.name: connection.execute(select(func.count()).select_from(table)).scalar_one() for table in metadata.sorted_tables
            }
            heard = connection.execute(
                select(transcripts.c.engine, transcripts.c.model, func.count()).group_by(transcripts.c.engine, transcripts.c.model)
            )
            failed = connection.execute(select(failures.c.stage, failures.c.kind, func.count()).group_by(failures.c.stage, failures.c.kind))
            return Counts(rows=rows, heard_by={(e, m): n for e, m, n in heard}, failures={(s, k): n for s, k, n in failed})

    def damage(self) -> tuple[str, ...]:
        """What the database finds wrong with itself; empty when nothing. A server looks after itself."""
        if self.database.engine.dialect.name != "sqlite":
            return ()
        with self.database.reading() as connection:
            said = [str(row[0]) for row in connection.execute(text("PRAGMA integrity_check"))]
        return () if said == ["ok"] else tuple(said)


def _keep_audits(connection: Connection, rows: Sequence[AuditRow], *, marked_by: str, ruleset: str, view: str) -> None:
    marks: list[dict[str, Any]] = []
    seen: list[dict[str, Any]] = []
    for row in sorted(rows, key=attrgetter("sha256", "call_id")):
        key = {"sha256": row.sha256, "fingerprint": row.fingerprint}
        marks.append(
            key
            | {"call_id": row.call_id, "marked_by": marked_by, "facts": row.facts, "ruleset": ruleset, "marked_at": time.time()}
            | {"audit": row.audit, "score": row.score}
        )
        if row.view is not None:
            seen.append(key | {"version": view, "data": row.view})
    upsert(connection, audits, marks)
    upsert(connection, views, seen)
    connection.execute(delete(failures).where(failures.c.call_id.in_([row.call_id for row in rows])))


def _stand_for(connection: Connection, of_calls: Sequence[tuple[Recording, str, str]]) -> int:
    """Let a transcript stand for each call whose file is still the one that was heard; for how many it was."""
    if not of_calls:
        return 0
    known = recordings.c
    same_file = (
        *(known.call_id == bindparam("call"), known.uri == bindparam("place")),
        *(known.size == bindparam("bytes"), known.modified == bindparam("changed")),
    )
    rows = [
        {"call": r.call_id, "place": r.uri, "bytes": r.size, "changed": r.modified, "sha": sha256, "print": fingerprint}
        for r, sha256, fingerprint in of_calls
    ]
    stands = update(recordings).where(*same_file).values(sha256=bindparam("sha"), fingerprint=bindparam("print"))
    there = select(known.call_id).where(*same_file)
    standing = connection.execute(stands, rows).rowcount
    connection.execute(delete(failures).where(failures.c.call_id.in_(there)), rows)
    return standing


def _state(row: Sequence[Any]) -> State:
    call_id, uri, size, modified, fact, sha256, fingerprint, *rest = row
    audited, failed, (compared, contradiction) = rest[:3], rest[3:-2], rest[-2:]
    failure = _failure(call_id, failed) if failed[0] is not None else None
    if contradiction is not None:
        said = CallFailure(call_id, uri, VOICES, "contradiction-voices", contradiction, excluded=True)
        failure = FailureRow(said, size, modified, attempt=VOICES)
    return State(
        call_id=call_id,
        uri=uri,
        size=size,
        modified=modified,
        facts=fact,
        sha256=sha256,
        fingerprint=fingerprint,
        marked=(audited[0], audited[1], audited[2]) if audited[0] is not None else None,
        failure=failure,
        compared=compared is not None,
    )


def _failure(call_id: str, row: Sequence[Any]) -> FailureRow:
    uri, stage, kind, message, excluded, size, modified, attempt, tries = row
    return FailureRow(CallFailure(call_id, uri, stage, kind, message, bool(excluded)), size, modified, attempt, tries)


def _batches(call_ids: Collection[str] | None, *, size: int = BATCH) -> Iterator[list[str] | None]:
    """Call ids a few at a time; None once for all of them."""
    if call_ids is None:
        yield None
        return
    ids = list(call_ids)
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
