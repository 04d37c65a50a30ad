"""Nine real sites: every public listing that any recorded answer of theirs holds is found.

The rows are looked for in the answers without any reader, whatever they were asked for: lists,
searches, single entries. Each answer then goes to the site's platform. The answers are no part of
the project (../shared/recordings); without them these tests skip.
"""

from __future__ import annotations

import html
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from records.listing import Listing
from samples.truth import fold
from spiders.platforms import Platform
from spiders.platforms.registry import platform_named
from tests.platform_fixtures import answer, around

Row = Mapping[str, Any]
Held = dict[str, list[tuple[Row, Listing]]]


def text(value: Any) -> str:
    """A value as it was sent, with its blanks collapsed and its entities read."""
    if isinstance(value, dict):
        value = value.get("rendered")
    sent = "" if value is None else str(value)
    return " ".join(html.unescape(html.unescape(sent)).split())


def first(row: Row, part: str, key: str) -> str:
    return text((row.get(part) or [{}])[0].get(key))


def work_phone(row: Row) -> str:
    return next((text(one["number"]) for one in row["tel"] if one["type"] == "workphone"), "")


def of(key: str) -> Callable[[Row], str]:
    return lambda row: text(row.get(key))


_ADDRESS = {"street_address": "street", "locality": "city", "region": "state",
            "postal_code": "postcode", "country_name": "country", "latitude": "latitude",
            "longitude": "longitude"}  # fmt: skip

#: Site -> its platform, what makes an object one of its rows, how many public listings there are,
#: and field -> what it must be, from the row.
SITES: dict[str, tuple[str, set[str], int, dict[str, Callable[[Row], str]]]] = {
    "asl": (
        "agile_store_locator", {"id", "title", "lat", "street"}, 408,
        {"name": of("title"), "street": of("street"), "city": of("city"), "state": of("state"),
         "postcode": of("postal_code"), "country": of("country"), "phone": of("phone"),
         "email": of("email"), "website": of("website"), "latitude": of("lat"),
         "longitude": of("lng")},
    ),
    "connections": (
        "connections", {"id", "fn", "adr", "tel"}, 203,
        {"name": of("fn"), "phone": work_phone,
         **{field: (lambda row, key=key: first(row, "adr", key))  # type: ignore[misc]
            for key, field in _ADDRESS.items()}},
    ),
    "directorist": (
        "directorist", {"id", "name", "permalink", "latitude"}, 409,
        {"name": of("name"), "address": of("address"), "postcode": of("zip"),
         "phone": of("phone"), "email": of("email"), "website": of("website"),
         "latitude": of("latitude"), "longitude": of("longitude"),
         "profile_url": of("permalink")},
    ),
    "geodir": (
        "geodirectory", {"id", "title", "status", "latitude"}, 409,
        {"name": of("title"), "street": of("street"), "city": of("city"), "state": of("region"),
         "postcode": of("zip"), "country": of("country"), "phone": of("phone"),
         "email": of("email"), "website": of("website"), "latitude": of("latitude"),
         "longitude": of("longitude")},
    ),
    "slp": (
        "store_locator_plus", {"id", "name", "lat", "data"}, 158,
        {"name": lambda row: text(row["data"]["sl_store"]), "street": of("address"),
         "city": of("city"), "state": of("state"), "postcode": of("zip"),
         "country": of("country"), "phone": of("phone"), "website": of("url"),
         "latitude": of("lat"), "longitude": of("lng")},
    ),
    "tsml": (
        "meeting_list", {"id", "name", "day", "slug"}, 409,
        {"name": of("name"), "practice": of("location"), "address": of("formatted_address"),
         "phone": of("phone"), "email": of("email"), "website": of("website"),
         "latitude": of("latitude"), "longitude": of("longitude"), "profile_url": of("url")},
    ),
    "wpgm": (
        "wp_go_maps", {"id", "map_id", "title", "lat"}, 409,
        {"name": of("title"), "address": of("address"), "website": of("link"),
         "latitude": of("lat"), "longitude": of("lng")},
    ),
    "wpsl": (
        "wp_store_locator", {"id", "store", "lat", "lng"}, 239,
        {"name": of("store"), "street": of("address"), "street2": of("address2"),
         "city": of("city"), "state": of("state"), "postcode": of("zip"),
         "country": of("country"), "phone": of("phone"), "email": of("email"),
         "website": of("url"), "latitude": of("lat"), "longitude": of("lng")},
    ),
}  # fmt: skip
platform_of_2, keys_of_2, _, fields_of_2 = SITES["wpsl"]
SITES["wpsl2"] = (platform_of_2, keys_of_2, 408, {**fields_of_2, "profile_url": of("permalink")})


def rows_in(value: Any, keys: set[str]) -> Iterator[Row]:
    if isinstance(value, dict):
        if keys <= value.keys():
            yield value
            return
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from rows_in(one, keys)


def public(row: Row) -> bool:
    status = str(row.get("status") or "")
    stored = row.get("data")
    private = stored.get("sl_private") if isinstance(stored, dict) else None
    return status in ("", "publish", "approved") and private not in ("1", 1)


def read(platform: Platform, content: Any, body: str) -> dict[str, Listing]:
    """What a platform reads in an answer; a single entry as a list of one."""
    lone = isinstance(content, dict) and not {"markers", "response", "map_id"} & content.keys()
    found = platform.read(answer(f"[{body}]" if lone else body))
    return {one.native_id: one for one in found if isinstance(one, Listing)}


@pytest.mark.parametrize("site", SITES)
def test_every_public_listing_is_found(site: str, recordings: Callable[[str], Path]) -> None:
    name, keys, count, fields = SITES[site]
    folder = recordings(site)
    held: set[str] = set()
    found: set[str] = set()
    withheld = 0
    for path in sorted(folder.iterdir()):
        body = path.read_text(encoding="utf-8", errors="replace")
        try:
            content = json.loads(body, parse_float=str)
        except ValueError:
            continue
        rows = list(rows_in(content, keys))
        if not rows or "/wp/v2/" in body[:2000] or "wp-json-" in path.name:
            continue
        listings = read(platform_named(name)(around()), content, body)
        wanted = {str(row["id"]): row for row in rows if public(row)}
        withheld += len(rows) - len(wanted)
        assert listings.keys() == wanted.keys(), path.name
        held |= wanted.keys()
        found |= listings.keys()
        for number, row in wanted.items():
            for field, sent in fields.items():
                got = getattr(listings[number], field) or ""
                same = fold(got) == fold(sent(row)) if field == "name" else got == sent(row)
                assert same, (path.name, number, field, got, sent(row))
            assert "&amp;" not in str(listings[number].printed()), number
    sys.stdout.write(f"{site}: {len(found)} of {len(held)} public listings, {withheld} withheld\n")
    assert found == held
    assert len(found) == count
