"""Coordinates as printed: read, and believed only where they agree with the printed address."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy.statscollectors import StatsCollector
from scrapy.utils.test import get_crawler

from db.gazetteer import Gazetteer
from db.nearest import miles_between
from db.place_cache import CachedAnswer
from geocoding.address import Address
from geocoding.cache import PlaceCache
from geocoding.placing import ABOUT_RIGHT, AT_A_BOX, Point, place_point
from geocoding.points import NEAR_MILES, Verdict, check_point, read_point
from pipelines.locate import LocatePipeline
from pipelines.place import PlacePipeline
from records.listing import PRECISIONS, Clean, Listing
from tests.geocoding_fixtures import shared_gazetteer  # noqa: F401 - a fixture

HALL = (39.9626, -83.0032)
COLUMBUS = Address("90 W Sample St", "Columbus", "OH", "43215", "US")


# ---- reading ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("latitude", "longitude", "point"),
    [
        ("39.9626", "-83.0032", HALL),
        (" 39.9626 ", "\t-83.0032\n", HALL),
        ("+39.9626", "−83.0032", HALL),
        ("39,9626", "-83,0032", HALL),
        ("39.9626°", "-83.0032°", HALL),
        ("39.9626 N", "83.0032 W", HALL),
        ("N39.9626", "w 83.0032", HALL),
        ("39°57'45.36\"N", "83°0'11.52\" W", HALL),
        ("39° 57′ 45.36″ N", "83° 0′ 11.52″ W", HALL),
        ("39 57.756", "-83 0.192", HALL),
        ("39.9626, -83.0032", None, HALL),
        ("", "39.9626,-83.0032", HALL),
        ("39.9626, -83.0032", "39.9626, -83.0032", HALL),
        ("(39.9626, -83.0032)", None, HALL),
        ("39.9626;-83.0032", None, HALL),
        ("39.9626 / -83.0032", None, HALL),
        ("39.9626 -83.0032", None, HALL),
        ("39,9626 -83,0032", None, HALL),
        ("39.9626N 83.0032W", None, HALL),
        ("39°57'45.36\"N, 83°0'11.52\"W", None, HALL),
        ("0", "0", (0.0, 0.0)),
        ("39.", "-.5", (39.0, -0.5)),
        ("-83.0032", "139.9626", (-83.0032, 139.9626)),
    ],
)
def test_spellings_of_a_point(
    latitude: str | None, longitude: str | None, point: tuple[float, float]
) -> None:
    assert read_point(latitude, longitude) == pytest.approx(point, abs=1e-9)


@pytest.mark.parametrize(
    ("latitude", "longitude", "outcome"),
    [
        (None, None, "absent"),
        ("", "  ", "absent"),
        ("39.9626", None, "half"),
        ("", "-83", "half"),
        ("n/a", None, "half"),
        ("here", "-83.0032", "not_a_number"),
        ("39.9626", "there", "not_a_number"),
        ("nan", "inf", "not_a_number"),
        ("1e2", "1e2", "not_a_number"),
        ("39.9.6", "-83.0", "not_a_number"),
        ("4000", "-83.0", "not_a_number"),
        ("39°75'N", "83°0'W", "not_a_number"),
        ("N 39.9 N", "83 W", "not_a_number"),
        ("--39", "-83", "not_a_number"),
        ("39.5 30", "-83 0", "not_a_number"),
        ("39.9°", "83.0° O", "not_a_number"),  # west in French, east in German
        ("٣٩", "-83", "not_a_number"),
    ],
)
def test_what_is_no_point(latitude: str | None, longitude: str | None, outcome: str) -> None:
    verdict = read_point(latitude, longitude)
    assert isinstance(verdict, Verdict)
    assert (verdict.believed, verdict.outcome) == (False, outcome)
    assert bool(verdict.note) == (outcome != "absent")


@given(st.none() | st.text(max_size=40), st.none() | st.text(max_size=40))
def test_no_text_breaks_the_reader(latitude: str | None, longitude: str | None) -> None:
    read = read_point(latitude, longitude)
    assert isinstance(read, Verdict) or all(math.isfinite(part) for part in read)


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_what_is_printed_is_read(latitude: float, longitude: float) -> None:
    north, east = f"{latitude:.6f}", f"{longitude:.6f}"
    assert read_point(north, east) == (float(north), float(east))
    assert read_point(f"{north}, {east}", None) == (float(north), float(east))
    assert read_point(north.replace(".", ","), east.replace(".", ",")) == (
        float(north),
        float(east),
    )


# ---- believing ----------------------------------------------------------------------------------


def at(**parts: str | None) -> Address:
    return Address(**({"country": "US"} | parts))


@pytest.mark.parametrize(
    ("point", "address", "outcome"),
    [
        (HALL, COLUMBUS, "believed"),
        (HALL, at(state="OH"), "believed"),
        (HALL, at(city="Columbus", state="OH"), "believed"),
        (HALL, at(postcode="43215"), "believed"),
        (HALL, at(), "believed"),
        (HALL, Address(), "believed"),
        # a wrong ZIP code does not take away a right town, nor the other way round
        (HALL, at(city="Columbus", state="OH", postcode="44101"), "believed"),
        (HALL, at(city="Nowhereville", state="OH", postcode="43215"), "believed"),
        # numbers that are no point
        ((0, 0), COLUMBUS, "zero"),
        ((0.3, -0.9), COLUMBUS, "zero"),
        ((0, -83.0032), COLUMBUS, "zero"),
        ((39.9626, 0), COLUMBUS, "zero"),
        ((95.5, -83.0032), COLUMBUS, "out_of_range"),
        ((39.9626, -183.0032), COLUMBUS, "out_of_range"),
        ((math.nan, -83.0), COLUMBUS, "not_a_number"),
        ((39.9626, math.inf), COLUMBUS, "not_a_number"),
        ((40.0, -83.0), COLUMBUS, "rounded"),
        ((37.09024, -95.712891), at(state="KS"), "map_start"),
        ((39.8283, -98.5795), at(city="Lebanon", state="KS"), "map_start"),
        # exchanged, or a sign lost
        ((-83.0032, 39.9626), COLUMBUS, "exchanged"),
        ((-119.7951, 39.5311), at(city="Reno", state="NV", postcode="89501"), "exchanged"),
        ((39.9626, 83.0032), COLUMBUS, "sign_lost"),
        ((-83.0032, 39.9626), at(state="OH"), "other_state"),
        # another place
        ((36.1699, -115.1398), COLUMBUS, "other_state"),
        ((36.1699, -115.1398), at(state="OH"), "other_state"),
        ((31.55, -70.25), at(state="OH"), "other_state"),
        ((41.4993, -81.6944), COLUMBUS, "far_away"),
        ((41.4993, -81.6944), at(state="OH"), "believed"),
        ((39.8017, -89.6437), at(city="Springfield", state="MO"), "other_state"),
        ((51.5186, -0.1437), at(), "other_country"),
        ((51.5186, -0.1437), COLUMBUS, "other_state"),
        # borders: across the street is another state
        ((39.1142, -94.6275), at(city="Kansas City", state="KS"), "believed"),
        ((39.1142, -94.6275), at(city="Kansas City", state="MO"), "believed"),
        ((40.7364, -114.0709), at(city="West Wendover", state="NV", postcode="89883"), "believed"),
        ((38.9072, -77.0369), at(city="Arlington", state="VA"), "believed"),
        # far ends of the country
        ((61.2181, -149.9003), at(city="Anchorage", state="AK", postcode="99501"), "believed"),
        ((21.3069, -157.8583), at(city="Honolulu", state="HI"), "believed"),
        ((18.4663, -66.1057), at(city="San Juan", state="PR", postcode="00901"), "believed"),
        ((13.4443, 144.7937), at(state="GU"), "believed"),
        ((13.4443, -144.7937), at(state="GU", postcode="96910"), "sign_lost"),
        # a military address is wherever the base is
        ((49.4369, 7.6003), at(city="APO", state="AE", postcode="09012"), "believed"),
        # outside the US
        ((43.6426, -79.3871), at(city="Toronto", state="ON", country="CA"), "believed"),
        ((42.3172, -83.0353), at(city="Windsor", state="ON", country="CA"), "believed"),
        ((-79.3871, 43.6426), at(city="Toronto", state="ON", country="CA"), "other_country"),
        ((51.5186, -0.1437), at(city="London", country="GB"), "believed"),
        (HALL, at(city="London", country="GB"), "other_country"),
        ((32.5149, -117.0382), at(city="Tijuana", country="MX"), "believed"),
    ],
)  # fmt: skip
def test_verdicts(
    gazetteer: Gazetteer, point: tuple[float, float], address: Address, outcome: str
) -> None:
    verdict = check_point(*point, address, gazetteer)
    assert verdict.outcome == outcome
    assert verdict.believed == (outcome == "believed")
    assert (verdict.latitude, verdict.longitude) == (point if verdict.believed else (None, None))
    assert (verdict.note is None) == verdict.believed


def test_notes_are_for_people(gazetteer: Gazetteer) -> None:
    def note(north: float, east: float) -> str | None:
        return check_point(north, east, COLUMBUS, gazetteer).note

    assert note(36.1699, -115.1398) == "the printed point lies in NV, the address in OH"
    assert note(31.55, -70.25) == "the printed point lies in no state, the address in OH"
    assert note(41.4993, -81.6944) == "the printed point lies 126 miles from ZIP 43215"
    assert note(-83.0032, 39.9626) == "the printed latitude and longitude look exchanged"


@pytest.fixture(scope="module")
def codes(gazetteer: Gazetteer) -> dict[str, list[tuple[float, float]]]:
    """The points of every state's ZIP codes, read past the code under test."""
    points: dict[str, list[tuple[float, float]]] = {}
    rows = gazetteer.connection.execute("select state, latitude, longitude from postal")
    for state, latitude, longitude in rows:
        if gazetteer.state(state):  # not the Marshall Islands
            points.setdefault(state, []).append((latitude, longitude))
    return points


