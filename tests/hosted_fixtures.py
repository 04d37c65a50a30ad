"""Sample sites of hosted locators answered in the test itself, and what tells two entries apart."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from scrapy.http import Request, Response
from scrapy.responsetypes import responsetypes

from records.listing import Listing
from samples.hosted import HostedSite, street_of
from samples.map_plugin import one_line
from samples.site import Request as Asked
from samples.truth import fold
from samples.world import TrueListing
from spiders.platforms.registry import platform_named
from tests.platform_fixtures import SITE, Harvest, around, harvest, us_places

NAMES = (
    "storepoint",
    "stockist",
    "storerocket",
    "storemapper",
    "closeby",
    "store_locator_widgets",
    "metalocator",
    "elfsight",
    "membershipworks",
    "google_my_maps",
)


def reply_of(site: HostedSite, request: Request) -> Response:
    """What the site answers, as the platform gets it."""
    address = urlsplit(request.url)
    asked = Asked(
        method=request.method,
        path=unquote(address.path),
        query=dict(parse_qsl(address.query, keep_blank_values=True)),
        headers={
            name.decode().lower(): values[0].decode() for name, values in request.headers.items()
        },
    )
    reply = site.answer(asked)
    site.requests.append((request.method, request.url, reply.status))
    body = reply.body if isinstance(reply.body, bytes) else b"".join(reply.body)
    headers = {"Content-Type": reply.content_type, **reply.headers}
    kind = responsetypes.from_args(headers=headers, url=request.url, body=body)
    return kind(request.url, status=reply.status, body=body, headers=headers, request=request)


def visit(site: HostedSite, name: str, **extra: str) -> Harvest:
    """Everything the platform of this name finds on the site."""
    site.base_url = SITE
    page = reply_of(site, Request(f"{SITE}{site.directory_path}"))
    platform = platform_named(name)(around(us_places(), extra={**site.sheet_extra(), **extra}))
    return harvest(platform, page, lambda request: reply_of(site, request))


def differences(found: Listing, true: TrueListing) -> dict[str, tuple[Any, Any]]:
    """What a listing says otherwise than the site shows: field -> (found, true)."""
    if found.address is not None:
        place = bare(found.address), bare(one_line(true))
    else:
        street = ", ".join(part for part in (found.street, found.street2) if part)
        place = (
            fold(f"{street} {found.city or ''} {found.postcode or ''}"),
            fold(f"{street_of(true)} {true.city} {true.postcode}"),
        )
    pairs = {
        "place": place,
        "phone": (fold(found.phone), fold(true.phone)),
        "website": (fold(found.website), fold(true.website)),
        "latitude": (number(found.latitude), number(true.latitude)),
        "longitude": (number(found.longitude), number(true.longitude)),
    }
    return {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}


def bare(text: str) -> str:
    return fold(text).replace(",", "")


def number(value: str | float | None) -> float | None:
    return None if value in (None, "") else round(float(value), 5)
