"""WP Store Locator: recognised, asked with as few questions as can be, read to the letter."""

from __future__ import annotations

import contextlib
import html
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.http import HtmlResponse, Request, Response

from records.listing import Listing
from spiders.platforms import WrongShape
from spiders.platforms.grid import Point, km_between
from spiders.platforms.wp_store_locator import WpStoreLocator
from tests.platform_fixtures import SITE, answer, around, harvest, page, recorded, us_places
from tests.test_grid import people_near

PAGE = recorded("wp_store_locator/page.html")
STORES = recorded("wp_store_locator/stores.json")


def read(body: str, **options: Any) -> list[Listing]:
    found = list(WpStoreLocator(around(**options)).read(answer(body)))
    assert all(isinstance(one, Listing) for one in found)
    return [one for one in found if isinstance(one, Listing)]


# Recognition


def test_the_page_says_how_it_may_be_asked() -> None:
    match = WpStoreLocator(around()).recognise(page(PAGE))
    assert match is not None
    assert match.certainty == 1.0
    assert match.facts == {
        "ajax_url": f"{SITE}/wp-admin/admin-ajax.php",
        "rest_url": f"{SITE}/wp-json/",
        "results": 100,
        "radius": 500,
        "default_results": 25,
        "default_radius": 50,
        "unit_km": 1.609344,
        "start": (41.6528, -83.5379),
        "filter": "",
    }


def test_settings_in_an_address_and_an_api_named_in_a_header() -> None:
    script = 'var wpslSettings = {"ajaxurl":"/dir/wp-admin/admin-ajax.php","distanceUnit":"mi"};'
    body = f'<script src="data:text/javascript,{quote(script)}"></script>'
    link = {"Link": f'<{SITE}/dir/?rest_route=/>; rel="https://api.w.org/"'}
    match = WpStoreLocator(around()).recognise(page(body).replace(headers=link))
    assert match is not None
    assert match.facts["ajax_url"] == f"{SITE}/dir/wp-admin/admin-ajax.php"
    assert match.facts["rest_url"] == f"{SITE}/dir/?rest_route=/"
    assert match.facts["unit_km"] == 1.609344


@pytest.mark.parametrize(
    ("body", "certainty"),
    [
        ('<div id="wpsl-wrap"></div>', 0.8),
        ('<script src="/wp-content/plugins/wp-store-locator/js/wpsl-gmap.js"></script>', 0.6),
        ("<script>var wpslSettings = {'ajaxurl': '/wp-admin/admin-ajax.php',}</script>", 1.0),
        ("<script>var wpslSettings = window.other;</script>", None),
        ("<p>The WP Store Locator plugin sets <code>wpslSettings = {}</code>.</p>", None),
        ('<link href="/wp-content/plugins/wp-store-locator/css/styles.css">', None),
        ("", None),
    ],
)
def test_what_is_recognised(body: str, certainty: float | None) -> None:
    match = WpStoreLocator(around()).recognise(page(body))
    assert (match.certainty if match else None) == certainty


@pytest.mark.parametrize("written", ['"2,3"', "[2,3]", '["2","3"]'])
def test_a_page_of_some_categories_is_asked_for_those(written: str) -> None:
    platform = WpStoreLocator(around())
    body = f'<script>var wpslSettings = {{"categoryIds":{written},"startLatlng":"1,1"}}</script>'
    match = platform.recognise(page(body))
    assert match is not None
    urls = [one.url for one in platform.requests(match)]
    assert "wpsl_store_category=2%2C3" in urls[0]
    assert "filter=2%2C3" in urls[1]


# Reading


