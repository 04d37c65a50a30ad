"""Pages of prose: questions about dry needling, who pays for it, and what this site promises."""

from __future__ import annotations

from typing import Any

from datasette import hookimpl
from datasette.utils.asgi import NotFound, Request, Response
from markupsafe import Markup

from db.insurance import insurance_rules
from plugins.finder import ask
from plugins.pages import insuring, language
from plugins.pages.prose import INSURANCE, SLUGS, STATEMENTS, Article, article, html
from plugins.safety import TABLE_PAGES


@hookimpl
def register_routes() -> list[tuple[str, Any]]:
    return [
        (r"^/questions$", questions),
        (r"^/questions/(?P<slug>[^/]+)$", question),
        (r"^/insurance$", insurance),
        (rf"^/(?P<slug>{'|'.join(STATEMENTS)})$", statement),
    ]


@hookimpl
def prepare_jinja2_environment(env: Any) -> None:
    env.filters.update(insuring.FILTERS)


async def questions(datasette: Any, request: Request) -> Response:
    """Every question with its short answer."""
    spoken = language.current.get()
    asked = [article(slug, spoken) for slug in (*SLUGS, INSURANCE)]
    return await _page(datasette, request, "questions.html", asked=asked)


async def question(datasette: Any, request: Request) -> Response:
    slug = request.url_vars["slug"]
    if slug not in SLUGS:
        raise NotFound("There is no such question here")
    spoken = language.current.get()
    shown = article(slug, spoken)
    return await _page(
        datasette,
        request,
        "question.html",
        article=shown,
        prose=_prose(datasette, shown),
        others=[article(other, spoken) for other in (*SLUGS, INSURANCE) if other != slug],
    )


async def insurance(datasette: Any, request: Request) -> Response:
    """Who pays, as a table from the database, between prose."""
    shown = article(INSURANCE, language.current.get())
    return await _page(
        datasette,
        request,
        "insurance.html",
        article=shown,
        prose=_prose(datasette, shown),
        rules=await ask(datasette, insurance_rules),
    )


async def statement(datasette: Any, request: Request) -> Response:
    """What the site promises: privacy, and who can use it."""
    shown = article(request.url_vars["slug"], language.current.get())
    return await _page(
        datasette, request, "statement.html", article=shown, prose=_prose(datasette, shown)
    )


def _prose(datasette: Any, shown: Article) -> Markup:
    """The body of a page, its own addresses in the language of this request."""

    def link(path: str) -> str:
        prefix = "" if TABLE_PAGES.match(path) else language.prefix()
        return str(datasette.urls.path(prefix + path))

    return html(shown.body, link)


async def _page(datasette: Any, request: Request, template: str, **values: Any) -> Response:
    return Response.html(
        await datasette.render_template(f"articles/{template}", values, request=request)
    )
