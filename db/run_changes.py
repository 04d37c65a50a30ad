"""What a believed run changes: its source's listings, and an event for each change.

Times come from the run, never from the clock at the moment of writing: an entry is 'seen' when the
run that saw it started.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from sqlite_utils import Database

from db.stored_listing import changed_fields, clean_to_json, printed_to_json, source_hash
from records.bundle import RunBundle
from records.listing import Listing

T = TypeVar("T")

#: Good runs in a row without an entry, after which it counts as gone and not as missing.
RETIRE_AFTER = 3

#: Kinds of `listing_event`, each counted in a column of `run`.
COUNTS = ("added", "changed", "missing", "returned", "retired")
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
    counts = dict.fromkeys(COUNTS, 0)

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
    drop_of_source(db, "held_run", bundle.source_id)
    drop_of_source(db, "accepted_run", bundle.source_id)


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
    for batch in _in_batches(ids):
        rows = db.conn.execute(
            "select id, printed from listing where id in (select value from json_each(?))",
            (json.dumps(batch),),
        )
        yield from ((key, json.loads(printed)) for key, printed in rows.fetchall())


def _count_absence(db: Database, absent: list[str]) -> list[str]:
    """Count one more good run without these entries; returns those that are retired by it."""
    retired: list[str] = []
    for batch in _in_batches(absent):
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


def drop_of_source(db: Database, table: str, source_id: str) -> None:
    """Delete what the table keeps of a source's runs. Within the caller's transaction."""
    db.conn.execute(
        f"delete from {table} where run_id in"  # noqa: S608 - our own names
        " (select id from run where source_id = ?)",
        (source_id,),
    )


def _in_batches(items: Iterable[T], size: int = _BATCH) -> Iterator[list[T]]:
    """The items in lists of at most `size`, in order."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
