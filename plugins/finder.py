"""The finder: the home page is the search box, and the pages around it, as Datasette routes."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from datasette import hookimpl
from datasette.utils.asgi import Request, Response
from markupsafe import Markup

from db.freshness import FLAG_AFTER_DAYS, HIDE_AFTER_DAYS
from db.gazetteer_file import ATTRIBUTION
from db.profile import Moved, Profile
from db.profile import profile as profile_of
from db.quality import quality as measured_quality
from db.quality_history import spark, trends
from db.release import release
from db.results import MOST
from db.sources import sources as all_sources
from plugins.pages import addresses, language, structured, trail, wording
from plugins.pages.asking import DEFAULT_MILES, PAGE_SIZE, RADII, read_request
from plugins.pages.directions import directions
from plugins.pages.nothing_found import elsewhere
from plugins.pages.searching import Answer, answer, answer_geojson, answer_json, place_address

DATABASE = "directory"
STATIC = Path(__file__).resolve().parent.parent / "static"
ANYBODY = {"Access-Control-Allow-Origin": "*"}
"""Public data without cookies: any page may read it."""

T = TypeVar("T")


async def ask(datasette: Any, question: Callable[[sqlite3.Connection], T]) -> T:
    """Put a question to the published database on one of Datasette's reading threads."""
    answered: T = await datasette.get_database(DATABASE).execute_fn(question)
    return answered


@hookimpl
def register_routes() -> list[tuple[str, Any]]:
    """The finder's addresses. They come before Datasette's own, so `/` is the search box."""
    return [
        (r"^/$", home),
        (r"^/find$", find),
        (r"^/find\.json$", find_json),
        (r"^/find\.geojson$", find_geojson),
        (r"^/practitioner/(?P<id>(?!.*\.vcf$)[^/]+)$", practitioner),
        (r"^/sources$", sources),
        (r"^/quality$", quality),
        (r"^/quality\.json$", quality_json),
        (r"^/about$", plain("about.html")),
        (r"^/bot$", plain("bot.html")),
        (r"^/robots\.txt$", robots),
    ]


@hookimpl
def prepare_jinja2_environment(env: Any, datasette: Any) -> None:
    """Our ways of writing facts, as template filters; and `results_at(asked, page=2)`, the address
    of a search changed so, which takes whoever follows it to the heading of the answer."""
    env.filters.update(wording.FILTERS)
    env.filters["directions"] = directions
    env.globals["precision_words"] = wording.precision
    env.globals["place_address"] = place_address
    env.globals["asset_version"] = asset_version
    env.globals["results_at"] = lambda asked, **changes: (
        own_path(datasette, asked.address("/find", **changes)) + "#found"
    )


@hookimpl
def extra_template_vars(datasette: Any) -> Callable[[], Any]:
    """What header and footer of every page need, Datasette's own pages too."""

    async def values() -> dict[str, Any]:
        return {
            "release": await ask(datasette, release),
            "attribution": language.gettext(ATTRIBUTION),
            "tables_url": datasette.urls.database(DATABASE),
        }

    return values


@lru_cache
def asset_version(name: str) -> str:
    """The first letters of a static file's hash: a changed file has a new address."""
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]


async def page(
    datasette: Any, request: Request, template: str, status: int = 200, **values: Any
) -> Response:
    html = await datasette.render_template(f"finder/{template}", values, request=request)
    return Response.html(html, status=status)


def plain(template: str) -> Callable[..., Any]:
    async def view(datasette: Any, request: Request) -> Response:
        return await page(datasette, request, template)

    return view


async def home(datasette: Any, request: Request) -> Response:
    listed = [one for one in await ask(datasette, all_sources) if one.listings]
    return await page(
        datasette, request, "home.html", listed=listed, radii=RADII, asked=None, miles=DEFAULT_MILES
    )


async def _data(datasette: Any, request: Request) -> Answer:
    """What a program is answered: up to MOST results, without what a page offers beside them."""
    asked = read_request(first_values(request), most_a_page=MOST)
    return await ask(datasette, lambda connection: answer(connection, asked, facets=False))


def first_values(request: Request) -> dict[str, str]:
    """The query of an address, the first value of each name."""
    return {key: request.args[key] for key in request.args}


