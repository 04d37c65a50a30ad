"""The working store: what every source lists, run by run. Private; publishing reads it.

One transaction takes in one run of one source, so that stopping the process at any moment, even by
kill -9, leaves the old or the new state of that source and nothing between. The file is kept in
SQLite's rollback mode: at rest it is one file that can be copied, and what `forget` deletes is
overwritten rather than left behind in a log.

Times in records come from the run, never from the clock at the moment of writing: an entry is
'seen' when the run that saw it started.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from sqlite_utils import Database

from db.gate import Check, Judgement, LastGood, Verdict, judge
from db.migrations import bring_up_to_date
from db.packing import pack
from db.stored_listing import changed_fields, clean_to_json, printed_to_json, source_hash
from records.bundle import RunBundle
from records.factsheet import FactSheet
from records.listing import Listing

T = TypeVar("T")

#: Good runs in a row without an entry, after which it counts as gone and not as missing.
RETIRE_AFTER = 3

_COUNTS = ("added", "changed", "missing", "returned", "retired")
_BUSY_SECONDS = 30
_BATCH = 1000

_UPSERT = """
insert into listing (id, source_id, native_id, printed, clean, source_hash, status, missing_runs,
    first_seen, last_seen, changed_at, run_id, latitude, longitude, "precision", point_from,
    point_note)
values (?, ?, ?, ?, ?, ?, 'listed', 0, ?, ?, null, ?, ?, ?, ?, ?, ?)
on conflict (id) do update set printed = excluded.printed, clean = excluded.clean,
    status = 'listed', missing_runs = 0, last_seen = excluded.last_seen, run_id = excluded.run_id,
    changed_at = case when source_hash = excluded.source_hash then changed_at
                      else excluded.last_seen end,
    source_hash = excluded.source_hash, latitude = excluded.latitude,
    longitude = excluded.longitude, "precision" = excluded."precision",
    point_from = excluded.point_from, point_note = excluded.point_note
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one run: its verdict, and what it changed if it was good."""

    source_id: str
    run_id: str
    verdict: Verdict
    reason: str
    found: int
    added: int = 0
    changed: int = 0
    missing: int = 0
    returned: int = 0
    retired: int = 0
    checks: tuple[Check, ...] = ()


def open_working(data: Path) -> Database:
    """The working store of the folder `data`, made or brought up to date when needed.

    Foreign keys are enforced and deleted content is overwritten. Waits up to 30 seconds for
    another process that is writing. Raises sqlite3.DatabaseError when working.db is no database.
    """
    connection = sqlite3.connect(data / "working.db", timeout=_BUSY_SECONDS)
    try:
        connection.execute("pragma foreign_keys = on")
        connection.execute("pragma secure_delete = on")
        connection.execute("pragma synchronous = full")
        db = Database(connection)
        bring_up_to_date(db)
    except BaseException:
        connection.close()
        raise
    return db


def remember_sheets(db: Database, sheets: Iterable[FactSheet]) -> None:
    """Store the fact sheets as they are now, whether or not their source has ever run."""
    with db.atomic():
        for sheet in sheets:
            _remember(db, sheet)


def take_in(db: Database, sheet: FactSheet, bundle: RunBundle) -> Outcome:
    """Judge one run of one source and, if it is good, make it the source's state.

    All in one transaction. A suspect run is held for a person; a failed one leaves only its run
    row and checks. The same bundle taken in again changes nothing and gives the same outcome, so a
    bundle may be delivered twice.

    Raises ValueError when the bundle is another source's.
    """
    if bundle.source_id != sheet.id:
        raise ValueError(f"a run of {bundle.source_id} cannot be taken in as {sheet.id}")
    with db.atomic():
        # Writing first takes the lock at once: judged and written on the same state.
        _remember(db, sheet)
        known = outcome_of(db, bundle.run_id)
        if known:
            return known
        judgement = judge(sheet, bundle, last_good(db, sheet.id))
        _note_run(db, bundle, judgement)
        if judgement.verdict == "good":
            apply_run(db, bundle)
        elif judgement.verdict == "suspect":
            hold(db, bundle)
        outcome = outcome_of(db, bundle.run_id)
    assert outcome is not None
    return outcome


def hold(db: Database, bundle: RunBundle) -> None:
    """Keep a doubtful run, instead of an older one of its source, until a person decides. Within
    the caller's transaction."""
    _drop(db, "held_run", bundle.source_id)
    db.conn.execute(
        "insert into held_run (run_id, bundle, held_at) values (?, ?, ?)",
        (bundle.run_id, pack(bundle), bundle.finished_at or bundle.started_at),
    )


