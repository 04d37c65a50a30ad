"""The finder in somebody else's page: `/embed` is the only page that may be framed."""

from __future__ import annotations

from typing import Any

from datasette import hookimpl
from datasette.utils.asgi import Request, Response

from db.place import Place
from plugins.finder import ask, page
from plugins.pages.asking import DEFAULT_MILES, RADII, read_request
from plugins.pages.searching import answer

SHOWN = 5
"""Results in the frame; all of them are a click away, in the finder itself."""


@hookimpl
def register_routes() -> list[tuple[str, Any]]:
    return [(r"^/embed$", embed), (r"^/embed/code$", code)]


async def embed(datasette: Any, request: Request) -> Response:
    """A search box, and with `?near=…&miles=…` the nearest few: no script, no cookie."""
    asked = read_request({key: request.args[key] for key in request.args}, most_a_page=SHOWN)
    answered = None
    place: Place | None = None
    if asked.near:
        answered = await ask(datasette, lambda connection: answer(connection, asked))
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
    )


async def code(datasette: Any, request: Request) -> Response:
    """The one line to paste, with this site's own address, and how it looks."""
    address = datasette.absolute_url(request, datasette.urls.path("/embed"))
    return await page(datasette, request, "embed_code.html", address=address)
