"""A doubtful run that a person believes, and the way back: to the letter, and only once."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from ruamel.yaml import YAML
from sqlite_utils import Database

from db.accepted_runs import NoHeldRun, NothingToTakeBack, accept_run, take_back
from db.forgetting import forget
from db.runs import last_good, take_in
from db.working import open_working
from matching.rebuild import match
from records.listing import Certified
from tests.conftest import needlepoint, served
from tests.store_fixtures import people, person, run, sheet

WHY = {"reason": "they left", "by": "A tester", "at": "2026-03-05T00:00:00Z"}
BACK = {"reason": "they had not left", "by": "B tester", "at": "2026-03-06T00:00:00Z"}


@pytest.fixture
def db(tmp_path: Path) -> Any:
    opened = open_working(tmp_path)
    yield opened
    opened.close()


def doubted(db: Database) -> None:
    """100 entries, then a run of 60 of which one is new and one says something else."""
    take_in(db, sheet(), run(people(100)))
    other = person(1, given="Givenb", family="Familyb", phone="(614) 555-0199")
    assert take_in(db, sheet(), run([other, *people(58, first=2), person(200)], 2)).verdict == (
        "suspect"
    )


def kept(db: Database) -> list[list[tuple[Any, ...]]]:
    """All that matters of a source: its row, its listings, who they are, and what waits."""
    match(db)
    return [
        list(db.conn.execute(sql))
        for sql in (
            "select * from source",
            "select * from listing order by id",
            "select * from membership order by 1",
            "select * from held_run",
        )
    ]


def test_taking_back_restores_the_state_to_the_letter(db: Database) -> None:
    doubted(db)
    before = kept(db)
    outcome = accept_run(db, "alpha", **WHY)
    assert (outcome.added, outcome.missing, outcome.changed) == (1, 41, 1)
    assert kept(db) != before
    undone = take_back(db, "alpha", **BACK)
    assert undone.verdict == "suspect"
    assert "taken back by a person: they had not left (the gate said: 60" in undone.reason
    assert (undone.added, undone.missing) == (0, 0)
    assert kept(db) == before
    good = last_good(db, "alpha")
    assert good is not None
    assert len(good.native_ids) == 100
    assert db.conn.execute("pragma foreign_key_check").fetchall() == []


def test_who_decided_what_and_when_is_kept(db: Database) -> None:
    doubted(db)
    for decide, said in ((accept_run, WHY), (take_back, BACK), (accept_run, WHY)):
        decide(db, "alpha", **said)
    assert list(
        db.conn.execute('select decision, reason, "by", decided_at from run_decision order by id')
    ) == [
        ("accepted", *WHY.values()),
        ("taken_back", *BACK.values()),
        ("accepted", *WHY.values()),
    ]


def test_history_says_what_was_taken_back(db: Database) -> None:
    doubted(db)
    accept_run(db, "alpha", **WHY)
    take_back(db, "alpha", **BACK)
    # Of the 100 first ones none has changed or gone missing; what was shown for a while is kept.
    standing = "select count(*) from listing_event where taken_back_at is null"
    assert db.conn.execute(standing).fetchone() == (100,)
    gone = "select kind, count(*) from listing_event where taken_back_at = ? group by kind"
    assert dict(db.conn.execute(gone, (BACK["at"],))) == {"added": 1, "changed": 1, "missing": 41}
    # Absences are counted anew: three good runs, not two.
    for night in (3, 4):
        take_in(db, sheet(), run(people(99), night))
    assert db.table("listing").get("alpha:100")["status"] == "missing"


def test_only_once_and_only_while_it_is_what_is_shown(db: Database) -> None:
    doubted(db)
    with pytest.raises(NothingToTakeBack, match="alpha: nobody has accepted a run"):
        take_back(db, "alpha", **BACK)
    accept_run(db, "alpha", **WHY)
    take_back(db, "alpha", **BACK)
    before = list(db.conn.iterdump())
    with pytest.raises(NothingToTakeBack, match="taken back already, at 2026-03-06"):
        take_back(db, "alpha", **BACK)
    assert list(db.conn.iterdump()) == before
    accept_run(db, "alpha", **WHY)
    take_in(db, sheet(), run(people(58), 3))
    with pytest.raises(NothingToTakeBack, match="followed by the good run of 2026-03-03"):
        take_back(db, "alpha", **BACK)
    with pytest.raises(NothingToTakeBack, match="nobody: nobody has accepted"):
        take_back(db, "nobody", **BACK)
    with pytest.raises(NoHeldRun):
        accept_run(db, "alpha", **WHY)
    with pytest.raises(ValueError, match="who decides, and why"):
        take_back(db, "alpha", **BACK | {"reason": " "})


def test_who_came_with_an_accepted_run_keeps_the_id_when_it_is_accepted_again(db: Database) -> None:
    doubted(db)
    ids = []
    for decide, said in ((accept_run, WHY), (take_back, BACK), (accept_run, WHY)):
        decide(db, "alpha", **said)
        match(db)
        ids.append(dict(db.conn.execute("select * from membership")).get("alpha:200"))
    assert ids[0] is not None
    assert ids == [ids[0], None, ids[0]]


def test_a_newer_doubtful_run_keeps_waiting(db: Database) -> None:
    doubted(db)
    accept_run(db, "alpha", **WHY)
    take_in(db, sheet(), run(people(20), 3))
    take_back(db, "alpha", **BACK)
    assert [row["run_id"] for row in db.table("held_run").rows] == ["alpha@2026-03-03T02:00:00Z"]


def test_a_first_run_taken_back_leaves_nothing(db: Database) -> None:
    many = sheet(bounds={"min": 10})
    assert take_in(db, many, run(people(3))).verdict == "suspect"
    before = kept(db)
    accept_run(db, "alpha", **WHY)
    take_back(db, "alpha", **BACK)
    assert kept(db) == before
    assert db.table("listing").count == 0


def test_who_is_forgotten_is_not_put_back(db: Database, tmp_path: Path) -> None:
    gone = person(7, given="Vanishing", family="Fictionella")
    take_in(db, sheet(), run([*people(90, first=10), gone]))
    take_in(db, sheet(), run([*people(20, first=10), gone], 2))
    accept_run(db, "alpha", **WHY)
    match(db)
    forget(db, [gone], {"a hash": "name"}, lambda _hashes: lambda one: one.id == gone.id, "2026")
    take_back(db, "alpha", **BACK)
    match(db)
    assert db.table("listing").count == 90
    assert b"fictionella" not in (tmp_path / "working.db").read_bytes().lower()
    accept_run(db, "alpha", **WHY)
    assert db.table("listing").count_where("native_id = '7'") == 0


def shown(data: Path) -> list[list[tuple[Any, ...]]]:
    """What a visitor can be told of people: every row of these tables."""
    with closing(sqlite3.connect(data / "directory.db")) as connection:
        return [
            list(connection.execute(f"select * from {table} order by 1"))
            for table in ("listing", "practitioner", "location", "certification")
        ]


def test_the_whole_way_with_a_running_site(tmp_path: Path) -> None:
    sources = tmp_path / "sources"
    sources.mkdir()
    with (sources / "alpha.yml").open("w") as handle:
        YAML().dump(sheet().model_dump(mode="json"), handle)
    here = ("--data", tmp_path, "--sources", sources)
    everybody = people(100)
    db = open_working(tmp_path)
    take_in(db, sheet(), run(everybody))
    match(db)
    assert needlepoint("publish", *here).returncode == 0
    first = shown(tmp_path)
    said = Certified(issuer="Institute alpha", label="Something else")
    other = person(
        1, given="Givenb", family="Familyb", certification=said.label, clean={"certified": (said,)}
    )
    take_in(db, sheet(), run([other, *everybody[1:60]], 2))
    db.close()
    with served(tmp_path) as site:

        def page() -> str:
            words = re.sub(r"<[^>]+>", " ", httpx.get(f"{site}/sources").text)
            return re.sub(r" (?=:)", "", " ".join(words.split()))

        assert needlepoint("publish", *here).returncode == 0
        assert shown(tmp_path) == first
        assert "Data as of 1 Mar 2026" in page()
        assert "2 Mar 2026: suspect – 60 listings, 100 in the last good run" in page()
        done = needlepoint("accept-run", "alpha", "--reason", "they left", "--by", "me", *here)
        assert done.returncode == 0, done.stderr
        listed = [row for row in shown(tmp_path)[0] if "listed" in row]
        assert len(listed) == 60
        assert "Data as of 2 Mar 2026" in page()
        undo = ("accept-run", "alpha", "--undo", "--reason", "they had not", "--by", "me", *here)
        done = needlepoint(*undo)
        assert (done.returncode, "as before the run of 2026-03-02" in done.stdout) == (0, True)
        assert shown(tmp_path) == first
        assert "Data as of 1 Mar 2026" in page()
        assert "taken back by a person: they had not" in page()
        again = needlepoint(*undo)
        assert (again.returncode, "taken back already" in again.stderr) == (1, True)
        assert "Traceback" not in again.stderr
        assert shown(tmp_path) == first
        assert needlepoint("publish", *here).returncode == 0
        assert shown(tmp_path) == first
