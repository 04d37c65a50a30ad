"""A search answered: the place, the people near it, and what to offer when there are none."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from db.facets import Choice
from db.nearest import EVERYWHERE_MILES
from db.place import Place
from db.place_search import Choices, Found, NothingFound, find_place
from db.results import Nearby, Result, narrowing, near, nearest_known
from db.state_rules import StateRule
from plugins.pages.asking import DEFAULT_MILES, RADII, Asked
from plugins.pages.language import spoken
from records.said import said


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of a search. Exactly one of these is the case:

    `place` is set, with `nearby` (maybe empty: then `known` is the nearest of all, or None in an
    empty directory); or `choices` holds places to choose from; or neither, and `message` helps.
    """

    asked: Asked
    miles: int | None
    """The radius; None for a state, which is searched whole, from its middle outwards."""
    place: Place | None = None
    nearby: Nearby | None = None
    known: Result | None = None
    choices: tuple[tuple[Place, Nearby], ...] = ()
    """Places with the count of practitioners within `miles` of each, or in a whole state."""
    others: tuple[Place, ...] = ()
    suggestions: tuple[Place, ...] = ()
    message: str = ""
    corrected_from: str | None = None
    notes: tuple[str, ...] = ()
    facets: Mapping[str, tuple[Choice, ...]] = field(default_factory=dict)
    """By facet, what the search can be narrowed by."""
    wider: tuple[tuple[int, Nearby], ...] = ()
    """Where nobody is near: (miles, the count of practitioners within them) of the wider radii."""

    @property
    def chips(self) -> list[tuple[str, Choice]]:
        """(facet, choice) for all that is chosen, also what nobody in the directory has."""
        return [
            (
                name,
                next(
                    (one for one in self.facets.get(name, ()) if one.value == value),
                    Choice(value, value, 0, True),
                ),
            )
            for name, value in self.asked.chosen.items()
        ]

    @property
    def pages(self) -> int:
        total = self.nearby.total if self.nearby else 0
        return max(1, -(-total // self.asked.size))

    @property
    def page(self) -> int:
        return min(self.asked.page, self.pages)

    @property
    def typed(self) -> str:
        """The misspelt words as they were typed, where they are the whole search."""
        typed = self.corrected_from or ""
        return self.asked.near if self.asked.near.casefold() == typed.casefold() else typed


def answer(connection: sqlite3.Connection, asked: Asked, *, facets: bool = True) -> Answer:
    """Answer a search from directory.db. Any text gives an answer, never an error.

    Without `facets` those stay empty: counting them is most of the work, and only pages show them.
    """
    found = find_place(connection, asked.near)
    if isinstance(found, NothingFound):
        return Answer(
            asked,
            asked.miles or DEFAULT_MILES,
            suggestions=tuple(found.suggestions),
            message=found.reason,
            notes=asked.notes,
        )
    if isinstance(found, Choices):
        miles = asked.miles or DEFAULT_MILES
        return Answer(
            asked,
            miles,
            choices=tuple((place, _count(connection, place, miles)) for place in found.places),
            message=found.reason,
            corrected_from=found.corrected_from,
            notes=asked.notes,
        )
    return _near(connection, asked, found, facets=facets)


def _count(connection: sqlite3.Connection, place: Place, miles: int) -> Nearby:
    within, state = _reach(place, miles)
    return near(connection, place.latitude, place.longitude, within, limit=0, state=state)


def _reach(place: Place, miles: int) -> tuple[float, str | None]:
    """How far from the place a search looks, and the state it does not leave, if any.

    A radius around the middle of a state would leave out most of it, and add its neighbours.
    """
    return (EVERYWHERE_MILES, place.state) if place.kind == "state" else (miles, None)


def _near(connection: sqlite3.Connection, asked: Asked, found: Found, *, facets: bool) -> Answer:
    place = found.place
    if place.kind == "state":
        asked = replace(asked, miles=None)
    miles = asked.miles or DEFAULT_MILES
    within, state = _reach(place, miles)

    def people(reach: float, limit: int, offset: int = 0) -> Nearby:
        return near(
            connection,
            place.latitude,
            place.longitude,
            reach,
            limit=limit,
            offset=offset,
            chosen=asked.chosen,
            state=state,
        )

    offset = (asked.page - 1) * asked.size
    nearby = people(within, asked.size, offset)
    notes = list(asked.notes)
    if offset and offset >= nearby.total:
        last = max(0, (nearby.total - 1) // asked.size)
        nearby = people(within, asked.size, last * asked.size)
        notes.append(said("There is no such page, so this is the last one."))
    known, wider = None, []
    if not nearby.total:
        known = nearest_known(connection, place.latitude, place.longitude, asked.chosen)
        radii = [choice for choice in RADII if choice > miles and not state]
        wider = [(choice, people(choice, 0)) for choice in radii]
    if found.note and found.corrected_from is None:
        notes.insert(0, found.note)
    return Answer(
        asked,
        None if state else miles,
        place=place,
        nearby=nearby,
        known=known,
        wider=tuple(wider),
        others=found.others,
        corrected_from=found.corrected_from,
        notes=tuple(notes),
        facets=narrowing(
            connection, place.latitude, place.longitude, within, asked.chosen, state=state
        )
        if facets
        else {},
    )


def place_address(place: Place) -> str:
    """What to search for to get exactly this place again."""
    if place.kind == "point":
        return f"{place.latitude:.2f},{place.longitude:.2f}"
    if place.postcode:
        return place.postcode
    return place.long_label if place.kind not in ("state", "county") else place.label


def result_json(result: Result) -> dict[str, Any]:
    """A result as the JSON address gives it."""
    person, location = result.practitioner, result.location
    return {
        "id": person.id,
        "name": person.name,
        "kind": person.kind,
        "credentials": person.credentials,
        "practice": location.practice,
        "street": location.street,
        "city": location.city,
        "state": location.state,
        "postcode": location.postcode,
        "phone": location.phone,
        "website": location.website,
        "booking_url": location.booking_url,
        "home_visits": None if location.home_visits is None else bool(location.home_visits),
        "latitude": location.latitude,
        "longitude": location.longitude,
        "precision": location.precision,
        "miles": round(result.miles, 2),
        "certifications": [
            {"issuer": said.issuer, "label": said.label, "source": said.source, "seen": said.seen}
            for said in result.certifications
        ],
        "last_seen": location.last_seen,
        "stale": result.stale,
        "state_rule": rule_json(result.rule) if result.rule else None,
    }


def rule_json(rule: StateRule) -> dict[str, Any]:
    """A state's rule as the JSON address gives it; `status` is `StateRule.standing`."""
    return {
        "state": rule.state,
        "profession": rule.profession,
        "status": rule.standing,
        "basis": rule.basis,
        "as_of": rule.as_of,
        "source_url": rule.source_url,
    }


def place_json(place: Place) -> dict[str, Any]:
    """A place as the JSON address gives it; `postcode` is null unless a ZIP code was asked for."""
    return {
        "name": place.name,
        "state": place.state,
        "postcode": place.postcode,
        "latitude": place.latitude,
        "longitude": place.longitude,
    }


def answer_json(answered: Answer, path: str) -> dict[str, Any]:
    """The whole answer as the JSON address gives it. `next` is an address of `path`, or None."""
    asked, nearby = answered.asked, answered.nearby
    following = None
    if answered.page < answered.pages:
        changes: dict[str, object] = {"page": answered.page + 1}
        if asked.size != 10:
            changes["size"] = asked.size
        following = asked.address(path, **changes)
    return {
        "place": place_json(answered.place) if answered.place else None,
        "choices": [
            place_json(place)
            | {"county": place.county, "near": place_address(place)}
            | {"total": there.total, "more": there.more}
            for place, there in answered.choices
        ],
        "message": _sentence(answered),
        "miles": answered.miles,
        "total": nearby.total if nearby else 0,
        "more": nearby.more if nearby else False,
        "page": answered.page,
        "next": following,
        "results": [result_json(result) for result in nearby.results] if nearby else [],
    }


def _sentence(answered: Answer) -> str:
    sentences = [answered.message] if answered.message else []
    if answered.corrected_from and answered.place:
        sentences.append(
            said(
                "Showing %(place)s for '%(typed)s'.",
                place=answered.place.label,
                typed=answered.typed,
            )
        )
    return " ".join(spoken(one) for one in [*sentences, *answered.notes])


MARKED = ("name", "credentials", "practice", "precision")
"""What the map says of a result: a thousand whole results are three times as heavy."""


def answer_geojson(answered: Answer, path: str, *, brief: bool = False) -> dict[str, Any]:
    """The results as a GeoJSON FeatureCollection, the place and totals beside the features.

    A `brief` one has only the properties that the map needs, and points to some 10 metres."""
    whole = answer_json(answered, path)
    features = []
    for result in whole.pop("results"):
        point = [result.pop("longitude"), result.pop("latitude")]
        if brief:
            point = [round(one, 4) for one in point]
        features.append(
            {
                "type": "Feature",
                "id": result["id"],
                "geometry": {"type": "Point", "coordinates": point},
                "properties": {name: result[name] for name in MARKED} if brief else result,
            }
        )
    return {"type": "FeatureCollection", "features": features} | whole
