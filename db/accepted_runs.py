"""Runs that the gate doubted and a person believed, and the way back.

Both are decisions of a person: a row each with reason, name and time, never overwritten. Until the
next believed run of the source, what was before the accepted one is kept, packed, and can be put
back exactly; the run then waits for a decision again, as if nobody had believed it.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

from sqlite_utils import Database

from db.packing import pack, unpack
from db.run_changes import apply_run
from db.runs import Outcome, hold, outcome_of
from db.stored_listing import listing_from_dicts
from records.listing import Listing

_SOURCE_STATE = ("last_good_run_id", "platform", "evidence", "directory_url")


class NoHeldRun(Exception):
    """There is no doubtful run of this source that waits for a person."""


class NothingToTakeBack(Exception):
    """No accepted run is the source's state, and why."""


def accept_run(db: Database, source_id: str, *, reason: str, by: str, at: str) -> Outcome:
    """Make the held run of a source its state although the gate doubted it.

    The run keeps its checks; its verdict becomes good and its reason, which is published, says
    that a person accepted it and why; who it was stays private. `at` is UTC, ISO 8601. Raises
    NoHeldRun when none is waiting, ValueError when `reason` or `by` is empty.
    """
    _require(reason, by)
    with db.atomic():
        _lock(db, source_id)
        row = db.conn.execute(
            "select run.id, run.reason, held_run.bundle from held_run join run on run.id = run_id"
            " where run.source_id = ? order by run.started_at desc limit 1",
            (source_id,),
        ).fetchone()
        if row is None:
            raise NoHeldRun(f"{source_id} has no doubtful run that waits for a decision")
        run_id, doubt, bundle = row
        before = _state(db, source_id)
        said = f"accepted by a person: {reason.strip()} (the gate said: {doubt})"
        _say(db, run_id, "good", said)
        apply_run(db, unpack(bundle))
        db.conn.execute(
            "insert into accepted_run (run_id, bundle, before, doubt) values (?, ?, ?, ?)",
            (run_id, bundle, before, doubt),
        )
        _decide(db, run_id, "accepted", reason=reason, by=by, at=at)
        outcome = outcome_of(db, run_id)
    assert outcome is not None
    return outcome


def take_back(db: Database, source_id: str, *, reason: str, by: str, at: str) -> Outcome:
    """Put the source back to what it was before its last run was accepted.

    Its listings are those of the run before, to the letter; entries that only the accepted run had
    go. The events of that run stay, marked with `taken_back_at`. The run is suspect and waits
    again, unless a newer doubtful one does. Raises NothingToTakeBack when the source's state is not
    an accepted run, ValueError when `reason` or `by` is empty.
    """
    _require(reason, by)
    with db.atomic():
        _lock(db, source_id)
        row = db.conn.execute(
            "select run_id, bundle, before, doubt from accepted_run join run on run.id = run_id"
            " where source_id = ?",
            (source_id,),
        ).fetchone()
        if row is None:
            raise NothingToTakeBack(_why_not(db, source_id))
        run_id, bundle, before, doubt = row
        _restore(db, source_id, before)
        db.conn.execute("update listing_event set taken_back_at = ? where run_id = ?", (at, run_id))
        said = f"acceptance taken back by a person: {reason.strip()} (the gate said: {doubt})"
        _say(db, run_id, "suspect", said)
        db.conn.execute(
            "update run set added = null, changed = null, missing = null, returned = null,"
            " retired = null where id = ?",
            (run_id,),
        )
        db.conn.execute("delete from accepted_run where run_id = ?", (run_id,))
        waiting = db.conn.execute(
            "select 1 from held_run join run on run.id = run_id where source_id = ?", (source_id,)
        ).fetchone()
        if waiting is None:
            hold(db, unpack(bundle))
        _decide(db, run_id, "taken_back", reason=reason, by=by, at=at)
        outcome = outcome_of(db, run_id)
    assert outcome is not None
    return outcome


