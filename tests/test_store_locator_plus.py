"""Store Locator Plus: as few questions as can be, and never half a list for the whole."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from scrapy.http import Request

from records.listing import Listing
from samples.people import make_world
from samples.store_locator_plus import (
    StoreLocatorPlusByNameSite,
    StoreLocatorPlusCloudSite,
    StoreLocatorPlusOldSite,
    StoreLocatorPlusQuietSite,
    StoreLocatorPlusSite,
)
from samples.world import World
from spiders.platforms import Shortfall, WrongShape
from spiders.platforms.store_locator_plus import StoreLocatorPlus
from tests.map_plugin_fixtures import visit
from tests.platform_fixtures import SITE, answer, around, page, us_places


@pytest.fixture(scope="module")
def world() -> World:
    return make_world()


def asked(requests: list[Request]) -> list[dict[str, str]]:
    return [dict(parse_qsl(urlsplit(one.url).query)) for one in requests]


def row(number: int, **more: Any) -> dict[str, Any]:
    name = f"Mock Person {number}, PT"
    return {"id": str(number), "name": name, "address": "", "lat": "40", "lng": "-83", **more}


def reply(rows: list[dict[str, Any]], **more: Any) -> str:
    return json.dumps({"success": True, "count": len(rows), "response": rows, **more})


def ready(people: Any = (), **extra: str) -> StoreLocatorPlus:
    """A platform that has recognised a page and asked its first questions."""
    platform = StoreLocatorPlus(around(people, extra=extra))
    settings = json.dumps({"ajaxurl": f"{SITE}/wp-admin/admin-ajax.php", "options": {}})
    match = platform.recognise(page(f"<script>var slplus = {settings};</script>"))
    assert match is not None
    list(platform.requests(match))
    return platform


@pytest.mark.parametrize(
    ("kind", "most"),
    [
        (StoreLocatorPlusSite, 100),
        (StoreLocatorPlusQuietSite, 350),
        (StoreLocatorPlusCloudSite, 60),
    ],
)
def test_a_capped_directory_of_the_whole_country_is_read_whole(
    kind: type[StoreLocatorPlusSite], most: int, world: World
) -> None:
    site = kind(world)
    found = visit(site, StoreLocatorPlus(around(us_places())))
    assert len(found.listings) == len(site.shown()) > 400
    assert not found.shortfalls
    assert len(found.requests) <= most


def test_private_entries_are_counted_and_taken_off_the_total(world: World) -> None:
    site = StoreLocatorPlusSite(world)
    found = visit(site, StoreLocatorPlus(around(us_places())))
    assert found.hidden == ["private"] * len(site.withheld())
    assert found.totals == [len(site.shown())]


def test_the_radius_is_in_the_sites_unit_and_never_empty(world: World) -> None:
    radii = {}
    for kind in (StoreLocatorPlusSite, StoreLocatorPlusQuietSite):
        found = visit(kind(world), StoreLocatorPlus(around(us_places())))
        sent = [one["radius"] for one in asked(found.requests) if "radius" in one]
        radii[kind] = sorted(set(sent))
        assert all(float(one) > 0 for one in sent)
    assert radii[StoreLocatorPlusSite] == ["25000", "497"]
    assert radii[StoreLocatorPlusQuietSite] == ["25000", "800"]


def test_no_nonce_and_no_address_is_ever_sent(world: World) -> None:
    found = visit(StoreLocatorPlusSite(world), StoreLocatorPlus(around(us_places())))
    assert all(one.method == "GET" for one in found.requests)
    assert not any({"nonce", "address", "formdata"} & one.keys() for one in asked(found.requests))


def test_a_short_list_is_whole_after_one_search() -> None:
    platform = ready()
    body = reply([row(1), row(2)], data_queries={"query": "SELECT … LIMIT 25"})
    context = {"ask": "wide", "action": "csl_ajax_onload", "point": (39.8, -98.6)}
    readings = list(platform.read(answer(body, **context)))
    assert [type(one) for one in readings] == [Listing, Listing]


def test_without_the_echo_the_other_side_of_the_world_is_asked() -> None:
    platform = ready()
    context = {"ask": "wide", "action": "csl_ajax_onload", "point": (39.8, -98.6)}
    *_, request = platform.read(answer(reply([row(1), row(2)]), **context))
    assert isinstance(request, Request)
    assert "action=csl_ajax_search&lat=-39.80000&lng=81.40000&radius=25000" in request.url
    second = answer(reply([row(2), row(1)]), **request.meta["about"])
    assert list(platform.read(second)) == []


def test_a_list_that_is_cut_where_no_places_are_known_is_said_to_be_cut() -> None:
    platform = ready()
    rows = [row(number) for number in range(25)]
    list(platform.read(answer(reply(rows), ask="wide", action="csl_ajax_onload", point=(1, 1))))
    rows = [row(number) for number in range(25, 50)]
    *_, last = platform.read(
        answer(reply(rows), ask="wide", action="csl_ajax_search", point=(1, 1))
    )
    assert isinstance(last, Shortfall)
    assert "no places are known" in last.reason


def test_more_at_one_spot_than_the_site_sends_is_said_out_loud() -> None:
    platform = ready([(40.0, -83.0, 1000)])
    waiting: list[Request] = []
    seen, said = 0, []
    for action in ("csl_ajax_onload", "csl_ajax_search"):
        rows = [row(number) for number in range(seen, seen + 25)]
        seen += 25
        for one in platform.read(answer(reply(rows), ask="wide", action=action, point=(1, 1))):
            waiting += [one] if isinstance(one, Request) else []
    # The first search around the world has asked for the second; what is left is the grid.
    waiting = [one for one in waiting if one.meta["about"]["ask"] == "cell"]
    for _ in range(500):
        if not waiting:
            break
        request = waiting.pop()
        body = reply([row(number) for number in range(25)])
        for one in platform.read(answer(body, **request.meta["about"])):
            if isinstance(one, Request):
                waiting.append(one)
            elif isinstance(one, Shortfall):
                said.append(one.reason)
    assert not waiting
    assert any("25 listings at one spot" in one for one in said)


def test_max_cells_ends_the_search_and_says_so(world: World) -> None:
    site = StoreLocatorPlusQuietSite(world)
    found = visit(site, StoreLocatorPlus(around(us_places(), extra={"max_cells": "5"})))
    assert len(found.requests) == 3 + 5
    assert len(found.shortfalls) == 1
    assert "stopped after 5 searches" in found.shortfalls[0]


def test_a_count_that_is_not_the_number_of_rows_is_half_an_answer() -> None:
    body = json.dumps({"success": True, "count": 3, "response": [row(1)]})
    with pytest.raises(WrongShape, match="counts 3 entries and holds 1"):
        list(StoreLocatorPlus(around()).read(answer(body)))


@pytest.mark.parametrize(
    "body",
    [
        '/**/initMySLP({"data":{"success":true,"response":[ROW]}});',
        'initMySLP({"data":{"success":true,"response":[ROW]}})',
        '{"data":{"success":true,"count":1,"response":[ROW]}}',
        '{"success":true,"count":1,"response":[ROW]}',
    ],
)
def test_the_hosted_service_wraps_its_answer(body: str) -> None:
    text = body.replace("ROW", json.dumps(row(1)))
    (found,) = StoreLocatorPlus(around()).read(answer(text))
    assert isinstance(found, Listing)
    assert found.name == "Mock Person 1, PT"


SERVICE = "https://dashboard.storelocatorplus.com/guild"
KEY = "myslp.0123456789abcdef"


@pytest.mark.parametrize(
    "html",
    [
        f'<script src="{SERVICE}/wp-content/plugins/myslp/embed.js?api_key={KEY}"></script>',
        f'<iframe src="{SERVICE}/map/?api_key={KEY}"></iframe>',
        json.dumps({"rest_url": f"{SERVICE}/wp-json/", "api_key": KEY})
        .replace("/", "\\/")
        .join(("<script>var slplus = ", ";</script>")),
        f"<script>myslp.init({{url: '{SERVICE}/wp-json/myslp/v2/', api_key: '{KEY}'}});</script>",
    ],
)
def test_the_hosted_service_is_recognised_by_its_address_and_a_key(html: str) -> None:
    match = StoreLocatorPlus(around()).recognise(page(html))
    assert match is not None
    service = f"{SERVICE}/wp-json/myslp/v2"
    assert (match.facts["cloud"], match.facts["key"]) == (service, KEY)
    (first,) = StoreLocatorPlus(around()).requests(match)
    assert first.url.startswith(f"{service}/locations-map/search?action=csl_ajax_onload&")
    assert first.url.endswith(f"&api_key={KEY}")


def test_a_version_that_reads_post_only_is_asked_by_post(world: World) -> None:
    site = StoreLocatorPlusOldSite(world)
    found = visit(site, StoreLocatorPlus(around(us_places())))
    searches = [one.method for one in found.requests if "rest" not in one.url]
    assert len(found.listings) == len(site.shown())
    assert not found.shortfalls
    assert set(searches[2:]) == {"POST"}


def test_answers_about_another_place_are_never_taken_for_the_whole() -> None:
    platform = ready()
    rows = [row(1, distance="12.5"), row(2, distance="13.5")]
    context = {"ask": "wide", "action": "csl_ajax_onload", "point": (10, 10), "radius": 25000}
    *_, again = platform.read(answer(reply(rows), **context))
    assert isinstance(again, Request)
    assert again.method == "POST"
    *_, last = platform.read(answer(reply(rows), **again.meta["about"]))
    assert isinstance(last, Shortfall)


def test_an_order_of_the_sites_own_costs_questions_and_no_listings() -> None:
    site = StoreLocatorPlusByNameSite(make_world(people=400))
    found = visit(site, StoreLocatorPlus(around(us_places())))
    # Points outside the country are in reach only of a list that is sorted by distance.
    astray = [one for one in site.shown() if one.hard in ("coords_zero", "coords_swapped")]
    assert {one.native_id for one in site.shown()} - found.listings.keys() <= {
        one.native_id for one in astray
    }
    assert not found.shortfalls
    assert len(found.requests) <= 100