PICK = st.integers(0, 10**6)


@settings(max_examples=60, deadline=None)
@given(st.tuples(PICK, PICK, PICK), st.tuples(st.floats(-1.5, 1.5), st.floats(-1.5, 1.5)))
def test_no_point_outside_the_state_is_believed(
    gazetteer: Gazetteer,
    codes: dict[str, list[tuple[float, float]]],
    picks: tuple[int, int, int],
    shift: tuple[float, float],
) -> None:
    (one, two, three), names = picks, sorted(codes)
    state, somewhere = names[one % len(names)], codes[names[two % len(names)]]
    middle = somewhere[three % len(somewhere)]
    latitude, longitude = middle[0] + shift[0], middle[1] + shift[1]
    verdict = check_point(latitude, longitude, at(state=state), gazetteer)

    def nearest(points: list[tuple[float, float]]) -> float:
        return min(miles_between(latitude, longitude, *point) for point in points)

    known = gazetteer.state(state)
    assert known is not None
    if verdict.believed:
        assert known.may_contain(latitude, longitude)
        anywhere = min(nearest(points) for points in codes.values())
        assert nearest(codes[state]) <= 2 * anywhere + 6.5
    elif -180 <= longitude <= 180 and verdict.outcome != "rounded":
        # and none is refused that plainly lies inside: a ZIP point of the state is nearest by far
        others = min(nearest(points) for other, points in codes.items() if other != state)
        assert not (nearest(codes[state]) < 5 and others > 30 and known.may_contain(*middle)), (
            verdict
        )


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["43215", "99501", "00901", "96815", "10001", "59711"]), PICK)
def test_no_point_far_from_its_zip_code_is_believed(
    gazetteer: Gazetteer, codes: dict[str, list[tuple[float, float]]], code: str, pick: int
) -> None:
    place = gazetteer.postal(code)
    assert place is not None
    latitude, longitude = codes[place.state][pick % len(codes[place.state])]
    verdict = check_point(latitude, longitude, at(state=place.state, postcode=code), gazetteer)
    miles = miles_between(latitude, longitude, place.latitude, place.longitude)
    if verdict.outcome != "rounded":
        assert verdict.believed == (miles <= NEAR_MILES)


