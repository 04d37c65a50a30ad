"""The geocoders, against a local server that speaks their formats, and everything it does wrong."""

from __future__ import annotations

import datetime as dt
import logging

import pytest
from geopy.exc import (
    GeocoderInsufficientPrivileges,
    GeocoderParseError,
    GeocoderQueryError,
    GeocoderRateLimited,
    GeocoderServiceError,
    GeocoderTimedOut,
    GeocoderUnavailable,
    GeopyError,
)

from db.gazetteer import Gazetteer
from db.place_cache import CachedAnswer
from geocoding.address import Address
from geocoding.cache import PlaceCache
from geocoding.census import BATCH_LIMIT, BatchRow, USCensus
from geocoding.gazetteer import GazetteerGeocoder
from geocoding.providers import (
    CensusProvider,
    NominatimProvider,
    ProviderError,
    Settings,
    build_provider,
    nominatim_precision,
)
from tests.geocoding_fixtures import (  # noqa: F401 - fixtures
    FakeGeocoders,
    fake_geocoders,
    shared_gazetteer,
)

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
HALL = (39.9626, -83.0032)
LINE = "90 W Sample St, Columbus, OH 43215"
DOOR = "90 W Sample St"
ADDRESS = Address(f"{DOOR}, Suite 4", "Columbus", "OH", "43215", "US")


# ---- the gazetteer ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "precision", "label"),
    [
        ("43215", "postcode", "Columbus, OH 43215"),
        ("90 W Sample St, Columbus, OH 43215-1234", "postcode", "Columbus, OH 43215"),
        ("90 W Sample St, Columbus, OH 43215, US", "postcode", "Columbus, OH 43215"),
        ("Toledo, OH, United States of America", "city", "Toledo, OH"),
        ("Toledo, OH", "city", "Toledo, OH"),
        ("toledo ohio", "city", "Toledo, OH"),
        ("12 Sample Ave, Toledo, Ohio", "city", "Toledo, OH"),
        ("Saint Louis, MO", "city", "St. Louis, MO"),
        ("Charleston, West Virginia", "city", "Charleston, WV"),
        ("Washington, DC", "city", "Washington, DC"),
        ({"city": "Boise", "state": "ID"}, "city", "Boise, ID"),
        ({"city": "Boise", "state": "ID", "postalcode": "83702"}, "postcode", "Boise, ID 83702"),
        # the ZIP code contradicts the state: the town is what is left
        ({"city": "Boise", "state": "ID", "postalcode": "43215"}, "city", "Boise, ID"),
    ],
)
def test_the_gazetteer_finds_zip_codes_and_towns(
    gazetteer: Gazetteer, query: str, precision: str, label: str
) -> None:
    found = GazetteerGeocoder(gazetteer).geocode(query)
    assert (found.raw["precision"], found.address) == (precision, label)


@pytest.mark.parametrize(
    "query", ["", "   ", ",", "99999", "Nowhereville, OH", "Springfield", {}, {"state": "OH"}, "OH"]
)
def test_the_gazetteer_does_not_guess(gazetteer: Gazetteer, query: str) -> None:
    assert GazetteerGeocoder(gazetteer).geocode(query) is None


def test_namesakes_are_all_offered(gazetteer: Gazetteer) -> None:
    found = GazetteerGeocoder(gazetteer).geocode("Springfield", exactly_one=False)
    assert {"IL", "MA", "MO"} <= {one.raw["state"] for one in found}


def test_the_nearest_zip_code_answers_a_point(gazetteer: Gazetteer) -> None:
    geocoder = GazetteerGeocoder(gazetteer)
    assert geocoder.reverse(HALL).raw["postcode"] == "43215"
    assert geocoder.reverse("39.9626, -83.0032", exactly_one=False)[0].raw["state"] == "OH"
    assert geocoder.reverse((30.0, -60.0)) is None  # the Atlantic


# ---- the Census Bureau's ------------------------------------------------------------------------


def census(fake: FakeGeocoders, **more: float) -> USCensus:
    return USCensus(domain=fake.domain, scheme="http", user_agent="test", **more)


