"""The whole way: directories on the web -> a patient's screen, held against what is true."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from contextlib import closing

import httpx
import pytest

from samples.people import make_world
from samples.truth import fold, hidden_listings, public_listings
from samples.world import SOURCES, TrueListing, World
from tests.conftest import Demo


@pytest.fixture(scope="module")
def world() -> World:
    return make_world()


def rows(demo: Demo, sql: str, *values: object) -> list[sqlite3.Row]:
    with closing(sqlite3.connect(demo.directory)) as connection:
        connection.row_factory = sqlite3.Row
        return connection.execute(sql, values).fetchall()


def digits(text: str | None) -> str:
    found = "".join(letter for letter in text or "" if letter.isdigit())
    return found[-10:]


def words(text: str) -> str:
    """Without punctuation: a page may print letters after a name with commas or without."""
    return " ".join(re.findall(r"\w+", fold(text)))


def true_key(listing: TrueListing) -> tuple[str, str]:
    return words(listing.printed), digits(listing.phone)


def found_key(row: sqlite3.Row) -> tuple[str, str]:
    name = row["printed_name"] or ""
    if row["printed_credentials"] and fold(row["printed_credentials"]) not in fold(name):
        name = f"{name}, {row['printed_credentials']}"
    return words(name), digits(row["printed_phone"])


@pytest.mark.parametrize("source", SOURCES)
def test_every_public_listing_is_published_and_none_is_invented(
    demo: Demo, world: World, source: str
) -> None:
    true = Counter(true_key(one) for one in world.public(source))
    found = Counter(
        found_key(row) for row in rows(demo, "select * from listing where source_id = ?", source)
    )
    assert found.total() == true.total()
    assert found - true == Counter(), "invented"
    assert true - found == Counter(), "not found"


def test_nobody_unpublished_is_shown(demo: Demo, world: World) -> None:
    shown = {fold(one.name) for one in public_listings(world)}
    hidden = {fold(one.name) for one in hidden_listings(world)} - shown
    assert hidden
    names = {fold(row["printed_name"]) for row in rows(demo, "select printed_name from listing")}
    names |= {fold(row["name"]) for row in rows(demo, "select name from practitioner")}
    assert not names & hidden


def test_the_published_file_holds_no_email_address(demo: Demo) -> None:
    assert b"@example.com" not in demo.directory.read_bytes()


def test_the_demo_prints_what_each_source_gave(demo: Demo, world: World) -> None:
    for source in SOURCES:
        (line,) = [
            line for line in demo.printed.splitlines() if line.startswith(source) and "all" in line
        ][-1:]
        words = line.replace(",", "").split()
        assert int(words[1]) > 0, "pages asked"
        assert int(words[2]) == len(world.public(source)), "listings found"
        assert int(words[3]) == len(world.public(source)), "new"
        assert "good" in words[8], "verdict"
    assert "practitioners at" in demo.printed
    assert "locations by precision: source" in demo.printed


def test_a_printed_front_door_is_kept_and_an_impossible_one_is_not(
    demo: Demo, world: World
) -> None:
    """Within two miles of where the office really is, or honestly only a ZIP or a town."""
    truth = {(source, *true_key(one)): one for source in SOURCES for one in world.public(source)}
    checked = 0
    for row in rows(
        demo,
        "select listing.*, location.latitude, location.longitude, location.precision"
        " from listing join location on location.id = listing.location_id"
        " where location.precision = 'source'",
    ):
        one = truth[(row["source_id"], *found_key(row))]
        if one.place_latitude is None or one.place_longitude is None:
            continue
        checked += 1
        assert abs(row["latitude"] - one.place_latitude) < 0.7, row["id"]
        assert abs(row["longitude"] - one.place_longitude) < 0.9, row["id"]
    assert checked > 1000


def test_who_makes_home_visits_is_who_some_directory_says_so_of(demo: Demo, world: World) -> None:
    """By a field of its own in one directory, by its list of services in another."""
    said = {"Yes": True, "No": False, "House calls, Sports rehabilitation": True}
    truth = {
        (source, *true_key(one)): said[one.offers]
        for source in SOURCES
        for one in world.public(source)
        if one.offers in said
    }
    places: dict[int, set[bool]] = {}
    found: dict[int, bool | None] = {}
    for row in rows(
        demo,
        "select listing.*, home_visits from listing join location on location.id = location_id",
    ):
        place = row["location_id"]
        found[place] = None if row["home_visits"] is None else bool(row["home_visits"])
        places.setdefault(place, set())
        if (key := (row["source_id"], *found_key(row))) in truth:
            places[place].add(truth[key])
    for place, answers in places.items():
        assert found[place] in answers or (found[place] is None and not answers), place
    assert Counter(found.values())[True] > 100
    assert Counter(found.values())[False] > 50


def test_nearly_everybody_in_the_country_is_placed(demo: Demo) -> None:
    (unplaced,) = rows(
        demo,
        "select count(*) as number from location where latitude is null"
        " and (country is null or country = 'US')"
        " and state is not null and state not in ('AA', 'AE', 'AP')",
    )
    assert unplaced["number"] == 0


@pytest.mark.parametrize(
    ("near", "place", "state"),
    [("Columbus, OH", "Columbus", "OH"), ("43604", "Toledo", "OH"), ("Houston", "Houston", "TX")],
)
def test_the_finder_answers_nearest_first(
    demo_site: str, near: str, place: str, state: str
) -> None:
    answer = httpx.get(f"{demo_site}/find.json", params={"near": near, "miles": 50}, timeout=30)
    found = answer.json()
    assert found["place"]["name"] == place
    assert found["place"]["state"] == state
    miles = [row["miles"] for row in found["results"]]
    assert miles
    assert miles == sorted(miles)
    assert all(row["certifications"] for row in found["results"])


def test_two_listings_of_father_and_son_stay_two_people(demo: Demo, world: World) -> None:
    pairs: dict[str, set[str]] = {}
    for one in public_listings(world):
        if one.person_id and one.hard and "father" in one.hard:
            pairs.setdefault(one.person_id, set()).add(fold(one.name))
    assert len(pairs) >= 2
    for row in rows(
        demo,
        "select practitioner_id, group_concat(printed_name, '|') as names from listing"
        " group by practitioner_id",
    ):
        names = {fold(name) for name in row["names"].split("|")}
        merged = [person for person, printed in pairs.items() if printed & names]
        assert len(merged) <= 1, row["names"]
