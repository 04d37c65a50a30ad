"""The finder in somebody else's page: `/embed` is the only page that may be framed."""

from __future__ import annotations

from typing import Any

from datasette import hookimpl
from datasette.utils.asgi import Request, Response

from db.place import Place
from plugins.finder import ask, first_values, page
from plugins.pages import addresses, language
from plugins.pages.asking import DEFAULT_MILES, RADII, read_request
from plugins.pages.searching import answer
from records.said import N_

SHOWN = 5
"""Results in the frame; all of them are a click away, in the finder itself."""
TITLE = N_("Find dry needling near you")
SAID_OF_EACH = 2
"""Certificates shown with a result; the rest is counted."""
HEIGHT, HEIGHT_WITH_RESULTS = 520, 1300
"""Pixels that hold the frame without a scrollbar of its own in a page on a telephone: alone, and
with SHOWN results of one certificate each (measured in tests/test_embed.py)."""


@hookimpl
def register_routes() -> list[tuple[str, Any]]:
    return [(r"^/embed$", embed), (r"^/embed/code$", code)]


async def embed(datasette: Any, request: Request) -> Response:
    """A search box, and with `?near=…&miles=…` the nearest few: no script, no cookie."""
    asked = read_request(first_values(request), most_a_page=SHOWN)
    answered = None
    place: Place | None = None
    if asked.near:
        answered = await ask(datasette, lambda connection: answer(connection, asked, facets=False))
        place = answered.place
    return await page(
        datasette,
        request,
        "embed.html",
        asked=asked,
        answered=answered,
        place=place,
        radii=RADII,
        miles=(answered and answered.miles) or DEFAULT_MILES,
        shown=SHOWN,
        said_of_each=SAID_OF_EACH,
    )


async def code(datasette: Any, request: Request) -> Response:
    """The line to paste in every language, this page's own first, and how it looks."""
    own = language.current.get()
    frames = [
        {
            "code": code,
            "name": name,
            "address": addresses.public(datasette, request, "/embed", code),
            "title": language.translations(code).gettext(TITLE),
        }
        for code, name in sorted(language.LANGUAGES.items(), key=lambda one: one[0] != own)
    ]
    return await page(
        datasette,
        request,
        "embed_code.html",
        frames=frames,
        height=HEIGHT,
        height_with_results=HEIGHT_WITH_RESULTS,
        shown=SHOWN,
    )
