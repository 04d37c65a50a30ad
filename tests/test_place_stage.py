"""Addresses as directories print them, and what is understood."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scrapy.statscollectors import StatsCollector
from scrapy.utils.test import get_crawler

from db.gazetteer import Gazetteer
from db.place_text import STATES
from pipelines.countries import country_code, province_code, region_elsewhere
from pipelines.place import PlacePipeline, Printed, read_place
from records.listing import Listing
from tests.geocoding_fixtures import shared_gazetteer  # noqa: F401 - a fixture

Five = tuple[str | None, str | None, str | None, str | None, str | None]


def understood(gazetteer: Gazetteer, printed: Printed, *countries: str) -> Five:
    place = read_place(printed, gazetteer, countries or ("US",))
    return place.street, place.city, place.state, place.postcode, place.country


ONE_TEXT: list[tuple[str, Five]] = [
    (
        "123 Main St, Suite B, Columbus, OH 43215-1234",
        ("123 Main St, Suite B", "Columbus", "OH", "43215", "US"),
    ),
    (
        "100 N High St Suite 200 Columbus Ohio 43215",
        ("100 N High St Suite 200", "Columbus", "OH", "43215", "US"),
    ),
    (
        "100 Main St Columbus, Suite 200, OH 43215",
        ("100 Main St, Suite 200", "Columbus", "OH", "43215", "US"),
    ),
    (
        "4040 Sample Rd, Bldg 2, Indianapolis, Indiana, 46221, USA",
        ("4040 Sample Rd, Bldg 2", "Indianapolis", "IN", "46221", "US"),
    ),
    # line breaks are commas: never "Suite BCANON CITY"
    (
        "123 Main St\nSuite B\nCañon City, CO 81212",
        ("123 Main St, Suite B", "Cañon City", "CO", "81212", "US"),
    ),
    (
        "123 Main St<br>Suite B<br/>CANON CITY CO 81212",
        ("123 Main St, Suite B", "Canon City", "CO", "81212", "US"),
    ),
    (
        "<p>123 Main St</p>\r\n<p>Toledo,&nbsp;OH&#32;43604</p>",
        ("123 Main St", "Toledo", "OH", "43604", "US"),
    ),
    ("123 Main St | Toledo | OH | 43604", ("123 Main St", "Toledo", "OH", "43604", "US")),
    # usaddress.tag raises RepeatedLabelError on this one
    (
        "Medical Arts Bldg, 4th Floor, 77 Summer Street, Boston MA 02110",
        ("Medical Arts Bldg, 4th Floor, 77 Summer Street", "Boston", "MA", "02110", "US"),
    ),
    ("PO Box 12, Toledo OH 43604", ("PO Box 12", "Toledo", "OH", "43604", "US")),
    ("P.O. BOX 12 Toledo, OH 43604", ("PO Box 12", "Toledo", "OH", "43604", "US")),
    ("Post Office Box 12, Toledo, OH", ("PO Box 12", "Toledo", "OH", None, "US")),
    ("PO Box 43215", ("PO Box 43215", None, None, None, None)),
    # a town and no street
    ("Columbus OH", (None, "Columbus", "OH", None, "US")),
    ("Columbus, Ohio", (None, "Columbus", "OH", None, "US")),
    ("Columbus OH 43215-1234", (None, "Columbus", "OH", "43215", "US")),
    ("columbus oh 43215", (None, "Columbus", "OH", "43215", "US")),
    ("Columbus, OH, United States", (None, "Columbus", "OH", None, "US")),
    ("Columbus, Franklin County, OH 43215", (None, "Columbus", "OH", "43215", "US")),
    ("Columbus", (None, "Columbus", None, None, None)),
    ("43215", (None, None, "OH", "43215", "US")),
    ("Ohio", (None, None, "OH", None, "US")),
    ("U.S.", (None, None, None, None, "US")),
    # states and towns of one name
    ("10 Main St New York NY", ("10 Main St", "New York", "NY", None, "US")),
    ("New York, New York 10001", (None, "New York", "NY", "10001", "US")),
    ("Kansas City Kansas", (None, "Kansas City", "KS", None, "US")),
    ("12 Main St., Charleston, West Virginia", ("12 Main St.", "Charleston", "WV", None, "US")),
    ("1600 K St NW, Washington DC", ("1600 K St NW", "Washington", "DC", None, "US")),
    ("Washington D.C. 20001", (None, "Washington", "DC", "20001", "US")),
    ("Washington", (None, None, None, None, None)),
    ("New York", (None, None, None, None, None)),
    ("123 Main St, Kent, WA", ("123 Main St", "Kent", "WA", None, "US")),
    ("123 Main St, Kent", ("123 Main St", "Kent", None, None, None)),
    ("Peru, IN 46970", (None, "Peru", "IN", "46970", "US")),
    ("Lebanon", (None, "Lebanon", None, None, None)),
    ("100 Delaware", ("100 Delaware", None, None, None, None)),
    # towns that look like streets, streets that look like towns
    ("12 Rue St, Saint Paul, MN", ("12 Rue St", "Saint Paul", "MN", None, "US")),
    ("55 Court St Louis MO 63101", ("55 Court", "St Louis", "MO", "63101", "US")),
    (
        "123 Park City Rd Salt Lake City UT",
        ("123 Park City Rd", "Salt Lake City", "UT", None, "US"),
    ),
    ("1200 E Las Vegas NV 89101", ("1200 E", "Las Vegas", "NV", "89101", "US")),
    ("1 Main Street", ("1 Main Street", None, None, None, None)),
    ("500 Massachusetts Ave", ("500 Massachusetts Ave", None, None, None, None)),
    # zeros lost by spreadsheets
    ("1 A St, Boston MA 2110", ("1 A St", "Boston", "MA", "02110", "US")),
    ("San Juan, PR 913", (None, "San Juan", "PR", "00913", "US")),
    # elsewhere
    (
        "12 King St W, Toronto, ON M5V 2T6, Canada",
        ("12 King St W", "Toronto", "ON", "M5V 2T6", "CA"),
    ),
    ("12 King St W Toronto ON M5V2T6", ("12 King St W", "Toronto", "ON", "M5V 2T6", "CA")),
    ("9 A Ct, Windsor, ON N9A 1A1, CA", ("9 A Ct", "Windsor", "ON", "N9A 1A1", "CA")),
    ("Montréal, Québec", (None, "Montréal", "QC", None, "CA")),
    (
        "10 Sample Street, London SW1A 2AA, United Kingdom",
        ("10 Sample Street", "London", None, "SW1A 2AA", "GB"),
    ),
    ("5 Musterweg, 8001 Zürich, Switzerland", ("5 Musterweg", "Zürich", None, "8001", "CH")),
    ("9 Musterweg, London, W1A 1AA", ("9 Musterweg", "London", None, "W1A 1AA", "GB")),
    # "Fl 3" is a floor, "FL 32309" is Florida
    (
        "5332 A Pkwy, Fl 3, Tallahassee, FL 32309, United States",
        ("5332 A Pkwy, Fl 3", "Tallahassee", "FL", "32309", "US"),
    ),
    ("88 A Way Suite 310 Miami FL 33101", ("88 A Way Suite 310", "Miami", "FL", "33101", "US")),
    # nothing
    ("", (None, None, None, None, None)),
    ("  - ", (None, None, None, None, None)),
    ("N/A", (None, None, None, None, None)),
    ("null", (None, None, None, None, None)),
]


@pytest.mark.parametrize(("text", "parts"), ONE_TEXT, ids=[text[:40] for text, _ in ONE_TEXT])
def test_one_text(gazetteer: Gazetteer, text: str, parts: Five) -> None:
    assert understood(gazetteer, Printed(address=text)) == parts


IN_PARTS: list[tuple[dict[str, str], Five]] = [
    (
        {"street": "7418 A Rd", "street2": "Ste 7", "city": "Plano", "state": "TX",
         "postcode": "75024-0001", "country": "United States"},
        ("7418 A Rd, Ste 7", "Plano", "TX", "75024", "US"),
    ),
    # in the wrong box
    ({"city": "Columbus, OH 43215"}, (None, "Columbus", "OH", "43215", "US")),
    ({"city": "Columbus OH 43215-1234", "street": "1 A St"},
     ("1 A St", "Columbus", "OH", "43215", "US")),
    ({"city": "Columbus, OH 43215, USA", "street": "1 A St"},
     ("1 A St", "Columbus", "OH", "43215", "US")),
    ({"city": "Suite 210, Plano", "street": "7 A Rd", "state": "TX", "postcode": "75023"},
     ("7 A Rd, Suite 210", "Plano", "TX", "75023", "US")),
    ({"city": "Plano", "state": "TX 75024", "street": "8 A Rd", "street2": "Unit D"},
     ("8 A Rd, Unit D", "Plano", "TX", "75024", "US")),
    ({"city": "Plano", "state": "TX", "postcode": "75024 Ste 9", "street": "8 A Rd"},
     ("8 A Rd, Ste 9", "Plano", "TX", "75024", "US")),
    ({"street": "5000 Example Pkwy, Suite 12, Plano, TX 75024", "country": "United States"},
     ("5000 Example Pkwy, Suite 12", "Plano", "TX", "75024", "US")),
    ({"street": "123 Main St Columbus OH 43215"}, ("123 Main St", "Columbus", "OH", "43215", "US")),
    ({"street": "1 A St", "street2": "Columbus, OH 43215"},
     ("1 A St", "Columbus", "OH", "43215", "US")),
    ({"street": "1 A St, Plano, TX 75024", "city": "Plano", "state": "TX", "postcode": "75024"},
     ("1 A St", "Plano", "TX", "75024", "US")),
    ({"street": "1 A St, Ste 4", "street2": "Ste 4", "city": "Plano", "state": "TX"},
     ("1 A St, Ste 4", "Plano", "TX", None, "US")),
    ({"city": "43215"}, (None, None, "OH", "43215", "US")),
    ({"city": "Columbus", "country": "Ohio"}, (None, "Columbus", "OH", None, "US")),
    ({"city": "Beverly Hills", "postcode": "90210", "country": "CA"},
     (None, "Beverly Hills", "CA", "90210", "US")),
    ({"city": "San Juan", "country": "Puerto Rico", "postcode": "909"},
     (None, "San Juan", "PR", "00909", "US")),
    ({"address": "123 Main St, Columbus, OH", "city": "Columbus", "state": "OH",
      "postcode": "43215"}, ("123 Main St", "Columbus", "OH", "43215", "US")),
    # states, any way
    ({"city": "Fargo", "state": "N. Dakota"}, (None, "Fargo", "ND", None, "US")),
    ({"city": "Baltimore", "state": "md"}, (None, "Baltimore", "MD", None, "US")),
    ({"city": "Detroit", "state": "MICHIGAN"}, (None, "Detroit", "MI", None, "US")),
    ({"city": "Dayton", "state": "Ohio (OH)"}, (None, "Dayton", "OH", None, "US")),
    ({"city": "Dayton", "state": "US-OH"}, (None, "Dayton", "OH", None, "US")),
    ({"city": "Dayton", "state": "Ohio, USA"}, (None, "Dayton", "OH", None, "US")),
    ({"city": "Dayton", "state": "Ohio/Michigan"}, (None, "Dayton", None, None, None)),
    ({"city": "New York", "state": "New York"}, (None, "New York", "NY", None, "US")),
    ({"city": "Washington, D.C.", "street": "1 K St"}, ("1 K St", "Washington", "DC", None, "US")),
    ({"city": "Port Washington", "state": "WI"}, (None, "Port Washington", "WI", None, "US")),
    ({"city": "Columbus Ohio", "state": "OH"}, (None, "Columbus", "OH", None, "US")),
    ({"city": "Columbus", "postcode": "43215"}, (None, "Columbus", "OH", "43215", "US")),
    # a printed state stands against the ZIP code
    ({"city": "Seattle", "state": "OR", "postcode": "98101"},
     (None, "Seattle", "OR", "98101", "US")),
    # postal codes
    ({"city": "Boston", "state": "MA", "postcode": "2111"}, (None, "Boston", "MA", "02111", "US")),
    ({"city": "Boston", "state": "MA", "postcode": "2111-0001"},
     (None, "Boston", "MA", "02111", "US")),
    ({"city": "Denver", "state": "CO", "postcode": "2111"}, (None, "Denver", "CO", None, "US")),
    ({"city": "Columbus", "state": "OH", "postcode": "432151234"},
     (None, "Columbus", "OH", "43215", "US")),
    ({"city": "Columbus", "state": "OH", "postcode": "43215.0"},
     (None, "Columbus", "OH", "43215", "US")),
    ({"city": "Columbus", "state": "OH", "postcode": "４３２１５"},
     (None, "Columbus", "OH", "43215", "US")),
    ({"city": "Columbus", "state": "OH", "postcode": "OH 43215"},
     (None, "Columbus", "OH", "43215", "US")),
    ({"city": "Columbus", "state": "OH", "postcode": "none"}, (None, "Columbus", "OH", None, "US")),
    # capitals
    ({"city": "WINSTON-SALEM", "state": "NC"}, (None, "Winston-Salem", "NC", None, "US")),
    ({"city": "st. louis", "state": "mo"}, (None, "St. Louis", "MO", None, "US")),
    # military
    ({"street": "5 Base Rd", "city": "APO", "state": "AE", "postcode": "09012",
      "country": "United States"}, ("5 Base Rd", "APO", "AE", "09012", "US")),
    # Canada
    ({"city": "Windsor", "state": "Ontario", "postcode": "N9A 1A1", "country": "CA"},
     (None, "Windsor", "ON", "N9A 1A1", "CA")),
    ({"city": "Montréal", "state": "Québec", "postcode": "h2y1c6", "country": "Canada"},
     (None, "Montréal", "QC", "H2Y 1C6", "CA")),
    ({"city": "Toronto", "state": "ON", "country": "United States", "postcode": "M5V 2T6"},
     (None, "Toronto", "ON", "M5V 2T6", "CA")),
    ({"city": "Vancouver", "state": "BC"}, (None, "Vancouver", "BC", None, "CA")),
    # elsewhere
    ({"street": "425 A Rd", "city": "London", "postcode": "w1a 1aa", "country": "United Kingdom"},
     ("425 A Rd", "London", None, "W1A 1AA", "GB")),
    ({"city": "Perth", "state": "WA", "postcode": "6000", "country": "Australia"},
     (None, "Perth", "Western Australia", "6000", "AU")),
    ({"city": "Majuro", "postcode": "96960"}, (None, "Majuro", None, "96960", "US")),
    ({"city": "Nowhere", "country": "Atlantis"}, (None, "Nowhere", None, None, None)),
]  # fmt: skip


@pytest.mark.parametrize(("printed", "parts"), IN_PARTS)
def test_in_parts(gazetteer: Gazetteer, printed: dict[str, str], parts: Five) -> None:
    assert understood(gazetteer, Printed(**printed)) == parts


@pytest.mark.parametrize(
    ("printed", "note"),
    [
        ({"city": "Seattle", "state": "OR", "postcode": "98101"}, "postcode/contradicts_state"),
        ({"city": "Columbus", "postcode": "43215"}, "state/from_postcode"),
        ({"state": "MA", "postcode": "2111"}, "postcode/zero_restored"),
        ({"state": "CO", "postcode": "2111"}, "postcode/unreadable"),
        ({"state": "OH", "postcode": "ABC"}, "postcode/unreadable"),
        ({"state": "OH", "postcode": "99999"}, "postcode/not_in_gazetteer"),
        ({"state": "Ohio/Michigan"}, "state/unknown"),
        ({"country": "Atlantis"}, "country/unknown"),
        ({"country": "Ohio"}, "country/was_a_state"),
        ({"city": "Columbus, IN", "state": "OH"}, "city/contradicts_state"),
        ({"address": "Washington"}, "state/ambiguous"),
        (
            {"state": "ON", "postcode": "M5V 2T6", "country": "USA"},
            "country/contradicts_postcode",
        ),
    ],
)
def test_what_is_odd_is_noted(gazetteer: Gazetteer, printed: dict[str, str], note: str) -> None:
    assert note in read_place(Printed(**printed), gazetteer).notes


def test_a_directory_of_several_countries_says_less(gazetteer: Gazetteer) -> None:
    """ "WA" is in Australia too: without a country only code and state together are proof."""
    seattle = Printed(city="Seattle", state="WA", postcode="98101")
    assert understood(gazetteer, seattle, "US", "AU")[4] == "US"
    assert understood(gazetteer, Printed(city="Perth", state="WA"), "US", "AU")[4] is None
    assert understood(gazetteer, Printed(city="Perth", state="WA"))[4] == "US"
    assert understood(gazetteer, Printed(city="Leeds"), "GB")[4] == "GB"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("United States", "US"),
        ("U.S.A.", "US"),
        ("u. s.", "US"),
        ("United States (US)", "US"),
        ("US Virgin Islands", "US"),
        ("GU", "US"),
        ("UK", "GB"),
        ("England", "GB"),
        ("México", "MX"),
        ("Côte d’Ivoire", "CI"),
        ("Schweiz", "CH"),
        ("Ohio", None),
        ("", None),
        ("?", None),
    ],
)
def test_countries(text: str, code: str | None) -> None:
    assert country_code(text) == code


def test_regions() -> None:
    assert province_code("Québec") == province_code("P.Q.") == "QC"
    assert province_code("Ohio") is None
    assert region_elsewhere("NSW", "AU") == "New South Wales"
    assert region_elsewhere("Greater London", "GB") == "Greater London"
    assert region_elsewhere("ME", "XK") is None, "would be read as Maine"


WORDS = st.sampled_from(
    [
        *["123", "Main", "St", "Suite", "B", "#4", "Columbus", "OH", "Ohio", "43215", "43215-1234"],
        *["2111", "MA", "PO Box 12", ",", ", ", "\n", "<br>", "&amp;", "New York", "Washington"],
        *["DC", "Canada", "ON", "M5V 2T6", "USA", "United Kingdom", "W1A 1AA", "(", ")", "-", "'"],
        *["Saint", "Las Vegas", "\x00", "½", "é", "İ", "ß", "\u2028", "｜", "١٢٣"],
    ]
)
ANYTHING = st.none() | st.text(max_size=60) | st.lists(WORDS, max_size=9).map(" ".join)


@settings(max_examples=300, deadline=None)
@given(
    st.tuples(*[ANYTHING] * 7),
    st.sampled_from([("US",), ("US", "CA"), ("CA",), ("GB",), ("US", "AU")]),
)
@example(("<" * 200, *[None] * 6), ("US",))
@example((", " * 200, *[","] * 6), ("US",))
@example(("1 " * 100, *["1"] * 6), ("US",))
def test_no_text_breaks_the_stage(
    gazetteer: Gazetteer, texts: tuple[str | None, ...], countries: tuple[str, ...]
) -> None:
    place = read_place(Printed(*texts), gazetteer, countries)
    assert place.country is None or re.fullmatch("[A-Z]{2}", place.country)
    if place.country == "US":
        assert place.state in (*STATES, "AA", "AE", "AP", None)
        assert place.postcode is None or re.fullmatch("[0-9]{5}", place.postcode)
    if place.country == "CA":
        assert place.state is None or province_code(place.state) == place.state
    for part in (place.street, place.city, place.postcode):
        assert part is None or (part == part.strip() and part and "\n" not in part)
    again = read_place(Printed(*texts), gazetteer, countries)
    assert again == place


def test_the_stage_reads_each_address_once(
    gazetteer: Gazetteer, monkeypatch: pytest.MonkeyPatch
) -> None:
    stats = StatsCollector(get_crawler())
    stage = PlacePipeline(stats, gazetteer)

    def listing(number: int) -> Listing:
        return Listing(
            source_id="alpha",
            native_id=str(number),
            seen_url="https://example.com",
            city="Seattle",
            state="OR",
            postcode="98101",
        )

    first = stage.process_item(listing(1))
    monkeypatch.setattr("pipelines.place.read_place", None)
    second = stage.process_item(listing(2))
    assert first.clean == second.clean
    assert (second.clean.city, second.clean.state) == ("Seattle", "OR")
    assert second.city == "Seattle", "the printed half stays"
    assert stats.get_value("place/postcode/contradicts_state") == 2
    assert stats.get_value("place/city/filled") == 2