def last_good(db: Database, source_id: str) -> LastGood | None:
    """What the last good run of a source left, or None before the first one."""
    row = db.conn.execute(
        "select run.id, run.started_at, run.listings from source"
        " join run on run.id = source.last_good_run_id where source.id = ?",
        (source_id,),
    ).fetchone()
    if row is None:
        return None
    listed = db.conn.execute(
        "select native_id from listing where source_id = ? and status = 'listed'", (source_id,)
    )
    return LastGood(row[0], row[1], row[2], frozenset(native for (native,) in listed))


def outcome_of(db: Database, run_id: str) -> Outcome | None:
    """What became of a run that was taken in, or None if it never was."""
    row = db.conn.execute(
        "select source_id, id, verdict, reason, listings, added, changed, missing, returned,"
        " retired from run where id = ?",
        (run_id,),
    ).fetchone()
    if row is None:
        return None
    checks = db.conn.execute(
        "select name, required, found, passed, note from run_check where run_id = ? order by rowid",
        (run_id,),
    )
    found = tuple(Check(name, req, got, bool(ok), note) for name, req, got, ok, note in checks)
    source_id, _, verdict, reason, listings, *counted = row
    # Only a run that was believed has counted its changes.
    counts = dict(zip(_COUNTS, (number or 0 for number in counted), strict=True))
    return Outcome(source_id, run_id, verdict, reason, listings, checks=found, **counts)


def _remember(db: Database, sheet: FactSheet) -> None:
    db.conn.execute(
        "insert into source (id, title, sheet) values (?, ?, ?) on conflict (id)"
        " do update set title = excluded.title, sheet = excluded.sheet",
        (sheet.id, sheet.title, sheet.model_dump_json()),
    )


def _note_run(db: Database, bundle: RunBundle, judgement: Judgement) -> None:
    db.conn.execute(
        "insert into run (id, source_id, started_at, finished_at, platform, pages, listings,"
        " hidden, expected, expected_by, verdict, reason, stats)"
        " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            bundle.run_id,
            bundle.source_id,
            bundle.started_at,
            bundle.finished_at or bundle.started_at,
            bundle.platform,
            bundle.pages,
            len(bundle.listings),
            sum(bundle.hidden.values()),
            bundle.expected,
            bundle.expected_by,
            judgement.verdict,
            judgement.reason,
            json.dumps(bundle.stats | {"hidden": bundle.hidden}, sort_keys=True, default=str),
        ),
    )
    db.conn.executemany(
        "insert into run_check (run_id, name, required, found, passed, note)"
        " values (?, ?, ?, ?, ?, ?)",
        (
            (bundle.run_id, one.name, one.required, one.found, int(one.passed), one.note)
            for one in judgement.checks
        ),
    )
    db.conn.execute(
        "update source set last_run_id = ? where id = ? and ? >= coalesce("
        "(select started_at from run where run.id = source.last_run_id), '')",
        (bundle.run_id, bundle.source_id, bundle.started_at),
    )


