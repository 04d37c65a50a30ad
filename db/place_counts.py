"""How many practitioners are near a place, cheaply: for a list of suggestions, not for a search."""

from __future__ import annotations

import sqlite3

from db.freshness import HIDE_AFTER_DAYS, cutoff
from db.nearest import boxes, miles_between
from db.place import Place
from db.release import release
from db.results import MOST

_INSIDE = (
    "select l.practitioner_id, l.latitude, l.longitude"
    " from location_rtree r join location l on l.id = r.id"
    " where r.max_latitude >= ? and r.min_latitude <= ?"
    " and r.max_longitude >= ? and r.min_longitude <= ? and l.last_seen >= ?"
)
_IN_STATE = (
    "select count(distinct practitioner_id) from location"
    " where state = ? and latitude is not null and last_seen >= ?"
)


def practitioners_near(
    connection: sqlite3.Connection, places: list[Place], miles: float, cap: int = MOST
) -> list[int]:
    """For each place, how many practitioners a search of so many miles around it would find, for a
    state one of the whole state; `cap` + 1 where there are more than `cap`. Counting stops there,
    so a big city costs no more."""
    published = release(connection)
    oldest = cutoff(published.built_at, HIDE_AFTER_DAYS) if published else ""
    return [_count(connection, place, miles, cap, oldest) for place in places]


def _count(
    connection: sqlite3.Connection, place: Place, miles: float, cap: int, oldest: str
) -> int:
    cursor = connection.cursor()
    # The caller's connection may have a row factory.
    cursor.row_factory = None
    if place.kind == "state":
        return min(int(cursor.execute(_IN_STATE, (place.state, oldest)).fetchone()[0]), cap + 1)
    found: set[str] = set()
    for box in boxes(place.latitude, place.longitude, miles):
        for practitioner, latitude, longitude in cursor.execute(_INSIDE, (*box, oldest)):
            if miles_between(place.latitude, place.longitude, latitude, longitude) <= miles:
                found.add(practitioner)
                if len(found) > cap:
                    return len(found)
    return len(found)
