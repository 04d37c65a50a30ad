"""What a search can be narrowed by, and how many practitioners each choice would leave.

A choice is one value of one facet, and narrows a search by an SQL condition over `location l join
practitioner p`. A facet's counts obey every other chosen facet but not its own choice, so that a
count is what its link shows.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from db.freshness import cutoff
from db.nearest import nearest
from db.plain_rows import plain_rows

MOST_LOCATIONS = 100_000
"""Locations within a radius that are counted; a search shows far fewer."""
RECENT_DAYS = 30
"""The freshness goal of the quality page: seen at the source within so many days."""


@dataclass(frozen=True, slots=True)
class Facet:
    """One thing to narrow by, in SQL: `value` is somebody's value over `joined`, `condition` lets
    through what has the value given as its one parameter, `known` gives every value in the
    directory with its label (null: the value says it)."""

    name: str
    value: str
    condition: str
    known: str
    joined: str = ""


def _flag(name: str, holds: str) -> Facet:
    """A facet with the one value 'yes', for locations of which `holds` is true."""
    value = f"iif({holds}, 'yes', null)"
    return Facet(
        name,
        value,
        f"{value} = ?",
        f"select 'yes', null where exists (select 1 from location l where {holds})",  # noqa: S608
    )


FACETS = (
    Facet(
        "lister",
        "x.source_id",
        "exists (select 1 from listing y where y.practitioner_id = p.id and y.source_id = ?)",
        "select s.id, s.title from source s"
        " where exists (select 1 from listing x where x.source_id = s.id)",
        " join listing x on x.practitioner_id = p.id",
    ),
    Facet(
        "says",
        "c.label",
        "exists (select 1 from certification d where d.practitioner_id = p.id and d.label = ?)",
        "select distinct label, null from certification where label is not null",
        " join certification c on c.practitioner_id = p.id",
    ),
    Facet(
        "profession",
        "p.profession",
        "p.profession = ?",
        "select distinct profession, null from practitioner where profession is not null",
    ),
    _flag("site", "l.website is not null"),
    _flag("booking", "l.booking_url is not null"),
    _flag("home", "l.home_visits = 1"),
    _flag("recent", "l.last_seen >= {recent}"),
)
NAMES = tuple(facet.name for facet in FACETS)


@dataclass(frozen=True, slots=True)
class Choice:
    """A value, what to call it (the value itself where nothing better is known), how many
    practitioners it leaves, and whether it is chosen now."""

    value: str
    label: str
    count: int
    chosen: bool


def conditions(
    chosen: Mapping[str, str], built_at: str, *, without: str = ""
) -> tuple[str, tuple[str, ...]]:
    """The SQL condition and its parameters for the chosen values; ("", ()) for none.

    `built_at` is when the release was built (UTC): recent means recent then.
    """
    parts, params = [], []
    for facet in FACETS:
        if facet.name in chosen and facet.name != without:
            parts.append(_dated(facet.condition, built_at))
            params.append(chosen[facet.name])
    return " and ".join(parts), tuple(params)


def _dated(sql: str, built_at: str) -> str:
    # The date is made by the program from its own release, never from a visitor's words.
    return sql.replace("{recent}", f"'{cutoff(built_at, RECENT_DAYS)}'") if built_at else sql


def counts(  # noqa: PLR0913, PLR0917 - a search
    connection: sqlite3.Connection,
    latitude: float,
    longitude: float,
    miles: float,
    chosen: Mapping[str, str],
    built_at: str,
    where: str = "",
    params: tuple[str, ...] = (),
) -> dict[str, tuple[Choice, ...]]:
    """By facet: its choices, most practitioners first, by label among equals.

    `where` and `params` narrow every count (as for `db.nearest.nearest`). Facets without a value
    anywhere in the directory are left out.
    """
    around = json.dumps(
        [
            one.id
            for one in nearest(
                connection, latitude, longitude, miles, MOST_LOCATIONS, where=where, params=params
            )
        ]
    )
    found = {}
    for facet in FACETS:
        more, values = conditions(chosen, built_at, without=facet.name)
        value = _dated(facet.value, built_at)
        here = dict(
            plain_rows(
                connection,
                f"select {value} as v, count(distinct p.id) from location l"  # noqa: S608
                f" join practitioner p on p.id = l.practitioner_id{facet.joined}"
                f" where {value} is not null and l.id in (select value from json_each(?))"
                + (f" and {more}" if more else "")
                + " group by v",
                (around, *values),
            )
        )
        choices = [
            Choice(value, label or value, here.get(value, 0), chosen.get(facet.name) == value)
            for value, label in plain_rows(connection, _dated(facet.known, built_at))
        ]
        if choices:
            found[facet.name] = tuple(
                sorted(choices, key=lambda one: (-one.count, one.label.casefold()))
            )
    return found