def test_every_field_as_sent() -> None:
    ada, ben, cleo = read(STORES)
    assert ada.printed() == {
        "source_id": "example",
        "native_id": "31",
        "seen_url": f"{SITE}/answer",
        "name": "Ada “Addie” O’Sampleton, PT & Co.",
        "practice": "Fictional Motion",
        "street": "12 Invented Avenue",
        "street2": "Ste 18",
        "city": "Toledo",
        "state": "OH",
        "postcode": "43604",
        "country": "United States",
        "phone": "(419) 555-0134",
        "email": "ada@example.com",
        "website": "https://www.example.com/h/?a=1&b=2",
        "profile_url": f"{SITE}/stores/ada/",
        "certification": "Level 2",
        "latitude": "41.652805",
        "longitude": "-83.537867",
        "extra": {"description": "Line one Line two", "fax": "(419) 555-0135"},
    }
    assert (ben.native_id, ben.name) == ("7", "Ben Bold Mockworth, A. B. <C> PT")
    assert (ben.latitude, ben.longitude, ben.phone) == ("0", "0", None)
    assert (cleo.latitude, cleo.website) == ("-84.1917", "http://n/a")


def test_the_fact_sheet_says_what_a_key_means() -> None:
    listing = read(STORES, columns={"store": "practice", "description": "profession"})[0]
    assert listing.name is None
    assert listing.practice is not None
    assert listing.profession == "Line one Line two"


@pytest.mark.parametrize("body", ["", '""', "[]", " \n", "\ufeff[]"])
def test_nothing_found_in_every_form(body: str) -> None:
    assert read(body) == []


@pytest.mark.parametrize(
    "body",
    [
        "0",
        "null",
        "false",
        "<h1>Error establishing a database connection</h1>",
        '["You have an error in your SQL syntax"]',
        '{"success":false}',
        '[{"id":1}]',
        '[[{"store":"x"}]]',
        STORES[:-40],
        "[" * 20_000,
        '{"store":"Ada","lat":"1"}',
    ],
)
def test_what_is_no_list_of_stores(body: str) -> None:
    with pytest.raises(WrongShape):
        read(body)


# Asking


@dataclass
class Locator:
    """A WP Store Locator as it behaves: caps, defaults, an autoload limit, WordPress beside it."""

    offices: list[Point]
    radius: int = 500
    results: int = 100
    default_radius: int = 50
    default_results: int = 25
    autoload: int = 50
    rest: bool = True
    pages: bool = True
    sitemap: bool = False
    without_point: int = 0
    """So many, from the first on, have no coordinates."""
    kept: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """What the site keeps of autoload: by latitude, whatever the longitude."""
    offered: tuple[int, int] | None = None
    """Results and radius in the page's lists, where they are not the settings'."""

    @property
    def page(self) -> HtmlResponse:
        results, radius = self.offered or (self.results, self.radius)
        settings = {
            "ajaxurl": f"{SITE}/wp-admin/admin-ajax.php",
            "maxResults": str(self.default_results),
            "searchRadius": str(self.default_radius),
            "distanceUnit": "km",
            "startLatlng": "39.8283,-98.5795",
        }
        return page(
            f"<script>var wpslSettings = {json.dumps(settings)};</script>"
            f'<select id="wpsl-radius-dropdown"><option value="{radius}"></select>'
            f'<select id="wpsl-results-dropdown"><option value="{results}"></select>'
        )

    def __call__(self, request: Request) -> Response:
        parts = urlsplit(request.url)
        query = dict(parse_qsl(parts.query))
        status, headers = 200, {}
        if parts.path.startswith("/wp-json/"):
            number = int(query.get("page", 1))
            ids = range(len(self.offices))[(number - 1) * 100 : number * 100]
            body = json.dumps([{"id": one, "link": f"{SITE}/stores/{one}/"} for one in ids])
            headers["X-WP-Total"] = str(len(self.offices))
            if not self.rest:
                status, body, headers = 404, '{"code":"rest_no_route"}', {}
        elif parts.path.endswith(".xml"):
            places = "".join(
                f"<url><loc>{SITE}/stores/{n}/</loc></url>" for n, _ in enumerate(self.offices)
            )
            body = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{places}</urlset>'
            if not self.sitemap:
                status, body = 404, "<h1>Not found</h1>"
        elif parts.path.startswith("/stores/"):
            one = int(parts.path.split("/")[2])
            data = json.dumps({"locations": [self._row(one) | {"id": one}]})
            body = f"<script>var wpslMap_0 = {data};</script>"
            if not self.pages:
                status, body = 404, "<h1>Not found</h1>"
        else:
            assert "skip_cache" not in query
            body = json.dumps(self._search(query) or "")
        return HtmlResponse(
            request.url,
            status=status,
            headers=headers,
            body=body.encode(),
            encoding="utf-8",
            request=request,
        )

    def _search(self, query: dict[str, str]) -> list[dict[str, Any]]:
        centre = float(query["lat"]), float(query["lng"])
        near = sorted(
            (km_between(centre, point), one)
            for one, point in enumerate(self.offices)
            if one >= self.without_point
        )
        if query.get("autoload"):
            rows = [self._row(one) for _, one in near[: self.autoload or None]]
            return self.kept.setdefault(query["lat"], rows)
        radius, results = int(query["search_radius"]), int(query["max_results"])
        radius = radius if radius <= self.radius else self.default_radius
        results = results if results <= self.results else self.default_results
        return [self._row(one) for away, one in near if away <= radius][:results]

    def _row(self, one: int) -> dict[str, Any]:
        latitude, longitude = self.offices[one]
        known = one >= self.without_point
        return {
            "id": str(one),
            "store": f"Person {one}",
            "address": "",
            "lat": str(latitude) if known else "",
            "lng": str(longitude) if known else "",
        }


