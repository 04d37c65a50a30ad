"""What people type into the search box, and what they get."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from db.gazetteer import Gazetteer
from db.gazetteer_file import copy_into, ensure
from db.nearest import miles_between
from db.place_query import cores, read_query
from db.place_search import Choices, Found, NothingFound, find_place, suggest
from db.place_text import STATES


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """A published database as the finder sees it: the gazetteer copied in, rows with names."""
    path = ensure(tmp_path_factory.mktemp("data"))
    with closing(sqlite3.connect(":memory:", check_same_thread=False)) as opened:
        opened.row_factory = sqlite3.Row
        copy_into(opened, path)
        opened.commit()
        yield opened


FOUND = {
    # city and state in all usual writings
    "Toledo, OH": "Toledo, OH",
    "toledo oh": "Toledo, OH",
    "TOLEDO OHIO": "Toledo, OH",
    "Toledo,OH": "Toledo, OH",
    "Toledo , Ohio": "Toledo, OH",
    "  toledo   ,  ohio  ": "Toledo, OH",
    "Toledo, O.H.": "Toledo, OH",
    "Toledo, Ohio, USA": "Toledo, OH",
    "Toledo OH United States": "Toledo, OH",
    "Ohio Toledo": "Toledo, OH",
    "OH, Toledo": "Toledo, OH",
    "Toledo; Ohio.": "Toledo, OH",
    '"Toledo, OH"': "Toledo, OH",
    "(Toledo, OH)": "Toledo, OH",
    "Ｔｏｌｅｄｏ，ＯＨ": "Toledo, OH",
    "Toledo in Ohio": "Toledo, OH",
    "City of Toledo, Ohio": "Toledo, OH",
    "downtown Toledo Ohio": "Toledo, OH",
    "Columbus, OH": "Columbus, OH",
    "Columbus, Georgia": "Columbus, GA",
    "Springfield, OH": "Springfield, OH",
    "Springfield, Clark County, OH": "Springfield, OH",
    "Springfield Ill.": "Springfield, IL",
    "Portland, Maine": "Portland, ME",
    "Portland or": "Portland, OR",
    "Portland me": "Portland, ME",
    "Gary in": "Gary, IN",
    "Charleston West Virginia": "Charleston, WV",
    "Charleston W. Va.": "Charleston, WV",
    "Raleigh N. Carolina": "Raleigh, NC",
    "Midway, Gadsden County, FL": "Midway, FL",
    # abbreviations, hyphens, apostrophes, accents, joined and parted words
    "St Louis MO": "St. Louis, MO",
    "St. Louis, Mo.": "St. Louis, MO",
    "Saint Louis Missouri": "St. Louis, MO",
    "St Paul Minn": "Saint Paul, MN",
    "Ft Worth": "Fort Worth, TX",
    "Ft. Lauderdale": "Fort Lauderdale, FL",
    "Mt Pleasant SC": "Mount Pleasant, SC",
    "Pt Pleasant NJ": "Point Pleasant, NJ",
    "Winston Salem": "Winston-Salem, NC",
    "Winston-Salem": "Winston-Salem, NC",
    "O'Fallon MO": "O'Fallon, MO",
    "OFallon, Missouri": "O'Fallon, MO",
    "o fallon il": "O'Fallon, IL",
    "Coeur d'Alene": "Coeur d'Alene, ID",
    "Coeur dAlene Idaho": "Coeur d'Alene, ID",
    "N. Las Vegas": "North Las Vegas, NV",
    "W Palm Beach": "West Palm Beach, FL",
    "Colorado Spgs": "Colorado Springs, CO",
    "La Crosse WI": "La Crosse, WI",
    "Lacrosse, WI": "La Crosse, WI",
    "Mc Allen TX": "McAllen, TX",
    "Sault Ste Marie MI": "Sault Ste. Marie, MI",
    "Truth or Consequences": "Truth or Consequences, NM",
    "King of Prussia": "King of Prussia, PA",
    "Needles": "Needles, CA",
    "Mayaguez": "Mayagüez, PR",
    "Mayagüez, Puerto Rico": "Mayagüez, PR",
    "San Juan PR": "San Juan, PR",
    "Bayamón PR": "Bayamón, PR",
    # towns nobody else can be meant by
    "Toledo": "Toledo, OH",
    "Chicago": "Chicago, IL",
    "houston": "Houston, TX",
    "Ann Arbor": "Ann Arbor, MI",
    "San Francisco": "San Francisco, CA",
    "New York": "New York City, NY",
    "New York, NY": "New York City, NY",
    "New York City": "New York City, NY",
    "Brooklyn": "Brooklyn, NY",
    "The Bronx": "The Bronx, NY",
    "bronx ny": "The Bronx, NY",
    "Hollywood, CA": "Hollywood, CA",
    "La Jolla": "La Jolla, CA",
    # other names
    "NYC": "New York City, NY",
    "L.A., CA": "Los Angeles, CA",
    "Philly": "Philadelphia, PA",
    "Washington DC": "Washington, DC",
    "Washington, D.C.": "Washington, DC",
    "DC": "Washington, DC",
    "Vegas": "Las Vegas, NV",
    "NOLA": "New Orleans, LA",
    "SLC": "Salt Lake City, UT",
    "OKC": "Oklahoma City, OK",
    "St Pete": "St. Petersburg, FL",
    "Barrow, AK": "Barrow, AK",
    # states and counties
    "Ohio": "Ohio",
    "OH": "Ohio",
    "ohio usa": "Ohio",
    "north carolina": "North Carolina",
    "Washington State": "Washington",
    "state of Washington": "Washington",
    "Puerto Rico": "Puerto Rico",
    "NY": "New York",
    "Lucas County, Ohio": "Lucas County, OH",
    "Orange County CA": "Orange County, CA",
    "Lucas County": "Lucas County, OH",
    "Cook County": "Cook County, IL",
    # postal codes
    "43604": "Toledo, OH 43604",
    " 43604 ": "Toledo, OH 43604",
    "43604-1234": "Toledo, OH 43604",
    "43604 1234": "Toledo, OH 43604",
    "436041234": "Toledo, OH 43604",
    "43604–1234": "Toledo, OH 43604",
    "Toledo 43604": "Toledo, OH 43604",
    "43604 Toledo": "Toledo, OH 43604",
    "Toledo, OH 43604": "Toledo, OH 43604",
    "OH43604": "Toledo, OH 43604",
    "zip code 43604": "Toledo, OH 43604",
    "dry needling near 43604 please": "Toledo, OH 43604",
    "12345 Example Street, Toledo, OH 43604": "Toledo, OH 43604",
    "43697": "Toledo, OH 43697",
    "02134": "Allston, MA 02134",
    "2134": "Allston, MA 02134",
    "00601": "Adjuntas, PR 00601",
    "４３６０４": "Toledo, OH 43604",
    # spoken
    "dry needling near Toledo Ohio": "Toledo, OH",
    "find a physical therapist around columbus oh please": "Columbus, OH",
    "who does dry needling in ann arbor": "Ann Arbor, MI",
    "Hey Siri, find dry needling clinics within 25 miles of Fort Wayne, Indiana": "Fort Wayne, IN",
    "I live in Toledo and need a dry needling therapist": "Toledo, OH",
    "toledo ohio dry needling": "Toledo, OH",
    "what is the closest trigger point dry needling to Oklahoma City, OK?": "Oklahoma City, OK",
    "dry needling in Needles, California": "Needles, CA",
    "is there anyone in the Boise Idaho area": "Boise, ID",
    "looking for a pt near St. Paul, Minnesota, thanks": "Saint Paul, MN",
    "best dry needling new england north dakota": "New England, ND",
    "dry needling therapist in the District of Columbia": "Washington, DC",
    "123 Main Street, Toledo, OH": "Toledo, OH",
    "Example Physical Therapy, 123 Main St, Suite 4, Toledo, Ohio": "Toledo, OH",
}


@pytest.mark.parametrize(("text", "label"), FOUND.items())
def test_found(connection: sqlite3.Connection, text: str, label: str) -> None:
    answer = find_place(connection, text)
    assert isinstance(answer, Found), answer
    assert answer.place.label == label
    assert text == "2134" or answer.corrected_from is None


MISSPELT = {
    "Tolido": "Toledo, OH",
    "Toldeo Ohio": "Toledo, OH",
    "Tolleedo, OH": "Toledo, OH",
    "Barooklyn": "Brooklyn, NY",
    "Cincinatti Ohoi": "Cincinnati, OH",
    "Cincinnatti": "Cincinnati, OH",
    "Cleaveland Ohio": "Cleveland, OH",
    "Colombus Ohio": "Columbus, OH",
    "Columbis, Oiho": "Columbus, OH",
    "Albequerque": "Albuquerque, NM",
    "Albaquerque New Mexco": "Albuquerque, NM",
    "Phillidelphia": "Philadelphia, PA",
    "Filadelfia": "Philadelphia, PA",
    "Pittsburg PA": "Pittsburgh, PA",
    "Pheonix": "Phoenix, AZ",
    "Tuscon": "Tucson, AZ",
    "Minnapolis": "Minneapolis, MN",
    "Milwakee Wisconson": "Milwaukee, WI",
    "Indianopolis": "Indianapolis, IN",
    "Louieville Kentucky": "Louisville, KY",
    "Chatanooga": "Chattanooga, TN",
    "Memfis": "Memphis, TN",
    "Nashvile Tennesee": "Nashville, TN",
    "Jacksonvile FL": "Jacksonville, FL",
    "Tallahasee": "Tallahassee, FL",
    "Sacremento": "Sacramento, CA",
    "San Fransisco": "San Francisco, CA",
    "Los Angelas": "Los Angeles, CA",
    "Las Vagas": "Las Vegas, NV",
    "Seatle": "Seattle, WA",
    "Spokan WA": "Spokane, WA",
    "Chigago": "Chicago, IL",
    "Ann Arbour": "Ann Arbor, MI",
    "Kalamzoo": "Kalamazoo, MI",
    "Detriot": "Detroit, MI",
    "Oklahomaa City": "Oklahoma City, OK",
    "New Yrok City": "New York City, NY",
    "New York Cith": "New York City, NY",
    "Saint Lewis MO": "St. Louis, MO",
    "Honalulu": "Honolulu, HI",
    "Anchorige Alaska": "Anchorage, AK",
    "Mayaguz, Puerto Rico": "Mayagüez, PR",
    "dry nedling neer Tolido Ohio": "Toledo, OH",
    "find dry needling in Cincinatti please": "Cincinnati, OH",
}


@pytest.mark.parametrize(("text", "label"), MISSPELT.items())
def test_misspelt(connection: sqlite3.Connection, text: str, label: str) -> None:
    answer = find_place(connection, text)
    assert isinstance(answer, Found), answer
    assert answer.place.label == label
    assert answer.corrected_from
    assert f"Showing {label} for '{answer.corrected_from}'" in answer.note


def test_misspelt_one_letter_everywhere(connection: sqlite3.Connection) -> None:
    """A letter lost, doubled or two swapped, at every place of these names, with the state."""
    names = ["Toledo, OH", "Cincinnati, OH", "Ann Arbor, MI", "Winston-Salem, NC", "Boise, ID"]
    wrong, asked = [], 0
    for label in names:
        name, state = label.split(", ")
        variants = {name[:i] + name[i + 1 :] for i in range(1, len(name))}
        variants |= {name[:i] + name[i] + name[i:] for i in range(len(name))}
        variants |= {
            name[:i] + name[i + 1] + name[i] + name[i + 2 :] for i in range(1, len(name) - 1)
        }
        for variant in sorted(variants):
            asked += 1
            answer = find_place(connection, f"{variant}, {state}")
            if not isinstance(answer, Found) or answer.place.label != label:
                wrong.append((variant, answer))
    assert asked > 100
    assert len(wrong) <= asked // 50, wrong


CHOICES = {
    "Springfield": ("Springfield, MO", "Springfield, MA", "Springfield, IL", "Springfield, OH"),
    "springfeild": ("Springfield, MO", "Springfield, MA"),
    "dry needling near springfield": ("Springfield, MO", "Springfield, MA"),
    "Portland": ("Portland, OR", "Portland, ME"),
    "Columbus": ("Columbus, OH", "Columbus, GA"),
    "Kansas City": ("Kansas City, MO", "Kansas City, KS"),
    "O'Fallon": ("O'Fallon, MO", "O'Fallon, IL"),
    "Hollywood": ("Hollywood, CA", "Hollywood, FL"),
    "Washington": ("Washington", "Washington, DC"),
    "LA": ("Los Angeles, CA", "Louisiana"),
    "Pittsburg": ("Pittsburg, CA", "Pittsburgh, PA"),
    "Midway, FL": ("Midway, FL", "Midway, FL"),
    "Montgomery County": ("Montgomery County, MD", "Montgomery County, PA"),
    "Toledo, MI": ("Toledo, OH", "Toledo, OR"),
    "43604 Texas": ("Toledo, OH 43604", "Texas"),
    "12345 Springfield OH": ("Schenectady, NY 12345", "Springfield, OH"),
}


@pytest.mark.parametrize(("text", "labels"), CHOICES.items())
def test_choices(connection: sqlite3.Connection, text: str, labels: tuple[str, ...]) -> None:
    answer = find_place(connection, text)
    assert isinstance(answer, Choices), answer
    found = [place.label for place in answer.places]
    assert set(labels) <= set(found[:8])
    assert answer.reason


def test_springfield_is_asked_in_ten_states_with_counties(connection: sqlite3.Connection) -> None:
    answer = find_place(connection, "Springfield")
    assert isinstance(answer, Choices)
    assert len({place.state for place in answer.places}) >= 10
    assert all(place.county for place in answer.places)
    sizes = [place.population or 0 for place in answer.places]
    assert sizes == sorted(sizes, reverse=True)


def test_every_choice_can_be_bookmarked(connection: sqlite3.Connection) -> None:
    """The long label of each choice finds that choice."""
    for text in ("Springfield", "Portland", "Midway", "Washington", "Kansas City", "Salem"):
        answer = find_place(connection, text)
        assert isinstance(answer, Choices)
        for place in answer.places:
            again = find_place(connection, place.long_label)
            assert isinstance(again, Found), (place.long_label, again)
            assert miles_between(
                place.latitude, place.longitude, again.place.latitude, again.place.longitude
            ) < 25, place.long_label  # fmt: skip


def test_what_else_could_be_meant_comes_along(connection: sqlite3.Connection) -> None:
    toledo, new_york = find_place(connection, "Toledo"), find_place(connection, "New York")
    assert isinstance(toledo, Found)
    assert "Toledo, OR" in [place.label for place in toledo.others]
    assert isinstance(new_york, Found)
    assert new_york.others[0].label == "New York"


NOTHING = {
    "": "Type a town or a ZIP code",
    "   ": "Type a town or a ZIP code",
    "?!...,,,": "Type a town or a ZIP code",
    "🎉🎉": "Type a town or a ZIP code",
    "\x00": "Type a town or a ZIP code",
    "near me": "Add a town or a ZIP code",
    "dry needling please": "Add a town or a ZIP code",
    "09012": "military address",
    "APO AE 09012": "military address",
    "436": "five digits",
    "4360412": "five digits",
    "00000": "no ZIP code 00000",
    "M5V 2T6": "Canadian",
    "xyzzyqq": "No such place",
    "qwxz, OH": "No such place",
}


@pytest.mark.parametrize(("text", "reason"), NOTHING.items())
def test_nothing_found_helps(connection: sqlite3.Connection, text: str, reason: str) -> None:
    answer = find_place(connection, text)
    assert isinstance(answer, NothingFound), answer
    assert reason in answer.reason


def test_unknown_zip_offers_its_neighbours(connection: sqlite3.Connection) -> None:
    answer = find_place(connection, "99999")
    assert isinstance(answer, Choices)
    assert all(place.postcode and place.postcode.startswith("999") for place in answer.places)
    assert "99999" in answer.reason
    with_town = find_place(connection, "Wrangell AK 99999")
    assert isinstance(with_town, Found)
    assert with_town.place.label == "Wrangell, AK"
    assert "99999 is not known" in with_town.note


def test_corrections_are_said(connection: sqlite3.Connection) -> None:
    answer = find_place(connection, "Tolido")
    assert isinstance(answer, Found)
    assert answer.corrected_from == "tolido"
    assert answer.note == "Showing Toledo, OH for 'tolido'."


def test_every_small_town_is_found_with_its_state(connection: sqlite3.Connection) -> None:
    """Every tenth town of under 1,000 people: first, or among the choices if it has namesakes."""
    rows = connection.execute(
        "select name, state, latitude, longitude from place where kind in ('city', 'post_office')"
        " and coalesce(population, 0) < 1000 and id % 10 = 0"
    ).fetchall()
    assert {row["state"] for row in rows} >= set(STATES) - {"AS", "MP", "GU", "VI", "DC", "HI"}
    first = missing = 0
    for row in rows:
        answer = find_place(connection, f"{row['name']}, {row['state']}")
        places = (
            [answer.place, *answer.others] if isinstance(answer, Found)
            else answer.places if isinstance(answer, Choices) else []
        )  # fmt: skip
        near = [
            miles_between(row["latitude"], row["longitude"], place.latitude, place.longitude) < 13
            for place in places[:3]
        ]
        first += bool(near and near[0])
        missing += not any(near)
    assert first >= 0.98 * len(rows)
    assert missing <= 0.002 * len(rows)


def test_every_postal_code_is_found(connection: sqlite3.Connection) -> None:
    codes = [row[0] for row in connection.execute("select code from postal").fetchall()][::37]
    for code in codes:
        answer = find_place(connection, code)
        assert isinstance(answer, Found)
        assert answer.place.postcode == code


def test_every_state_is_found_by_name_and_code(connection: sqlite3.Connection) -> None:
    for code, name in STATES.items():
        for text in (code, name, name.upper(), f"in {name}"):
            answer = find_place(connection, text)
            places = (
                [answer.place, *answer.others] if isinstance(answer, Found) else answer.places[:3]
            )
            expected = "Washington, DC" if code == "DC" else name
            assert expected in [place.label for place in places], (text, answer)


# ---- anything at all ----------------------------------------------------------------------------

pieces = st.sampled_from(
    ["toledo", "OH", "near", "43604", "436", ",", "'", '"', "*", "AND", "NOT", "NEAR(", ")", "--",
     ";", "drop table place", "\x00", "🎉", "é", "ß", "İ", "²", "٤٣٦٠٤", "\ud800", "city", "county",
     "saint", "of", "the", "x" * 50, " "]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(st.text(), st.lists(pieces, max_size=30).map(" ".join), st.lists(pieces).map("".join))
)
@example("x" * 10_000)
@example("toledo " * 2_000)
@example("1" * 10_000)
@example("near " * 2_000)
@example("' OR 1=1; --")
@example('"toledo" NEAR/3 "ohio" *')
@example("\ud800 Toledo")
@example("²³⁴⁵⁶")
@example("sıx four three two one")
@example("the")
@example("county")
@example("the county of the")
def test_no_text_raises(connection: sqlite3.Connection, text: str) -> None:
    answer = find_place(connection, text)
    if isinstance(answer, Found):
        assert -90 <= answer.place.latitude <= 90
    elif isinstance(answer, Choices):
        assert len(answer.places) >= 2 or answer.reason
    assert len(suggest(connection, text)) <= 8


@given(st.text(max_size=300), st.booleans())
def test_cores_stay_few(text: str, loosely: bool) -> None:
    query = read_query(text)
    assert len(query.words) <= 40
    assert len(list(cores(query.words, loosely=loosely))) <= 200


# ---- type-ahead ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("to", "Toledo, OH"),
        ("tol", "Toledo, OH"),
        ("TOLE", "Toledo, OH"),
        ("toledo, o", "Toledo, OH"),
        ("springfield, oh", "Springfield, OH"),
        ("springfield o", "Springfield, OR"),
        ("st lou", "St. Louis, MO"),
        ("saint lou", "St. Louis, MO"),
        ("st. louis", "St. Louis, MO"),
        ("ft wo", "Fort Worth, TX"),
        ("mc al", "McAllen, TX"),
        ("o'fal", "O'Fallon, MO"),
        ("o fal", "O'Fallon, MO"),
        ("new y", "New York City, NY"),
        ("los an", "Los Angeles, CA"),
        ("vegas", "Las Vegas, NV"),
        ("nyc", "New York City, NY"),
        ("mayagu", "Mayagüez, PR"),
        ("ohio", "Ohio"),
        ("cal", "California"),
        ("okl", "Oklahoma City, OK"),
        ("oh", "Ohio"),
        ("43604", "Toledo, OH 43604"),
        ("436", "Toledo, OH 43601"),
    ],
)
def test_suggest(connection: sqlite3.Connection, text: str, first: str) -> None:
    assert suggest(connection, text)[0].label == first


@pytest.mark.parametrize("text", ["", "t", "?", "xqzw", "🎉", '"', "*", "toledo xyz"])
def test_suggest_nothing(connection: sqlite3.Connection, text: str) -> None:
    assert suggest(connection, text) == []


def test_suggest_keeps_to_its_limit(connection: sqlite3.Connection) -> None:
    assert len(suggest(connection, "sp", limit=3)) == 3
    assert suggest(connection, "sp", limit=0) == []


def test_search_needs_nothing_but_the_published_tables(connection: sqlite3.Connection) -> None:
    with Gazetteer(connection) as gazetteer:
        assert gazetteer.city("Toledo", "OH")
    assert isinstance(find_place(connection, "Toledo"), Found), "still open"


@pytest.mark.parametrize("typed", ["Monowi, NE", "qqqqq nebraska"])
def test_beside_a_town_nobody_knows_the_state_is_offered(
    connection: sqlite3.Connection, typed: str
) -> None:
    answer = find_place(connection, typed)
    assert isinstance(answer, NothingFound)
    assert answer.suggestions[0].label == "Nebraska"


def test_a_town_known_elsewhere_is_asked_for_with_its_state_last(
    connection: sqlite3.Connection,
) -> None:
    answer = find_place(connection, "Baker, MO")
    assert isinstance(answer, Choices)
    assert (answer.places[0].name, answer.places[-1].label) == ("Baker", "Missouri")
