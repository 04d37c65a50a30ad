"""Hosted locators on bad answers, on odd rows, and on pages that only mention one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.http import HtmlResponse, Request, Response
from scrapy.responsetypes import responsetypes

from records.listing import Listing
from spiders.platforms import Total, WrongShape
from spiders.platforms.registry import platform_named
from tests.hosted_fixtures import NAMES
from tests.platform_fixtures import RECORDINGS, SITE, answer, around, page, recorded

ALL = (*NAMES, "refused")
#: What comes after the account in each recording and holds listings.
ANSWERS = {
    "storepoint": "locations.json",
    "stockist": "search-1.json",
    "storerocket": "locations.json",
    "storemapper": "stores.js",
    "closeby": "locations.json",
    "store_locator_widgets": "stores.js",
    "metalocator": "search.json",
    "elfsight": "map.json",
    "membershipworks": "members.json",
    "google_my_maps": "map.kml",
}
ABOUT: dict[str, dict[str, Any]] = {"stockist": {"ask": "search", "cell": (0.0, 0.0, 500.0)}}


def read(name: str, body: str, **about: Any) -> list[Any]:
    return list(platform_named(name)(around()).read(answer(body, **about)))


HOSTILE = {
    "an HTML page": "<!DOCTYPE html><html><body><h1>Welcome</h1></body></html>",
    "a database error": "<h1>Error establishing a database connection</h1>",
    "an SQL message in an array": '["You have an error in your SQL syntax"]',
    "success: false": '{"success":false,"results":{"locations":[]},"message":"Not allowed"}',
    "success: false as text": '{"success":"false","stores":[],"usr":[],"locations":[]}',
    "an error": '{"error":"An API key is required."}',
    "zero": "0",
    "nothing": "",
    "an empty string": '""',
    "null": "null",
    "another list": '[{"ID":1,"post_title":"Hello world"}]',
    "numbers": "[1,2,3]",
    "an empty object": "{}",
    "a call of nothing": "f();",
    "deep": "[" * 100_000,
    "deep in a call": "f(" + "[" * 100_000,
    "entities": (
        '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]>'
        "<kml><Document><Placemark><name>&c;</name></Placemark></Document></kml>"
    ),
    "other XML": "<rss><channel><title>News</title></channel></rss>",
    "a list that is none": '{"success":true,"results":{"locations":{"1":{}}},"stores":{"1":{}}}',
    "blanks in a call": "f({}" + ")" + " " * 300_000 + "x",
    "blanks before nothing": " " * 300_000 + "x",
    "text that never ends": "<kml>" + "<![CDATA[" * 100_000,
    "a log-in": "<html><head><title>Sign in - Google Accounts</title></head><body></body></html>",
}


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("status", [200, 201, 404])
def test_what_is_no_answer_is_never_taken_for_one(name: str, body: str, status: int) -> None:
    with pytest.raises(WrongShape):
        list(platform_named(name)(around()).read(answer(body, status=status)))


@pytest.mark.parametrize("name", NAMES)
def test_half_an_answer_is_none(name: str) -> None:
    whole = (RECORDINGS / name / ANSWERS[name]).read_text(encoding="utf-8").rstrip()
    for end in range(1, len(whole) - 1, max(1, len(whole) // 40)):
        with pytest.raises(WrongShape):
            read(name, whole[:end], **ABOUT.get(name, {}))


@pytest.mark.parametrize("name", NAMES)
def test_another_status_changes_nothing(name: str) -> None:
    body = (RECORDINGS / name / ANSWERS[name]).read_text(encoding="utf-8")
    about = ABOUT.get(name, {})
    platform = platform_named(name)
    usual = list(platform(around()).read(answer(body, **about)))
    assert usual == list(platform(around()).read(answer(body, status=201, **about)))
    assert sum(isinstance(one, Listing) for one in usual) >= 1


ROWS = {
    "storepoint": (
        '{"success":1,"results":{"locations":[{"id":7,"name":"Ada Mock","loc_lat":40,'
        '"loc_long":-83.50}]}}'
    ),
    "stockist": '[{"id":7,"name":"Ada Mock","latitude":40,"longitude":-83.50}]',
    "storerocket": (
        '{"success":"true","results":{"locations":[{"id":7,"name":"Ada Mock","lat":40,'
        '"lng":-83.50}]}}'
    ),
    "storemapper": '{"stores":[{"id":7,"name":"Ada Mock","latitude":40,"longitude":-83.50}]}',
    "closeby": (
        '{"locations":[{"id":7,"title":"Ada Mock","phone":"x","geometry":'
        '{"coordinates":[-83.50,40]}}]}'
    ),
    "store_locator_widgets": (
        '{"stores":[{"storeid":7,"name":"Ada Mock","data":{"map_lat":40,"map_lng":-83.50}}]}'
    ),
    "metalocator": '[{"id":7,"name":"Ada Mock","lat":40,"lng":-83.50}]',
    "elfsight": (
        '{"data":{"widgets":{"w":{"data":{"settings":{"markers":[{"infoTitle":"Ada Mock",'
        '"coordinates":{"lat":40,"lng":-83.50}}]}}}}}}'
    ),
    "membershipworks": '{"usr":[{"uid":7,"nam":"Ada Mock","loc":[-83.50,40],"adr":{"cit":"A"}}]}',
    "google_my_maps": (
        "<kml><Placemark><name>Ada Mock</name><Point><coordinates>-83.50,40</coordinates>"
        "</Point></Placemark></kml>"
    ),
}


@pytest.mark.parametrize("name", NAMES)
def test_numbers_may_be_text_whole_or_with_a_point(name: str) -> None:
    for body in (ROWS[name], ROWS[name].replace("-83.50", '"-83.50"').replace(":7,", ':"7",')):
        if name == "google_my_maps" and body != ROWS[name]:
            continue
        (found,) = read(name, body)
        assert isinstance(found, Listing)
        assert (found.name, found.latitude, found.longitude) == ("Ada Mock", "40", "-83.50")
        assert name in ("elfsight", "google_my_maps") or found.native_id == "7"


@pytest.mark.parametrize("name", NAMES)
def test_points_that_are_nowhere_are_passed_on_as_sent(name: str) -> None:
    for point, meant in (("0", "0"), ("-183.5", "-183.5")):
        (found,) = read(name, ROWS[name].replace("-83.50", point))
        assert isinstance(found, Listing)
        assert found.longitude == meant


@pytest.mark.parametrize("name", NAMES)
def test_text_is_unescaped_once(name: str) -> None:
    (found,) = read(name, ROWS[name].replace("Ada Mock", "R&amp;D &#8211; Mock"))
    assert found.name == "R&D – Mock"


def test_an_id_or_a_date_that_is_another_every_time_tells_nobody_apart() -> None:
    marker = {"infoTitle": "Ada Mock", "infoAddress": "1 A St, Lima, OH 45801"}
    ids = set()
    for number in range(3):
        sent = {**marker, "id": f"made-{number}", "updated_at": f"2026-11-24T03:0{number}"}
        content = {"data": {"widgets": {"w": {"data": {"settings": {"markers": [sent]}}}}}}
        (found,) = read("elfsight", json.dumps(content))
        assert found.extra == {}
        ids.add(found.native_id)
    assert len(ids) == 1


def test_a_large_answer_is_no_trouble() -> None:
    rows = [{"id": number, "name": "Ada Mock", "address": "a" * 500} for number in range(20_000)]
    assert len(read("storemapper", f"f({json.dumps({'stores': rows})})")) == 20_000


# Pages that only mention one

ORDINARY = (
    "<p>We compared Storepoint, Stockist, StoreRocket, Storemapper, Closeby and MetaLocator.</p>",
    '<p>Paste <code>&lt;div data-stockist-widget-tag="u1234"&gt;</code> into your page.</p>',
    "<pre>https://api.storepoint.co/v1/165a1b2c3d4e5f/locations</pre>",
    '<p>See <a href="https://storerocket.io/">their offer</a>.</p>',
    '<div id="storepoint-container"></div>',
    '<div id="storemapper"></div><div id="storerocket-widget"></div><div id="closeby"></div>',
    '<script src="https://stockist.co/embed/v1/widget.min.js"></script>',
    '<script src="https://cdn.storerocket.io/js/widget-mb.js"></script>',
    '<script src="https://www.storemapper.co/js/widget-3.min.js"></script>',
    '<script src="//cdn.storelocatorwidgets.com/widget/widget.js"></script>',
    '<script src="/js/app.js" data-uid="25c69a4203a347359016accf658a2097"></script>',
    '<div data-stockist-widget-tag=""></div><div data-storemapper-id="{{ id }}"></div>',
    '<script src="https://www.metalocator.com/tag.js"></script>',
    '<a href="https://code.metalocator.com/index.php?Itemid=12">a map</a>',
    '<script src="https://cdn.membershipworks.com/mfm.js"></script>',
    '<div id="SFctr" data-org="1" data-ini="!event-list"></div>',
    '<div class="elfsight-app-9d7a1c52-1111-4222-8333-444455556666"></div>',
    '<script src="https://static.elfsight.com/platform/platform.js"></script>',
    '<iframe src="https://www.google.com/maps/embed?pb=!1m18!1m12"></iframe>',
    '<iframe src="https://www.google.com/maps/embed/v1/place?key=a&amp;q=x"></iframe>',
    '<a href="https://www.google.com/maps/place/Toledo">the way</a>',
    '<iframe src="https://maps.example.com/maps/d/embed?mid=1AbCdEfGhIjKl"></iframe>',
    "<p>Our answers are on Yext, Algolia and Bullseye.</p>",
    "<script>var search = algoliasearch('A', 'b').initIndex('pages');</script>",
    '<a href="https://www.bullseyelocations.com/">Bullseye</a>',
    "<script>console.log('StoreRocket.configs; closeby; mapKey; ml___Itemid');</script>",
)


@pytest.mark.parametrize("body", ORDINARY)
def test_a_page_that_only_mentions_one_is_not_recognised(body: str) -> None:
    html = f"<!DOCTYPE html><html><body><h1>Our blog</h1>{body}</body></html>"
    for name in ALL:
        assert platform_named(name)(around()).recognise(page(html)) is None, name


@pytest.mark.parametrize("body", ['{"storepoint": 1}', "[]", "null", "<rss/>", "", "{"])
@pytest.mark.parametrize("kind", ["application/json", "text/xml", "text/plain", "text/html"])
def test_what_is_no_web_page_is_not_recognised(body: str, kind: str) -> None:
    headers = {"Content-Type": kind}
    made = responsetypes.from_args(headers=headers, url=SITE, body=body.encode())
    found = made(SITE, body=body.encode(), headers=headers)
    for name in ALL:
        assert platform_named(name)(around()).recognise(found) is None


def test_binary_answers_are_no_pages() -> None:
    for name in ALL:
        platform = platform_named(name)(around())
        assert platform.recognise(Response(SITE, body=b"%PDF-1.7")) is None
        with pytest.raises(WrongShape):
            list(platform.read(Response(SITE, body=b"\x1f\x8b\x00")))


# Any text

MARKUP = st.lists(
    st.sampled_from(
        [
            "<script>", "</script>", '<div id="storepoint-container" data-map-id="', '">', "'>",
            "<div data-stockist-widget-tag='", "<div data-storerocket-id='", "u1234", "165a1b2c",
            "<script data-storemapper-id='28644-a'>", "window.closeby = {mapKey:'",
            "0123456789abcdef0123456789abcdef", "closeby.co/embed/", "ml___Itemid = 12",
            "<script data-uid='25c69a42' src='//cdn.storelocatorwidgets.com/widget/w.js'>",
            "<script src='https://code.metalocator.com/x?Itemid=1'>", "%7B%22markers%22%3A%5B",
            "<div data-elfsight-google-maps-options='", "<iframe src='", "http://[", "//",
            "https://www.google.com/maps/d/embed?mid=1abcdefgh", "&mid=", "\x00", "\ud7ff",
            "<div id='SFctr' data-org='1' data-ini='", "!directory", "algoliasearch(", "f(", "{",
            "<kml>", "<Placemark>", "<name>", "<![CDATA[", "]]>", "</kml>", "&amp;", "1", "null",
        ]
    ),
    max_size=25,
).map("".join)  # fmt: skip


@given(st.text(max_size=300) | MARKUP)
def test_any_page_can_be_looked_at(text: str) -> None:
    body = text.encode("utf-8", "replace")
    found = HtmlResponse(f"{SITE}/x", body=body, encoding="utf-8")
    for name in ALL:
        platform = platform_named(name)(around())
        match = platform.recognise(found)
        if match is not None:
            assert all(isinstance(one, Request) for one in platform.requests(match))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                """success results locations online_stores stores usr dek adr loc nam uid phn id
            name title address latitude longitude lat lng geometry coordinates data widgets w
            settings markers infoTitle position filters fields custom_fields storeid i error
            location status hidden _st total_count website""".split()
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)
ASKED = st.sampled_from(
    [
        {},
        {"ask": "all"},
        {"ask": "widget"},
        {"ask": "overview"},
        {"ask": "search", "cell": (40.0, -83.0, 500.0), "pin": 0},
        {"ask": "probe", "cell": (40.0, -83.0, 160.0)},
        {"ask": "cell", "cell": (40.0, -83.0, 160.0)},
        {"ask": "details", "id": "1"},
        {"ask": "profile", "id": "1"},
        {"ask": "directory", "query": {"_st": "", "_rf": "Members"}},
        {"widget": "w"},
    ]
)


@given(st.text(max_size=300) | MARKUP | JSON.map(json.dumps), ASKED)
def test_any_answer_is_read_or_is_of_the_wrong_shape(text: str, asked: dict[str, Any]) -> None:
    for name in ALL:
        platform = platform_named(name)(around([(40.0, -83.0, 1000)]))
        match = platform.recognise(page(recorded(f"{name}/page.html")))
        if asked and match is not None:
            list(platform.requests(match))
        try:
            for one in platform.read(answer(text, **asked)):
                if isinstance(one, Total):
                    assert one.count >= 0
        except WrongShape:
            pass