def apply_run(db: Database, bundle: RunBundle) -> None:
    """Make a believed run the state of its source. Within the caller's transaction."""
    run_id, seen = bundle.run_id, bundle.started_at
    stored: dict[str, tuple[str, str]] = {
        row[0]: (row[1], row[2])
        for row in db.conn.execute(
            "select id, source_hash, status from listing where source_id = ?", (bundle.source_id,)
        )
    }
    fresh: dict[str, Listing] = {}
    for listing in bundle.listings:
        fresh.setdefault(listing.id, listing)
    hashes = {key: source_hash(listing) for key, listing in fresh.items()}
    events: list[tuple[str, str, str, str | None, str | None, str | None]] = []
    counts = dict.fromkeys(_COUNTS, 0)

    def event(key: str, kind: str) -> None:
        counts[kind] += 1
        events.append((key, run_id, kind, None, None, None))

    for key in fresh:
        if key not in stored:
            event(key, "added")
        elif stored[key][1] != "listed":
            event(key, "returned")
    changed = [key for key in fresh if key in stored and stored[key][0] != hashes[key]]
    for key, printed in _printed_of(db, changed):
        counts["changed"] += 1
        events += [
            (key, run_id, "changed", name, before, after)
            for name, before, after in changed_fields(printed, fresh[key])
        ]
    db.conn.executemany(
        _UPSERT, (_row(one, hashes[key], run_id, seen) for key, one in fresh.items())
    )

    gone = stored.keys() - fresh.keys()
    absent = sorted(key for key in gone if stored[key][1] != "retired")
    for key in absent:
        if stored[key][1] == "listed":
            event(key, "missing")
    retiring = _count_absence(db, absent)
    for key in retiring:
        event(key, "retired")

    db.conn.executemany(
        "insert into listing_event (listing_id, run_id, kind, field, before, after)"
        " values (?, ?, ?, ?, ?, ?)",
        events,
    )
    db.conn.execute(
        "update run set added = :added, changed = :changed, missing = :missing,"
        " returned = :returned, retired = :retired where id = :id",
        counts | {"id": run_id},
    )
    db.conn.execute(
        "update source set last_good_run_id = ?, platform = ?, evidence = ?, directory_url = ?"
        " where id = ?",
        (run_id, bundle.platform, bundle.evidence, bundle.directory_url, bundle.source_id),
    )
    # A doubtful run is older than this one now, or is this one; and what an accepted one replaced
    # is no longer what this one replaces.
    _drop(db, "held_run", bundle.source_id)
    _drop(db, "accepted_run", bundle.source_id)


def _row(listing: Listing, hashed: str, run_id: str, seen: str) -> tuple[Any, ...]:
    clean = listing.clean
    return (
        listing.id,
        listing.source_id,
        listing.native_id,
        printed_to_json(listing),
        clean_to_json(clean),
        hashed,
        seen,
        seen,
        run_id,
        clean.latitude,
        clean.longitude,
        clean.precision,
        clean.point_from,
        clean.point_note,
    )


def _printed_of(db: Database, ids: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    for batch in in_batches(ids):
        rows = db.conn.execute(
            "select id, printed from listing where id in (select value from json_each(?))",
            (json.dumps(batch),),
        )
        yield from ((key, json.loads(printed)) for key, printed in rows.fetchall())


def _count_absence(db: Database, absent: list[str]) -> list[str]:
    """Count one more good run without these entries; returns those that are retired by it."""
    retired: list[str] = []
    for batch in in_batches(absent):
        these = json.dumps(batch)
        db.conn.execute(
            "update listing set missing_runs = missing_runs + 1, status ="
            " case when missing_runs + 1 >= ? then 'retired' else 'missing' end"
            " where id in (select value from json_each(?))",
            (RETIRE_AFTER, these),
        )
        rows = db.conn.execute(
            "select id from listing where status = 'retired'"
            " and id in (select value from json_each(?)) order by id",
            (these,),
        )
        retired += [key for (key,) in rows]
    return retired


def _drop(db: Database, table: str, source_id: str) -> None:
    db.conn.execute(
        f"delete from {table} where run_id in"  # noqa: S608 - our own names
        " (select id from run where source_id = ?)",
        (source_id,),
    )


def in_batches(items: Iterable[T], size: int = _BATCH) -> Iterator[list[T]]:
    """The items in lists of at most `size`, in order."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
