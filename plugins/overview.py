"""Where they are, as a picture: `/find.svg` and `/practitioner/ID.svg`, for visitors without
scripts, for paper, and for the page of a practitioner."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from datasette import hookimpl
from datasette.utils.asgi import Request, Response

from db.practitioners import Location
from db.profile import Moved
from db.profile import profile as profile_of
from db.results import MOST, Result
from plugins.finder import ask, first_values, own_path
from plugins.pages import language, outlines, wording
from plugins.pages.asking import PAGE_SIZE, RADII, read_request
from plugins.pages.drawing import KEY_HEIGHT, REACH, Mark, Ring, picture
from plugins.pages.language import gettext as _
from plugins.pages.language import ngettext, spoken
from plugins.pages.outlines import around, project
from plugins.pages.searching import Answer, answer
from plugins.pages.viewing import View

RESULTS = (640, 600)
"""Width and height of a picture of results, and of one practitioner's places."""
PLACES = (360, 220)
AROUND_A_PLACE = 256 * 2**9.5
"""Pixels the world is wide, at most, around a practitioner's place: some 30 miles are seen."""
CREDIT = "Census Bureau, Natural Earth, GeoNames"


@hookimpl(tryfirst=True)
def register_routes() -> list[tuple[str, Any]]:
    """Before the page of a practitioner, whose address this would be too."""
    return [(r"^/find\.svg$", find_svg), (r"^/practitioner/(?P<id>[^/]+)\.svg$", practitioner_svg)]


@hookimpl
def prepare_jinja2_environment(env: Any) -> None:
    env.globals["overview_size"] = RESULTS
    env.globals["places_size"] = PLACES
    env.globals["results_words"] = results_words
    env.globals["places_words"] = places_words


async def find_svg(datasette: Any, request: Request) -> Response:
    """All results of a search, with the numbers of the page that the address names; 404 where the
    text is no one place."""
    asked = read_request(first_values(request))
    everything = replace(asked, page=1, size=MOST)
    answered = await ask(datasette, lambda connection: answer(connection, everything, facets=False))
    if answered.place is None:
        return Response.text(f"{_('We could not find that place')}\n", status=404)
    return await _drawn(results_picture, answered, asked.page)


async def practitioner_svg(datasette: Any, request: Request) -> Response:
    """The places of one practitioner, or what the page answers: 301, 404 or 410, without a name.
    404 too where no place is on our map."""
    wanted = request.url_vars["id"]
    found = await ask(datasette, lambda connection: profile_of(connection, wanted))
    if isinstance(found, Moved):
        if found.to is None:
            return Response.text("This entry was withdrawn.\n", status=410)
        there = own_path(datasette, f"/practitioner/{found.to}.svg")
        return Response.redirect(there, status=301)
    if found is None or not _mapped(found.locations):
        return Response.text("There is no such picture.\n", status=404)
    return await _drawn(places_picture, found.practitioner.name, found.locations)


async def _drawn(draw: Any, *what: Any) -> Response:
    """Drawing takes some hundredths of a second, in which the server answers others. The thread
    keeps the language."""
    return Response(
        await asyncio.to_thread(draw, *what),
        content_type="image/svg+xml; charset=utf-8",
        headers={"x-robots-tag": "noindex"},
    )


def results_picture(answered: Answer, page: int = 1) -> str:
    """Everybody found, each spot once; the results of `page` have their numbers."""
    place, nearby = answered.place, answered.nearby
    assert place
    assert nearby
    marks = _marks(nearby.results, page)
    ring = None
    if answered.miles:
        # The smallest circle that holds them all: what lies beyond would only make them small.
        farthest = max((one.miles for one in nearby.results), default=answered.miles)
        miles = min((one for one in RADII if one >= farthest), default=answered.miles)
        ring = Ring(place.latitude, place.longitude, miles, wording.miles(miles))
    shown = ring.points() if ring else [(one.latitude, one.longitude) for one in marks]
    points = [project(*one) for one in [(place.latitude, place.longitude), *shown]]
    if state := not ring and outlines.read("us").boxes.get(place.state):
        points += [state[:2], state[2:]]
    view = View.of(around(points), (RESULTS[0], RESULTS[1] - KEY_HEIGHT), padding=14)
    return picture(
        view,
        marks,
        title=results_words(answered),
        description=_described(nearby.results),
        language=language.current.get(),
        ring=ring,
        key=(_("At the address"), _("Approximate area")),
        credit=CREDIT,
    )


