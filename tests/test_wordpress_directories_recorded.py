"""Recorded answers of real directory plugins: every public row, field by field, as sent."""

from __future__ import annotations

import html
import json
import sys
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from scrapy.http import Request, Response

from records.listing import Listing
from records.text import plain
from spiders.platforms.registry import platform_named
from tests.directory_fixtures import SHARED, Answers, find_all, response, shared_answers
from tests.platform_fixtures import Harvest, around

#: The recordings hold answers with data only: what the pages would say of themselves.
PAGES = {
    "geodir": (
        "geodirectory",
        8604,
        (
            'var gd_map_canvas_1 = {"map_markers_ajax_url":'
            '"http://directory.example:8604/wp-json/geodir/v2/markers/?gd-ajax=1",'
            '"_wpnonce":"0","post_type":"gd_place"};'
        ),
    ),
    "directorist": ("directorist", 8611, 'var directorist = {"ajax_nonce":"0"};'),
    "tsml": (
        "meeting_list",
        8610,
        (
            'var tsml = {"nonce":"0",'
            '"ajaxurl":"http://directory.example:8610/wp-admin/admin-ajax.php"};'
        ),
    ),
}


def replay(site: str, answers: Answers | None = None, path: str = "") -> Harvest:
    """Everything the platform finds in a site's recordings."""
    recorded = shared_answers(site)
    name, port, script = PAGES[site]
    url = f"http://directory.example:{port}/"
    first = response(f"{url}find/", f"<script>{script}</script>".encode())
    if path:
        first = recorded(Request(f"{url}{path}")) or first
    found = find_all(platform_named(name)(around()), first, answers or recorded)
    sys.stdout.write(f"{site}: {len(found.listings)} listings in {len(found.requests)} requests\n")
    return found


def sent(site: str, *names: str) -> list[dict[str, Any]]:
    """The rows of the recorded answers with these names."""
    shared_answers(site)
    index = json.loads((SHARED / "index.json").read_text(encoding="utf-8"))
    files = {one["name"]: one["file"] for one in index if one["site"] == site}
    rows = []
    for name in names:
        text = (SHARED / files[name]).read_text(encoding="utf-8")
        rows += json.loads(text, parse_float=str)
    return rows


def once(text: Any) -> str:
    """A text that WordPress made into HTML, unescaped once, and again where an entity is left."""
    return " ".join(html.unescape(html.unescape(str(text or ""))).split())


def compare(
    listings: Mapping[str, Listing], rows: list[dict[str, Any]], **fields: Callable[[Any], Any]
) -> None:
    """Each field of each listing is what its row says."""
    assert set(listings) == {str(row["id"]) for row in rows}
    for row in rows:
        listing = listings[str(row["id"])]
        for field, of in fields.items():
            assert (getattr(listing, field) or "") == (of(row) or ""), (field, row)


def test_geodirectory() -> None:
    found = replay("geodir")
    rows = sent("geodir", *(f"rest-places-p{number}" for number in range(1, 6)))
    assert len(rows) == 409
    compare(
        found.listings,
        rows,
        name=lambda row: plain(row["title"]["rendered"]),
        street=lambda row: once(row["street"]),
        city=lambda row: once(row["city"]),
        state=lambda row: row["region"],
        postcode=lambda row: row["zip"],
        country=lambda row: row["country"],
        phone=lambda row: row["phone"],
        email=lambda row: row["email"],
        website=lambda row: row["website"],
        latitude=lambda row: row["latitude"],
        longitude=lambda row: row["longitude"],
        profile_url=lambda row: row["link"],
    )
    assert found.hidden == []


def test_geodirectory_found_by_what_wordpress_says_of_itself() -> None:
    assert len(replay("geodir", path="wp-json/").listings) == 409


def test_geodirectory_with_its_api_switched_off_asks_for_every_page_of_the_sitemap() -> None:
    recorded = shared_answers("geodir")
    pages: list[str] = []

    def answers(request: Request) -> Response | None:
        if "/geodir/v2/places" in request.url:
            off = SHARED / "connections" / "027-rest-jsonld.json"
            return response(request.url, off.read_bytes(), status=404, request=request)
        if "/places/" in request.url:
            pages.append(request.url)
            words = '{"@type":"LocalBusiness","name":"Ada Mock","address":{"addressLocality":"X"}}'
            body = f'<script type="application/ld+json">{words}</script>'
            return response(request.url, body.encode(), request=request)
        return recorded(request)

    found = replay("geodir", answers)
    assert len(set(pages)) == 409
    assert len(found.listings) == 409
    assert found.totals == [409]


