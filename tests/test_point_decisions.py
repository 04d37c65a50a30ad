"""What a person decides about a place in doubt outlives crawls and geocoding, and can be undone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from scrapy.statscollectors import StatsCollector
from scrapy.utils.test import get_crawler
from sqlite_utils import Database

from commands.review import command
from db.accepted_runs import accept_run
from db.forgetting import forget, listings_of
from db.gazetteer import Gazetteer
from db.gazetteer_file import ensure
from db.migrations_listings import schema
from db.point_decisions import PointDecisions, decide_point, doubted_points, take_back_point
from db.review import NothingDecided
from db.runs import take_in
from db.working import open_working
from geocoding.listings import place_listings
from matching.rebuild import match
from pipelines.locate import LocatePipeline
from reviewing.places import answer_place
from tests.store_fixtures import person, run, sheet

AT = "2026-11-24T12:00:00Z"
WHO = {"by": "A tester", "reason": "asked by telephone", "at": AT}
ATLANTA = {"latitude": "33.75123", "longitude": "-84.39123"}
NOTE = "the printed point lies in GA, the address in OH"
#: latitude to two places, precision, note
Placed = tuple[float | None, str | None, str | None]
FALLBACK: Placed = (39.97, "postcode", NOTE)
PRINTED: Placed = (33.75, "source", None)
NO_POINT: Placed = (None, None, "a person found no point for this address that is right")


@pytest.fixture(scope="module")
def gazetteer_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ensure(tmp_path_factory.mktemp("gazetteer"))


@pytest.fixture
def data(tmp_path: Path, gazetteer_file: Path) -> Path:
    shutil.copy(gazetteer_file, tmp_path)
    return tmp_path


@pytest.fixture
def gazetteer(gazetteer_file: Path) -> Iterator[Gazetteer]:
    with Gazetteer(gazetteer_file) as opened:
        yield opened


@pytest.fixture
def db(data: Path, gazetteer: Gazetteer) -> Iterator[Database]:
    opened = open_working(data)
    crawled(opened, gazetteer, 1)
    yield opened
    opened.close()


def crawled(db: Database, gazetteer: Gazetteer, night: int, **printed: str) -> None:
    """A crawl of a person in Ohio with a point in Georgia, through the stage that places."""
    listing = person(1, **(ATLANTA | printed))
    path = Path(db.conn.execute("pragma database_list").fetchone()[2])
    stage = LocatePipeline(
        StatsCollector(get_crawler()), gazetteer, decisions=PointDecisions.of_file(path)
    )
    outcome = take_in(db, sheet(), run([stage.process_item(listing)], night))
    if outcome.verdict == "suspect":
        accept_run(db, "alpha", reason="a test of odd points", by="A tester", at=AT)
    match(db)


def placed(db: Database) -> Placed:
    row = db.conn.execute(
        "select round(latitude, 2), precision, point_note from listing where id = 'alpha:1'"
    ).fetchone()
    return row[0], row[1], row[2]


@pytest.mark.parametrize(
    ("answer", "where"), [("printed", PRINTED), ("used", FALLBACK), ("none", NO_POINT)]
)
def test_an_answer_outlives_crawls_and_geocoding(
    db: Database, gazetteer: Gazetteer, answer: str, where: Placed
) -> None:
    assert placed(db) == FALLBACK
    assert [one.note for one in doubted_points(db)] == [NOTE]
    answer_place(db, "alpha:1", answer, **WHO)
    assert doubted_points(db) == []
    for night in (2, 3):
        place_listings(db, gazetteer)
        assert placed(db) == where
        crawled(db, gazetteer, night)
        assert placed(db) == where
    take_back_point(db, "alpha:1", at=AT)
    place_listings(db, gazetteer)
    assert placed(db) == FALLBACK
    assert len(doubted_points(db)) == 1
    [kept] = db.conn.execute('select answer, "by", deleted_at from point_decision').fetchall()
    assert kept == (answer, "A tester", AT)
    with pytest.raises(NothingDecided):
        take_back_point(db, "alpha:1", at=AT)


def test_it_counts_only_while_the_directory_prints_the_same(
    db: Database, gazetteer: Gazetteer
) -> None:
    answer_place(db, "alpha:1", "none", **WHO)
    crawled(db, gazetteer, 2, phone="(614) 555-0199")
    assert placed(db) == NO_POINT
    crawled(db, gazetteer, 3, latitude="34.75123")
    assert placed(db) == FALLBACK
    assert len(doubted_points(db)) == 1
    crawled(db, gazetteer, 4)
    assert placed(db) == NO_POINT


def test_the_newest_counts_and_undo_goes_back_one(db: Database) -> None:
    for answer in ("used", "none", "printed"):
        decide_point(db, "alpha:1", answer, **WHO)
    printed = json.loads(db.conn.execute("select printed from listing").fetchone()[0])
    for answer in ("printed", "none", "used"):
        assert PointDecisions.read(db.conn).answer("alpha:1", printed) == answer
        take_back_point(db, "alpha:1", at=AT)
    assert PointDecisions.read(db.conn).answer("alpha:1", printed) is None


@pytest.mark.parametrize(
    ("printed", "why"),
    [
        ({"latitude": "0", "longitude": "0"}, "an empty field"),
        ({"latitude": "139.9", "longitude": "-82.9"}, "out of range"),
        ({"latitude": "north", "longitude": "-82.9"}, "is no number"),
        ({"latitude": "", "longitude": ""}, "no point is printed"),
    ],
)
def test_what_is_no_point_is_not_right(
    db: Database, gazetteer: Gazetteer, printed: dict[str, str], why: str
) -> None:
    crawled(db, gazetteer, 2, **printed)
    with pytest.raises(ValueError, match=why):
        answer_place(db, "alpha:1", "printed", **WHO)
    answer_place(db, "alpha:1", "none", **WHO)


def test_who_is_forgotten_takes_the_decision_along(db: Database) -> None:
    answer_place(db, "alpha:1", "used", **WHO)
    forget(
        db, listings_of(db, "alpha:1"), {"0": "phone"}, lambda _hashes: lambda _listing: False, AT
    )
    assert db.conn.execute("select count(*) from point_decision").fetchone() == (0,)


def test_a_store_of_before_is_brought_up_to_date(tmp_path: Path) -> None:
    old = open_working(tmp_path)
    with old.atomic():
        old.conn.execute("drop table point_decision")
        old.conn.execute("alter table link_check drop column failing_since")
        old.conn.execute("delete from _sqlite_migrations where name = 'm0010_points_decided'")
        for key, failures in (("a", 2), ("b", 0)):
            old.conn.execute(
                "insert into link_check (hash, answer, failures, checked_at) values (?, ?, ?, ?)",
                (key, "none" if failures else "2xx", failures, AT),
            )
    assert PointDecisions.of_file(tmp_path / "working.db").answer("alpha:1", {}) is None
    assert [one.name for one in schema.pending(old)] == ["m0010_points_decided"]
    old.close()
    new = open_working(tmp_path)
    found = dict(new.conn.execute("select hash, failing_since from link_check").fetchall())
    new.close()
    assert found == {"a": AT, "b": None}


def review(data: Path, *words: str, typed: str = "") -> Any:
    return CliRunner().invoke(command, [*words, "--data", str(data)], input=typed)


def test_the_terminal_asks_and_places_anew(data: Path, db: Database) -> None:
    assert f"alpha:1  {NOTE}\n1 places are in doubt" in review(data, "--list").output
    done = review(data, typed="A tester\nu\nn\nasked by telephone\n")
    assert done.exit_code == 0, done.output
    for words in ("Place 1 of 1", NOTE, "Printed point 33.75123, -84.39123", "(postcode)",
                  "nothing to take back yet", "1 places decided, 0 not reached",
                  "1 listings placed, 1 of them anew"):  # fmt: skip
        assert words in done.output, done.output
    assert placed(db) == NO_POINT
    assert "Nothing waits for a person" in review(data).output
    back = review(data, "--place", "alpha:1", "--undo")
    assert "taken back: none, A tester: asked by telephone" in back.output
    assert placed(db) == FALLBACK
    why = ("--by", "A tester", "--reason", "their own map")
    told = review(data, "--place", "alpha:1", "--printed-point", *why)
    assert "alpha:1: the printed point is right" in told.output
    assert placed(db) == PRINTED


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--printed-point"], "--place LISTING goes with"),
        (["--place", "alpha:1"], "--place LISTING goes with"),
        (["--place", "alpha:1", "--same"], "--place LISTING goes with"),
        (["--place", "alpha:1", "--no-point", "--undo"], "--place LISTING goes with"),
        (["--place", "alpha:1", "--pair", "a", "b", "--undo"], "one thing at a time"),
        (["--place", "alpha:1", "--no-point"], "--by NAME and --reason TEXT"),
        (["--place", "alpha:1", "--undo"], "nobody has decided about the place"),
        (["--place", "x:9", "--no-point", "--by", "A", "--reason", "b"], "no listing has the id"),
        (["--serve", "--place", "alpha:1", "--undo"], "--serve goes without"),
    ],
)
@pytest.mark.usefixtures("db")
def test_wrong_calls_are_explained(data: Path, words: list[str], says: str) -> None:
    failed = review(data, *words)
    assert failed.exit_code in {1, 2}
    assert says in " ".join(failed.output.split())
    assert "Traceback" not in failed.output