OFFICES = people_near(list(us_places()), 409, seed=11)


@pytest.mark.parametrize(
    ("locator", "most"),
    [
        (Locator(OFFICES, autoload=0), 2),
        (Locator(OFFICES, autoload=0, without_point=3), 12),
        (Locator(OFFICES, autoload=0, rest=False), 4),
        (Locator(OFFICES, autoload=0, rest=False, sitemap=True), 4),
        (Locator(OFFICES), 60),
        (Locator(OFFICES, pages=False), 60),
        (Locator(OFFICES, rest=False), 70),
        (Locator(OFFICES, radius=50, results=25), 60),
        (Locator(OFFICES, radius=50, results=25, pages=False), 60),
        (Locator(OFFICES, radius=50, results=25, rest=False), 60),
        (Locator(OFFICES, radius=50, results=25, autoload=25, rest=False), 70),
        (Locator(OFFICES, radius=50, results=25, autoload=10), 400),
        (Locator(OFFICES, radius=50, results=25, without_point=3), 70),
        (Locator(OFFICES[:50]), 2),
        (Locator(OFFICES[:50], rest=False), 60),
        (Locator([]), 60),
    ],
)
def test_everybody_with_few_questions(locator: Locator, most: int) -> None:
    found = harvest(WpStoreLocator(around(us_places())), locator.page, locator)
    assert len(found.listings) == len(locator.offices)
    assert len(found.requests) <= most, len(found.requests)
    assert found.totals == ([len(locator.offices)] if locator.rest or locator.sitemap else [])
    assert found.shortfalls == []
    print(len(found.requests), "requests")
    autoloads = [one for one in found.requests if "autoload=1" in one.url]
    assert len(autoloads) <= (2 if locator.radius > 300 else 60), "each leaves a row in the site"


def test_those_without_coordinates_and_page_are_missed_but_counted() -> None:
    locator = Locator(OFFICES, autoload=0, without_point=3, pages=False)
    found = harvest(WpStoreLocator(around(us_places())), locator.page, locator)
    assert len(found.listings) == 406
    assert found.totals == [409]


