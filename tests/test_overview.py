"""The pictures of results and places: read back as XML and held against the answer as JSON."""

from __future__ import annotations

import gzip
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from math import dist
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser

from db.nearest import miles_between
from plugins.overview import places_picture, places_words
from plugins.pages import outlines
from plugins.pages.drawing import Mark, Ring, picture, style
from plugins.pages.viewing import View
from tests.conftest import served
from tests.finder_fixtures import build
from tests.test_finder import Site, site  # noqa: F401 - the fixture
from tests.test_finder_browser import Visit, browser, visit  # noqa: F401 - the fixtures
from tests.test_vcard import LOCATION

SVG = "{http://www.w3.org/2000/svg}"


def drawn(reply: httpx.Response) -> ElementTree.Element:
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"] == "image/svg+xml; charset=utf-8"
    return ElementTree.fromstring(reply.content)


def marks(root: ElementTree.Element, kinds: tuple[str, ...]) -> list[ElementTree.Element]:
    """Pins and areas with somebody; those of the key have nobody."""
    found = [one for one in root.iter() if one.get("class") in kinds]
    return [one for one in found if one.find(f"{SVG}title") is not None]


def people(root: ElementTree.Element, *kinds: str) -> int:
    return sum(int(one.get("data-people", 1)) for one in marks(root, kinds))


SEARCHES = [
    {"near": "Columbus, OH"},
    {"near": "Columbus, OH", "page": 2},
    {"near": "Columbus, OH", "miles": 5},
    {"near": "43604", "miles": 100},
    {"near": "Ohio"},
    {"near": "Denver", "miles": 250, "lister": "alpha"},
    {"near": "Los Angeles", "miles": "far"},
    {"near": "Barrow, AK"},
    {"near": "Hawaii"},
    {"near": "San Juan, PR"},
    {"near": "Guam"},
]


@pytest.mark.parametrize("query", SEARCHES, ids=str)
def test_a_picture_has_everybody_of_the_list(
    site: Site,  # noqa: F811
    query: dict[str, Any],
) -> None:
    reply = site.get("/find.svg", **query)
    root = drawn(reply)
    found = site.get("/find.json", **{**query, "page": 1, "size": 1000}).json()
    doors = [one for one in found["results"] if one["precision"] not in ("postcode", "city")]
    assert people(root, "pin", "dot") == len(doors)
    assert people(root, "area") == found["total"] - len(doors)
    heading = re.search(r"<h1[^>]*>(.*?)</h1>", site.get("/find", **query).text)
    assert heading
    assert root.findtext(f"{SVG}title") == heading[1]
    assert f"({len(doors)})" in str(root.findtext(f"{SVG}desc"))
    assert len(gzip.compress(reply.content)) < 20_000


def test_pins_and_areas_lie_where_they_are_and_look_different(site: Site) -> None:  # noqa: F811
    root = drawn(site.get("/find.svg", near="Columbus, OH"))
    found = site.find("Columbus, OH", size=1000)["results"]
    scale = {
        one["name"]: (one["longitude"], one["latitude"]) for one in found if "<" not in one["name"]
    }
    [area] = marks(root, ("area",))
    assert area.tag == f"{SVG}circle"
    assert area.findtext(f"{SVG}title") == "Una Certain"
    pins = {str(one.findtext(f"{SVG}title")): one for one in marks(root, ("pin", "dot"))}
    assert all(one.tag == f"{SVG}use" for one in pins.values())
    [several] = [one for one in pins.values() if one.get("data-people")]
    assert several.get("data-people") == "3"
    assert "3×" in [one.text for one in root.iter(f"{SVG}text")]
    # Web Mercator: across a town, east and north grow alike with longitude and latitude.
    named = [name for name in pins if list(pins).count(name) == 1 and name in scale]
    there = [(float(pins[one].get("x", 0)), float(pins[one].get("y", 0))) for one in named]
    west, east = (pick(range(len(named)), key=lambda n: there[n][0]) for pick in (min, max))
    assert scale[named[west]][0] < scale[named[east]][0]
    north, south = (pick(range(len(named)), key=lambda n: there[n][1]) for pick in (min, max))
    assert scale[named[north]][1] > scale[named[south]][1]


@pytest.mark.parametrize(("page", "numbers"), [(1, range(1, 11)), (2, range(11, 21)), (9, [30])])
def test_numbers_are_those_of_the_page(site: Site, page: int, numbers: range) -> None:  # noqa: F811
    root = drawn(site.get("/find.svg", near="Columbus, OH", page=page))
    shown = [int(one.text) for one in root.iter(f"{SVG}text") if str(one.text).isdecimal()]
    assert shown
    assert page == 9 or set(shown) <= set(numbers)
    assert len(shown) == len(set(shown))


