"""Results of a search around a point: who is near, each at the nearest of their places.

Every function takes an open connection to directory.db. Times are UTC, ISO 8601; distances statute
miles; coordinates degrees (WGS84).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from db.facets import Choice, conditions, counts
from db.freshness import HIDE_AFTER_DAYS, cutoff, freshness
from db.nearest import EVERYWHERE_MILES, nearest
from db.plain_rows import columns, plain_rows
from db.practitioners import Certification, Location, Practitioner, certifications
from db.release import release
from db.state_rules import StateRule, rules_by_key

MOST = 1000
"""No search counts or shows more results than this; the heading then says "more than 1,000"."""


@dataclass(frozen=True, slots=True)
class Result:
    """One practitioner at the nearest of their places, `miles` from the point searched."""

    practitioner: Practitioner
    location: Location
    miles: float
    certifications: tuple[Certification, ...]
    other_places: int
    """How many further locations the practitioner has, near or far."""
    stale: bool
    """Not seen there for so long that it has to be said."""
    rule: StateRule | None
    """What the state of the location says about the practitioner's profession, where known."""


@dataclass(frozen=True, slots=True)
class Nearby:
    """A page of results. `total` counts practitioners, not places; `more` says it stops there."""

    results: tuple[Result, ...]
    total: int
    more: bool


def near(  # noqa: PLR0913
    connection: sqlite3.Connection,
    latitude: float,
    longitude: float,
    miles: float,
    *,
    limit: int = 10,
    offset: int = 0,
    chosen: Mapping[str, str] | None = None,
    state: str | None = None,
) -> Nearby:
    """Practitioners with a place within `miles` of the point, nearest first; `limit` of them.

    `chosen` narrows by facets (`db.facets`): the place shown is the nearest that has them all.
    With `state`, the code of one, only places in that state count.
    Somebody with several places within the radius stands once, at the nearest. Places not seen for
    HIDE_AFTER_DAYS before the release was built are left out. Raises ValueError as
    `db.nearest.nearest` does.
    """
    where, params = _narrowed(connection, chosen, state)
    found = nearest(connection, latitude, longitude, miles, MOST + 1, where=where, params=params)
    more = len(found) > MOST
    found = found[:MOST]
    owners: dict[int, str] = dict(
        plain_rows(
            connection,
            "select id, practitioner_id from location where id in (select value from json_each(?))",
            (json.dumps([one.id for one in found]),),
        )
    )
    at_nearest: dict[str, tuple[int, float]] = {}
    for one in found:
        at_nearest.setdefault(owners[one.id], (one.id, one.miles))
    shown = list(at_nearest.values())[offset : offset + limit]
    return Nearby(results(connection, shown), len(at_nearest), more)


def nearest_known(
    connection: sqlite3.Connection,
    latitude: float,
    longitude: float,
    chosen: Mapping[str, str] | None = None,
) -> Result | None:
    """The nearest practitioner of all with the chosen facets, however far; None if none has."""
    where, params = _narrowed(connection, chosen)
    found = nearest(
        connection, latitude, longitude, EVERYWHERE_MILES, 1, where=where, params=params
    )
    known = results(connection, [(one.id, one.miles) for one in found])
    return known[0] if known else None


def narrowing(  # noqa: PLR0913
    connection: sqlite3.Connection,
    latitude: float,
    longitude: float,
    miles: float,
    chosen: Mapping[str, str],
    *,
    state: str | None = None,
) -> dict[str, tuple[Choice, ...]]:
    """By facet, what the search can be narrowed by and how many practitioners each choice
    leaves; arguments and what is raised as for `near`."""
    published = release(connection)
    if published is None:
        return {}
    where, params = _narrowed(connection, None, state)
    return counts(connection, latitude, longitude, miles, chosen, published.built_at, where, params)


def _narrowed(
    connection: sqlite3.Connection, chosen: Mapping[str, str] | None, state: str | None = None
) -> tuple[str, tuple[str, ...]]:
    """The condition that leaves out what is hidden, outside the state, or has not the chosen
    facets."""
    where, params = _not_hidden(connection)
    parts = [where]
    if state:
        parts.append("l.state = ?")
        params += (state,)
    published = release(connection) if chosen else None
    if chosen and published:
        more, values = conditions(chosen, published.built_at)
        parts.append(more)
        params += values
    return " and ".join(part for part in parts if part), params


def _not_hidden(connection: sqlite3.Connection) -> tuple[str, tuple[str, ...]]:
    """The condition that leaves out places not seen for too long; empty where there are none, so
    that the usual search pays nothing for it."""
    published = release(connection)
    if published is None:
        return "", ()
    oldest = cutoff(published.built_at, HIDE_AFTER_DAYS)
    hidden = plain_rows(connection, "select 1 from location where last_seen < ? limit 1", (oldest,))
    return ("l.last_seen >= ?", (oldest,)) if hidden else ("", ())


def results(
    connection: sqlite3.Connection, places: Sequence[tuple[int, float]]
) -> tuple[Result, ...]:
    """The practitioners at these locations, each given by its id and its miles, in their order."""
    ids = json.dumps([number for number, _ in places])
    location_width = len(Location.__slots__)
    published = release(connection)
    built_at = published.built_at if published else ""
    oldest = cutoff(built_at, HIDE_AFTER_DAYS) if published else ""
    rows = {
        row[0]: row
        for row in plain_rows(
            connection,
            f"select {columns(Location, 'l')}, {columns(Practitioner, 'p')},"  # noqa: S608
            " (select count(*) from location o where o.practitioner_id = p.id"
            " and o.last_seen >= ?)"
            " from location l join practitioner p on p.id = l.practitioner_id"
            " where l.id in (select value from json_each(?))",
            (oldest, ids),
        )
    }
    people = {number: Practitioner(*row[location_width:-1]) for number, row in rows.items()}
    at = {number: Location(*row[:location_width]) for number, row in rows.items()}
    certified = certifications(connection, [person.id for person in people.values()])
    rules = rules_by_key(connection, {one.state for one in at.values() if one.state})
    return tuple(
        Result(
            people[number],
            at[number],
            miles,
            certified.get(people[number].id, ()),
            int(rows[number][-1]) - 1,
            bool(built_at) and freshness(at[number].last_seen, built_at) != "current",
            rules.get((at[number].state, people[number].profession)),
        )
        for number, miles in places
    )
