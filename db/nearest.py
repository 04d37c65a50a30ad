"""Which published locations lie nearest to a point.

The answer is exact: the same as sorting every location by its great-circle distance. It is fast
because it never asks for much more area than the answer needs: a first radius is guessed from the
`density` table, and grown until there are enough locations or the wished radius is reached.

Distances are statute miles, coordinates degrees (WGS84). Reads the tables `location`,
`practitioner` and `location_rtree` of the published database, and `density`, made by
`build_density`.
"""

from __future__ import annotations

import heapq
import math
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

EARTH_RADIUS_MILES = 3958.7613
"""Mean radius of the earth. A sphere is at most 0.5 % off."""

EVERYWHERE_MILES = 12_500.0
"""More than half the earth's circumference: a radius that holds every point."""

_CELL_DEGREES = 0.05
_LEVELS = 9
"""Each level's cells are twice as wide as those below: 0.05 to 12.8 degrees."""

_FIRST_SHARE = 1.4
"""The guessed circle should hold this many times the locations asked for; towns are lumpy."""

_SMALLEST_MILES = 0.25


class Near(NamedTuple):
    """One location and how far away it is, as the crow flies."""

    id: int
    miles: float


def miles_between(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Great-circle distance of two points in miles."""
    y1, y2 = math.radians(lat1), math.radians(lat2)
    half_y = math.sin((y2 - y1) / 2)
    half_x = math.sin(math.radians(lon2 - lon1) / 2)
    h = half_y * half_y + math.cos(y1) * math.cos(y2) * half_x * half_x
    # Rounding can lift h above 1 for opposite ends of the earth.
    return 2 * EARTH_RADIUS_MILES * math.asin(math.sqrt(min(1.0, h)))


def haversine_miles(lat1: Any, lon1: Any, lat2: Any, lon2: Any) -> float | None:
    """`miles_between` as an SQL function: None if any coordinate is NULL or not a number.

    Register it as deterministic: `connection.create_function("haversine_miles", 4,
    haversine_miles, deterministic=True)`.
    """
    for value in (lat1, lon1, lat2, lon2):
        if not isinstance(value, int | float) or not math.isfinite(value):
            return None
    return miles_between(lat1, lon1, lat2, lon2)


def build_density(connection: sqlite3.Connection) -> None:
    """Count the locations in cells of 0.05 degrees and in ever wider ones into table `density`.

    Call it after `location` is filled; an old table is replaced. Leaves the transaction to the
    caller.
    """
    connection.execute("drop table if exists density")
    connection.execute(
        "create table density (level integer not null, cell_y integer not null,"
        " cell_x integer not null, points integer not null,"
        " primary key (level, cell_y, cell_x)) strict, without rowid"
    )
    connection.execute(
        "insert into density select 0, cast((latitude + 90) / ? as integer) as y,"
        " cast((longitude + 180) / ? as integer) as x, count(*) from location"
        " where latitude is not null and longitude is not null group by y, x",
        (_CELL_DEGREES, _CELL_DEGREES),
    )
    for level in range(1, _LEVELS):
        connection.execute(
            "insert into density select ?, cell_y >> 1 as y, cell_x >> 1 as x, sum(points)"
            " from density where level = ? group by y, x",
            (level, level - 1),
        )


def nearest(  # noqa: PLR0913, PLR0917 - a point, a radius, a page
    connection: sqlite3.Connection,
    latitude: float,
    longitude: float,
    miles: float,
    limit: int,
    offset: int = 0,
    *,
    where: str = "",
    params: Sequence[Any] = (),
    share: float = 1.0,
) -> list[Near]:
    """The locations nearest to a point, nearest first, equal distances by id.

    Only those within `miles`; `limit` of them after leaving out the first `offset`. `where` is an
    SQL condition with `params` over `location l join practitioner p`; it is put into the statement
    as it is, so it must come from the program, never from a visitor. `share` says which part of
    all locations `where` lets through, if known: a good guess saves a second look, a bad one
    changes nothing in the answer.

    Raises ValueError for a point that is not on earth, a negative radius, limit or offset.
    """
    _check(latitude, longitude, miles)
    if limit < 0 or offset < 0:
        raise ValueError(f"limit and offset must not be negative: {limit}, {offset}")
    wanted = limit + offset
    if limit == 0:
        return []
    miles = min(miles, EVERYWHERE_MILES)
    radius = min(miles, _first_radius(connection, latitude, longitude, wanted / max(share, 1e-4)))
    while True:
        found = list(_within(connection, latitude, longitude, radius, where, params))
        if len(found) >= wanted or radius >= miles:
            found = heapq.nsmallest(wanted, found, key=lambda near: (near.miles, near.id))
            return found[offset:]
        missing = math.sqrt(_FIRST_SHARE * wanted / max(len(found), 0.5))
        radius = min(miles, radius * min(max(1.4, missing), 3.0))


def _check(latitude: float, longitude: float, miles: float) -> None:
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise ValueError(f"no such point on earth: {latitude}, {longitude}")
    if not miles >= 0:
        raise ValueError(f"a radius is 0 miles or more: {miles}")


def _within(  # noqa: PLR0913, PLR0917
    connection: sqlite3.Connection,
    latitude: float,
    longitude: float,
    miles: float,
    where: str,
    params: Sequence[Any],
) -> Iterator[Near]:
    """All locations within the circle, in no order."""
    join = (
        f"join practitioner p on p.id = l.practitioner_id where ({where}) and" if where else "where"
    )
    sql = (
        "select l.id, l.latitude, l.longitude from location_rtree r join location l on l.id = r.id"  # noqa: S608
        f" {join} r.max_latitude >= ? and r.min_latitude <= ?"
        " and r.max_longitude >= ? and r.min_longitude <= ?"
    )
    areas = boxes(latitude, longitude, miles)
    # A location at 180 degrees lies on the edge of both boxes.
    seen: set[int] | None = set() if len(areas) > 1 else None
    for box in areas:
        cursor = connection.cursor()
        # The caller's connection may have a row factory.
        cursor.row_factory = None
        for number, y, x in cursor.execute(sql, (*params, *box)):
            distance = miles_between(latitude, longitude, y, x)
            if distance > miles:
                continue
            if seen is not None:
                if number in seen:
                    continue
                seen.add(number)
            yield Near(number, distance)


def boxes(latitude: float, longitude: float, miles: float) -> list[tuple[float, ...]]:
    """(south, north, west, east) of the boxes that cover the circle: two across the date line."""
    angle = miles / EARTH_RADIUS_MILES
    # A hair more than the circle, so that rounding never leaves out a point on its rim.
    tall = math.degrees(angle) + 1e-6
    south, north = latitude - tall, latitude + tall
    if south <= -90 or north >= 90 or angle >= math.pi / 2:
        return [(max(south, -90.0), min(north, 90.0), -180.0, 180.0)]
    reach = math.sin(angle) / math.cos(math.radians(latitude))
    wide = math.degrees(math.asin(min(1.0, reach))) + 1e-6
    west, east = longitude - wide, longitude + wide
    if west < -180:
        return [(south, north, -180.0, east), (south, north, west + 360, 180.0)]
    if east > 180:
        return [(south, north, west, 180.0), (south, north, -180.0, east - 360)]
    return [(south, north, west, east)]


def _first_radius(
    connection: sqlite3.Connection, latitude: float, longitude: float, wanted: float
) -> float:
    """A radius in miles that should hold so many locations, from the counts around the point."""
    cell_y = int((latitude + 90) / _CELL_DEGREES)
    cell_x = int((longitude + 180) / _CELL_DEGREES)
    cursor = connection.cursor()
    cursor.row_factory = None
    for level in range(_LEVELS):
        y, x = cell_y >> level, cell_x >> level
        [points] = cursor.execute(
            "select sum(points) from density where level = ? and cell_y in (?, ?, ?)"
            " and cell_x between ? and ?",
            (level, y - 1, y, y + 1, x - 1, x + 1),
        ).fetchone()
        if points and points >= wanted:
            side = 3 * _CELL_DEGREES * 2**level * 69.0
            area = side * side * max(0.05, math.cos(math.radians(latitude)))
            radius = math.sqrt(_FIRST_SHARE * wanted / points * area / math.pi)
            return max(_SMALLEST_MILES, radius)
    return EVERYWHERE_MILES
