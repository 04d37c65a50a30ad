"""Absolute addresses of pages, and which pages a search engine is told of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from datasette.plugins import pm
from datasette.utils.asgi import Request

from plugins.pages import language
from plugins.pages.prose import SLUGS, STATEMENTS

STATIC_PATHS = (
    "/", "/states", "/insurance", "/questions", *(f"/questions/{slug}" for slug in SLUGS),
    "/sources", "/quality", "/about", "/bot", *(f"/{slug}" for slug in STATEMENTS),
)  # fmt: skip
"""The pages that are one of a kind. Those without a route here are left out of the sitemap."""
MOST_IN_A_SITEMAP = 50_000

_NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_XHTML = 'xmlns:xhtml="http://www.w3.org/1999/xhtml"'

Page = tuple[str, str | None]
"""A path without language and base address, and the day it last changed (ISO 8601), if known."""


def public(datasette: Any, request: Request, path: str, code: str | None = None) -> str:
    """The absolute address of a page in a language (None: the request's own).

    Below `public_address` of the plugin `places` in metadata.yml; without one, below the scheme
    and host that were asked.
    """
    path = datasette.urls.path(language.prefix(code) + path)
    configured = (datasette.plugin_config("places") or {}).get("public_address")
    if configured:
        return str(configured).rstrip("/") + path
    return str(datasette.absolute_url(request, path))


def registered(datasette: Any) -> list[str]:
    """Those of STATIC_PATHS that a plugin answers."""
    routes = [
        pattern
        for found in pm.hook.register_routes(datasette=datasette)
        for pattern, _ in found or ()
    ]
    # Datasette itself would take any other path for a database's.
    return [path for path in STATIC_PATHS if any(re.match(one, path) for one in routes)]


def sitemap(datasette: Any, request: Request, pages: Iterable[Page]) -> Iterator[str]:
    """The lines of a sitemap of these pages, each in every language it has, with its alternates."""
    codes = list(language.LANGUAGES)
    several = f" {_XHTML}" if len(codes) > 1 else ""
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f"<urlset {_NAMESPACE}{several}>"
    roots = {code: public(datasette, request, "/", code).rstrip("/") for code in codes}
    for path, day in pages:
        has = [language.SOURCE] if language.only_in_english(path) else codes
        urls = {code: roots[code] + path for code in has}
        others = "".join(
            f'<xhtml:link rel="alternate" hreflang="{code}" href={quoteattr(url)}/>'
            for code, url in urls.items()
            if len(has) > 1
        )
        changed = f"<lastmod>{date.fromisoformat(day)}</lastmod>" if day else ""
        for url in urls.values():
            yield f"<url><loc>{escape(url)}</loc>{changed}{others}</url>"
    yield "</urlset>"


def sitemap_index(datasette: Any, request: Request, parts: int) -> str:
    """The index of so many sitemaps."""
    addresses = (
        public(datasette, request, f"/sitemap-{part}.xml", language.SOURCE)
        for part in range(1, parts + 1)
    )
    listed = "\n".join(f"<sitemap><loc>{escape(one)}</loc></sitemap>" for one in addresses)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<sitemapindex {_NAMESPACE}>\n{listed}'
        "\n</sitemapindex>\n"
    )


def pages_in_a_sitemap() -> int:
    """How many pages fit into one: each may stand there in every language."""
    return MOST_IN_A_SITEMAP // len(language.LANGUAGES)


def part(pages: Iterable[Page], number: int) -> Iterator[Page]:
    """The pages of one sitemap of the index, from 1."""
    size = pages_in_a_sitemap()
    return islice(pages, (number - 1) * size, number * size)
