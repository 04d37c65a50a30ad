"""How many listings there are by somebody else's count: WordPress's own, or a sitemap's.

A platform's answer can be short without saying so. What another part of the same site counts is
the only thing that tells. Both counts are optional: a site may have switched them off, and a
run is whole without them. Neither is read where it cannot be one: an answer that is something
else gives None and never raises.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urljoin

from scrapy.http import Request, Response

from spiders.platforms import Total, WrongShape
from spiders.platforms.json_answers import body_text, json_in, objects
from spiders.platforms.wp import with_query

_EXPECTED = "a JSON array of entries"
_LOC = re.compile(r"<loc>\s*(?:<!\[CDATA\[)?\s*([^<\]\s]+)", re.I)
#: Of one sitemap file, by its definition.
_MOST_ADDRESSES = 50_000


@dataclass(frozen=True, slots=True)
class WordPressCount:
    """What WordPress says of one kind of entry."""

    total: Total
    rows: Sequence[Mapping[str, Any]]
    """The entries of the page that was asked for, with the fields that were asked for."""


def ask_wordpress(  # noqa: PLR0913 - all but the first two by name
    rest_url: str,
    kind: str,
    about: Mapping[str, Any],
    *,
    fields: str = "id",
    per_page: int = 1,
    page: int = 1,
    filters: Mapping[str, str] | None = None,
    priority: int = 20,
) -> Request:
    """The question how many published entries of a kind (`wpsl_stores`) there are.

    `rest_url` is the site's REST API with a slash at the end, or its `?rest_route=/`. The answer
    is for `wordpress_total`.
    """
    query = {"per_page": str(per_page), "_fields": fields}
    if page > 1:
        query["page"] = str(page)
    url = with_query(f"{rest_url}wp/v2/{kind}", urlencode({**query, **(filters or {})}))
    return Request(url, priority=priority, meta={"about": dict(about), "optional": True})


def wordpress_total(answer: Response) -> WordPressCount | None:
    """The count in an answer of WordPress's REST API, or None where it is no such answer."""
    sent = (answer.headers.get("X-WP-Total") or b"").decode("ascii", "replace")
    if answer.status >= 400 or not sent.isdecimal():
        return None
    try:
        rows = list(objects(json_in(body_text(answer), _EXPECTED), _EXPECTED))
    except WrongShape:
        return None
    return WordPressCount(Total(int(sent), "WordPress REST API (X-WP-Total)"), rows)


def ask_sitemap(page_url: str, kind: str, about: Mapping[str, Any], number: int = 1) -> Request:
    """The question for WordPress's own sitemap of a kind of entry, `number` from 1."""
    url = urljoin(page_url, f"/wp-sitemap-posts-{kind}-{number}.xml")
    return Request(url, priority=20, meta={"about": dict(about), "optional": True})


def sitemap_addresses(answer: Response) -> list[str] | None:
    """The addresses in a sitemap file, each once, or None where the answer is no sitemap.

    No entity is expanded, so nothing in the file can make it larger than it is.
    """
    text = body_text(answer)
    if answer.status >= 400 or "<urlset" not in text[:2000]:
        return None
    found = dict.fromkeys(one.replace("&amp;", "&") for one in _LOC.findall(text))
    return list(found)[:_MOST_ADDRESSES]


def sitemap_total(answer: Response) -> Total | None:
    """How many addresses a sitemap file has; None where it is none, or so full that it goes on."""
    found = sitemap_addresses(answer)
    # WordPress begins a new file after 2,000.
    if not found or len(found) >= 2000:
        return None
    return Total(len(found), "its sitemap")
