"""Runs of sources, taken into the working store: judged, noted, believed or held.

One transaction takes in one run of one source, so that stopping the process at any moment, even by
kill -9, leaves the old or the new state of that source and nothing between.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlite_utils import Database

from db.gate import Check, Judgement, LastGood, Verdict, judge
from db.packing import pack
from db.run_changes import COUNTS, apply_run, drop_of_source
from db.stored_sheets import remember_sheet
from records.bundle import RunBundle
from records.factsheet import FactSheet


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
        remember_sheet(db, sheet)
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
    drop_of_source(db, "held_run", bundle.source_id)
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
    counts = dict(zip(COUNTS, (number or 0 for number in counted), strict=True))
    return Outcome(source_id, run_id, verdict, reason, listings, checks=found, **counts)


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
