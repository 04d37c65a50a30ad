"""What the site promises: privacy, and who can use it. Prose in `content/LANGUAGE/SLUG.md`."""

from __future__ import annotations

from typing import Any

from datasette import hookimpl
from datasette.utils.asgi import Request, Response

from plugins.articles import prose
from plugins.pages import language
from plugins.pages.prose import STATEMENTS, article


@hookimpl
def register_routes() -> list[tuple[str, Any]]:
    return [(rf"^/(?P<slug>{'|'.join(STATEMENTS)})$", statement)]


async def statement(datasette: Any, request: Request) -> Response:
    shown = article(request.url_vars["slug"], language.current.get())
    values = {"article": shown, "prose": prose(datasette, shown)}
    return Response.html(
        await datasette.render_template("articles/statement.html", values, request=request)
    )