def test_a_list_that_offers_more_than_the_settings_allow() -> None:
    locator = Locator(
        people_near([(41.65, -83.54, 300_000), (39.96, -83.0, 900_000)], 120, seed=1),
        radius=100, results=50, offered=(500, 2000), rest=False,
    )  # fmt: skip
    people = ((41.65, -83.54, 300_000), (39.96, -83.0, 900_000))
    found = harvest(WpStoreLocator(around(people)), locator.page, locator)
    assert len(found.listings) == 120


def test_too_many_at_one_spot_is_said() -> None:
    locator = Locator([(41.65, -83.54)] * 60, radius=50, results=25, autoload=10, rest=False)
    platform = WpStoreLocator(around(((41.65, -83.54, 300_000),)))
    found = harvest(platform, locator.page, locator)
    assert len(found.listings) < 60
    assert any("at one spot" in one for one in found.shortfalls)


def test_a_limit_on_searches_is_said() -> None:
    locator = Locator(OFFICES, radius=50, results=25, rest=False)
    platform = WpStoreLocator(around(us_places(), extra={"max_cells": "10"}))
    found = harvest(platform, locator.page, locator)
    assert len(found.requests) <= 12
    assert any("max_cells" in one for one in found.shortfalls)


def test_without_places_a_cut_list_is_said_to_be_cut() -> None:
    found = harvest(WpStoreLocator(around()), Locator(OFFICES).page, Locator(OFFICES))
    assert any("no places are known" in one for one in found.shortfalls)


def test_never_more_than_the_page_offers() -> None:
    locator = Locator(OFFICES, radius=100, results=50)
    found = harvest(WpStoreLocator(around(us_places())), locator.page, locator)
    for request in found.requests:
        query = dict(parse_qsl(urlsplit(request.url).query))
        assert int(query.get("search_radius", 0)) <= 100
        assert int(query.get("max_results", 0)) <= 50
        if "action" in query:
            assert query["lat"]
            assert query["lng"]


# What real servers answered


@pytest.mark.parametrize(("site", "everybody"), [("wpsl", None), ("wpsl2", 408)])
def test_recorded_answers(
    site: str, everybody: int | None, recordings: Callable[[str], Path]
) -> None:
    folder = recordings(site)
    expected: dict[str, dict[str, Any]] = {}
    found: dict[str, Listing] = {}
    platform = WpStoreLocator(around())
    for path in sorted(folder.glob("*.json")):
        body = path.read_text(encoding="utf-8")
        rows = json.loads(body)
        if not isinstance(rows, list) or not rows or "store" not in rows[0]:
            continue
        expected |= {str(row["id"]): row for row in rows}
        for one in platform.read(answer(body)):
            assert isinstance(one, Listing)
            found[one.native_id] = one
    assert found.keys() == expected.keys()
    if everybody:
        assert len(found) == everybody
    for native_id, row in expected.items():
        listing = found[native_id]
        assert (listing.latitude, listing.longitude) == (row["lat"], row["lng"])
        assert (listing.phone or "") == " ".join(row["phone"].split())
        assert (listing.postcode or "") == row["zip"].strip()
        assert (listing.website or "") == html.unescape(row["url"])
        assert listing.name
        assert "&#" not in listing.name
        assert "&amp;" not in listing.name


# Any text at all


@given(st.text(max_size=300))
def test_any_text(text: str) -> None:
    platform = WpStoreLocator(around())
    platform.recognise(page(text))
    platform.recognise(page(f"<script>var wpslSettings = {{{text}</script>"))
    for ask in ("ids", "page", "autoload", "cell"):
        asked = answer(text, ask=ask, second=False, number=1, id="1", cell=(0, 0, 1))
        with contextlib.suppress(WrongShape):
            list(platform.read(asked))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from("id store address lat lng url hours custom title".split()), inner
        )
    ),
    max_leaves=12,
)


@given(json_values)
def test_any_json(value: Any) -> None:
    try:
        found = list(WpStoreLocator(around()).read(answer(json.dumps(value))))
    except WrongShape:
        return
    assert all(isinstance(one, Listing) and one.native_id for one in found)