# ---- placing ------------------------------------------------------------------------------------


def found(provider: str, precision: str, point: tuple[float, float]) -> CachedAnswer:
    return CachedAnswer(
        COLUMBUS.key or "", provider, "found", precision, *point, "there", "2026-03-01T12:00:00Z"
    )


def placed(
    gazetteer: Gazetteer,
    address: Address,
    *answers: CachedAnswer,
    latitude: str | None = None,
    longitude: str | None = None,
) -> Point:
    cache = PlaceCache(answers)
    return place_point(latitude, longitude, address, gazetteer, cache.found(address.key))[0]


def test_the_sources_own_point_comes_first(gazetteer: Gazetteer) -> None:
    point = placed(
        gazetteer,
        COLUMBUS,
        found("census", "street", (39.97, -83.01)),
        latitude="39.9626",
        longitude="-83.0032",
    )
    assert point == Point(*HALL, "source", "source", None)


def test_a_point_the_source_calls_about_right_is_no_front_door(gazetteer: Gazetteer) -> None:
    point, _ = place_point("39.9626", "-83.0032", COLUMBUS, gazetteer, approximate=True)
    assert point.precision == "postcode"
    assert point.point_note == ABOUT_RIGHT
    nowhere = Address(country="CA")
    point, _ = place_point("49.28", "-123.12", nowhere, gazetteer, approximate=True)
    assert (point.precision, point.point_from) == ("city", "source")


