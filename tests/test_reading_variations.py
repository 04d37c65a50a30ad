"""One row at a time, as other sites of the same software send it.

Other settings, fields that a site has added, other languages, missing keys, null beside "" beside
0, numbers as text and texts as numbers, flags in every spelling. Rows have the software's real
shape and invented people.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from records.listing import Listing
from spiders.platforms import Hidden, Request
from spiders.platforms.registry import platform_named
from tests.platform_fixtures import answer, around

SITE = "https://directory.example"

WPSL = {
    "address": "1 Test Way", "store": "Ada Mock, PT", "thumb": "", "id": "30", "distance": 1.5,
    "address2": "", "city": "Toledo", "state": "OH", "zip": "43604", "country": "United States",
    "lat": "41.65", "lng": "-83.53", "phone": "(419) 555-0101", "fax": "",
    "email": "ada@example.com", "hours": "", "url": "https://www.example.com/ada/",
}  # fmt: skip
SLP = {
    "id": "7", "name": "Ada Mock, PT", "address": "1 Test Way", "address2": "", "city": "Toledo",
    "state": "OH", "zip": "43604", "country": "US", "lat": "41.65", "lng": "-83.53",
    "phone": "(419) 555-0101", "email": "ada@example.com", "url": "https://www.example.com/ada/",
    "distance": "0.62", "tags": "", "hours": "", "linked_postid": "0", "neat_title": "ada-mock-pt",
}  # fmt: skip
ASL = {
    "id": "12", "title": "Ada Mock, PT", "description": "", "street": "1 Test Way, Suite 2",
    "city": "Toledo", "state": "OH", "postal_code": "43604", "country": "United States",
    "lat": "41.65", "lng": "-83.53", "phone": "(419) 555-0101", "fax": "",
    "email": "ada@example.com", "website": "https://www.example.com/ada/", "logo_id": None,
    "path": None, "marker_id": None, "description_2": "", "open_hours": "{}", "ordr": "0",
    "slug": "ada-mock", "categories": "1,4", "brand": None, "special": None,
}  # fmt: skip
GEODIR = {
    "id": 839, "title": {"raw": "Ada Mock, PT", "rendered": "Ada Mock, PT"}, "slug": "ada-mock",
    "link": f"{SITE}/places/ada-mock/", "status": "publish", "type": "gd_place",
    "post_category": [{"id": 5, "name": "Level 1", "slug": "level-1"}], "street": "1 Test Way",
    "city": "Toledo", "region": "OH", "country": "United States", "zip": "43604",
    "latitude": "41.650000", "longitude": "-83.530000", "phone": "(419) 555-0101",
    "email": "ada@example.com", "website": "https://www.example.com/ada/", "business_hours": None,
    "content": {"raw": "", "rendered": ""}, "featured": False, "rating": "0",
}  # fmt: skip
WPGM = {
    "map_id": "1", "address": "1 Test Way, Toledo, OH 43604", "description": "", "pic": "",
    "link": "https://www.example.com/ada/", "icon": "", "lat": "41.65", "lng": "-83.53",
    "anim": "0", "title": "Ada Mock, PT", "infoopen": "0", "category": "", "approved": "1",
    "retina": "0", "type": "0", "did": "", "sticky": "0", "other_data": "", "id": "7",
}  # fmt: skip
CONNECTIONS = {
    "id": 5, "type": "individual", "link": f"{SITE}/name/ada-mock/", "slug": "ada-mock",
    "fn": {"rendered": "Ada Mock, PT"}, "given_name": {"rendered": "Ada"},
    "family_name": {"rendered": "Mock"}, "honorific_suffix": {"rendered": "PT"},
    "job_title": {"rendered": ""}, "org": {"organization_name": {"rendered": "Mock Clinic"}},
    "adr": [{"type": "work", "visibility": "public", "preferred": True,
             "street_address": {"rendered": "1 Test Way"}, "extended_address": {"rendered": ""},
             "locality": {"rendered": "Toledo"}, "region": {"rendered": "OH"},
             "postal_code": {"rendered": "43604"}, "country_name": {"rendered": "US"},
             "latitude": "41.650000000000", "longitude": "-83.530000000000"}],
    "tel": [{"type": "workphone", "number": {"rendered": "(419) 555-0101"}, "preferred": False}],
    "email": [{"type": "work", "address": {"rendered": "ada@example.com"}}],
    "visibility": "public", "status": "approved",
}  # fmt: skip
DIRECTORIST = {
    "id": 417, "name": "Ada Mock, PT", "slug": "ada-mock", "permalink": f"{SITE}/directory/ada/",
    "date_modified": "2026-11-23T17:11:03", "description": "", "zip": "43604",
    "phone": "(419) 555-0101", "phone_2": "", "fax": "", "email": "ada@example.com",
    "website": "https://www.example.com/ada/", "map_hidden": False,
    "address": "1 Test Way, Toledo, OH 43604", "latitude": "41.65", "longitude": "-83.53",
    "owner_contact_hidden": False, "directory": 2, "status": "publish", "related_ids": [1],
    "categories": [{"id": 3, "name": "Level 1", "slug": "level-1"}], "locations": [],
}  # fmt: skip
TSML = {
    "id": 385, "name": "Ada Mock, PT", "slug": "ada-mock", "updated": "2026-11-23 22:57:46",
    "location_id": 384, "url": f"{SITE}/meetings/ada-mock/", "day": 1, "time": "08:00",
    "types": ["C"], "location": "Mock Clinic", "approximate": "no",
    "formatted_address": "1 Test Way, Toledo, OH 43604, USA", "latitude": 41.65,
    "longitude": -83.53, "region": "OH", "phone": "(419) 555-0101", "email": "ada@example.com",
    "website": "https://www.example.com/ada/", "entity_email": "admin@example.com",
}  # fmt: skip
SHAPES: dict[str, dict[str, Any]] = {
    "wp_store_locator": WPSL, "store_locator_plus": SLP, "agile_store_locator": ASL,
    "geodirectory": GEODIR, "wp_go_maps": WPGM, "connections": CONNECTIONS,
    "directorist": DIRECTORIST, "meeting_list": TSML,
}  # fmt: skip
#: For a key that the site does not send at all.
GONE = object()


def read(platform: str, **changes: Any) -> Listing | Hidden:
    row = {key: value for key, value in (SHAPES[platform] | changes).items() if value is not GONE}
    reply: Any = [row]
    if platform == "store_locator_plus":
        reply = {"success": True, "count": 1, "type": "search", "response": [row]}
    (found,) = [
        one
        for one in platform_named(platform)(around()).read(answer(json.dumps(reply)))
        if not isinstance(one, Request)
    ]
    assert isinstance(found, Listing | Hidden)
    return found


def address(**changes: Any) -> list[dict[str, Any]]:
    return [{**CONNECTIONS["adr"][0], **changes}]  # type: ignore[index]


def tel(number: str, kind: str = "workphone", **more: Any) -> dict[str, Any]:
    return {"type": kind, "number": {"rendered": number}, "preferred": False, **more}


SITE_WITH_QUERY = "https://www.example.com/?a=1&copy=2&region=OH"

READ: list[tuple[str, dict[str, Any], dict[str, str | None]]] = [
    # WP Store Locator
    (
        "wp_store_locator",
        {"id": 30, "lat": 41.65, "lng": 0},
        {"latitude": "41.65", "longitude": "0"},
    ),
    (
        "wp_store_locator",
        {"lat": "41.6528000", "zip": 43604},
        {"latitude": "41.6528000", "postcode": "43604"},
    ),
    (
        "wp_store_locator",
        {"phone": None, "hours": None, "address2": GONE, "fax": GONE, "email": ""},
        {"phone": None, "email": None, "street2": None, "street": "1 Test Way"},
    ),
    (
        "wp_store_locator",
        {"url": "https://www.example.com/?a=1&#038;copy=2&#038;region=OH"},
        {"website": SITE_WITH_QUERY},
    ),
    (
        "wp_store_locator",
        {"permalink": f"{SITE}/?post_type=wpsl_stores&region=3&p=30"},
        {"profile_url": f"{SITE}/?post_type=wpsl_stores&region=3&p=30"},
    ),
    (
        "wp_store_locator",
        {"store": "Zo&#235; &#8220;Z&#8221; O&#8217;Mock &#038; Co"},
        {"name": "Zoë “Z” O’Mock & Co"},
    ),
    ("wp_store_locator", {"store": "A. B. &lt;C&gt; Mock"}, {"name": "A. B. <C> Mock"}),
    (
        "wp_store_locator",
        {"credentials": "PT, DPT", "clinic_name": "Mock Clinic"},
        {"credentials": "PT, DPT", "practice": "Mock Clinic"},
    ),
    (
        "wp_store_locator",
        {"distance": GONE, "description": "<p>Sees people.</p>", "thumb": "<img src='x.png'>"},
        {"name": "Ada Mock, PT"},
    ),
    # Store Locator Plus
    (
        "store_locator_plus",
        {"name": "O&#039;Mock &amp; Sons", "data": GONE},
        {"name": "O'Mock & Sons"},
    ),
    (
        "store_locator_plus",
        {"name": "O&#039;Mock", "data": {"sl_id": "7", "sl_store": "O'Mock", "sl_phone": None}},
        {"name": "O'Mock", "phone": "(419) 555-0101"},
    ),
    (
        "store_locator_plus",
        {"data": {"sl_id": "7", "sl_phone": "", "sl_private": "0"}},
        {"phone": "(419) 555-0101"},
    ),
    (
        "store_locator_plus",
        {"data": {"sl_private": None}, "id": 7, "lat": 41.65, "lng": -83},
        {"latitude": "41.65", "longitude": "-83"},
    ),
    ("store_locator_plus", {"private": False, "data": None}, {"name": "Ada Mock, PT"}),
    ("store_locator_plus", {"private": "no"}, {"name": "Ada Mock, PT"}),
    (
        "store_locator_plus",
        {"url": "https://www.example.com/?a=1&amp;copy=2&amp;region=OH"},
        {"website": SITE_WITH_QUERY},
    ),
    # Agile Store Locator
    ("agile_store_locator", {"pending": None, "is_disabled": "0"}, {"name": "Ada Mock, PT"}),
    ("agile_store_locator", {"pending": "", "is_disabled": False}, {"name": "Ada Mock, PT"}),
    (
        "agile_store_locator",
        {"id": 12, "lat": 41.65, "phone": 4195550101, "postal_code": 43604},
        {"latitude": "41.65", "phone": "4195550101", "postcode": "43604"},
    ),
    (
        "agile_store_locator",
        {"credentials": "PT, DPT", "practice_name": "Mock Clinic<br>Upstairs"},
        {"credentials": "PT, DPT", "practice": "Mock Clinic Upstairs"},
    ),
    (
        "agile_store_locator",
        {"website": "https://www.example.com/?a=1&amp;copy=2&amp;region=OH"},
        {"website": SITE_WITH_QUERY},
    ),
    (
        "agile_store_locator",
        {"phone": None, "email": None, "state": None, "country": GONE},
        {"phone": None, "email": None, "state": None, "country": None},
    ),
    (
        "agile_store_locator",
        {"city": "Z&uuml;rich", "street": "Bahnhofstrasse 1"},
        {"city": "Zürich", "street": "Bahnhofstrasse 1"},
    ),
    # GeoDirectory
    (
        "geodirectory",
        {"title": "Ada Mock, PT", "latitude": "", "longitude": None},
        {"name": "Ada Mock, PT", "latitude": None, "longitude": None},
    ),
    (
        "geodirectory",
        {"id": "839", "latitude": 41.65, "longitude": 0, "zip": 43604},
        {"latitude": "41.65", "longitude": "0", "postcode": "43604"},
    ),
    (
        "geodirectory",
        {"title": {"raw": "A", "rendered": "A &#8211; B &#038; C"}},
        {"name": "A – B & C"},
    ),
    (
        "geodirectory",
        {"phone": {"raw": "x", "rendered": "(419) 555-0102"}, "street2": "Suite 4"},
        {"phone": "(419) 555-0102", "street2": "Suite 4"},
    ),
    ("geodirectory", {"private_address": "0", "private": False}, {"street": "1 Test Way"}),
    (
        "geodirectory",
        {"practice": "Mock Clinic", "credentials": ["PT", "DPT"]},
        {"practice": "Mock Clinic", "credentials": "PT, DPT"},
    ),
    (
        "geodirectory",
        {"website": "", "email": None, "post_category": None, "content": GONE},
        {"website": None, "email": None},
    ),
    # WP Go Maps
    (
        "wp_go_maps",
        {"id": 7, "map_id": 1, "approved": 1, "lat": 41.65, "lng": "-83.530"},
        {"latitude": "41.65", "longitude": "-83.530"},
    ),
    (
        "wp_go_maps",
        {"approved": True, "link": None, "lat": "", "lng": ""},
        {"website": None, "latitude": None, "longitude": None},
    ),
    ("wp_go_maps", {"approved": GONE, "other_data": GONE, "description": None}, {"phone": None}),
    (
        "wp_go_maps",
        {"description": "<p>Tel.: <a href='tel:+14195550101'>(419) 555-0101</a></p>"},
        {"phone": "(419) 555-0101"},
    ),
    (
        "wp_go_maps",
        {"description": "Telefon: (419) 555-0101<br>ada@example.com"},
        {"phone": "(419) 555-0101", "email": "ada@example.com"},
    ),
    (
        "wp_go_maps",
        {"title": "<img src='x.png'>Ada Mock &amp; Co", "address": "1 Test Way<img src=x>"},
        {"name": "Ada Mock & Co", "address": "1 Test Way"},
    ),
    (
        "wp_go_maps",
        {"custom_field_data": [{"id": "1", "name": "Credentials", "value": "PT"}]},
        {"credentials": "PT"},
    ),
    # Connections
    (
        "connections",
        {"fn": "Ada Mock", "tel": None, "email": None, "adr": []},
        {"name": "Ada Mock", "phone": None, "email": None, "street": None},
    ),
    (
        "connections",
        {
            "type": "organization",
            "fn": {"rendered": "Mock &amp; Co"},
            "given_name": {"rendered": ""},
            "family_name": None,
            "org": {"organization_name": {"rendered": "Mock &amp; Co"}},
        },
        {"name": "Mock & Co", "practice": None},
    ),
    (
        "connections",
        {"tel": [tel("(419) 555-0101"), tel("(419) 555-0102", preferred="1")]},
        {"phone": "(419) 555-0102"},
    ),
    (
        "connections",
        {"tel": [tel("(419) 555-0103", "workfax"), tel("(419) 555-0102", "cellphone")]},
        {"phone": "(419) 555-0102"},
    ),
    (
        "connections",
        {
            "tel": [
                tel("(419) 555-0103", visibility="private"),
                tel("(419) 555-0102", visibility=None),
            ]
        },
        {"phone": "(419) 555-0102"},
    ),
    (
        "connections",
        {"adr": address(latitude=41.65, longitude=None)},
        {"latitude": "41.65", "longitude": None},
    ),
    (
        "connections",
        {
            "status": GONE,
            "visibility": None,
            "adr": address(street_address="1 Test Way", preferred=0),
        },
        {"street": "1 Test Way"},
    ),
    # Directorist
    (
        "directorist",
        {"owner_contact_hidden": 0, "map_hidden": "", "zip": 43604},
        {"postcode": "43604", "latitude": "41.65"},
    ),
    (
        "directorist",
        {"name": "Zo&#235; O&#8217;Mock &amp; Co", "latitude": "", "longitude": 0},
        {"name": "Zoë O’Mock & Co", "latitude": None, "longitude": "0"},
    ),
    (
        "directorist",
        {"map_hidden": "1"},
        {"latitude": None, "longitude": None, "phone": "(419) 555-0101"},
    ),
    (
        "directorist",
        {"locations": None, "categories": None, "phone": None, "email": GONE},
        {"phone": None, "email": None},
    ),
    (
        "directorist",
        {"website": "https://www.example.com/?a=1&#038;copy=2&#038;region=OH"},
        {"website": SITE_WITH_QUERY},
    ),
    (
        "directorist",
        {"id": "417", "latitude": 41.65, "custom-text": "x", "status": GONE},
        {"latitude": "41.65"},
    ),
    # 12 Step Meeting List
    (
        "meeting_list",
        {"id": "385", "latitude": "41.65", "longitude": 0, "phone": GONE},
        {"latitude": "41.65", "longitude": "0", "phone": None},
    ),
    (
        "meeting_list",
        {
            "formatted_address": GONE,
            "address": "1 Test Way",
            "city": "Toledo",
            "state": "OH",
            "postal_code": 43604,
            "region": "North",
        },
        {"street": "1 Test Way", "city": "Toledo", "state": "OH", "postcode": "43604"},
    ),
    (
        "meeting_list",
        {"location": None, "email": None, "website": ""},
        {"practice": None, "email": None, "website": None},
    ),
    ("meeting_list", {"id": GONE, "day": [1, 3], "types": None}, {"name": "Ada Mock, PT"}),
    ("meeting_list", {"name": "Zoë & Co <Mock>", "notes": None}, {"name": "Zoë & Co <Mock>"}),
]


@pytest.mark.parametrize(("platform", "changes", "printed"), READ)
def test_a_row_of_another_site(
    platform: str, changes: dict[str, Any], printed: dict[str, str | None]
) -> None:
    found = read(platform, **changes)
    assert isinstance(found, Listing), found
    assert found.native_id
    assert {field: getattr(found, field) for field in printed} == printed


@pytest.mark.parametrize("platform", SHAPES)
def test_a_list_that_php_wrote_as_an_object(platform: str) -> None:
    rows = {"0": SHAPES[platform], "2": SHAPES[platform] | {"id": "4242"}}
    reply: Any = rows
    if platform == "store_locator_plus":
        reply = {"success": True, "count": 2, "response": rows}
    read = platform_named(platform)(around()).read(answer(json.dumps(reply)))
    found = [one.native_id for one in read if isinstance(one, Listing)]
    assert found == [str(SHAPES[platform]["id"]), "4242"]


KEPT_BACK: list[tuple[str, dict[str, Any]]] = [
    *(
        ("store_locator_plus", {"data": {"sl_id": "7", "sl_private": flag}})
        for flag in ("1", 1, True)
    ),
    ("store_locator_plus", {"private": "yes"}),
    *(("agile_store_locator", {"pending": flag}) for flag in ("1", 1, True)),
    ("agile_store_locator", {"is_disabled": True}),
    *(
        ("geodirectory", {"status": status})
        for status in ("draft", "pending", "private", "gd-closed")
    ),
    *(("geodirectory", {"private_address": flag}) for flag in ("1", 1, True, "yes")),
    *(("wp_go_maps", {"approved": flag}) for flag in ("0", 0, False)),
    *(("connections", {"status": status}) for status in ("pending", "Pending")),
    *(("connections", {"visibility": seen}) for seen in ("private", "unlisted")),
    *(("directorist", {"status": status}) for status in ("draft", "private", "expired")),
    *(("directorist", {"owner_contact_hidden": flag}) for flag in ("1", 1, True, "on")),
    *(("meeting_list", {"status": status}) for status in ("draft", "private")),
]


@pytest.mark.parametrize(("platform", "changes"), KEPT_BACK)
def test_a_row_that_is_not_for_the_public(platform: str, changes: dict[str, Any]) -> None:
    assert isinstance(read(platform, **changes), Hidden)
