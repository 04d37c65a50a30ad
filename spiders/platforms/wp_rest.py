"""What WordPress itself answers: its index, pages of its REST API, and its sitemaps.

Totals stand in headers, a page past the end is an error, and a plugin's own routes keep to this or
do not. Sitemaps are read as text: half a file still names its pages, and nothing can be expanded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from scrapy.http import Response, TextResponse

from records.text import plain
from spiders.platforms import WrongShape
from spiders.platforms.json_answers import beginning, body_text, json_in, objects
from spiders.platforms.wp import with_query

PER_PAGE = 100
#: Past the last page core says so; plugins answer an empty list.
_PAST_THE_END = "rest_post_invalid_page_number"
_LOC = re.compile(r"<(?:\w+:)?loc>\s*(?:<!\[CDATA\[)?\s*([^<\]\s]{1,2000})", re.I)
#: Only the first part of a page is looked at for JSON: an index is long, its beginning is not.
_LOOKS_LIKE_INDEX = re.compile(r'^\s*\{.{0,4000}?"namespaces"\s*:\s*\[', re.S)


def index(page: Response) -> Mapping[str, Any] | None:
    """The answer of `/wp-json/`, which names every plugin that has an API; None for any other."""
    if not isinstance(page, TextResponse) or not _LOOKS_LIKE_INDEX.match(page.text[:6000]):
        return None
    try:
        found = json_in(body_text(page), "the index of a REST API")
    except WrongShape:
        return None
    return found if isinstance(found, dict) and isinstance(found.get("namespaces"), list) else None


def namespaces(found: Mapping[str, Any] | None) -> frozenset[str]:
    """The namespaces an index names; empty for none."""
    named = found.get("namespaces") if found else None
    return frozenset(one for one in named or () if isinstance(one, str))


def index_url(page: Response) -> str:
    """The address of the REST API behind an index that was fetched, without its query."""
    if "rest_route=" in page.url:
        return page.url.split("rest_route=", 1)[0] + "rest_route=/"
    bare = page.url.split("?", 1)[0]
    return bare if bare.endswith("/") else f"{bare}/"


def site_of(rest: str) -> str:
    """The address of the WordPress behind its REST API."""
    if "/wp-json/" in rest:
        return rest.split("wp-json/", 1)[0]
    return urljoin(rest.split("?", 1)[0], "./")


def route(rest: str, path: str, **query: Any) -> str:
    """The address of a route: `rest` is the API's address, with or without pretty permalinks."""
    url = f"{rest}{path}"
    return with_query(url, urlencode(query)) if query else url


def rows(answer: Response, expected: str) -> list[Mapping[str, Any]]:
    """The objects a page of the API holds; none where the page is past the end.

    Raises WrongShape for everything else: errors, objects, HTML, half an answer.
    """
    reply = json_in(body_text(answer), expected)
    if isinstance(reply, dict) and reply.get("code") == _PAST_THE_END:
        return []
    if answer.status >= 400:
        raise WrongShape(f"expected {expected}, got {beginning(body_text(answer))}")
    return list(objects(reply, expected))


def total(answer: Response) -> int | None:
    """How many there are, as the answer's header says."""
    return _header(answer, "X-WP-Total")


def pages(answer: Response) -> int | None:
    """How many pages there are, as the answer's header says."""
    return _header(answer, "X-WP-TotalPages")


def locations(answer: Response) -> list[str]:
    """The addresses on the same host that a sitemap or an index of sitemaps names.

    Raises WrongShape for anything else.
    """
    text = body_text(answer)
    if answer.status >= 400 or not re.search(r"<(?:\w+:)?(?:urlset|sitemapindex)\b", text):
        raise WrongShape(f"expected a sitemap, got {beginning(text)}")
    found = []
    for one in _LOC.findall(text):
        try:
            url = urljoin(answer.url, plain(one))
            host = urlsplit(url).netloc
        except ValueError:
            continue
        if host == urlsplit(answer.url).netloc:
            found.append(url)
    return list(dict.fromkeys(found))


def of_type(sitemaps: list[str], post_type: str) -> list[str]:
    """The sitemaps that hold one post type: WordPress's own, or those of Yoast and its like."""
    name = re.escape(post_type)
    wanted = re.compile(rf"/(?:wp-sitemap-posts-{name}-\d+|{name}-sitemap\d*)\.xml(?:$|\?)")
    return [url for url in sitemaps if wanted.search(url)]


def _header(answer: Response, name: str) -> int | None:
    sent = (answer.headers.get(name) or b"").decode("ascii", "replace").strip()
    return int(sent) if re.fullmatch(r"\d{1,9}", sent) else None