@pytest.mark.parametrize("street", ["PO Box 215", "P.O. Box 215", "Box 7"])
def test_a_post_office_box_is_no_front_door(gazetteer: Gazetteer, street: str) -> None:
    boxed = replace(COLUMBUS, street=street)
    point, outcome = place_point("39.9626", "-83.0032", boxed, gazetteer)
    assert (point.precision, point.point_from, outcome) == ("postcode", "gazetteer", "believed")
    assert point.point_note == AT_A_BOX
    point, _ = place_point(None, None, boxed, gazetteer)
    assert (point.precision, point.point_note) == ("postcode", None)


def test_then_the_finest_answer_in_the_cache(gazetteer: Gazetteer) -> None:
    street = found("census", "street", (39.97, -83.01))
    roof = found("nominatim", "rooftop", (39.971, -83.011))
    assert placed(gazetteer, COLUMBUS, street).point_from == "census"
    assert placed(gazetteer, COLUMBUS, street, roof) == Point(
        39.971, -83.011, "rooftop", "nominatim"
    )
    note = placed(gazetteer, COLUMBUS, roof, latitude="0", longitude="0").point_note
    assert note == "the printed coordinates are 0, 0: an empty field"


def test_an_answer_that_contradicts_the_address_is_not_taken(gazetteer: Gazetteer) -> None:
    las_vegas = found("nominatim", "rooftop", (36.1699, -115.1398))
    assert placed(gazetteer, COLUMBUS, las_vegas).point_from == "gazetteer"


def test_an_answer_no_finer_than_the_gazetteer_is_not_taken(gazetteer: Gazetteer) -> None:
    for precision in ("postcode", "city"):
        answer = found("nominatim", precision, HALL)
        assert placed(gazetteer, COLUMBUS, answer).point_from == "gazetteer"
    toronto = Address("1 King St", "Toronto", "ON", "M5V 2T6", "CA")
    answer = found("nominatim", "city", (43.6532, -79.3832))._replace(query=toronto.key or "")
    assert placed(gazetteer, toronto, answer).precision == "city"


