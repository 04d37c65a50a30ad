"""An address that is none: a page of ours, in the visitor's language, with the search on it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from datasette import hookimpl
from datasette.utils.asgi import NotFound, Request, Response

from plugins.finder import page
from plugins.pages.asking import DEFAULT_MILES, RADII


@hookimpl
def handle_exception(
    datasette: Any, request: Request, exception: Exception
) -> Callable[[], Awaitable[Response]] | None:
    """The page for an unknown address; None for other trouble and for data addresses, which
    Datasette answers with templates/error.html and as JSON."""
    if not isinstance(exception, NotFound) or request.path.endswith(".json"):
        return None

    async def answer() -> Response:
        return await page(
            datasette,
            request,
            "not_found.html",
            status=404,
            asked=None,
            radii=RADII,
            miles=DEFAULT_MILES,
        )

    return answer
