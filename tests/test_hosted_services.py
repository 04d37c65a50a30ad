"""Hosted locators: searches, folders, details and attributes, one service after the other."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from scrapy.http import HtmlResponse, Request

from records.listing import Listing
from samples.people import make_world
from samples.platform_sites import PLATFORM_SITES, VARIANTS
from samples.truth import fold
from samples.world import World
from spiders.platforms import Shortfall, Total
from spiders.platforms.geohash import spot_of
from spiders.platforms.registry import platform_named
from tests.hosted_fixtures import visit
from tests.platform_fixtures import SITE, answer, around, harvest, page, recorded


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(people=400)


def match_of(name: str, html: str) -> Any:
    return platform_named(name)(around()).recognise(page(html))


def read(name: str, content: Any) -> list[Any]:
    return list(platform_named(name)(around()).read(answer(json.dumps(content))))


# Stockist


@pytest.mark.parametrize(
    ("geohash", "point"),
    [
        ("ezs42", (42.605, -5.603)),
        ("u4pruydqqvj", (57.64911, 10.40744)),
        ("9q8yyk8yt", (37.7749, -122.4194)),
        ("s", (22.5, 22.5)),
    ],
)
def test_geohashes(geohash: str, point: tuple[float, float]) -> None:
    spot = spot_of(geohash)
    assert spot is not None
    assert spot.holds(*point)


@pytest.mark.parametrize("text", ["", "a", "9q8yi", "🙂", "9" * 17])
def test_what_is_no_geohash(text: str) -> None:
    assert spot_of(text) is None


def test_more_people_in_a_house_than_an_answer_holds_are_missed_aloud(world: World) -> None:
    class Crowded(VARIANTS["stockist"][0]):  # type: ignore[misc]
        def shown(self) -> list[Any]:
            return super().shown()[:1] * 12

        def _row(self, listing: Any) -> dict[str, Any]:
            self.count = getattr(self, "count", 0) + 1
            return {**super()._row(listing), "id": self.count % 12}

    found = visit(Crowded(world), "stockist")
    assert len(found.listings) < 12
    assert found.totals == [12]
    assert any("in no answer: " in one for one in found.shortfalls)


def test_whoever_comes_again_stands_for_nobody_else(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    somebody = next(one for one in world.public("sample_wpsl_b") if one.hard is None)
    house = [replace(somebody, native_id=str(number)) for number in (1, 2, 3)]
    assert somebody.latitude is not None
    near = replace(somebody, native_id="4", latitude=somebody.latitude + 0.1)

    class House(VARIANTS["stockist"][0]):  # type: ignore[misc]
        def shown(self) -> list[Any]:
            return [*house, near]

    monkeypatch.setattr("samples.stockist._MOST_ROWS", 2)
    found = visit(House(world), "stockist")
    assert len(found.listings) == 3
    assert found.shortfalls == ["pins of the overview that were in no answer: 1"]


def test_searches_stop_where_the_fact_sheet_says(world: World) -> None:
    found = visit(VARIANTS["stockist"][0](world), "stockist", max_cells="3")
    assert any("stopped after 3 searches" in one for one in found.shortfalls)


def test_stockist_without_an_overview_searches_where_people_live(world: World) -> None:
    class Bare(VARIANTS["stockist"][0]):  # type: ignore[misc]
        def _answer(self, path: str, request: Any) -> Any:
            return None if "overview" in path else super()._answer(path, request)

    site = Bare(world)
    found = visit(site, "stockist")
    names = {fold(one.name) for one in found.listings.values()}
    # What stands at 0,0, abroad or with its numbers swapped is where nobody lives.
    missing = [one for one in site.shown() if fold(one.printed) not in names]
    assert len(missing) <= 6, missing
    assert not found.shortfalls
    assert len(site.requests) <= 400


def test_stockist_without_places_says_so() -> None:
    platform = platform_named("stockist")(around())
    match = platform.recognise(page(recorded("stockist/page.html")))
    assert match is not None
    list(platform.requests(match))
    found = list(platform.read(answer("not found", status=404, ask="overview")))
    assert [type(one) for one in found] == [Shortfall]


# StoreRocket


def test_a_round_number_that_is_the_whole_costs_a_few_questions(world: World) -> None:
    class Round(PLATFORM_SITES["storerocket"]):  # type: ignore[misc,name-defined]
        def shown(self) -> list[Any]:
            return super().shown()[:50]

    site = Round(world)
    found = visit(site, "storerocket")
    assert len(found.listings) == 50
    assert len(site.requests) <= 10
    assert not found.shortfalls


def test_a_radius_that_is_not_offered_is_noticed(world: World) -> None:
    found = visit(VARIANTS["storerocket"][0](world), "storerocket", radius="400")
    assert any("options.extra.radius" in one for one in found.shortfalls)


# Closeby


def test_closeby_says_when_its_list_is_cut() -> None:
    row = {"id": 1, "title": "Ada Mock", "phone_number": "(614) 555-0142"}
    found = read("closeby", {"locations": [row], "total_count": 40, "is_limited_results": True})
    assert [type(one) for one in found] == [Total, Shortfall, Listing]
    assert found[0].count == 40


@pytest.mark.parametrize(
    "html",
    [
        f'<script src="https://www.closeby.co/embed/{"ab" * 16}.js"></script>',
        f'<iframe data-src="//www.closeby.co/embed/{"ab" * 16}"></iframe>',
        f"<script>window.__closeby__ = {{mapKey:'{'ab' * 16}'}}</script>",
        f"<script>closeby.mapKey = '{'ab' * 16}';</script>",
    ],
)
def test_how_closeby_is_embedded(html: str) -> None:
    match = match_of("closeby", html)
    if "closeby.mapKey" in html:
        assert match is not None
    assert match is not None
    assert match.facts == {"key": "ab" * 16}


# Elfsight


def test_markers_in_the_page_need_no_request() -> None:
    html = recorded("elfsight/inline.html")
    platform = platform_named("elfsight")(around())

    def nobody(request: Request) -> Any:
        raise AssertionError(request.url)

    inline = harvest(platform, page(html), nobody)
    wanted = json.loads(recorded("elfsight/expected.json"))
    assert list(inline.listings) == [one["native_id"] for one in wanted["listings"]]
    assert inline.hidden == wanted["hidden"]


def test_half_an_attribute_is_no_map() -> None:
    html = '<div data-elfsight-google-maps-options="%7B%22markers%22%3A%5B%7B"></div>'
    assert match_of("elfsight", html) is None


def test_a_widget_of_reviews_is_no_directory() -> None:
    widget = (
        '<script src="https://static.elfsight.com/platform/platform.js"></script>'
        '<div class="elfsight-app-9d7a1c52-1111-4222-8333-444455556666"></div>'
    )
    assert match_of("elfsight", f"<h1>What our students say</h1>{widget}") is None
    match = match_of("elfsight", f"<h1>Find a Practitioner</h1>{widget}")
    assert match is not None
    assert match.certainty == 0.4


# MembershipWorks


@pytest.mark.parametrize(
    ("start", "recognised"),
    [
        ("!directory", True),
        ("!directory/map", True),
        ("directory/list", True),
        ("!biz-list", True),
        ("", True),
        ("!event-list", False),
        ("!calendar", False),
        ("join", False),
        ("myaccount", False),
        ("!donate", False),
        ("!form/1234", False),
    ],
)
def test_which_membershipworks_page_is_a_directory(start: str, recognised: bool) -> None:
    html = f'<div id="SFctr" class="SF" data-org="1" data-ini="{start}"></div>'
    assert (match_of("membershipworks", html) is not None) is recognised


def test_membershipworks_is_asked_as_the_page_asks_it() -> None:
    platform = platform_named("membershipworks")(around(extra={"folders": "Members| Level 2"}))
    match = platform.recognise(page(recorded("membershipworks/page.html")))
    assert match is not None
    first, second = platform.requests(match)
    assert first.url == "https://api.membershipworks.com/v2/directory?_st=&_rf=Members"
    assert second.url == "https://api.membershipworks.com/v2/directory?_st=&_rf=Level%202"
    headers = {name.decode(): values[0].decode() for name, values in first.headers.items()}
    assert headers == {
        "Accept": "application/json",
        "X-Org": "33993",
        "Referer": f"{SITE}/find/",
        "Origin": SITE,
    }


def test_a_folder_of_membershipworks_in_the_page() -> None:
    html = f'<div id="SFctr" data-org="1" data-ini="!folder/{"0a" * 12}"></div>'
    platform = platform_named("membershipworks")(around())
    match = platform.recognise(page(html))
    assert match is not None
    (asked,) = platform.requests(match)
    assert asked.url.endswith(f"/v2/directory?_st=&dek={'0a' * 12}")


def test_membershipworks_stops_turning_pages_that_bring_nobody_new() -> None:
    platform = platform_named("membershipworks")(around())
    match = platform.recognise(page(recorded("membershipworks/page.html")))
    assert match is not None
    asked = list(platform.requests(match))
    turned = 0
    while asked:
        turned += 1
        assert turned < 5
        request = asked.pop()
        # A cursor that is another one every time, and the same member for ever.
        body = json.dumps(
            {"usr": [{"uid": "1", "nam": "Ada Mock", "adr": {"cit": "Lima"}}], "_st": str(turned)}
        ).encode()
        found = HtmlResponse(request.url, body=body, encoding="utf-8", request=request)
        asked += [one for one in platform.read(found) if isinstance(one, Request)]
    assert turned == 2


def test_members_without_addresses_are_asked_for_one_by_one() -> None:
    platform = platform_named("membershipworks")(around())
    match = platform.recognise(page(recorded("membershipworks/page.html")))
    assert match is not None
    list(platform.requests(match))
    body = json.dumps({"usr": [{"uid": "7", "nam": "Ada Mock", "phn": ["(614) 555-0142"]}]})
    (profile,) = platform.read(answer(body, ask="directory", query={"_rf": "Members"}))
    assert isinstance(profile, Request)
    assert profile.url == "https://api.membershipworks.com/v2/account/7/profile"
    assert profile.headers["X-Org"] == b"33993"
    more = {
        "uid": "7",
        "nam": "ADA",
        "adr": {"cit": "Lima", "loc": [-84.1, 40.7]},
        "web": "a.example.com",
    }
    (found,) = platform.read(answer(json.dumps(more), **profile.meta["about"]))
    assert isinstance(found, Listing)
    assert (found.name, found.phone, found.city) == ("Ada Mock", "(614) 555-0142", "Lima")
    assert (found.latitude, found.website) == ("40.7", "a.example.com")