def test_the_ring_is_as_far_as_it_says(site: Site) -> None:  # noqa: F811
    ring = Ring(61.2, -149.9, 100, "100 miles")
    for latitude, longitude in ring.points():
        assert miles_between(61.2, -149.9, latitude, longitude) == pytest.approx(100, rel=0.002)
    root = drawn(site.get("/find.svg", near="Columbus, OH"))
    assert "10 miles" in [one.text for one in root.iter(f"{SVG}text")]
    [circle] = [one for one in root.iter() if one.get("class") == "ring"]
    [centre] = [one for one in root.iter() if one.get("class") == "centre"]
    edge = [tuple(map(float, one.split())) for one in str(circle.get("d"))[1:-1].split("L")]
    middle = float(centre.get("cx", 0)), float(centre.get("cy", 0))
    reach = max(dist(middle, one) for one in edge)
    for one in marks(root, ("pin", "dot")):
        assert dist(middle, (float(one.get("x", 0)), float(one.get("y", 0)))) <= reach


@pytest.mark.parametrize("near", ["Springfield", "", "Xyzzyville", "0" * 300])
def test_what_is_no_one_place_has_no_picture(site: Site, near: str) -> None:  # noqa: F811
    reply = site.get("/find.svg", near=near)
    assert (reply.status_code, reply.headers["content-type"]) == (404, "text/plain; charset=utf-8")


def test_headers_are_those_of_the_page_and_the_policy_lets_one_style_in(
    site: Site,  # noqa: F811
) -> None:
    picture_of = site.get("/es/find.svg", near="Columbus, OH")
    page = site.get("/es/find", near="Columbus, OH")
    assert picture_of.headers["cache-control"] == page.headers["cache-control"]
    policy = picture_of.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert picture_of.headers["x-robots-tag"] == "noindex"
    assert "set-cookie" not in picture_of.headers
    root = drawn(picture_of)
    assert root.get("lang") == "es"
    assert str(root.findtext(f"{SVG}title")).startswith("30 resultados a menos de 25 millas")
    assert "Disallow: /" in site.get("/robots.txt").text


def test_the_page_shows_it_to_those_without_scripts_and_links_it(site: Site) -> None:  # noqa: F811
    page = site.get("/find", near="Columbus, OH", lister="alpha", page=2).text
    [shown] = re.findall(r"<noscript>(.*?)</noscript>", page)
    assert 'src="/find.svg?near=Columbus%2C+OH&amp;page=2&amp;lister=alpha"' in shown
    assert re.search(
        r'alt="Map: \d+ results within 25 miles of Columbus, OH\. The list says', shown
    )
    assert 'width="640" height="600"' in shown
    assert ">Map as a picture</a>" in page
    assert "<noscript>" not in site.get("/find", near="Springfield").text


@pytest.mark.parametrize(
    ("name", "status", "there"),
    [
        ("two_places", 200, None), ("practice", 200, None), ("uncertain", 200, None),
        ("hostile", 200, None), ("np-nobody", 404, None), ("np-gone", 410, None),
        ("np-old", 301, "two_places"), ("Nora Nowhere", 404, None),
    ],
)  # fmt: skip
def test_the_picture_of_a_practitioner(
    site: Site,  # noqa: F811
    name: str,
    status: int,
    there: str | None,
) -> None:
    wanted = getattr(site.made, name, name)
    if name == "Nora Nowhere":
        with closing(sqlite3.connect(site.made.path)) as connection:
            query = "select id from practitioner where name = ?"
            [[wanted]] = connection.execute(query, (name,)).fetchall()
    reply = site.get(f"/practitioner/{wanted}.svg")
    assert reply.status_code == status
    if there:
        assert reply.headers["location"] == f"/practitioner/{getattr(site.made, there)}.svg"
        return
    page = site.get(f"/practitioner/{wanted}").text
    shown = re.search(r'<img class="places-picture"[^>]*alt="([^"]*)"', page)
    assert (shown is not None) == (status == 200)
    if shown:
        assert shown[1] == "Where it is: near Columbus, OH"
        root = drawn(reply)
        assert root.findtext(f"{SVG}title") == shown[1]
        assert bool(marks(root, ("area",))) == (name == "uncertain")
        assert len(marks(root, ("pin", "area"))) == (2 if name == "two_places" else 1)


@pytest.mark.parametrize(
    ("latitude", "longitude", "mapped"),
    [
        (41.65, -83.54, True), (43.65, -79.38, True), (18.47, -66.1, True), (13.47, 144.75, True),
        (51.5, -0.12, False), (52.5, 13.4, False), (-33.9, 151.2, False), (0.0, 0.0, False),
        (90.0, 0.0, False), (-90.0, -180.0, False),
    ],
)  # fmt: skip
def test_a_place_off_our_map_has_no_picture(
    latitude: float, longitude: float, mapped: bool
) -> None:
    assert outlines.is_mapped(latitude, longitude) == mapped
    at = replace(LOCATION, latitude=latitude, longitude=longitude, precision="source")
    assert bool(places_words([at])) == mapped


def test_a_place_without_a_town_is_on_the_map_all_the_same() -> None:
    at = replace(LOCATION, city=None, state=None)
    assert places_words([at]) == "Where it is on the map"
    assert places_words([at, LOCATION, LOCATION]) == "Where it is: near Toledo, OH"
    assert places_words([replace(at, latitude=None)]) == ""


