"""Map plugins on bad answers, on rows nobody may see, and on pages that only mention one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.http import HtmlResponse, Request, Response
from scrapy.responsetypes import responsetypes

from records.listing import Listing
from spiders.platforms import Hidden, WrongShape
from spiders.platforms.registry import platform_named
from tests.map_plugin_fixtures import NAMES
from tests.platform_fixtures import RECORDINGS, SITE, answer, around, page


def read(name: str, body: str) -> list[Any]:
    return list(platform_named(name)(around()).read(answer(body)))


# Hostile answers

HOSTILE = {
    "an HTML page": "<!DOCTYPE html><html><body><h1>Welcome</h1></body></html>",
    "a database error": "<h1>Error establishing a database connection</h1>",
    "an SQL message in an array": '["You have an error in your SQL syntax"]',
    "success: false": '{"success":false,"data":"Wrong Nonce"}',
    "no success at all": '{"success":false,"response":[],"count":0}',
    "zero": "0",
    "minus one": "-1",
    "nothing": "",
    "an empty string": '""',
    "null": "null",
    "a REST error": '{"code":"rest_no_route","message":"No route","data":{"status":404}}',
    "another list": '[{"ID":1,"post_title":"Hello world"}]',
    "numbers": "[1,2,3]",
    "deep": "[" * 100_000,
    "entities": (
        '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]>'
        "<locator><store><item><location>&c;</location><address>&c;</address></item></store></locator>"
    ),
    "other XML": "<rss><channel><title>News</title></channel></rss>",
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_no_answer_is_never_taken_for_one(name: str, body: str) -> None:
    with pytest.raises(WrongShape):
        list(platform_named(name)(around()).read(answer(body)))


@pytest.mark.parametrize("name", NAMES)
def test_half_an_answer_is_none(name: str) -> None:
    folder = RECORDINGS / name
    exchanges = json.loads((folder / "exchanges.json").read_text(encoding="utf-8"))
    files = [one["file"] for one in exchanges if one["file"].startswith(("st", "on", "ma", "re"))]
    assert files
    whole = (folder / files[0]).read_text(encoding="utf-8")
    for end in range(1, len(whole.rstrip()) - 1, max(1, len(whole) // 40)):
        with pytest.raises(WrongShape):
            list(platform_named(name)(around()).read(answer(whole[:end])))


@pytest.mark.parametrize("name", NAMES)
def test_numbers_may_be_text_whole_or_with_a_point(name: str) -> None:
    row = {
        "agile_store_locator": '[{"id":7,"title":"Ada Mock","street":"","lat":40,"lng":-83.50}]',
        "store_locator_plus": (
            '{"success":true,"count":"1","response":[{"id":7,"name":"Ada Mock","address":"",'
            '"lat":40,"lng":-83.50}]}'
        ),
        "super_store_finder": (
            '{"item":[{"storeId":7,"location":"Ada Mock","address":"","latitude":40,'
            '"longitude":-83.50}]}'
        ),
        "wp_go_maps": '[{"id":7,"map_id":1,"title":"Ada Mock","lat":40,"lng":-83.50}]',
        "mappress": '{"pois":[{"title":"Ada Mock","address":"","point":{"lat":40,"lng":-83.50}}]}',
        "yith_store_locator": (
            '{"markers":[{"id":7,"name":"Ada Mock","latitude":40,"longitude":-83.50}]}'
        ),
        "maps_marker_pro": '[{"id":7,"name":"Ada Mock","address":"","lat":40,"lng":-83.50}]',
    }[name]
    (found,) = platform_named(name)(around()).read(answer(row))
    assert isinstance(found, Listing)
    assert (found.name, found.latitude, found.longitude) == ("Ada Mock", "40", "-83.50")
    assert name == "mappress" or found.native_id == "7"


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("agile_store_locator", '[{"id":"1","title":"A","street":"b","is_disabled":"1"}]'),
        ("agile_store_locator", '[{"id":"1","title":"A","street":"b","pending":1}]'),
        (
            "store_locator_plus",
            '{"success":true,"response":[{"id":"1","name":"A","lat":"","data":{"sl_private":"1"}}]}',
        ),
        ("store_locator_plus", '{"sl_id":"1","sl_store":"A","sl_private":"1"}'),
        ("super_store_finder", '[{"location":"A","address":"b","is_published":"0"}]'),
        ("wp_go_maps", '{"markers":[{"id":"1","title":"A","approved":"0"}]}'),
        ("wp_go_maps", '[{"id":"1","title":"A","approved":0}]'),
    ],
)
def test_what_is_not_for_the_public_is_counted_and_dropped(name: str, row: str) -> None:
    (found,) = read(name, row)
    assert isinstance(found, Hidden)


def test_hidden_mail_stays_hidden() -> None:
    hidden = '<a class="__cf_email__" data-cfemail="4a2b">[email&#160;protected]</a>'
    row = [{"id": "1", "map_id": "1", "title": "Ada Mock", "description": f"<p>{hidden}</p>"}]
    (found,) = read("wp_go_maps", json.dumps(row))
    assert found.email is None
    assert found.extra["email"] == "contact via site"
    card = f'<p class="store-address">1 A St</p><li class="store-email"><b>Email:</b>{hidden}</li>'
    marker = {"id": 1, "name": "Ada Mock", "latitude": "", "longitude": "", "pin_modal": card}
    (found,) = read("yith_store_locator", json.dumps({"markers": [marker]}))
    assert found.email is None


# Pages that only mention one

ORDINARY = (
    "<p>We tried the WP plugins Agile Store Locator, Store Locator Plus and WP Go Maps.</p>",
    "<p>Set <code>var ASL_REMOTE = {}</code> and <code>slplus = {}</code> in your theme.</p>",
    "<pre>new MapsMarkerPro({ type: 'map' });</pre>",
    "<p>&lt;mappress-map mapid='1'&gt; is what MapPress prints.</p>",
    "<!-- MapPress Easy Google Maps Version:2.97.6 -->",
    '<link rel="stylesheet" href="/wp-content/plugins/agile-store-locator/public/css/all.css">',
    '<link rel="stylesheet" href="/wp-content/plugins/superstorefinder-wp/css/style.css">',
    '<link rel="stylesheet" href="/wp-content/plugins/wp-google-maps/css/wpgmza_style.css">',
    '<iframe src="https://www.google.com/maps/embed?pb=!1m18"></iframe>',
    '<div id="map"></div><script>var map = new google.maps.Map(el, {zoom: 4});</script>',
    '<script>console.log("ASL_REMOTE missing; slplus; yith_sl_store_locator");</script>',
    "<script>if (window.WPGMZA_localized_data == undefined) { load(); }</script>",
    "<script>new MapsMarkerPro({uid: 'a', type: 'marker', id: '9'});</script>",
    '<p>See <a href="https://dashboard.storelocatorplus.com/signup/">their offer</a>.</p>',
    "<p>Our shop finder runs on superstorefinder-wp/ssf-wp-xml.php.</p>",
    '<div class="store-locator">Find a store near you</div>',
)


@pytest.mark.parametrize("body", ORDINARY)
def test_a_page_that_only_mentions_one_is_not_recognised(body: str) -> None:
    html = f"<!DOCTYPE html><html><body><h1>Blog</h1>{body}</body></html>"
    for name in NAMES:
        assert platform_named(name)(around()).recognise(page(html)) is None, name


@pytest.mark.parametrize("body", ['{"slplus": 1}', "[]", "null", "<rss/>", "", "{"])
@pytest.mark.parametrize("kind", ["application/json", "text/xml", "text/plain", "text/html"])
def test_what_is_no_web_page_is_not_recognised(body: str, kind: str) -> None:
    headers = {"Content-Type": kind}
    made = responsetypes.from_args(headers=headers, url=SITE, body=body.encode())
    found = made(SITE, body=body.encode(), headers=headers)
    for name in NAMES:
        assert platform_named(name)(around()).recognise(found) is None


def test_binary_answers_are_no_pages() -> None:
    for name in NAMES:
        platform = platform_named(name)(around())
        assert platform.recognise(Response(SITE, body=b"%PDF-1.7")) is None
        with pytest.raises(WrongShape):
            list(platform.read(Response(SITE, body=b"\x1f\x8b\x00")))


# Any text

MARKUP = st.lists(
    st.sampled_from(
        [
            "<script>", "</script>", "var ASL_REMOTE = ", "slplus = ", "{", "}", '"ajax_url":',
            '"options":{', "WPGMZA_localized_data = ", "<div class='wpgmza_map' data-map-id='",
            "'>", "<mappress-map mapid='1'>", "<poi point='1,2' title='", "</poi>",
            "mapp.data.push(", '{"pois":[', "]}", ")", "new MapsMarkerPro(", "type: 'map', id: '",
            "http://[", "//", '"', "'", "ssf_wp_base='", "yith_sl_store_locator = ", "&amp;",
            "\x00",
            "<iframe src='?mappress=embed&mapid=", "\ud7ff", "null", "1",
            "https://dashboard.storelocatorplus.com/a_b/x?api_key=12345678",
        ]
    ),
    max_size=25,
).map("".join)  # fmt: skip


@given(st.text(max_size=300) | MARKUP)
def test_any_page_can_be_looked_at(text: str) -> None:
    body = text.encode("utf-8", "replace")
    found = HtmlResponse(f"{SITE}/x", body=body, encoding="utf-8")
    for name in NAMES:
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
                """id name title address lat lng latitude longitude markers features properties
            geometry coordinates data success response count popup description pin_modal results
            pois point body location storeId item sl_id sl_store approved map_id type street
            website""".split()
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)


@given(st.text(max_size=300) | MARKUP | JSON.map(json.dumps))
def test_any_answer_is_read_or_is_of_the_wrong_shape(text: str) -> None:
    for name in NAMES:
        try:
            for one in platform_named(name)(around()).read(answer(text)):
                assert not isinstance(one, Request)
        except WrongShape:
            pass