def forget_in_accepted(db: Database, gone: Callable[[Listing], bool]) -> None:
    """Take these listings out of what could be put back. Within the caller's transaction."""
    rows = db.conn.execute("select run_id, bundle, before from accepted_run").fetchall()
    for run_id, packed, before in rows:
        bundle, state = unpack(packed), _unpacked(before)
        bundle.listings = [one for one in bundle.listings if not gone(one)]
        state["listings"] = [one for one in state["listings"] if not gone(_listing(one))]
        db.conn.execute(
            "update accepted_run set bundle = ?, before = ? where run_id = ?",
            (pack(bundle), _packed(state), run_id),
        )


def _state(db: Database, source_id: str) -> bytes:
    [source] = db.query("select * from source where id = ?", [source_id])
    listings = list(db.query("select * from listing where source_id = ? order by id", [source_id]))
    return _packed({"source": {key: source[key] for key in _SOURCE_STATE}, "listings": listings})


def _restore(db: Database, source_id: str, before: bytes) -> None:
    state = _unpacked(before)
    listings: list[dict[str, Any]] = state["listings"]
    known = json.dumps([one["id"] for one in listings])
    for table, column in (("membership", "listing_id"), ("listing", "id")):
        db.conn.execute(
            f"delete from {table} where {column} in"  # noqa: S608 - our own names
            " (select id from listing where source_id = ?"
            " and id not in (select value from json_each(?)))",
            (source_id, known),
        )
    if listings:
        names = list(listings[0])
        columns = ", ".join(f'"{name}"' for name in names)
        values = ", ".join(f":{name}" for name in names)
        fresh = ", ".join(f'"{name}" = excluded."{name}"' for name in names if name != "id")
        db.conn.executemany(
            f"insert into listing ({columns}) values ({values})"  # noqa: S608 - our own names
            f" on conflict (id) do update set {fresh}",
            listings,
        )
    sets = ", ".join(f"{key} = :{key}" for key in _SOURCE_STATE)
    db.conn.execute(
        f"update source set {sets} where id = :id",  # noqa: S608 - our own names
        state["source"] | {"id": source_id},
    )


def _why_not(db: Database, source_id: str) -> str:
    row = db.conn.execute(
        "select decision, decided_at, good.started_at from run_decision"
        " join run on run.id = run_id join source on source.id = run.source_id"
        " left join run good on good.id = last_good_run_id"
        " where run.source_id = ? order by run_decision.id desc limit 1",
        (source_id,),
    ).fetchone()
    if row is None:
        return f"{source_id}: nobody has accepted a run of it, so there is nothing to take back"
    decision, decided_at, good = row
    if decision == "taken_back":
        return f"{source_id}: its accepted run was taken back already, at {decided_at}"
    return (
        f"{source_id}: the run accepted at {decided_at} was followed by the good run of {good},"
        " which is what is shown; there is nothing to take back"
    )


def _say(db: Database, run_id: str, verdict: str, reason: str) -> None:
    db.conn.execute(
        "update run set verdict = ?, reason = ? where id = ?", (verdict, reason, run_id)
    )


def _decide(db: Database, run_id: str, decision: str, *, reason: str, by: str, at: str) -> None:  # noqa: PLR0913
    db.conn.execute(
        'insert into run_decision (run_id, decision, reason, "by", decided_at)'
        " values (?, ?, ?, ?, ?)",
        (run_id, decision, reason.strip(), by.strip(), at),
    )


def _lock(db: Database, source_id: str) -> None:
    """Writing first takes the lock: read and written on the same state."""
    db.conn.execute("update source set id = id where id = ?", (source_id,))


def _require(reason: str, by: str) -> None:
    if not reason.strip() or not by.strip():
        raise ValueError("say who decides, and why")


def _listing(row: dict[str, Any]) -> Listing:
    return listing_from_dicts(json.loads(row["printed"]), json.loads(row["clean"]))


def _packed(state: dict[str, Any]) -> bytes:
    return gzip.compress(json.dumps(state, ensure_ascii=False).encode(), compresslevel=6, mtime=0)


def _unpacked(packed: bytes) -> dict[str, Any]:
    state: dict[str, Any] = json.loads(gzip.decompress(packed))
    return state