async def find(datasette: Any, request: Request) -> Response:
    asked = read_request(first_values(request))
    answered = await ask(datasette, lambda connection: answer(connection, asked))
    asked = answered.asked
    nobody = answered.place and answered.nearby and not answered.nearby.total
    state = answered.place.state if nobody else None
    return await page(
        datasette,
        request,
        "find.html",
        elsewhere=await ask(datasette, lambda db: elsewhere(db, state)) if nobody else None,
        answered=answered,
        asked=asked,
        own_search=addresses.public(datasette, request, asked.address("/find")),
        miles=answered.miles or DEFAULT_MILES,
        radii=RADII,
        page_size=PAGE_SIZE,
    )


def own_path(datasette: Any, path: str) -> str:
    """The path below the base address, in the language of the request."""
    own: str = datasette.urls.path(language.address(path))
    return own


async def find_json(datasette: Any, request: Request) -> Response:
    answered = await _data(datasette, request)
    return Response.json(
        answer_json(answered, own_path(datasette, "/find.json")), headers=dict(ANYBODY)
    )


async def find_geojson(datasette: Any, request: Request) -> Response:
    answered = await _data(datasette, request)
    brief = request.args.get("brief") == "1"
    path = own_path(datasette, "/find.geojson")
    response = Response.json(answer_geojson(answered, path, brief=brief), headers=dict(ANYBODY))
    response.content_type = "application/geo+json; charset=utf-8"
    return response


async def practitioner(datasette: Any, request: Request) -> Response:
    wanted = request.url_vars["id"]
    found = await ask(datasette, lambda connection: profile_of(connection, wanted))
    if found is None:
        return await page(datasette, request, "missing.html", status=404, withdrawn=False)
    if isinstance(found, Moved):
        if found.to is None:
            return await page(datasette, request, "missing.html", status=410, withdrawn=True)
        there = own_path(datasette, f"/practitioner/{found.to}")
        return Response.redirect(there, status=301)
    return await page(
        datasette,
        request,
        "practitioner.html",
        profile=found,
        person=found.practitioner,
        **await _placed(datasette, request, found),
    )


async def _placed(datasette: Any, request: Request, profile: Profile) -> dict[str, Any]:
    """The way to a practitioner, and both for search engines: nothing where the finder hides
    them."""
    published = await ask(datasette, release)
    if published is None:
        return {"trail": [], "json_ld": Markup("")}
    person = profile.practitioner
    own = f"/practitioner/{person.id}"
    steps = trail.to_practitioner(profile, published.built_at)
    thing = structured.practitioner(
        profile, addresses.public(datasette, request, own), published.built_at
    )
    way = [
        (name, addresses.public(datasette, request, path))
        for name, path in [*steps, (person.name, own)]
    ]
    crumbs = structured.breadcrumbs(way) if thing else None
    return {"trail": steps, "json_ld": structured.script(thing, crumbs)}


async def sources(datasette: Any, request: Request) -> Response:
    everything = await ask(datasette, all_sources)
    return await page(
        datasette,
        request,
        "sources.html",
        listed=[one for one in everything if one.listings],
        others=[one for one in everything if not one.listings],
    )


async def quality(datasette: Any, request: Request) -> Response:
    return await page(
        datasette,
        request,
        "quality.html",
        measured=await ask(datasette, measured_quality),
        trends=await ask(datasette, trends),
        spark=spark,
        flag_days=FLAG_AFTER_DAYS,
        hide_days=HIDE_AFTER_DAYS,
    )


async def quality_json(datasette: Any) -> Response:
    measured = await ask(datasette, measured_quality)
    before = await ask(datasette, trends)
    goals = [
        asdict(one) | {"trend": trend.as_json() if trend else None}
        for one in measured
        for trend in [before.get((one.goal, one.part))]
    ]
    return Response.json({"goals": goals}, headers=dict(ANYBODY))


async def robots(datasette: Any, request: Request) -> Response:
    """Pages for people may be indexed; SQL, tables and data addresses may not. Invented people
    may not be found anywhere."""
    published = await ask(datasette, release)
    if published and published.sample:
        return Response.text("User-agent: *\nDisallow: /\n")
    closed = [datasette.urls.path(path) for path in (f"/{DATABASE}", "/-/", "/_memory")]
    closed += [
        datasette.urls.path(language.prefix(code) + path)
        for code in language.LANGUAGES
        for path in ("/find.json", "/find.geojson", "/find.svg", "/suggest.json")
    ]
    listed = addresses.public(datasette, request, "/sitemap.xml", language.SOURCE)
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed), f"Sitemap: {listed}"]
    return Response.text("\n".join(lines) + "\n")
