"""What a page of a WordPress plugin says of itself: its settings, its scripts, whom to ask.

A page can hold anything, so nothing here raises: what cannot be read is as good as absent.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, unquote_to_bytes, urljoin, urlsplit

from scrapy.http import Response, TextResponse

from spiders.platforms.json_answers import literal_after

_AJAX = "/wp-admin/admin-ajax.php"
_API_LINK = re.compile(r'<([^<>]{1,500})>\s*;\s*rel="?https://api\.w\.org/"?')


def page_of(response: Response) -> TextResponse | None:
    """The response as a page that can be looked into, or None: JSON and pictures are none."""
    if isinstance(response, TextResponse) and response.selector.type in ("html", "xml"):
        return response
    return None


def inline_scripts(page: Response) -> Iterator[str]:
    """The scripts that stand in the page itself; none where it is no web page.

    Plugins that make pages faster write them as `src="data:text/javascript;base64,…"`.
    """
    found = page_of(page)
    if found is None:
        return
    yield from found.xpath("//script[not(@src)]/text()").getall()
    for src in found.xpath('//script/@src[starts-with(., "data:")]').getall():
        kind, comma, data = src.partition(",")
        if not comma or "javascript" not in kind:
            continue
        try:
            raw = b64decode(unquote(data)) if kind.endswith(";base64") else unquote_to_bytes(data)
        except ValueError:
            continue
        yield raw.decode("utf-8", "replace")


def settings(page: Response, pattern: re.Pattern[str]) -> dict[str, Any] | None:
    """The object that an inline script sets where `pattern` matches, or None."""
    for script in inline_scripts(page):
        if pattern.search(script):
            found = literal_after(script, pattern)
            if isinstance(found, dict):
                return found
    return None


def loaded(page: Response, pattern: re.Pattern[str]) -> str | None:
    """The address of the first script the page loads that `pattern` is found in, or None."""
    found = page_of(page)
    if found is None:
        return None
    return next((src for src in found.xpath("//script/@src").getall() if pattern.search(src)), None)


def address(page_url: str, value: Any, usual: str) -> str:
    """`value` as an http address, seen from the page; `usual` where it is none."""
    if isinstance(value, str) and value.strip():
        try:
            found = urljoin(page_url, value.strip())
            if urlsplit(found).scheme in ("http", "https") and urlsplit(found).hostname:
                return found
        except ValueError:
            pass
    return urljoin(page_url, usual)


def ajax_url(page: Response, value: Any = None) -> str:
    """Where the site's admin-ajax.php is: as its settings say, else at the usual place."""
    return address(page.url, value, _AJAX)


def named_rest_url(page: Response) -> str | None:
    """The site's REST API, with a slash at the end, as the page or its `Link` header names it.

    None where neither names an address.
    """
    looked = page_of(page)
    link = looked.xpath('//link[@rel="https://api.w.org/"]/@href').get() if looked else None
    if link is None:
        headers = b", ".join(page.headers.getlist("Link")).decode("latin-1")
        sent = _API_LINK.search(headers)
        link = sent[1] if sent else None
    found = address(page.url, link, "")
    if found == page.url:
        return None
    return found if found.endswith("/") or "?" in found else f"{found}/"


def rest_url(page: Response, usual: str = "/wp-json/") -> str:
    """The site's REST API, with a slash at the end: as it is named, else the usual place."""
    return named_rest_url(page) or urljoin(page.url, usual)


def with_query(url: str, query: str) -> str:
    """The address with a query, whether it has one or not."""
    return f"{url}{'&' if '?' in url else '?'}{query}"