def test_census_finds_one_line(fake: FakeGeocoders) -> None:
    fake.known[DOOR] = HALL
    found = census(fake).geocode(LINE)
    assert (found.latitude, found.longitude) == HALL
    assert found.address == LINE.upper()
    assert fake.asked == [{"address": LINE, "benchmark": "Public_AR_Current", "format": "json"}]
    assert fake.requests[0][1]["User-Agent"] == "test"


def test_census_knows_nothing_of_an_unknown_line(fake: FakeGeocoders) -> None:
    assert census(fake).geocode("1 Nowhere, Columbus, OH") is None
    assert census(fake).geocode("1 Nowhere, Columbus, OH", exactly_one=False) is None


def test_census_gives_all_of_a_tie(fake: FakeGeocoders) -> None:
    fake.known[DOOR] = HALL
    fake.ties.add(DOOR)
    assert len(census(fake).geocode(LINE, exactly_one=False)) == 2


def test_census_batch(fake: FakeGeocoders) -> None:
    fake.known = {DOOR: HALL, "2 Tie Rd": (1.0, 1.0), 'Quote " Ave': (40.5, -82.5)}
    fake.ties = {"2 Tie Rd"}
    rows = [
        BatchRow("a", DOOR, "Columbus", "OH", "43215"),
        BatchRow("b", "2 Tie Rd", "Columbus", "OH"),
        BatchRow("c", "3 Nowhere, Ümlaut", "Columbus", "OH"),
        BatchRow("d", 'Quote " Ave'),
    ]
    answers = census(fake).geocode_batch(rows)
    assert {key: answer.outcome for key, answer in answers.items()} == {
        "a": "match",
        "b": "tie",
        "c": "no_match",
        "d": "match",
    }
    assert (answers["a"].latitude, answers["a"].longitude, answers["a"].exact) == (*HALL, True)
    assert answers["b"].latitude is None
    assert fake.asked[2]["street"] == "3 Nowhere, Ümlaut"


def test_census_batch_limits(fake: FakeGeocoders) -> None:
    geocoder = census(fake)
    assert geocoder.geocode_batch([]) == {}
    with pytest.raises(GeocoderQueryError, match="10,000 rows, not 10,001"):
        geocoder.geocode_batch(BatchRow(str(n), "1 A St") for n in range(BATCH_LIMIT + 1))
    with pytest.raises(GeocoderQueryError, match="same id"):
        geocoder.geocode_batch([BatchRow("1", "1 A St"), BatchRow("1", "2 A St")])
    assert fake.requests == []


TROUBLE = [
    ("503", GeocoderTimedOut),
    ("500", GeocoderServiceError),
    ("429", GeocoderRateLimited),
    ("403", GeocoderInsufficientPrivileges),
    ("html", GeocoderParseError),
    ("shapeless", GeocoderParseError),
    ("hang", GeocoderTimedOut),
]


@pytest.mark.parametrize(("mode", "error"), [*TROUBLE, ("short", GeocoderParseError)])
def test_census_batch_in_trouble(fake: FakeGeocoders, mode: str, error: type[GeopyError]) -> None:
    fake.mode = mode
    with pytest.raises(error):
        census(fake).geocode_batch([BatchRow("1", DOOR), BatchRow("2", "2 B St")], timeout=0.5)


@pytest.mark.parametrize(("mode", "error"), TROUBLE)
def test_census_line_in_trouble(fake: FakeGeocoders, mode: str, error: type[GeopyError]) -> None:
    fake.mode = mode
    with pytest.raises(error):
        census(fake, timeout=0.5).geocode(LINE)


def test_a_cut_answer_and_a_closed_port_are_errors(fake: FakeGeocoders) -> None:
    fake.mode = "cut"
    with pytest.raises(GeopyError):
        census(fake).geocode_batch([BatchRow("1", DOOR)])
    closed = USCensus(domain="127.0.0.1:9", scheme="http", user_agent="test")
    with pytest.raises(GeocoderUnavailable):
        closed.geocode_batch([BatchRow("1", DOOR)])
    with pytest.raises(GeocoderServiceError):
        closed.geocode(LINE)


def test_a_rate_limit_says_when_to_come_back(fake: FakeGeocoders) -> None:
    fake.mode = "429"
    with pytest.raises(GeocoderRateLimited) as caught:
        census(fake).geocode_batch([BatchRow("1", DOOR)])
    assert caught.value.retry_after == 120


