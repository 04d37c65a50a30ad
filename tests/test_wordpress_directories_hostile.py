"""WordPress directories on bad answers, bad pagers, and on pages that only mention one."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.http import HtmlResponse, Request, Response

from records.listing import Listing
from samples.people import make_world
from samples.platform_sites import PLATFORM_SITES
from spiders.platforms import Hidden, Match, Platform, Total, WrongShape
from spiders.platforms.registry import platform_named
from tests.directory_fixtures import answers_of, find_all, response
from tests.platform_fixtures import RECORDINGS, SITE, answer, around, page
from tests.replay import Recording

#: Those whose answers are JSON, with what an answer of theirs was asked as.
JSON_ASKS: dict[str, dict[str, Any]] = {
    "geodirectory": {"ask": "places", "route": "places", "page": 2},
    "connections": {"ask": "entries", "offset": 100},
    "directorist": {"ask": "listings", "page": 2},
    "meeting_list": {"ask": "meetings"},
    "wordpress_posts": {"ask": "posts", "page": 2},
}
NAMES = (*JSON_ASKS, "business_directory_plugin")
FILES = {
    "geodirectory": "places.json",
    "connections": "entries.json",
    "directorist": "listings.json",
    "meeting_list": "meetings.json",
    "wordpress_posts": "posts.json",
}


WORLD = make_world(people=400)


def started(name: str, **options: Any) -> Platform:
    """A platform that has recognised its recorded page and is about to ask."""
    platform = platform_named(name)(around(**options))
    match = platform.recognise(Recording(RECORDINGS / name).page())
    assert match is not None
    list(platform.requests(match))
    return platform


# Hostile answers

HOSTILE = {
    "an HTML page": "<!DOCTYPE html><html><body><h1>Welcome</h1></body></html>",
    "a database error": "<h1>Error establishing a database connection</h1>",
    "an SQL message in an array": '["You have an error in your SQL syntax"]',
    "success: false": '{"success":false,"data":"Wrong Nonce"}',
    "zero": "0",
    "minus one": "-1",
    "nothing": "",
    "an empty string": '""',
    "null": "null",
    "a REST error": '{"code":"rest_no_route","message":"No route","data":{"status":404}}',
    "another list": '[{"ID":1,"post_title":"Hello world"}]',
    "numbers": "[1,2,3]",
    "deep": "[" * 100_000,
    "entities": '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>',
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("status", [200, 500])
def test_what_is_no_answer_is_never_taken_for_one(name: str, body: str, status: int) -> None:
    asked = JSON_ASKS.get(name, {"ask": "list", "page": 2})
    with pytest.raises(WrongShape):
        list(started(name).read(answer(body, status=status, **asked)))


@pytest.mark.parametrize("name", JSON_ASKS)
def test_half_an_answer_is_none(name: str) -> None:
    whole = (RECORDINGS / name / FILES[name]).read_text(encoding="utf-8")
    for end in range(1, len(whole.rstrip()) - 1, max(1, len(whole) // 40)):
        with pytest.raises(WrongShape):
            list(started(name).read(answer(whole[:end], **JSON_ASKS[name])))


@pytest.mark.parametrize("name", sorted(set(JSON_ASKS) - {"wordpress_posts"}))
def test_status_201_is_an_answer_like_any_other(name: str) -> None:
    whole = (RECORDINGS / name / FILES[name]).read_text(encoding="utf-8")
    found = list(started(name).read(answer(whole, status=201, **JSON_ASKS[name])))
    assert sum(isinstance(one, Listing) for one in found) >= 3


@pytest.mark.parametrize("name", JSON_ASKS)
def test_an_empty_list_is_nobody(name: str) -> None:
    assert list(started(name).read(answer("[]", **JSON_ASKS[name]))) == []


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("geodirectory", {"title": {"rendered": "Ada Mock"}, "status": "publish"}),
        ("connections", {"fn": {"rendered": "Ada Mock"}}),
        ("directorist", {"name": "Ada Mock", "address": ""}),
        ("meeting_list", {"name": "Ada Mock", "slug": "ada"}),
    ],
)
@pytest.mark.parametrize(
    ("latitude", "longitude"), [(40, -83.5), ("40", "-83.50"), (40.0, "-83"), (0, 0), (-83, 40)]
)
def test_coordinates_are_passed_on_as_they_are(
    name: str, row: dict[str, Any], latitude: Any, longitude: Any
) -> None:
    sent = json.dumps({"latitude": latitude, "longitude": longitude})
    point = json.loads(sent, parse_float=str)
    body = {"id": 7, **row, **point}
    if name == "connections":
        body = {"id": 7, **row, "adr": [{"visibility": "public", **point}]}
    (found,) = started(name).read(answer(json.dumps([body]), **JSON_ASKS[name]))
    assert isinstance(found, Listing)
    assert (found.name, found.native_id) == ("Ada Mock", "7")
    assert (found.latitude, found.longitude) == (
        str(point["latitude"]), str(point["longitude"]),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "row"),
    [
        *(
            ("geodirectory", {"id": 1, "title": {"rendered": "A"}, "status": status})
            for status in ("draft", "pending", "private", "trash", "gd-expired", "future")
        ),
        ("geodirectory", {"id": 1, "title": "A", "status": "publish", "private_address": 1}),
        ("geodirectory", {"id": 1, "title": "A", "status": "publish", "private": True}),
        *(
            ("connections", {"id": 1, "fn": {"rendered": "A"}, "status": status})
            for status in ("pending", "trash")
        ),
        ("connections", {"id": 1, "fn": {"rendered": "A"}, "visibility": "private"}),
        ("connections", {"id": 1, "fn": {"rendered": "A"}, "visibility": "unlisted"}),
        ("directorist", {"id": 1, "name": "A", "address": "b", "status": "draft"}),
        ("directorist", {"id": 1, "name": "A", "address": "b", "owner_contact_hidden": "1"}),
        ("meeting_list", {"id": 1, "name": "A", "slug": "a", "status": "draft"}),
        ("wordpress_posts", {"id": 1, "title": {"rendered": "A"}, "status": "pending"}),
        ("wordpress_posts", {"id": 1, "title": "A", "content": {"protected": True}}),
    ],
)
def test_what_is_not_for_the_public_is_counted_and_dropped(name: str, row: dict[str, Any]) -> None:
    (found,) = started(name).read(answer(json.dumps([row]), **JSON_ASKS[name]))
    assert isinstance(found, Hidden)


def test_a_hidden_map_hides_the_place() -> None:
    row = {
        "id": 1, "name": "A Mock", "address": "1 Home Street", "zip": "43604", "latitude": "1",
        "longitude": "2", "map_hidden": True, "phone": "(419) 555-0103",
    }  # fmt: skip
    (found,) = started("directorist").read(answer(json.dumps([row]), **JSON_ASKS["directorist"]))
    assert isinstance(found, Listing)
    assert (found.address, found.postcode, found.latitude) == (None, None, None)
    assert found.phone == "(419) 555-0103"


def test_what_changes_at_every_read_is_not_part_of_a_listing() -> None:
    def read(row: dict[str, Any]) -> Listing:
        (found,) = started("directorist").read(
            answer(json.dumps([row]), **JSON_ASKS["directorist"])
        )
        assert isinstance(found, Listing)
        return found

    row = {"id": 1, "name": "A Mock", "address": "1 Invented Street"}
    first = read(row | {"date_modified": "2026-09-01T08:00:00", "related_ids": [2, 3]})
    assert first == read(row | {"date_modified": "2026-09-01T08:00:09", "related_ids": [8, 9]})


# Pagers


def many(name: str, first: int, count: int = 100) -> str:
    rows = {
        "geodirectory": lambda i: {"id": i, "title": {"rendered": f"P {i}"}, "status": "publish"},
        "connections": lambda i: {"id": i, "fn": {"rendered": f"P {i}"}},
        "directorist": lambda i: {"id": i, "name": f"P {i}", "address": ""},
        "wordpress_posts": lambda i: {"id": i, "title": {"rendered": f"P {i}"}},
    }[name]
    return json.dumps([rows(i) for i in range(first, first + count)])


PAGED = ("geodirectory", "connections", "directorist")


@pytest.mark.parametrize("name", PAGED)
def test_a_pager_that_stands_still_says_so_and_ends(name: str) -> None:
    platform = started(name)
    first = {**JSON_ASKS[name], "page": 1, "offset": 0}
    one = list(platform.read(answer(many(name, 1), **first)))
    (following,) = [each for each in one if isinstance(each, Request)]
    assert following.meta["paging"]
    two = list(platform.read(answer(many(name, 1), **following.meta["about"])))
    # Said again, so that the spider can tell that the pager does not turn.
    assert {each.native_id for each in two if isinstance(each, Listing)} == {
        each.native_id for each in one if isinstance(each, Listing)
    }
    assert not [each for each in two if isinstance(each, Request)]


@pytest.mark.parametrize("name", PAGED)
def test_a_last_page_that_is_full_is_followed_by_an_empty_one(name: str) -> None:
    platform = started(name)
    first = {**JSON_ASKS[name], "page": 1, "offset": 0}
    one = list(platform.read(answer(many(name, 1), **first)))
    (following,) = [each for each in one if isinstance(each, Request)]
    assert list(platform.read(answer("[]", **following.meta["about"]))) == []


def test_posts_whose_second_page_is_the_first_are_no_whole() -> None:
    platform = started("wordpress_posts")
    platform.read(answer("{}"))
    list(platform.read(answer(many("wordpress_posts", 1), ask="posts", page=1)))
    with pytest.raises(WrongShape, match="page 1 again"):
        list(platform.read(answer(many("wordpress_posts", 1), ask="posts", page=2)))


@pytest.mark.parametrize("name", ["business_directory_plugin", "directorist"])
def test_a_list_whose_second_page_is_the_first_is_no_whole(name: str) -> None:
    platform = started(name, extra={"profiles": "no"})
    html = Recording(RECORDINGS / name)
    path = "list-1.html" if name == "business_directory_plugin" else "page.html"
    body = (html.folder / path).read_text(encoding="utf-8")
    ask = "list" if name == "business_directory_plugin" else "page"
    found = list(platform.read(answer(body, ask=ask, page=1, number=1)))
    assert any(isinstance(one, Listing) for one in found)
    with pytest.raises(WrongShape, match="page 1 again"):
        list(platform.read(answer(body, ask=ask, page=2, number=2)))


def test_connections_ends_where_page_one_comes_again() -> None:
    platform = started("connections")
    body = (RECORDINGS / "connections" / "page.html").read_text(encoding="utf-8")
    found = list(platform.read(answer(body, ask="page", number=1)))
    (following,) = [one for one in found if isinstance(one, Request)]
    assert following.url == f"{SITE}/find-a-practitioner/pg/2/"
    assert list(platform.read(answer(body, ask="page", number=2))) == []


# Instead of the API


@pytest.mark.parametrize("name", ["geodirectory", "connections", "directorist", "meeting_list"])
@pytest.mark.parametrize(
    "refused",
    [
        lambda url: None,
        lambda url: response(url, b"<html>Not here</html>", status=404),
        lambda url: response(url, b"[", content_type="application/json"),
        lambda url: response(url, b'{"code":"x"}', status=401, content_type="application/json"),
    ],
    ids=["no answer", "an error page", "half an answer", "refused"],
)
def test_a_closed_api_is_no_empty_directory(
    name: str, refused: Callable[[str], Response | None]
) -> None:
    site = PLATFORM_SITES[name](WORLD)
    answers = answers_of(site)

    def without_api(request: Request) -> Response | None:
        api = "/wp-json/" in request.url and "/markers" not in request.url
        if name == "meeting_list":
            api = "admin-ajax" in request.url
        return refused(request.url) if api else answers(request)

    page_found = answers(Request(f"{SITE}{site.directory_path}"))
    assert page_found is not None
    found = find_all(platform_named(name)(around()), page_found, without_api)
    wanted = {one.native_id for one in site.shown()}  # type: ignore[attr-defined]
    assert set(found.listings) == wanted


def test_a_restricted_meeting_list_is_not_opened() -> None:
    platform = started("meeting_list")
    body = '{"code":"feed_restricted","message":"This meeting list is restricted."}'
    with pytest.raises(WrongShape, match="restricted"):
        list(platform.read(answer(body, status=403, ask="meetings")))


def test_no_nonce_and_no_single_entry_is_ever_asked_for() -> None:
    for name in JSON_ASKS:
        for request in Recording(RECORDINGS / name).harvest(name).requests:
            assert "nonce" not in request.url
            assert not request.body


def test_ultimate_member_is_refused_with_the_reason() -> None:
    platform = platform_named("ultimate_member")(around())
    match = platform.recognise(Recording(RECORDINGS / "ultimate_member").page())
    assert match is not None
    assert match.refusal is not None
    assert "nonce" in match.refusal
    assert list(platform.requests(match)) == []
    with pytest.raises(WrongShape):
        list(platform.read(answer("{}")))


# Recognition


def recognised(name: str, body: str, path: str = "/find/") -> Match | None:
    return platform_named(name)(around()).recognise(page(body, path))


@pytest.mark.parametrize(
    ("name", "body", "certainty"),
    [
        ("geodirectory", "<script>var geodir_params = {};</script>", 0.35),
        (
            "geodirectory",
            "<script>var geodir_params = {};</script><li class='geodir-post gd_place'></li>",
            0.8,
        ),
        ("connections", '<div class="cn-list-row vcard" data-entry-id="1"></div>', 0.95),
        ("connections", '<div id="cn-list"><div class="vcard"></div></div>', 0.7),
        ("connections", '<div class="vcard"><span class="fn">A</span></div>', None),
        ("directorist", "<script>var directorist = {'ajax_nonce': 'x'};</script>", 0.4),
        ("directorist", "<script>var directorist = {'name': 'x'};</script>", None),
        ("directorist", '<article class="directorist-listing-single"></article>', 0.85),
        ("directorist", "<div data-card='[{\"listing_id\": 1}]'></div>", 0.85),
        ("directorist", "<div data-card='[1]'></div><div data-card='{'></div>", None),
        (
            "business_directory_plugin",
            '<div id="wpbdp-listing-2" class="wpbdp-listing"></div>',
            0.95,
        ),
        ("business_directory_plugin", '<div id="wpbdp-main-box"></div>', 0.9),
        ("business_directory_plugin", "<script>var wpbdp_global = {};</script>", 0.35),
        ("meeting_list", "<script>var tsml = {'nonce': 'x'};</script>", 1.0),
        ("meeting_list", "<script>var tsml = {'x': 1};</script>", None),
        ("meeting_list", '<div id="tsml-ui" data-src="/feed.json"></div>', 1.0),
        ("meeting_list", '<div id="tsml-ui"></div>', None),
        ("ultimate_member", '<div class="um um-directory" data-hash="x"></div>', None),
        ("wordpress_posts", '<body class="post-type-archive post-type-archive-provider">', None),
    ],
)
def test_what_is_recognised(name: str, body: str, certainty: float | None) -> None:
    match = recognised(name, body)
    assert (match.certainty if match else None) == certainty


@pytest.mark.parametrize(
    ("kind", "certainty"),
    [("practitioner", 0.52), ("dn-provider", 0.52), ("product", None), ("gd_place", None)],
)
def test_a_post_type_counts_by_its_name(kind: str, certainty: float | None) -> None:
    link = f'<link rel="https://api.w.org/" href="{SITE}/wp-json/">'
    body = f'<html><head>{link}</head><body class="post-type-archive-{kind}"></body></html>'
    match = recognised("wordpress_posts", body)
    assert (match.certainty if match else None) == certainty


@pytest.mark.parametrize(
    ("name", "namespace"),
    [
        ("geodirectory", "geodir/v2"),
        ("connections", "cn-api/v1"),
        ("directorist", "directorist/v1"),
        ("meeting_list", "tsml"),
    ],
)
def test_wordpress_says_which_plugins_it_has(name: str, namespace: str) -> None:
    body = json.dumps({"name": "x", "namespaces": ["oembed/1.0", namespace, "wp/v2"]})
    match = recognised(name, body, "/wp-json/")
    assert match is not None
    assert match.certainty == 0.9
    (first, *_) = platform_named(name)(around()).requests(match)
    assert first.url.startswith(f"{SITE}/wp-")
    other = json.dumps({"name": "x", "namespaces": ["oembed/1.0", "wp/v2"]})
    assert recognised(name, other, "/wp-json/") is None


def test_the_list_of_types_may_name_the_practitioners() -> None:
    body = json.dumps({"post": {}, "page": {}, "therapist": {"rest_base": "therapists"}})
    match = recognised("wordpress_posts", body, "/wp-json/wp/v2/types")
    assert match is not None
    assert match.facts == {"rest": f"{SITE}/wp-json/", "post_type": "therapist"}


ORDINARY = (
    "<p>We tried GeoDirectory, Directorist, Connections and Business Directory Plugin.</p>",
    "<p>Set <code>var geodir_params = {}</code> and <code>tsml = {}</code> in your theme.</p>",
    '<link rel="stylesheet" href="/wp-content/plugins/geodirectory/assets/css/gd.css">',
    '<link rel="stylesheet" href="/wp-content/plugins/directorist/assets/css/public.css">',
    '<link rel="stylesheet" href="/wp-content/plugins/business-directory-plugin/a.css">',
    '<link rel="stylesheet" href="/wp-content/plugins/connections/assets/css/cn.css">',
    '<script src="/wp-content/plugins/ultimate-member/assets/js/um-scripts.js"></script>',
    '<iframe src="https://www.google.com/maps/embed?pb=!1m18"></iframe>',
    '<div id="map"></div><script>var map = new google.maps.Map(el, {zoom: 4});</script>',
    '<script>console.log("geodir_params missing; tsml; wpbdp_global");</script>',
    "<script>if (directorist == undefined) { load(); }</script>",
    "<script>if (window.tsml === undefined) { tsml = load(); }</script>",
    '<div class="um um-login um-7"></div>',
    '<div class="vcard author"><span class="fn">The editor</span></div>',
    '<article class="post type-post hentry"><h2>Where can I get dry needling?</h2></article>' * 4,
    '<article class="product type-product"><h2>Needles</h2></article>' * 4,
    '<div class="store-locator">Find a store near you</div>',
    "<pre>&lt;div class='cn-list-row' data-entry-id='1'&gt;</pre>",
    '<div data-card="Ada of hearts">A game</div>',
    '<p>See <a href="https://directorist.example/pricing/">their offer</a>.</p>',
)


@pytest.mark.parametrize("body", ORDINARY)
def test_a_page_that_only_mentions_one_is_not_recognised(body: str) -> None:
    link = f'<link rel="https://api.w.org/" href="{SITE}/wp-json/">'
    html = f"<!DOCTYPE html><html><head>{link}</head><body><h1>Blog</h1>{body}</body></html>"
    for name in (*NAMES, "ultimate_member"):
        assert recognised(name, html) is None, name


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
            "<script>", "</script>", "var geodir_params = ", "gd_map_canvas_1 = ", "{", "}",
            '"map_markers_ajax_url":', '"post_type":', "tsml = ", '"ajaxurl":', "directorist = ",
            '"ajax_nonce":', "'", '"', "http://[", "//", "&amp;", "\x00", "\ud7ff", "null", "1",
            "<div class='cn-list-row vcard' data-entry-id='", "'>", "</div>",
            "<span class='fn'>", "<span class='adr'>", "<span class='street-address'>",
            "<article class='directorist-listing-single' data-listing-id='1'>",
            "<div class='directorist-listing-card-phone'>", "<a href='http://[x'>", "</a>",
            "<div class='wpbdp-listing' id='wpbdp-listing-1'>", "<span class='field-label'>",
            "<div class='wpbdp-field-display wpbdp-field-phone'>", "Phone:", "(614) 555-0142",
            "<div data-card='[{&quot;listing_id&quot;:1}]'>", "<body class='postid-1'>",
            "<div class='geodir-field-address'>", "<span itemprop='postalCode'>", "mailto:",
            "<article class='type-provider'>", "<link rel='https://api.w.org/' href='http://[x'>",
            '{"namespaces": ["geodir/v2", "tsml"]}', "<urlset><loc>", "</loc>",
        ]
    ),
    max_size=25,
).map("".join)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                """id title rendered raw status link content protected street region zip phone
                fn org adr tel email visibility number address preferred type name permalink
                categories locations owner_contact_hidden slug day location formatted_address acf
                meta lat lng url items total m post practitioner rest_base private_address
                organization_name given_name code error meetings""".split()
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)
ASKS = st.sampled_from(
    [
        {}, {"ask": "types"}, {"ask": "sitemaps"}, {"ask": "sitemap", "first": True},
        {"ask": "markers"}, {"ask": "places", "route": "places", "page": 1},
        {"ask": "entries", "offset": 0}, {"ask": "page", "number": 1},
        {"ask": "page", "number": 2}, {"ask": "listings", "page": 1}, {"ask": "count"},
        {"ask": "list", "page": 2}, {"ask": "posts", "page": 1}, {"ask": "entry", "key": "1"},
    ]
)  # fmt: skip


@given(st.text(max_size=300) | MARKUP)
def test_any_page_can_be_looked_at(text: str) -> None:
    found = HtmlResponse(f"{SITE}/x", body=text.encode("utf-8", "replace"), encoding="utf-8")
    for name in (*NAMES, "ultimate_member"):
        platform = platform_named(name)(around())
        match = platform.recognise(found)
        if match is not None:
            assert all(isinstance(one, Request) for one in platform.requests(match))


@given(st.text(max_size=300) | MARKUP | JSON.map(json.dumps), ASKS)
def test_any_answer_is_read_or_is_of_the_wrong_shape(text: str, ask: dict[str, Any]) -> None:
    for name in NAMES:
        platform = STARTED[name]()
        try:
            found = list(platform.read(answer(text, **ask)))
        except WrongShape:
            continue
        assert all(isinstance(one, Listing | Request | Hidden | Total) or one for one in found)


@given(MARKUP)
def test_any_page_of_an_entry_is_read_or_is_of_the_wrong_shape(text: str) -> None:
    for name in ("geodirectory", "directorist", "business_directory_plugin", "wordpress_posts"):
        platform: Any = STARTED[name]()
        request = next(iter(platform._entries.pages([f"{SITE}/entry/"])))
        try:
            list(platform.read(answer(text, **request.meta["about"])))
        except WrongShape:
            continue


def _starter(name: str) -> Callable[[], Platform]:
    first = Recording(RECORDINGS / name).page()

    def start() -> Platform:
        platform = platform_named(name)(around())
        match = platform.recognise(first)
        assert match is not None
        list(platform.requests(match))
        return platform

    return start


STARTED = {name: _starter(name) for name in NAMES}


@pytest.mark.parametrize(("count", "cap", "asked"), [(47, 20, 3), (40, 20, 3), (7, 100, 1)])
def test_connections_that_send_fewer_rows_than_asked_for(count: int, cap: int, asked: int) -> None:
    def site(request: Request) -> Response:
        start = int(dict(parse_qsl(urlsplit(request.url).query))["offset"])
        numbers = range(start + 1, min(start + cap, count) + 1)
        rows = [{"id": number, "fn": {"rendered": f"Mock {number}"}} for number in numbers]
        kind = "application/json"
        return response(request.url, json.dumps(rows).encode(), content_type=kind, request=request)

    first = page('<div class="cn-list-row vcard" data-entry-id="1"></div>')
    found = find_all(platform_named("connections")(around()), first, site)
    assert len(found.listings) == count
    assert len(found.requests) == asked
