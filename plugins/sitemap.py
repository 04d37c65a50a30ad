"""What search engines are told: one address for each page, and the list of all pages."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

from datasette import hookimpl
from datasette.utils.asgi import Request, Response

from db import places_listed as places
from db.release import release
from plugins.finder import ask
from plugins.pages import addresses

WITHOUT_CANONICAL = tuple(
    f"finder/{name}.html" for name in ("find", "missing", "no_place", "not_found")
)


@hookimpl
def register_routes() -> list[tuple[str, Any]]:
    """The sitemap, and its parts where one would be too long."""
    return [
        (r"^/sitemap\.xml$", sitemap),
        (r"^/sitemap-(?P<part>[1-9]\d{0,5})\.xml$", sitemap_part),
    ]


@hookimpl
def extra_template_vars(datasette: Any, request: Any, template: str | None) -> dict[str, Any]:
    """`canonical`: the page's one address, for all ways it can be asked for. None for answers to
    searches and for what is not there."""
    if request is None or template in WITHOUT_CANONICAL:
        return {"canonical": None}
    base = datasette.setting("base_url").rstrip("/")
    return {"canonical": addresses.public(datasette, request, request.path.removeprefix(base))}


async def sitemap(datasette: Any, request: Request) -> Response:
    """All pages in one, or where they are too many the index of several."""
    parts = await _parts(datasette)
    if parts > 1:
        return _xml(addresses.sitemap_index(datasette, request, parts))
    return await _sitemap(datasette, request, 1)


async def sitemap_part(datasette: Any, request: Request) -> Response:
    """One of several."""
    part = int(request.url_vars["part"])
    if part > await _parts(datasette):
        return Response.text("There is no such sitemap.\n", status=404)
    return await _sitemap(datasette, request, part)


async def _parts(datasette: Any) -> int:
    static = addresses.registered(datasette)
    count = await ask(datasette, lambda connection: sum(1 for _ in _pages(connection, static)))
    return -(-count // addresses.pages_in_a_sitemap())


async def _sitemap(datasette: Any, request: Request, part: int) -> Response:
    static = addresses.registered(datasette)

    def written(connection: sqlite3.Connection) -> str:
        pages = addresses.part(_pages(connection, static), part)
        return "\n".join(addresses.sitemap(datasette, request, pages)) + "\n"

    return _xml(await ask(datasette, written))


def _xml(text: str) -> Response:
    return Response(text, content_type="application/xml; charset=utf-8")


def _pages(connection: sqlite3.Connection, static: list[str]) -> Iterator[addresses.Page]:
    published = release(connection)
    for path in static:
        yield path, published.built_at[:10] if published and path == "/" else None
    slugs = {}
    for state in places.states(connection):
        slugs[state.code] = state.slug
        yield f"/states/{state.slug}", state.last_seen and state.last_seen[:10]
    for town in places.towns(connection):
        yield f"/states/{slugs[town.state]}/{town.slug}", town.last_seen[:10]
    for number, day in places.practitioners(connection):
        yield f"/practitioner/{number}", day