def test_connections() -> None:
    recorded = shared_answers("connections")
    rows = sent("connections", "rest-entry-p1", "rest-entry-offset")
    body = '<div class="cn-list-row vcard" data-entry-id="1"></div>'
    first = response("http://directory.example:8608/find/", body.encode())

    def answers(request: Request) -> Response | None:
        # Recorded without an offset of 0; what comes after the second hundred was not recorded.
        url = request.url.replace("&offset=0", "&page=1")
        if "offset=200" in url:
            return response(url, b"[]", content_type="application/json", request=request)
        return recorded(request.replace(url=url))

    found = find_all(platform_named("connections")(around()), first, answers)
    sys.stdout.write(f"connections: {len(found.listings)} of the 200 recorded\n")
    address = {row["id"]: (row["adr"] or [{}])[0] for row in rows}

    def of_address(key: str) -> Callable[[Any], Any]:
        return lambda row: once(address[row["id"]].get(key, {}).get("rendered"))

    def phone(row: Mapping[str, Any]) -> str:
        work = [one for one in row["tel"] if one["type"] == "workphone"]
        return once(work[0]["number"]["rendered"]) if work else ""

    compare(
        found.listings,
        rows,
        name=lambda row: once(row["fn"]["rendered"]),
        street=of_address("street_address"),
        street2=of_address("extended_address"),
        city=of_address("locality"),
        state=of_address("region"),
        postcode=of_address("postal_code"),
        country=of_address("country_name"),
        phone=phone,
        email=lambda row: row["email"][0]["address"]["rendered"] if row["email"] else "",
        latitude=lambda row: address[row["id"]].get("latitude"),
        longitude=lambda row: address[row["id"]].get("longitude"),
    )


@pytest.mark.parametrize(
    ("site", "exchange", "reason"),
    [
        ("connections", "rest-entry-draft", "status pending"),
        ("directorist", "rest-draft", "status draft"),
    ],
)
def test_a_draft_that_is_handed_out_is_hidden(site: str, exchange: str, reason: str) -> None:
    shared_answers(site)
    index = json.loads((SHARED / "index.json").read_text(encoding="utf-8"))
    (file,) = {one["file"] for one in index if one["site"] == site and one["name"] == exchange}
    body = "[" + (SHARED / file).read_text(encoding="utf-8") + "]"
    platform = platform_named(site)(around())
    (found,) = platform.read(response("http://directory.example/x", body.encode()))
    assert getattr(found, "reason", None) == reason


def test_directorist() -> None:
    found = replay("directorist")
    rows = sent("directorist", *(f"rest-p{number}" for number in range(1, 6)))
    assert len(rows) == 409
    compare(
        found.listings,
        rows,
        name=lambda row: plain(row["name"]),
        address=lambda row: once(row["address"]),
        postcode=lambda row: row["zip"],
        phone=lambda row: row["phone"],
        email=lambda row: row["email"],
        website=lambda row: row["website"],
        latitude=lambda row: row["latitude"],
        longitude=lambda row: row["longitude"],
        profile_url=lambda row: row["permalink"],
    )
    assert found.hidden == []


def test_meeting_list() -> None:
    found = replay("tsml")
    rows = sent("tsml", "all")
    assert len(rows) == 409
    compare(
        found.listings,
        rows,
        name=lambda row: plain(row["name"]),
        practice=lambda row: once(row["location"]),
        address=lambda row: once(row["formatted_address"]),
        phone=lambda row: row.get("phone"),
        email=lambda row: row.get("email"),
        website=lambda row: row.get("website"),
        latitude=lambda row: row.get("latitude"),
        longitude=lambda row: row.get("longitude"),
        profile_url=lambda row: row["url"],
    )
    assert not [one for one in found.listings.values() if "admin@" in str(one.printed())]
    assert len(replay("tsml", path="wp-json/").listings) == 409


def test_a_restricted_meeting_list_has_no_listings() -> None:
    recorded = shared_answers("tsml")
    url = "http://directory.example:8610/wp-json/tsml/meetings"
    answer = recorded(Request(url))
    assert answer is not None
    with pytest.raises(Exception, match="restricted"):
        list(platform_named("meeting_list")(around()).read(answer))
