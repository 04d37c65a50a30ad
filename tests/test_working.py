"""The working store: one transaction a run, no events without changes, nothing lost by kill -9."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlite_utils import Database

from db.accepted_runs import NoHeldRun, accept_run
from db.packing import pack, unpack
from db.runs import last_good, take_in
from db.stored_listing import SOURCE_FIELDS, source_hash
from db.stored_sheets import remember_sheets
from db.working import open_working
from records.bundle import RunBundle
from records.listing import Listing
from tests.conftest import ROOT
from tests.store_fixtures import people, person, run, sheet

AT = "2026-03-05T00:00:00Z"


@pytest.fixture
def db(tmp_path: Path) -> Any:
    opened = open_working(tmp_path)
    yield opened
    opened.close()


def events(db: Database) -> list[tuple[str, ...]]:
    return list(
        db.conn.execute(
            "select listing_id, kind, field, before, after from listing_event order by id"
        )
    )


def state(db: Database) -> list[tuple[Any, ...]]:
    return list(db.conn.execute("select id, status, missing_runs from listing order by id"))


def test_the_store_is_strict_and_keeps_foreign_keys(db: Database, tmp_path: Path) -> None:
    assert db.conn.execute("pragma foreign_keys").fetchone() == (1,)
    assert db.conn.execute("pragma secure_delete").fetchone() == (1,)
    tables = db.conn.execute("select name, strict from pragma_table_list where type = 'table'")
    loose = {name for name, strict in tables if not strict}
    assert loose <= {"sqlite_schema", "sqlite_temp_schema", "_sqlite_migrations", "sqlite_sequence"}
    with pytest.raises(sqlite3.IntegrityError), db.atomic():
        db.conn.execute(
            "insert into run (id, source_id, started_at, finished_at, verdict, reason)"
            " values ('x', 'nobody', '', '', '', '')"
        )
    open_working(tmp_path).close()  # again, with every migration applied already


def test_a_first_run_adds_everything(db: Database) -> None:
    outcome = take_in(db, sheet(), run(people(3)))
    assert (outcome.verdict, outcome.found, outcome.added) == ("good", 3, 3)
    assert [kind for _, kind, *_ in events(db)] == ["added"] * 3
    [row] = db.query("select * from listing where native_id = '1'")
    assert row["first_seen"] == row["last_seen"] == "2026-03-01T02:00:00Z"
    assert (row["status"], row["changed_at"], row["precision"]) == ("listed", None, "source")


def test_replayed_runs_make_no_events(db: Database) -> None:
    take_in(db, sheet(), run(people(5)))
    before = events(db)
    for night in (2, 3, 4):
        again = [
            replace(one, seen_url=f"{one.seen_url}&night={night}", extra={"distance": str(night)})
            for one in people(5)
        ]
        outcome = take_in(db, sheet(), run(again, night))
        assert outcome.verdict == "good"
        assert (outcome.added, outcome.changed, outcome.missing) == (0, 0, 0)
    assert events(db) == before
    dates = set(db.conn.execute("select first_seen, last_seen, changed_at from listing"))
    assert dates == {("2026-03-01T02:00:00Z", "2026-03-04T02:00:00Z", None)}


def test_the_same_bundle_delivered_twice_changes_nothing(db: Database) -> None:
    first = take_in(db, sheet(), run(people(5)))
    before = list(db.conn.iterdump())
    assert take_in(db, sheet(), run(people(5))) == first
    assert list(db.conn.iterdump()) == before


def test_a_change_is_noted_field_by_field(db: Database) -> None:
    take_in(db, sheet(), run([person(1), person(2)]))
    moved = person(
        1, phone="(614) 555-0199", street="9 Elsewhere St", website="https://example.com"
    )
    outcome = take_in(db, sheet(), run([moved, person(2)], 2))
    assert (outcome.changed, outcome.added) == (1, 0)
    assert events(db)[2:] == [
        ("alpha:1", "changed", "street", "101 Fictional Ave", "9 Elsewhere St"),
        ("alpha:1", "changed", "phone", "(614) 555-0101", "(614) 555-0199"),
        ("alpha:1", "changed", "website", None, "https://example.com"),
    ]
    changed = dict(db.conn.execute("select id, changed_at from listing"))
    assert changed == {"alpha:1": "2026-03-02T02:00:00Z", "alpha:2": None}


def test_missing_is_not_gone_and_gone_can_return(db: Database) -> None:
    everyone, rest = people(3), people(2)
    take_in(db, sheet(), run(everyone))
    take_in(db, sheet(), run(rest, 2))
    assert state(db)[2] == ("alpha:3", "missing", 1)
    take_in(db, sheet(), run([], 3))  # a failed run counts nobody's absence
    take_in(db, sheet(), run(everyone, 4))
    assert state(db)[2] == ("alpha:3", "listed", 0)
    for night in (5, 6, 7, 8):
        take_in(db, sheet(), run(rest, night))
    assert state(db)[2] == ("alpha:3", "retired", 3)
    outcome = take_in(db, sheet(), run(everyone, 9))
    assert (outcome.returned, outcome.added) == (1, 0)
    kinds = [kind for key, kind, *_ in events(db) if key == "alpha:3"]
    assert kinds == ["added", "missing", "returned", "missing", "retired", "returned"]
    assert db.table("listing").get("alpha:3")["first_seen"] == "2026-03-01T02:00:00Z"


def test_a_failed_run_leaves_only_its_row_and_checks(db: Database) -> None:
    take_in(db, sheet(), run(people(4)))
    before = list(db.query("select * from listing"))
    outcome = take_in(db, sheet(), run(people(2), 2, failure="connection cut after page 1"))
    assert (outcome.verdict, outcome.reason) == ("failed", "connection cut after page 1")
    assert list(db.query("select * from listing")) == before
    source = db.table("source").get("alpha")
    assert source["last_run_id"] == "alpha@2026-03-02T02:00:00Z"
    assert source["last_good_run_id"] == "alpha@2026-03-01T02:00:00Z"
    assert db.table("held_run").count == 0
    [check] = db.query("select * from run_check where run_id = ? and not passed", [outcome.run_id])
    assert (check["name"], check["found"]) == ("failure", "connection cut after page 1")


def test_a_doubtful_run_waits_for_a_person(db: Database) -> None:
    take_in(db, sheet(), run(people(100)))
    outcome = take_in(db, sheet(), run(people(60), 2))
    assert outcome.verdict == "suspect"
    assert "60 listings, 100 in the last good run" in outcome.reason
    assert {status for _, status, _ in state(db)} == {"listed"}
    accepted = accept_run(
        db, "alpha", reason="the directory dropped its assistants", by="A tester", at=AT
    )
    assert (accepted.verdict, accepted.missing) == ("good", 40)
    assert "accepted by a person: the directory dropped its assistants" in accepted.reason
    good = last_good(db, "alpha")
    assert good is not None
    assert (good.listings, len(good.native_ids)) == (60, 60)
    with pytest.raises(NoHeldRun, match="alpha has no doubtful run"):
        accept_run(db, "alpha", reason="again", by="A tester", at=AT)


def test_only_the_newest_doubtful_run_is_held_and_a_good_one_ends_the_doubt(db: Database) -> None:
    take_in(db, sheet(), run(people(100)))
    take_in(db, sheet(), run(people(60), 2))
    take_in(db, sheet(), run(people(50), 3))
    held = [row["run_id"] for row in db.table("held_run").rows]
    assert held == ["alpha@2026-03-03T02:00:00Z"]
    take_in(db, sheet(), run(people(99), 4))
    assert db.table("held_run").count == 0


def test_a_run_that_arrives_late_does_not_turn_time_back(db: Database) -> None:
    take_in(db, sheet(), run(people(4), 5))
    late = take_in(db, sheet(), run(people(3), 4))
    assert late.verdict == "failed"
    assert "a newer run, of 2026-03-05T02:00:00Z" in late.reason
    assert db.table("source").get("alpha")["last_run_id"] == "alpha@2026-03-05T02:00:00Z"


def test_sources_do_not_touch_each_other(db: Database) -> None:
    take_in(db, sheet("alpha"), run(people(3)))
    take_in(db, sheet("beta"), run(people(3, "beta"), source_id="beta"))
    take_in(db, sheet("beta"), run([], 2, "beta"))
    assert len(state(db)) == 6
    with pytest.raises(ValueError, match="cannot be taken in as alpha"):
        take_in(db, sheet("alpha"), run([], 3, "beta"))


def test_sheets_are_remembered_without_a_run(db: Database) -> None:
    remember_sheets(db, [sheet("alpha"), sheet("beta", title="Later")])
    remember_sheets(db, [sheet("beta", title="Newer")])
    titles = dict(db.conn.execute("select id, title from source"))
    assert titles == {"alpha": "Invented directory alpha", "beta": "Newer"}


def test_a_bundle_comes_back_from_packing_whole() -> None:
    whole = run(
        [person(1, extra={"fax": "none"}), person(2, clean={"certified": ()})],
        hidden={"draft": 2}, expected=4, expected_by="the header", stats={"name/parsed": 2},
    )  # fmt: skip
    again = unpack(pack(whole))
    assert again == whole
    assert [one.clean for one in again.listings] == [one.clean for one in whole.listings]
    assert pack(again) == pack(whole)
    with pytest.raises(ValueError, match="not a packed run"):
        unpack(b"no")


@given(st.sampled_from(SOURCE_FIELDS), st.text(min_size=1))
def test_every_source_field_counts_for_the_hash(name: str, text: str) -> None:
    changed: Listing = replace(person(1), **{name: text})
    same = getattr(person(1), name) == text
    assert (source_hash(changed) == source_hash(person(1))) == same


_KILLED = """
import os, signal, sys
sys.path.insert(0, ".")
from pathlib import Path
from tests.store_fixtures import people, person, run, sheet
from db import runs, working

