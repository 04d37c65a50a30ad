"""The table of queries made by rule: right place first in 97 of 100, in the first three in 99."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from db.gazetteer_file import copy_into, ensure
from db.place_search import Choices, Found, NothingFound, find_place
from tests.place_queries import FIFTY, make, rank


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as opened:
        copy_into(opened, ensure(Path(tmp_path_factory.mktemp("data"))))
        opened.commit()
        yield opened


@pytest.mark.parametrize("seed", [1, 2])
def test_the_table(connection: sqlite3.Connection, seed: int) -> None:
    table = make(connection, seed)
    kinds = Counter(query.kind for query in table)
    assert len(table) >= 1_000
    assert sum(many for kind, many in kinds.items() if kind.startswith("misspelt")) >= 300
    assert {query.state for query in table if query.kind == "small town"} == set(FIFTY)
    assert min(kinds["Puerto Rico"], kinds["PO box ZIP"], kinds["spoken"], kinds["Spanish"]) >= 25
    wrong = [
        (query.kind, query.text, place)
        for query in table
        if (place := rank(connection, query)) != 1
    ]
    assert len(wrong) <= 0.03 * len(table), wrong
    assert len([one for one in wrong if not one[2]]) <= 0.01 * len(table), wrong


def test_the_table_is_the_same_every_time(connection: sqlite3.Connection) -> None:
    assert make(connection, 5) == make(connection, 5)
    assert make(connection, 5) != make(connection, 6)


# ---- what no rule makes --------------------------------------------------------------------------

FOUND = {
    "toledo oh 43604": "Toledo, OH 43604",
    "43604 toledo": "Toledo, OH 43604",
    "Utqiaġvik, Alaska": "Utqiagvik, AK",
    "Cañon City": "Cañon City, CO",
    "coeur d alene": "Coeur d'Alene, ID",
    "Hyde Park Chicago": "Hyde Park, IL",
    "Astoria Queens": "Astoria, NY",
    "Williamsburg Brooklyn": "Williamsburg, NY",
    "Capitol Hill Seattle": "Seattle, WA",
    "Capitol Hill, Seattle, WA": "Seattle, WA",
    "Back Bay, Boston, MA": "Boston, MA",
    "Dallas Cedar Quarter": "Dallas, TX",
    "SoHo": "Manhattan, NY",
    "Norht Little Rock": "North Little Rock, AR",
    "Lucas Co Ohio": "Lucas County, OH",
    "County of Lucas, Ohio": "Lucas County, OH",
    "condado de Orange, California": "Orange County, CA",
    "en el condado de Lucas": "Lucas County, OH",
    "anne arundel md": "Anne Arundel County, MD",
    "Pt. Arthur TX": "Port Arthur, TX",
    "No. Little Rock": "North Little Rock, AR",
    "NYC Brooklyn": "Brooklyn, NY",
    "Santa Fay NM": "Santa Fe, NM",
    "Toledo OH near the university": "Toledo, OH",
    "Charleston, West Va.": "Charleston, WV",
    "Miami, Florida, EE.UU.": "Miami, FL",
    "Great Fall, MT": "Great Falls, MT",
    "Lyn MA": "Lynn, MA",
    "Massachusets": "Massachusetts",
    "dry needling in Pensylvania": "Pennsylvania",
    "Conneticut": "Connecticut",
    "Carolina del Norte": "North Carolina",
    "Brooklyn, Nueva York": "Brooklyn, NY",
    "El Paso, Tejas": "El Paso, TX",
    "quien hace puncion seca por Laredo": "Laredo, TX",
    "dry needling mobile al": "Mobile, AL",
    "Havre de Grace MD": "Havre de Grace, MD",
    "Gallul, New Mexico": "Gallup, NM",
    "Peru, IN": "Peru, IN",
    "Jamaica": "Jamaica, NY",
}


@pytest.mark.parametrize(("text", "label"), FOUND.items())
def test_found(connection: sqlite3.Connection, text: str, label: str) -> None:
    answer = find_place(connection, text)
    assert isinstance(answer, Found), answer
    assert answer.place.label == label


@pytest.mark.parametrize(
    ("text", "label"), [("Savanna", "Savannah, GA"), ("Ashville", "Asheville, NC")]
)
def test_a_city_taken_for_a_hamlet_of_nearly_its_name_says_so(
    connection: sqlite3.Connection, text: str, label: str
) -> None:
    answer = find_place(connection, text)
    assert isinstance(answer, Found)
    assert (answer.place.label, answer.corrected_from) == (label, text.lower())
    assert text in [place.name for place in answer.others]


def test_a_name_of_another_state_is_offered_after_nearly_it_in_this_one(
    connection: sqlite3.Connection,
) -> None:
    answer = find_place(connection, "Lewisville KY")
    assert isinstance(answer, Choices)
    assert [place.label for place in answer.places[:2]] == ["Louisville, KY", "Lewisville, TX"]


@pytest.mark.parametrize(
    ("text", "country", "first"),
    [
        ("Toledo Spain", "Spain", "Toledo, OH"),
        ("dry needling in Toledo, España", "España", "Toledo, OH"),
        ("London, England", "England", "London, OH"),
        ("Vancouver BC", "BC", "Vancouver, WA"),
    ],
)
def test_another_country_is_no_silent_guess(
    connection: sqlite3.Connection, text: str, country: str, first: str
) -> None:
    answer = find_place(connection, text)
    assert isinstance(answer, Choices), answer
    assert answer.places[0].label == first
    assert f"none in {country}" in answer.reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("cerca de mí", "Type a town"),
        ("punción seca cerca de mi", "Add a town"),
        ("my location", "Type a town"),
        ("APO AE", "military"),
        ("FPO AP 96349", "military"),
        ("Tijuana Mexico", "none in México"),
        ("48.85, 2.35", "not in the United States"),
        ("-83.54, 41.65", "not in the United States"),
        ("0.0,0.0", "not in the United States"),
    ],
)
def test_nothing_found_helps(connection: sqlite3.Connection, text: str, reason: str) -> None:
    answer = find_place(connection, text)
    assert isinstance(answer, NothingFound), answer
    assert reason in answer.reason


@pytest.mark.parametrize(
    "text",
    [
        "41.65,-83.54",
        "41.65, -83.54",
        "41.6528 -83.5379",
        "41.6528° N, 83.5379° W",
        "(41.65,−83.54)",
    ],
)
def test_a_point_is_rounded_and_gets_no_name(connection: sqlite3.Connection, text: str) -> None:
    answer = find_place(connection, text)
    assert isinstance(answer, Found), answer
    place = answer.place
    assert (place.latitude, place.longitude) == (41.65, -83.54)
    assert (place.kind, place.label, place.long_label) == ("point",) + ("your location",) * 2
    assert place.county == ""
    assert answer.others == ()


def test_near_a_border_no_state_is_named(connection: sqlite3.Connection) -> None:
    answer = find_place(connection, "41.73,-83.55")
    assert isinstance(answer, Found)
    assert answer.place.state == ""


@pytest.mark.parametrize(
    ("text", "label"), [("Great Fall", "Great Falls, MT"), ("Cedar Ark", "Cedar Park, TX")]
)
def test_a_word_of_a_phrase_or_a_state_may_be_the_misspelt_name(
    connection: sqlite3.Connection, text: str, label: str
) -> None:
    answer = find_place(connection, text)
    assert isinstance(answer, Choices)
    assert answer.places[0].label == label
    assert answer.corrected_from == text.lower()