# ---- providers ----------------------------------------------------------------------------------


def nominatim(fake: FakeGeocoders, **more: float) -> NominatimProvider:
    settings = Settings(
        provider="nominatim",
        domain=f"{fake.domain}/nominatim",
        scheme="http",
        contact="https://example.com/about",
        **more,  # type: ignore[arg-type]
    )
    provider = build_provider(settings)
    assert isinstance(provider, NominatimProvider)
    return provider


def test_nominatim_is_asked_for_the_door_and_who_asks(fake: FakeGeocoders) -> None:
    fake.known[DOOR] = HALL
    assert nominatim(fake).ask([ADDRESS], NOW) == [
        CachedAnswer(
            "90 w sample st, columbus, oh 43215, us",
            "nominatim",
            "found",
            "rooftop",
            *HALL,
            "somewhere",
            "2026-03-01T12:00:00Z",
        )
    ]
    assert fake.asked == [
        {
            "street": DOOR,
            "city": "Columbus",
            "state": "Ohio",
            "postalcode": "43215",
            "countrycodes": "us",
            "format": "json",
            "limit": "1",
        }
    ]
    path, headers = fake.requests[0]
    assert path == "/nominatim/search"
    assert headers["User-Agent"].startswith("needlepoint/")
    assert headers["User-Agent"].endswith("(https://example.com/about)")


@pytest.mark.parametrize(
    ("kind", "precision"),
    [
        ({"class": "place", "type": "house", "place_rank": 30}, "rooftop"),
        ({"class": "building", "type": "yes", "addresstype": "building"}, "rooftop"),
        ({"class": "amenity", "type": "clinic", "place_rank": 30}, "rooftop"),
        ({"class": "highway", "type": "residential", "addresstype": "road"}, "street"),
        ({"class": "highway", "type": "tertiary", "place_rank": 26}, "street"),
        ({"class": "place", "type": "postcode", "place_rank": 21}, "postcode"),
        ({"class": "boundary", "type": "postal_code", "addresstype": "postcode"}, "postcode"),
        ({"class": "boundary", "type": "administrative", "addresstype": "city"}, "city"),
        ({"class": "place", "type": "village"}, "city"),
        ({"category": "place", "type": "suburb", "place_rank": "19"}, "city"),
        ({"class": "boundary", "type": "administrative", "addresstype": "county"}, None),
        ({"class": "boundary", "type": "administrative", "place_rank": 8}, None),
        ({}, None),
    ],
)
def test_precision_of_nominatim(
    fake: FakeGeocoders, kind: dict[str, object], precision: str | None
) -> None:
    assert nominatim_precision(kind) == precision
    fake.known[DOOR] = HALL
    fake.kind = kind or {"type": "?"}
    answer = nominatim(fake).ask([ADDRESS], NOW)[0]
    assert (answer.outcome, answer.precision) == (
        ("found", precision) if precision else ("nothing", None)
    )


@pytest.mark.parametrize(("mode", "error"), TROUBLE)
def test_nominatim_in_trouble(fake: FakeGeocoders, mode: str, error: type[GeopyError]) -> None:
    fake.mode = mode
    with pytest.raises(error):
        nominatim(fake, timeout=0.5).ask([ADDRESS], NOW)
    assert len(fake.requests) == 1, "an error is not retried here"


