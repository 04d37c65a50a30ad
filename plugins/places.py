"""Pages of places: every state's rules, and the towns where somebody is listed."""

from __future__ import annotations

import re
import sqlite3
from typing import Any
from urllib.parse import unquote

from datasette import hookimpl
from datasette.utils.asgi import Request, Response

from db import places_listed as places
from db.place_search import Found, find_place
from db.place_text import fold, state_code
from plugins.finder import ask, page
from plugins.pages import addresses, language, structured
from plugins.pages.asking import DEFAULT_MILES, LONGEST_TEXT, PAGE_SIZE, RADII, Asked
from plugins.pages.language import gettext as _
from plugins.pages.wording import state_name

PEOPLE_A_PAGE = 25


@hookimpl
def register_routes() -> list[tuple[str, Any]]:
    """The addresses of places."""
    return [
        (r"^/states$", states),
        (r"^/states/(?P<state>[^/]+)$", state),
        (r"^/states/(?P<state>[^/]+)/(?P<town>[^/]+)$", town),
    ]


async def states(datasette: Any, request: Request) -> Response:
    found = await ask(datasette, places.states)
    found.sort(key=lambda one: fold(state_name(one.code)))
    rules = [rule for one in found for rule in one.rules]
    return await page(
        datasette,
        request,
        "states.html",
        states=found,
        professions=places.PROFESSIONS,
        tally=places.tally(rules),
        dates=sorted(rule.as_of for rule in rules if rule.as_of),
    )


async def state(datasette: Any, request: Request) -> Response:
    asked = unquote(request.url_vars["state"])
    code = state_code(asked)
    answer = await ask(datasette, lambda connection: _state(connection, code))
    if answer is None:
        return await _nothing(datasette, request, asked, None)
    one, towns, near = answer
    if asked != one.slug:
        return _moved(datasette, f"/states/{one.slug}")
    return await page(
        datasette,
        request,
        "state.html",
        state=one,
        towns=towns,
        professions=places.PROFESSIONS,
        json_ld=structured.script(structured.breadcrumbs(_trail(datasette, request, one))),
        **_search(near, DEFAULT_MILES),
    )


async def town(datasette: Any, request: Request) -> Response:
    asked, name = unquote(request.url_vars["state"]), unquote(request.url_vars["town"])
    code = state_code(asked)
    answer = await ask(datasette, lambda connection: _state(connection, code))
    if answer is None:
        return await _nothing(datasette, request, asked, None)
    one, towns, _near = answer
    found = places.same_town(towns, name)
    if found is None:
        return await _nothing(datasette, request, name, one)
    if (asked, name) != (one.slug, found.slug):
        return _moved(datasette, f"/states/{one.slug}/{found.slug}")
    pages = -(-found.practitioners // PEOPLE_A_PAGE)
    wanted = request.args.get("page") or "1"
    number = int(wanted) if wanted.isdecimal() and len(wanted) < 6 else 1
    number = min(max(number, 1), pages)
    first = (number - 1) * PEOPLE_A_PAGE
    results = await ask(
        datasette, lambda connection: places.people_in(connection, found, PEOPLE_A_PAGE, first)
    )
    path = f"/states/{one.slug}/{found.slug}"
    own = addresses.public(datasette, request, path)
    title = _("Dry needling in %(town)s") % {"town": found.label}
    listed = [
        (
            result.practitioner.name,
            addresses.public(datasette, request, f"/practitioner/{result.practitioner.id}"),
        )
        for result in results
    ]
    return await page(
        datasette,
        request,
        "city.html",
        state=one,
        town=found,
        title=title,
        results=results,
        first=first,
        number=number,
        pages=pages,
        path=path,
        own_address=own if number == 1 else f"{own}?page={number}",
        json_ld=structured.script(
            structured.breadcrumbs([*_trail(datasette, request, one), (found.name, own)]),
            structured.item_list(title, found.practitioners, first + 1, listed),
        ),
        **_search(found.label, DEFAULT_MILES),
    )


def _state(
    connection: sqlite3.Connection, code: str | None
) -> tuple[places.State, list[places.Town], str] | None:
    """A state, its towns, and what to search for to get it; None if it has no page."""
    found = next((one for one in places.states(connection) if one.code == code), None)
    if found is None:
        return None
    # Some states are called like a town.
    for text in (found.name, f"{found.name} State"):
        answer = find_place(connection, text)
        if isinstance(answer, Found) and answer.place.kind == "state":
            return found, places.towns(connection, code), text
    return found, places.towns(connection, code), found.name


def _search(near: str, miles: int) -> dict[str, Any]:
    """What the search box of a page is filled with."""
    return {"asked": Asked(near, None, 1, PAGE_SIZE), "miles": miles, "radii": RADII}


def _trail(datasette: Any, request: Request, state: places.State) -> list[tuple[str, str]]:
    steps = [
        (_("Home"), "/"),
        (_("State laws"), "/states"),
        (state_name(state.code), f"/states/{state.slug}"),
    ]
    return [(name, addresses.public(datasette, request, path)) for name, path in steps]


def _moved(datasette: Any, path: str) -> Response:
    return Response.redirect(datasette.urls.path(language.prefix() + path), status=301)


async def _nothing(
    datasette: Any, request: Request, asked: str, state: places.State | None
) -> Response:
    name = " ".join(re.split(r"[\s_-]+", asked))[:LONGEST_TEXT].strip().title()
    near = f"{name}, {state.code}" if state else name
    return await page(
        datasette,
        request,
        "no_place.html",
        status=404,
        name=name,
        state=state,
        **_search(near, DEFAULT_MILES),
    )