data, moment = Path(sys.argv[1]), int(sys.argv[2])
db = working.open_working(data)
left = moment

def count_down(_statement):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)

changed = [person(1, phone="(614) 555-0199"), *people(3000, first=2)]
db.conn.set_trace_callback(count_down)
runs.take_in(db, sheet(), run(changed, 2))
"""


@pytest.mark.parametrize("moment", [1, 3, 9, 14, 40, 700, 2500, 3009, 3020])
def test_kill_9_leaves_the_old_or_the_new_state(tmp_path: Path, moment: int) -> None:
    with_old = open_working(tmp_path)
    take_in(with_old, sheet(), run(people(3000)))
    with_old.close()
    words = [sys.executable, "-c", _KILLED, str(tmp_path), str(moment)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    db = open_working(tmp_path)
    assert db.conn.execute("pragma integrity_check").fetchall() == [("ok",)]
    assert db.conn.execute("pragma foreign_key_check").fetchall() == []
    new_runs = db.table("run").count_where("id = 'alpha@2026-03-02T02:00:00Z'")
    touched = db.table("listing").count_where("last_seen = '2026-03-02T02:00:00Z'")
    noted = db.table("listing_event").count_where("run_id = 'alpha@2026-03-02T02:00:00Z'")
    assert (new_runs, touched, noted) in {(0, 0, 0), (1, 3001, 3)}
    assert new_runs == (done.returncode == 0)
    # The next run completes and gives what an undisturbed one gives.
    outcome = take_in(db, sheet(), _same_as_killed())
    assert (outcome.verdict, outcome.added, outcome.changed) == ("good", 1, 1)
    db.close()


def _same_as_killed() -> RunBundle:
    return run([person(1, phone="(614) 555-0199"), *people(3000, first=2)], 2)