def results_words(answered: Answer) -> str:
    """'30 results within 25 miles of Columbus, OH', for the picture and the heading of the list."""
    assert answered.place
    assert answered.nearby
    count = answered.nearby.total
    total = wording.counted(answered.nearby)
    where = spoken(answered.place.label)
    values = {"total": total.capitalize(), "miles": answered.miles, "place": where}
    if answered.miles is None:
        if not count:
            return _("Nobody known in %(place)s") % values
        return ngettext(
            "%(total)s result in %(place)s", "%(total)s results in %(place)s", count
        ) % (values)
    if not count:
        return _("Nobody known within %(miles)s miles of %(place)s") % values
    return (
        ngettext(
            "%(total)s result within %(miles)s miles of %(place)s",
            "%(total)s results within %(miles)s miles of %(place)s",
            count,
        )
        % values
    )


def _described(results: Sequence[Result]) -> str:
    doors = sum(wording.is_exact(one.location.precision) for one in results)
    return _(
        "A pin is at the address (%(doors)s); a dashed disc is an approximate area (%(areas)s)."
        " Numbers are those of the list, which says the same in words."
    ) % {"doors": f"{doors:,}", "areas": f"{len(results) - doors:,}"}


def _marks(results: Sequence[Result], page: int) -> list[Mark]:
    """One for each spot: those of the page first, in its order, then those with most names."""
    pages = max(1, -(-len(results) // PAGE_SIZE))
    first = (min(page, pages) - 1) * PAGE_SIZE
    spots: dict[tuple[float, float, int | None], list[int]] = {}
    for number, one in enumerate(results):
        spots.setdefault(_spot(one.location), []).append(number)
    listed, others = [], []
    for (latitude, longitude, reach), numbers in spots.items():
        mine = [number for number in numbers if first <= number < first + PAGE_SIZE]
        several = len(numbers) > 1
        text = f"{len(numbers)}×" if several else str(numbers[0] + 1) if mine else None
        names = tuple(results[number].practitioner.name for number in numbers)
        mark = Mark(latitude, longitude, reach, names, text)
        (listed if mine else others).append((min(mine, default=0), mark))
    listed.sort(key=lambda one: one[0])
    others.sort(key=lambda one: -len(one[1].names))
    return [mark for _order, mark in [*listed, *others]]


def _spot(at: Location) -> tuple[float, float, int | None]:
    """Where, and how well that is known: the same spot is one mark, as on the map (1 metre)."""
    assert at.latitude is not None
    assert at.longitude is not None
    reach = None if wording.is_exact(at.precision) else REACH.get(at.precision or "", REACH["city"])
    return round(at.latitude, 5), round(at.longitude, 5), reach


def _mapped(locations: Sequence[Location]) -> list[Location]:
    """The places that the basemap has land for."""
    return [
        at
        for at in locations
        if at.latitude is not None
        and at.longitude is not None
        and outlines.is_mapped(at.latitude, at.longitude)
    ]


def places_words(locations: Sequence[Location]) -> str:
    """'Where it is: near Columbus, OH', for the places on the picture; '' where there is none."""
    shown = _mapped(locations)
    towns = dict.fromkeys(", ".join(filter(None, (at.city, at.state))) for at in shown)
    named = "; ".join(filter(None, towns))
    if named:
        return _("Where it is: near %(towns)s") % {"towns": named}
    return _("Where it is on the map") if shown else ""


def places_picture(name: str, locations: Sequence[Location]) -> str:
    """The places of one practitioner that are on the map: at least one has to be."""
    spots = dict.fromkeys(_spot(at) for at in _mapped(locations))
    marks = [Mark(*spot, (name,), "") for spot in spots]
    box = around(project(one.latitude, one.longitude) for one in marks)
    return picture(
        View.of(box, PLACES, padding=46, closest=AROUND_A_PLACE),
        marks,
        title=places_words(locations),
        description=name,
        language=language.current.get(),
        credit=CREDIT,
    )