@settings(max_examples=60)
@given(
    name=st.text(max_size=60),
    latitude=st.floats(-14, 71),
    longitude=st.floats(-170, -65),
    precision=st.sampled_from(["source", "postcode", "city", None]),
)
def test_any_name_anywhere_is_xml_that_says_it(
    name: str, latitude: float, longitude: float, precision: str | None
) -> None:
    at = replace(LOCATION, latitude=latitude, longitude=longitude, precision=precision)
    if not outlines.is_mapped(latitude, longitude):
        return
    read = ElementTree.fromstring(places_picture(name, [at]).encode())
    [mark] = marks(read, ("pin", "area"))
    kept = re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", name)
    assert (mark.findtext(f"{SVG}title") or "") == re.sub(r"\r\n?", "\n", kept)
    assert (mark.get("class") == "pin") == (precision == "source")
    assert {one.tag for one in read.iter()} <= {
        SVG + tag for tag in ("svg title desc style defs path rect g circle text use".split())
    }


@settings(max_examples=30)
@given(
    st.lists(
        st.tuples(st.floats(39, 41), st.floats(-84, -82), st.sampled_from([None, 2500]), st.text()),
        max_size=30,
    )
)
def test_heads_of_pins_do_not_cover_each_other(
    spots: list[tuple[float, float, int | None, str]],
) -> None:
    known = [Mark(*spot[:3], (spot[3],), str(n)) for n, spot in enumerate(spots)]
    box = outlines.around([outlines.project(39, -84), outlines.project(41, -82)])
    view = View.of(box, (400, 400), 20)
    made = picture(view, known, title="", description="", language="en")
    read = ElementTree.fromstring(made.encode())
    assert people(read, "pin", "dot", "area") == len(known)
    large = [(float(one.get("x", 0)), float(one.get("y", 0))) for one in marks(read, ("pin",))]
    for number, one in enumerate(large):
        for other in large[:number]:
            assert abs(one[0] - other[0]) >= 14 or abs(one[1] - other[1]) >= 14


def test_a_thousand_results_are_a_light_picture(tmp_path: Path) -> None:
    build(tmp_path, crowd=1200)
    with served(tmp_path) as address:
        reply = httpx.get(f"{address}/find.svg", params={"near": "Chicago", "miles": 50})
    root = drawn(reply)
    assert len(gzip.compress(reply.content)) < 40_000
    assert people(root, "pin", "dot", "area") == 1000
    assert str(root.findtext(f"{SVG}title")).startswith("More than 1,000 results within 50 miles")


def test_outlines_are_whole_and_states_share_their_borders() -> None:
    us = outlines.read("us")
    assert len(us.boxes) == 56
    for shape in us.shapes("states"):
        points = shape.coarse(0)
        assert points[0] == points[-1]
        assert len(shape.coarse(1e-3)) <= len(points)
    shared = [id(arc) for shape in us.shapes("states") for arc, _ in shape.arcs]
    assert len(set(shared)) < len(shared)


def test_the_colours_are_those_of_the_site() -> None:
    used = set(re.findall(r"var\((--[\w-]+)\)", style()))
    for block in re.findall(r":root\{(.*?)\}", style()):
        assert used <= set(re.findall(r"(--[\w-]+):", block))


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    made = build(tmp_path_factory.mktemp("overview"))
    with served(made.path.parent) as served_at:
        yield served_at


@pytest.mark.browser
@pytest.mark.parametrize(
    "visit", [{"java_script_enabled": False, "color_scheme": "dark"}], indirect=True
)
def test_without_scripts_the_picture_stands_beside_the_list(visit: Visit) -> None:  # noqa: F811
    visit.page.goto(f"{visit.address}/find?near=Columbus,+OH")
    shown = visit.page.get_by_role("img", name="Map: 30 results within 25 miles")
    assert shown.is_visible()
    assert any("/find.svg" in asked for asked in visit.asked)
    box, first = shown.bounding_box(), visit.page.locator(".card").first.bounding_box()
    assert box
    assert first
    assert box["x"] >= first["x"] + first["width"]
    shown.click()
    visit.page.wait_for_url("**/find.svg?**")


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_opened_alone_it_has_its_colours(
    browser: Browser,  # noqa: F811
    address: str,
    scheme: Any,
) -> None:
    page = browser.new_page(color_scheme=scheme)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{address}/find.svg?near=Columbus,+OH")
    water = page.evaluate("getComputedStyle(document.querySelector('.sea')).fill")
    assert water == {"light": "rgb(220, 235, 240)", "dark": "rgb(18, 35, 43)"}[scheme]
    page.goto(f"{address}/practitioner/np-0000000001")
    shown = page.locator(".places-picture")
    shown.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('.places-picture').complete")
    assert page.evaluate("document.querySelector('.places-picture').naturalWidth") == 360
    page.close()
    assert said == []