def test_no_query_is_logged(fake: FakeGeocoders, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    fake.mode = "503"
    with pytest.raises(GeocoderTimedOut):
        nominatim(fake).ask([ADDRESS], NOW)
    assert "Sample" not in caplog.text


def test_census_provider(fake: FakeGeocoders) -> None:
    provider = build_provider(Settings(provider="census", domain=fake.domain, scheme="http"))
    assert isinstance(provider, CensusProvider)
    fake.known[DOOR] = HALL
    fake.ties.add("2 Tie Rd")
    others = [Address(street, "Columbus", "OH", "43215", "US") for street in ("2 Tie Rd", "3 B St")]
    answers = provider.ask([ADDRESS, *others], NOW)
    assert [(one.outcome, one.precision, one.matched) for one in answers] == [
        ("found", "street", "90 W SAMPLE ST, COLUMBUS, OH, 43215"),
        ("nothing", None, "tie"),
        ("nothing", None, None),
    ]
    assert provider.accepts(ADDRESS)
    assert not provider.accepts(Address("1 King St", "Toronto", "ON", "M5V 2T6", "CA"))
    assert not provider.accepts(Address("1 Base Rd", "APO", "AE", "09012", "US"))
    assert [row["id"] for row in fake.asked] == ["0", "1", "2"], "no id of ours goes out"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (Settings(provider="nominatim"), "must be told who asks"),
        (Settings(provider="nominatim", contact="me"), "neither an e-mail address nor"),
        (Settings(provider="nominatim", contact="a@example.com", delay=0.5), "too short"),
        (
            Settings(
                provider="nominatim",
                contact="a@example.com",
                domain="Nominatim.OpenStreetMap.org:443/",
                delay=0,
            ),
            "too short",
        ),
        (Settings(provider="nominatim", contact="a@example.com", delay=-1), "negative"),
        (Settings(provider="nominatim", contact="a@example.com", scheme="ftp"), "schemes"),
        (Settings(provider="census", batch=0), "1 to 10,000"),
        (Settings(provider="census", batch=10_001), "1 to 10,000"),
    ],
)
def test_settings_that_cannot_be_used(settings: Settings, message: str) -> None:
    with pytest.raises(ProviderError, match=message):
        build_provider(settings)


def test_off_by_default_and_slow_with_the_public_server() -> None:
    assert build_provider(Settings()) is None
    public = NominatimProvider(Settings(provider="nominatim", contact="a@example.com"))
    assert public._geocode.min_delay_seconds == 15  # type: ignore[attr-defined]
    assert not public._geocode.swallow_exceptions  # type: ignore[attr-defined]


# ---- what is asked and remembered ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("street", "door"),
    [
        ("123 Main St, Suite B", "123 Main St"),
        ("123 Main St Suite 200", "123 Main St"),
        ("Dr. Jo Sampleton, 123 Main St", "123 Main St"),
        ("123 Main St c/o Jo Sampleton", "123 Main St"),
        ("123 Main St, Attn: Jo Sampleton", "123 Main St"),
        ("Jo Sampleton 123 Main St", "123 Main St"),
        ("Suite 5, 1 Main St", "1 Main St"),
        ("5th Floor, 77 Summer Street", "77 Summer Street"),
        ("1234 N 5th St #4", "1234 N 5th St"),
        ("100 Main St Bldg 4, Floor 2", "100 Main St"),
        ("N65W24838 Main St", "N65W24838 Main St"),
        ("123-B Main St", "123-B Main St"),
        ("12 1/2 Main St", "12 1/2 Main St"),
        ("PO Box 12", None),
        ("P.O. Box 12, 3 Main St", None),
        ("Main Street", None),
        ("One Main Plaza", None),
        ("12", None),
        ("Suite 12", None),
        (None, None),
    ],
)
def test_only_the_door_is_asked_for(street: str | None, door: str | None) -> None:
    address = Address(street, "Columbus", "OH", "43215", "US")
    assert address.door == door
    assert address.line == (f"{door}, Columbus, OH 43215, US" if door else None)


def test_an_address_without_a_town_is_not_asked_for() -> None:
    assert Address("1 Main St").line is None
    assert Address("1 Main St", "Columbus").line is None
    assert Address("1 Main St", "London", country="GB").line == "1 Main St, London, GB"
    assert Address("1  MAIN  st", postcode="43215").key == "1 main st, 43215"


def test_nothing_found_is_remembered_for_a_month() -> None:
    def answer(outcome: str, day: str) -> CachedAnswer:
        return CachedAnswer("q", "census", outcome, None, None, None, None, f"{day}T12:00:00Z")

    cache = PlaceCache([answer("nothing", "2026-02-15")])
    assert cache.knows("q", "census", NOW)
    assert not cache.knows("q", "nominatim", NOW)
    assert not cache.knows("other", "census", NOW)
    assert not PlaceCache([answer("nothing", "2026-01-15")]).knows("q", "census", NOW)
    assert PlaceCache([answer("found", "2020-01-15")]).knows("q", "census", NOW)
    assert cache.found("q") == []
    assert cache.found(None) == []