@pytest.mark.parametrize(
    ("address", "precision", "note"),
    [
        (COLUMBUS, "postcode", None),
        (at(city="Columbus", state="OH"), "city", None),
        (at(postcode="43215"), "postcode", None),
        (at(city="Columbus", state="OH", postcode="99999"), "city", None),
        (at(city="Columbus"), None, None),
        (at(state="OH"), None, None),
        (at(city="Nowhereville", state="OH"), None, None),
        (at(city="Midway", state="FL"), None, None),
        (
            at(city="Columbus", state="OH", postcode="98101"),
            "city",
            "ZIP 98101 is in WA, the address says OH",
        ),
        (
            at(city="Seattle", state="OR", postcode="98101"),
            "postcode",
            "ZIP 98101 is in WA, the address says OR",
        ),
        (
            at(city="Nowhereville", state="OR", postcode="98101"),
            None,
            "ZIP 98101 is in WA, the address says OR",
        ),
        (at(city="APO", state="AE", postcode="09012"), None, None),
        (at(city="London", country="GB", postcode="W1A 1AA"), None, None),
        (Address(), None, None),
    ],
)
def test_then_the_gazetteer(
    gazetteer: Gazetteer, address: Address, precision: str | None, note: str | None
) -> None:
    point = placed(gazetteer, address)
    assert (point.precision, point.point_note) == (precision, note)
    assert point.point_from == ("gazetteer" if precision else None)
    assert (point.latitude is None) == (precision is None) == (point.longitude is None)


def test_the_stage_fills_clean_and_counts(gazetteer: Gazetteer) -> None:
    crawler = get_crawler()
    stats = StatsCollector(crawler)
    cache = PlaceCache([found("census", "street", (39.97, -83.01))])
    stages = (PlacePipeline(stats, gazetteer), LocatePipeline(stats, gazetteer, cache))

    def run(**printed: str) -> Clean:
        listing = Listing(
            source_id="alpha", native_id="1", seen_url="https://example.com", **printed
        )
        for stage in stages:
            stage.process_item(listing)
        return listing.clean

    clean = run(street="90 W Sample St", city="Columbus", state="Ohio", postcode="43215")
    assert (clean.state, clean.precision, clean.point_from) == ("OH", "street", "census")
    clean = run(city="Columbus, OH 43215", latitude="-83.0032", longitude="39.9626")
    assert (clean.precision, clean.point_from) == ("postcode", "gazetteer")
    assert clean.point_note == "the printed latitude and longitude look exchanged"
    assert stats.get_value("locate/printed/exchanged") == 1
    assert stats.get_value("locate/precision/postcode") == 1
    assert stats.get_value("place/state/filled") == 2


def test_a_recorded_directory_is_placed(
    gazetteer: Gazetteer, recordings: Callable[[str], Path]
) -> None:
    """408 listings that real software sent: three impossible points, told and placed."""
    rows = json.loads((recordings("wpsl2") / "033-autoload-dallas.json").read_text("utf-8"))
    stats = StatsCollector(get_crawler())
    place, locate = PlacePipeline(stats, gazetteer), LocatePipeline(stats, gazetteer)
    listings = [
        Listing(
            source_id="alpha",
            native_id=row["id"],
            seen_url="https://directory.example",
            street=row["address"],
            street2=row["address2"],
            city=row["city"],
            state=row["state"],
            postcode=row["zip"],
            country=row["country"],
            latitude=str(row["lat"]),
            longitude=str(row["lng"]),
        )
        for row in rows
    ]
    for listing in listings:
        locate.process_item(place.process_item(listing))
    moved = {
        (one.clean.city, one.clean.point_note): one.clean.precision
        for one in listings
        if one.clean.precision != "source"
    }
    assert moved == {
        ("Reno", "the printed coordinates are 0, 0: an empty field"): "postcode",
        ("Reno", "the printed latitude and longitude look exchanged"): "postcode",
        ("Reno", "the printed longitude seems to lack its minus sign"): "postcode",
        ("Albuquerque", AT_A_BOX): "postcode",
    }
    assert len(listings) == 408
    assert all(one.clean.country and one.clean.precision in PRECISIONS for one in listings)
    assert {one.clean.postcode for one in listings if one.postcode == "2111"} == {"02111"}
