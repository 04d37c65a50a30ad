"""Sample sites answered in the test itself: a platform asks, the site replies, no network."""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote, urlsplit

from scrapy.http import HtmlResponse, Request, Response, TextResponse

from samples.map_plugin import MapPluginSite
from samples.site import Request as Asked
from spiders.platforms import Platform
from tests.platform_fixtures import SITE, Harvest, harvest

NAMES = (
    "agile_store_locator",
    "store_locator_plus",
    "super_store_finder",
    "wp_go_maps",
    "mappress",
    "yith_store_locator",
    "maps_marker_pro",
)


def reply_of(site: MapPluginSite, request: Request) -> Response:
    """What the site answers, as the platform gets it."""
    address = urlsplit(request.url)
    form = request.body.decode() if request.method == "POST" else ""
    asked = Asked(
        method=request.method,
        path=unquote(address.path),
        query=dict(parse_qsl(address.query, keep_blank_values=True)),
        form=dict(parse_qsl(form, keep_blank_values=True)),
    )
    reply = site.answer(asked)
    site.requests.append((request.method, request.url, reply.status))
    body = reply.body if isinstance(reply.body, bytes) else b"".join(reply.body)
    kind = HtmlResponse if "html" in reply.content_type else TextResponse
    return kind(
        request.url,
        status=reply.status,
        body=body,
        encoding="utf-8",
        request=request,
        headers={"Content-Type": reply.content_type, **reply.headers},
    )


def visit(site: MapPluginSite, platform: Platform) -> Harvest:
    """Everything the platform finds on the site."""
    site.base_url = SITE
    page = reply_of(site, Request(f"{SITE}{site.directory_path}"))
    return harvest(platform, page, lambda request: reply_of(site, request))
