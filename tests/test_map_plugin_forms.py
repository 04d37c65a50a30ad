"""Map plugins: the other forms of their pages and answers, one by one."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any
from urllib.parse import parse_qsl, quote

import pytest
from scrapy.http import Request

from records.listing import Listing
from spiders.platforms import Match, Shortfall, WrongShape
from spiders.platforms.agile_store_locator import AgileStoreLocator
from spiders.platforms.mappress import MapPress
from spiders.platforms.maps_marker_pro import MapsMarkerPro
from spiders.platforms.popups import popup
from spiders.platforms.super_store_finder import SuperStoreFinder
from spiders.platforms.wp_go_maps import WpGoMaps, compressed
from tests.platform_fixtures import SITE, answer, around, page, recorded

# Pages


def match_of(platform: Any, html: str) -> Match:
    found = platform.recognise(page(html))
    assert isinstance(found, Match)
    return found


@pytest.mark.parametrize("packed", [True, False])
def test_settings_that_were_packed_into_an_address_are_found(packed: bool) -> None:
    script = 'var ASL_REMOTE = {"ajax_url":"/blog/wp-admin/admin-ajax.php","nonce":"abcdef1234"};'
    encoded = base64.b64encode(script.encode()).decode() if packed else quote(script)
    kind = "data:text/javascript;base64" if packed else "data:text/javascript"
    match = match_of(AgileStoreLocator(around()), f'<script src="{kind},{encoded}"></script>')
    assert match.facts["ajax_url"] == f"{SITE}/blog/wp-admin/admin-ajax.php"


def test_a_page_restricted_to_categories_is_asked_for_them_alone() -> None:
    html = (
        '<script>var ASL_REMOTE = {"ajax_url":"/ajax","lang":"de_DE","default_lang":"en_US"};'
        'var asl_configuration = {"category":"18,20","stores":"x"};</script>'
    )
    platform = AgileStoreLocator(around())
    (request,) = platform.requests(match_of(platform, html))
    assert dict(parse_qsl(request.url.split("?")[1])) == {
        "action": "asl_load_stores",
        "load_all": "1",
        "layout": "1",
        "category": "18,20",
        "asl_lang": "de_DE",
    }


def test_thirty_thousand_rows_are_not_taken_for_all_of_them() -> None:
    row = '{"id":"1","title":"Mock Person, PT","street":""}'
    (first, *_) = AgileStoreLocator(around()).read(answer(f"[{','.join([row] * 30_000)}]"))
    assert isinstance(first, Shortfall)


@pytest.mark.parametrize(
    ("script", "xml", "json_first"),
    [
        (
            "var ssf_wp_base='https:\\/\\/www.example.com\\/wp\\/NEW_superstorefinder-wp';",
            "https://www.example.com/wp/NEW_superstorefinder-wp/ssf-wp-xml.php?wpml_lang=",
            False,
        ),
        (
            "var url = '/wp-content/plugins/my-ssf/ssf-wp-xml.php?wpml_lang=en&t=' + t;",
            f"{SITE}/wp-content/plugins/my-ssf/ssf-wp-xml.php?wpml_lang=",
            False,
        ),
        (
            "load('/wp-content/uploads/ssf-wp-uploads/ssf-data.json?t=1');",
            f"{SITE}/wp-content/plugins/superstorefinder-wp/ssf-wp-xml.php?wpml_lang=",
            True,
        ),
    ],
)
def test_super_store_finder_says_where_its_list_is(script: str, xml: str, json_first: bool) -> None:
    platform = SuperStoreFinder(around())
    match = match_of(platform, f"<script>{script}</script>")
    assert (match.facts["xml_url"], match.facts["json_first"]) == (xml, json_first)
    (request,) = platform.requests(match)
    assert request.url == (match.facts["json_url"] if json_first else xml)
    assert request.meta["otherwise"]["url"] == (xml if json_first else match.facts["json_url"])


# Super Store Finder


def test_ids_that_many_entries_share_are_no_ids() -> None:
    rows = [
        {"storeId": "0", "location": f"Mock Person {number}", "address": "1 Sample St"}
        for number in range(3)
    ]
    found = list(SuperStoreFinder(around()).read(answer(json.dumps({"item": rows}))))
    ids = {one.native_id for one in found if isinstance(one, Listing)}
    assert len(ids) == 3
    assert "0" not in ids


@pytest.mark.parametrize(
    ("printed", "read"),
    [
        ("410 North St  Suite 2  Columbus, OH 43215", "410 North St, Suite 2, Columbus, OH 43215"),
        ("410 North St<br>Columbus,&nbsp;&nbsp;OH 43215", "410 North St, Columbus, OH 43215"),
        ("410 North St,  Columbus&#44; OH", "410 North St, Columbus, OH"),
        ("  , ", None),
    ],
)
def test_the_parts_of_an_address_stay_apart(printed: str, read: str | None) -> None:
    body = json.dumps([{"storeId": 1, "location": "Mock Person", "address": printed}])
    (found,) = SuperStoreFinder(around()).read(answer(body))
    assert isinstance(found, Listing)
    assert found.address == read


# WP Go Maps


def test_the_scripts_own_way_of_asking() -> None:
    asked = {"filter": '{"map_id":"1","offset":0,"limit":100}'}
    path = compressed(asked)
    assert not {"/", "=", "?"} & set(path)
    packed = path.removeprefix("base64").replace("-", "/")
    unpacked = zlib.decompress(base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True))
    assert json.loads(unpacked) == asked


def test_the_xml_file_is_the_last_way() -> None:
    platform = WpGoMaps(around())
    match = match_of(platform, recorded("wp_go_maps/page.html"))
    (request,) = platform.requests(match)
    urls = []
    while True:
        urls.append(request.url)
        (following,) = platform.read(
            answer('{"code":"rest_forbidden"}', status=401, **request.meta["about"])
        )
        assert isinstance(following, Request)
        assert request.meta["otherwise"]["url"] == following.url
        request = following
        if "optional" not in request.meta:
            break
    assert request.url == f"{SITE}/wp-content/uploads/wp-google-maps/1markers.xml"
    assert [url.removeprefix(f"{SITE}/")[:28] for url in urls] == [
        "wp-json/wpgmza/v1/markers?fi",
        "wp-json/wpgmza/v1/features/b",
        "wp-admin/admin-ajax.php?acti",
    ]
    xml = (
        '<?xml version="1.0"?>\n<markers><marker><marker_id>7</marker_id><map_id>1</map_id>'
        "<title><![CDATA[Tom & Mock, PT]]></title><address>1 Sample St&nbsp;, Toledo, OH</address>"
        "<desc><![CDATA[<p>Phone: (419) 555-0103</p>]]></desc><lat>41.65</lat><lng>-83.53</lng>"
        "<linkd>https://www.example.com/tom</linkd><approved>1</approved></marker></markers>"
    )
    (found,) = platform.read(answer(xml, **request.meta["about"]))
    assert isinstance(found, Listing)
    assert (found.native_id, found.name, found.phone) == ("7", "Tom & Mock, PT", "(419) 555-0103")
    assert (found.website, found.latitude) == ("https://www.example.com/tom", "41.65")


def test_the_paid_version_may_show_other_maps_markers() -> None:
    platform = WpGoMaps(around())
    html = recorded("wp_go_maps/page.html").replace('"is_pro":"false"', '"_isProVersion":"1"')
    list(platform.requests(match_of(platform, html)))
    rows = [{"id": "1", "map_id": "8", "title": "Mock Person", "address": "1 Sample St"}]
    (found,) = platform.read(answer(json.dumps(rows)))
    assert isinstance(found, Listing)


def test_fields_that_a_site_has_added_are_read_by_their_name() -> None:
    custom = [{"id": 1, "name": "Phone", "value": "(614) 555-0142"}, {"name": "Credential"}, "x"]
    row = {"id": "1", "map_id": "1", "title": "Mock Person", "custom_field_data": custom}
    (found,) = WpGoMaps(around()).read(answer(json.dumps([row])))
    assert isinstance(found, Listing)
    assert found.phone == "(614) 555-0142"


# MapPress


def test_places_in_a_script() -> None:
    data = json.loads(recorded("mappress/map-1.json"))
    html = (
        "<div id='mapp0' class='mapp-layout'></div><script>window.mapp = window.mapp || {}; "
        f"mapp.data = mapp.data || []; mapp.data.push( {json.dumps(data)} ); \n"
        "if (typeof mapp.load != 'undefined') { mapp.load(); };</script>"
    )
    platform = MapPress(around())
    assert list(platform.requests(match_of(platform, html))) == []
    found = [one for one in platform.read(page(html)) if isinstance(one, Listing)]
    wanted = json.loads(recorded("mappress/expected.json"))["listings"]
    assert [one.name for one in found] == [one["name"] for one in wanted]
    assert [one.native_id for one in found] == [one["native_id"] for one in wanted]


def test_half_a_page_is_not_taken_for_the_whole() -> None:
    whole = recorded("mappress/page.html")
    for end in range(whole.index("<poi"), whole.index("</mappress-map"), 30):
        platform = MapPress(around())
        assert platform.recognise(page(whole[:end])) is not None
        with pytest.raises(WrongShape):
            list(platform.read(page(whole[:end])))


def test_what_is_drawn_on_a_map_is_no_listing() -> None:
    shapes = [
        {"title": "Our region", "type": "kml", "kml": {"url": "/a.kml"}, "point": None},
        {"title": "Area", "poly": "abc", "address": "", "point": {"lat": 1, "lng": 2}},
        {"title": "", "address": "", "body": "", "point": {"lat": 0, "lng": 0}},
    ]
    assert list(MapPress(around()).read(answer(json.dumps({"pois": shapes})))) == []


def test_two_places_of_one_name_and_address_are_two_unless_they_are_the_same() -> None:
    place = {"title": "Mock Person", "address": "1 Sample St", "point": {"lat": 1, "lng": 2}}
    other = {**place, "body": "<p>(614) 555-0142</p>"}
    body = json.dumps({"pois": [place, other, place, other]})
    first = list(MapPress(around()).read(answer(body)))
    assert len(first) == 2
    assert len({one.native_id for one in first if isinstance(one, Listing)}) == 2


def test_a_frame_without_places_leads_to_the_rest_api() -> None:
    platform = MapPress(around())
    html = '<iframe class="mapp-iframe" src="/?mappress=embed&amp;mapid=3&amp;name=mapp0"></iframe>'
    (frame,) = platform.requests(match_of(platform, html))
    assert frame.url == f"{SITE}/?mappress=embed&mapid=3&name=mapp0"
    refused = answer("<p>No</p>", "/?mappress=embed&mapid=3", **frame.meta["about"])
    (following,) = platform.read(refused)
    assert isinstance(following, Request)
    assert following.url == f"{SITE}/wp-json/mapp/v1/maps/3"


# Maps Marker Pro


def test_popups_are_asked_for_two_hundred_at_a_time() -> None:
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [-83.0, 40.0]},
            "properties": {"id": str(number), "name": f"Mock {number}", "popup": None},
        }
        for number in range(450)
    ]
    body = json.dumps({"success": True, "data": {"features": features}})
    platform = MapsMarkerPro(around())
    list(platform.requests(match_of(platform, recorded("maps_marker_pro/page.html"))))
    readings = list(platform.read(answer(body, ask="markers")))
    requests = [one for one in readings if isinstance(one, Request)]
    assert len(readings) == len(requests) == 3
    counts = [len(one.meta["about"]["ids"].split(",")) for one in requests]
    assert counts == [200, 200, 50]


@pytest.mark.parametrize(
    ("call", "form"),
    [
        (
            "{'uid': 'a', 'type': 'map', 'id': '7', 'callback': show}",
            {"type": "map", "id": "7", "custom": "", "lang": ""},
        ),
        (
            '{uid: "a", type: "custom", id: "2", markers: ["4", "9"], language: "de-AT"}',
            {"type": "custom", "id": "2", "custom": "4,9", "lang": "de-AT"},
        ),
    ],
)
def test_maps_of_either_version_are_found(call: str, form: dict[str, str]) -> None:
    match = match_of(MapsMarkerPro(around()), f"<script>x = new MapsMarkerPro({call});</script>")
    assert match.facts["maps"] == [form]


# Pop-ups


@pytest.mark.parametrize(
    ("html", "fields"),
    [
        ("Tel: (614) 555-0142<br>Fax: (614) 555-0143", {"phone": "(614) 555-0142"}),
        ("<b>Phone</b>: <a href='tel:+16145550142'>Call us</a>", {"phone": "+16145550142"}),
        ("<a href='mailto:ada@example.com?subject=x'>Write</a>", {"email": "ada@example.com"}),
        ("<a href='mailto:nobody'>Write</a>", {}),
        ("<a href='https://www.facebook.com/x'>Facebook</a>", {}),
        ("<a href='https://maps.google.com/?q=x'>Directions</a>", {}),
        ("<a href='/about/'>More</a>", {}),
        ("<a href='https://www.example.com/book?a=1&amp;b=2'>Book online</a>",
         {"booking_url": "https://www.example.com/book?a=1&b=2"}),
        ("<a href='http://[::1'>x</a>", {}),
        ("Clinic: Invented Motion<br>Level: Level 2",
         {"practice": "Invented Motion", "certification": "Level 2"}),
        ("Treats dry needling patients.", {}),
        ("", {}),
    ],
)  # fmt: skip
def test_only_what_is_certain_is_taken_out_of_a_popup(html: str, fields: dict[str, str]) -> None:
    assert popup(html, f"{SITE}/find/")[0] == fields


@pytest.mark.parametrize(
    ("html", "email", "website"),
    [
        ("Mock Clinic<br>ada@example.com<br>www.example.com/ada", "ada@example.com",
         "www.example.com/ada"),
        ("<p>https://www.example.com/</p>", None, "https://www.example.com/"),
        (f"{SITE}/find/<br>https://www.facebook.com/mock", None, None),
        ("Write to ada@example.com or see www.example.com for more", None, None),
        ("one@example.com<br>two@example.com", "one@example.com", None),
        ('<a class="__cf_email__" data-cfemail="1a2b">x</a><br>ada@example.com', None, None),
    ],
)  # fmt: skip
def test_addresses_that_stand_in_a_line_of_their_own(
    html: str, email: str | None, website: str | None
) -> None:
    values, _ = popup(html, f"{SITE}/find/")
    assert (values.get("email"), values.get("website")) == (email, website)
