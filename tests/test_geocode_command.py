"""`needlepoint geocode`: every listing placed, answers remembered, trouble told."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlite_utils import Database

from commands.geocode import command, geocode
from db.gazetteer import Gazetteer
from db.points import read_points, write_points
from db.working import open_working
from geocoding.cache import PlaceCache
from geocoding.listings import place_listings
from geocoding.providers import ProviderError, Settings, build_provider
from tests.geocoding_fixtures import (  # noqa: F401 - fixtures
    FakeGeocoders,
    fake_geocoders,
    shared_gazetteer,
)

OHIO = {"city": "Columbus", "state": "OH", "postcode": "43215", "country": "US"}
NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


def put(db: Database, number: int, clean: dict[str, object], **printed: str) -> None:
    """A stored listing that nothing has placed yet."""
    if not db["source"].count_where("id = 'alpha'"):
        db["source"].insert({"id": "alpha", "title": "Alpha", "sheet": "{}"})
        db["run"].insert(
            {
                "id": "alpha@1",
                "source_id": "alpha",
                "started_at": "2026-03-01T00:00:00Z",
                "finished_at": "2026-03-01T00:00:00Z",
                "verdict": "good",
                "reason": "",
            }
        )
    db["listing"].insert(
        {
            "id": f"alpha:{number}",
            "source_id": "alpha",
            "native_id": str(number),
            "printed": json.dumps(printed),
            "clean": json.dumps(clean),
            "source_hash": "0",
            "status": "listed",
            "missing_runs": 0,
            "first_seen": "2026-03-01T00:00:00Z",
            "last_seen": "2026-03-01T00:00:00Z",
            "run_id": "alpha@1",
        }
    )


@contextmanager
def opened(data: Path) -> Iterator[Database]:
    db = open_working(data)
    try:
        yield db
    finally:
        db.close()


@pytest.fixture
def data(tmp_path: Path, gazetteer: Gazetteer) -> Path:
    """Six listings: one with a good point, one with a bad one, two at one door, a PO box, none."""
    built = gazetteer.connection.execute("pragma database_list").fetchone()[2]
    shutil.copy(built, tmp_path / "gazetteer.db")
    with opened(tmp_path) as db:
        put(
            db,
            1,
            {"name": "Ada Sampleton", "street": "1 A St"} | OHIO,
            latitude="39.9626",
            longitude="-83.0032",
        )
        put(db, 2, {"name": "Bo Sampleton", "street": "2 B St"} | OHIO, latitude="0", longitude="0")
        put(db, 3, {"street": "3 C St, Suite 4"} | OHIO)
        put(db, 4, {"street": "3 C St"} | OHIO)
        put(db, 5, {"street": "PO Box 5"} | OHIO)
        put(db, 6, {"name": "Cy Sampleton"})
    return tmp_path  # fmt: skip


def run(data: Path, *words: str) -> Result:
    return CliRunner().invoke(command, ["--data", str(data), *words])


def census(fake: FakeGeocoders, *words: str) -> tuple[str, ...]:
    return ("--provider", "census", "--domain", fake.domain, "--scheme", "http", *words)


def points(data: Path) -> list[tuple[str | None, str | None]]:
    with opened(data) as db:
        rows = db.query("select precision, point_from from listing order by id")
        return [(row["precision"], row["point_from"]) for row in rows]


def test_without_a_provider_the_gazetteer_places(data: Path) -> None:
    done = run(data)
    assert done.exit_code == 0, done.output
    assert done.output.splitlines() == [
        "6 listings placed, 5 of them anew or differently",
        "printed coordinates not believed: zero 1",
        "locations by precision: source 1, postcode 4, none 1",
    ]
    assert points(data) == [
        ("source", "source"),
        *[("postcode", "gazetteer")] * 4,
        (None, None),
    ]
    with opened(data) as db:
        second = db["listing"].get("alpha:2")
        assert second["point_note"] == "the printed coordinates are 0, 0: an empty field"
        clean = json.loads(second["clean"])
        assert clean["precision"] == "postcode", "the clean half says the same"
        assert clean["name"] == "Bo Sampleton", "and keeps everything else"
        assert db["place_cache"].count == 0
        before = db.conn.execute("select * from listing order by id").fetchall()
    again = run(data)
    assert again.output.startswith("6 listings placed, 0 of them anew or differently")
    with opened(data) as db:
        assert db.conn.execute("select * from listing order by id").fetchall() == before


def test_an_empty_store(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert done.exit_code == 0
    assert "no listings yet" in done.output


def test_a_provider_places_what_the_gazetteer_cannot(data: Path, fake: FakeGeocoders) -> None:
    fake.known = {"2 B St": (39.961, -83.001), "3 C St": (39.962, -83.002)}
    done = run(data, *census(fake))
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[2:] == [
        "addresses asked: 2, found 2, still to ask 0",
        "locations by precision: source 1, street 3, postcode 1, none 1",
    ]
    assert points(data)[1:4] == [("street", "census")] * 3
    # One request, one row an address, and no name in it.
    assert [row["street"] for row in fake.asked] == ["2 B St", "3 C St"]
    assert len(fake.requests) == 1
    # Everything is in the cache now, so nobody is asked again, and without a provider it stays.
    for words in (census(fake), ()):
        assert run(data, *words).exit_code == 0
        assert points(data)[1:4] == [("street", "census")] * 3
    assert len(fake.requests) == 1


def test_what_is_not_found_is_not_asked_again_for_a_month(
    data: Path, fake: FakeGeocoders, gazetteer: Gazetteer
) -> None:
    assert "asked: 2, found 0, still to ask 0" in run(data, *census(fake)).output
    assert "asked" not in run(data, *census(fake)).output
    assert len(fake.requests) == 1
    with opened(data) as db:
        assert {row["outcome"] for row in db["place_cache"].rows} == {"nothing"}
        db.execute("update place_cache set fetched_at = '2020-01-01T00:00:00Z'")
        db.conn.commit()
    fake.known = {"2 B St": (39.961, -83.001)}
    assert "asked: 2, found 1" in run(data, *census(fake)).output


@pytest.mark.parametrize("mode", ["503", "429", "html", "shapeless", "short", "cut"])
def test_trouble_is_told_and_not_remembered(data: Path, fake: FakeGeocoders, mode: str) -> None:
    fake.mode = mode
    done = run(data, *census(fake))
    assert done.exit_code == 1
    assert "still to ask 2" in done.output
    assert "census: 1 failed, the last: " in done.output
    assert "Run it again later" in done.output
    assert "Traceback" not in done.output
    assert points(data)[1:4] == [("postcode", "gazetteer")] * 3
    with opened(data) as db:
        assert db["place_cache"].count == 0
    fake.mode = "ok"
    fake.known = {"2 B St": (39.961, -83.001), "3 C St": (39.962, -83.002)}
    assert run(data, *census(fake)).exit_code == 0
    assert points(data)[1:4] == [("street", "census")] * 3


def test_nominatim_is_left_alone_after_three_failures_in_a_row(
    data: Path, fake: FakeGeocoders
) -> None:
    with opened(data) as db:
        for number in range(10, 20):
            put(db, number, {"street": f"{number} D St"} | OHIO)
    fake.mode = "503"
    words = ["--provider", "nominatim", "--domain", fake.domain, "--scheme", "http"]
    done = run(data, *words, "--contact", "a@example.com")
    assert done.exit_code == 1
    assert len(fake.requests) == 3
    assert "nominatim: 3 failed" in done.output
    fake.mode = "403"
    assert run(data, *words, "--contact", "a@example.com").exit_code == 1
    assert len(fake.requests) == 4, "one refusal is enough"
    fake.mode = "ok"
    fake.known = {"12 D St": (39.96, -83.001)}
    done = run(data, *words, "--contact", "a@example.com")
    assert done.exit_code == 0, done.output
    assert "asked: 12, found 1" in done.output


def test_it_goes_on_where_it_stopped(data: Path, fake: FakeGeocoders) -> None:
    fake.known = {"2 B St": (39.961, -83.001), "3 C St": (39.962, -83.002)}
    done = run(data, *census(fake, "--most", "1"))
    assert "asked: 1, found 1, still to ask 1" in done.output
    assert [precision for precision, _ in points(data)].count("street") == 1
    assert "asked: 1, found 1, still to ask 0" in run(data, *census(fake)).output
    assert [row["street"] for row in fake.asked] == ["2 B St", "3 C St"]


def test_batches_are_kept_one_by_one(data: Path, fake: FakeGeocoders) -> None:
    fake.known = {"2 B St": (39.961, -83.001)}
    assert "asked: 2, found 1" in run(data, *census(fake, "--batch", "1")).output
    assert len(fake.requests) == 2


def test_an_answer_in_another_state_is_remembered_but_not_used(
    data: Path, fake: FakeGeocoders
) -> None:
    fake.known = {"2 B St": (36.1699, -115.1398)}
    assert run(data, *census(fake)).exit_code == 0
    assert points(data)[1] == ("postcode", "gazetteer")
    assert run(data, *census(fake)).exit_code == 0
    assert len(fake.requests) == 1


def test_retired_listings_are_left_alone(data: Path, fake: FakeGeocoders) -> None:
    with opened(data) as db:
        db["listing"].update("alpha:2", {"status": "retired"})
        db["listing"].update("alpha:3", {"status": "missing"})
    assert run(data, *census(fake)).exit_code == 0
    assert [row["street"] for row in fake.asked] == ["3 C St"]
    assert points(data)[1] == (None, None)


def test_a_listing_that_changed_meanwhile_is_left_to_the_next_run(data: Path) -> None:
    with opened(data) as db:
        (listing,) = read_points(db.conn, ["alpha:3"])
        db["listing"].update("alpha:3", {"clean": json.dumps({"city": "Boise", "state": "ID"})})
        listing.clean.latitude = 1.5
        with db.atomic():
            write_points(db.conn, [(listing, listing.clean)])
        assert db["listing"].get("alpha:3")["latitude"] is None


def test_progress_and_report(data: Path, fake: FakeGeocoders, gazetteer: Gazetteer) -> None:
    seen: list[tuple[int, int]] = []
    provider = build_provider(
        Settings(provider="census", domain=fake.domain, scheme="http", batch=1)
    )
    with opened(data) as db:
        report = place_listings(
            db, gazetteer, provider, now=NOW, progress=lambda asked, of: seen.append((asked, of))
        )
        assert (
            db["place_cache"].get(("3 c st, columbus, oh 43215, us", "census"))["fetched_at"]
            == "2026-03-01T12:00:00Z"
        )
    assert seen == [(1, 2), (2, 2)]
    assert (report.listings, report.asked, report.found, report.left) == (6, 2, 0, 0)
    assert report.printed == {"believed": 1, "zero": 1, "absent": 4}
    assert report.precisions == {"source": 1, "postcode": 4, "none": 1}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--provider", "nominatim"], "must be told who asks"),
        (["--provider", "nominatim", "--contact", "a@example.com", "--delay", "0.2"], "too short"),
        (["--provider", "census", "--batch", "0"], "1 to 10,000"),
        (["--provider", "google"], "is not one of"),
        (["--delay", "-1"], "--delay"),
        (["--scheme", "ftp"], "--scheme"),
    ],
)
def test_a_wrong_call_is_explained(tmp_path: Path, words: list[str], message: str) -> None:
    done = run(tmp_path, *words)
    assert done.exit_code == 2
    assert message in done.output
    assert not (tmp_path / "working.db").exists(), "nothing is touched"


def test_a_broken_store_is_explained(tmp_path: Path) -> None:
    (tmp_path / "working.db").write_text("this is no database, whatever its name says")
    done = run(tmp_path)
    assert done.exit_code == 1
    assert "file is not a database" in done.output
    assert isinstance(done.exception, SystemExit)


def test_help_names_the_policy(tmp_path: Path) -> None:
    assert (
        "https://operations.osmfoundation.org/policies/nominatim/" in run(tmp_path, "--help").output
    )


def test_geocode_from_another_command(data: Path) -> None:
    assert geocode(data).precisions["postcode"] == 4
    with pytest.raises(ProviderError):
        geocode(data, Settings(provider="nominatim"))


def test_the_stage_reads_the_cache_of_a_store(data: Path, fake: FakeGeocoders) -> None:
    fake.known = {"2 B St": (39.961, -83.001)}
    run(data, *census(fake))
    cache = PlaceCache.read(data / "working.db")
    assert cache.found("2 b st, columbus, oh 43215, us")[0].precision == "street"
    assert PlaceCache.read(data / "nothing.db").found("2 b st") == []
    empty = data / "empty.db"
    empty.touch()
    assert PlaceCache.read(empty).found("2 b st") == []
