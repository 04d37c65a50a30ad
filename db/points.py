"""Where the listings of working.db are: read and written by the geocoding command."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple


class ListingPoint(NamedTuple):
    """A listing's address and point. The printed half and the clean half are the stored JSON."""

    id: str
    printed: dict[str, Any]
    clean: dict[str, Any]
    latitude: float | None
    longitude: float | None
    precision: str | None
    point_from: str | None
    point_note: str | None


class NewPoint(NamedTuple):
    """A point to write: the listing's id comes last, as the statement wants it."""

    latitude: float | None
    longitude: float | None
    precision: str | None
    point_from: str | None
    point_note: str | None
    id: str


def read_points(connection: sqlite3.Connection) -> Iterator[ListingPoint]:
    """Every listing that may still be published (all but retired ones), by id."""
    cursor = connection.cursor()
    cursor.row_factory = None
    for row in cursor.execute(
        "select id, printed, clean, latitude, longitude, precision, point_from, point_note"
        " from listing where status <> 'retired' order by id"
    ):
        yield ListingPoint(row[0], json.loads(row[1]), json.loads(row[2]), *row[3:])


def write_points(connection: sqlite3.Connection, points: Iterable[NewPoint]) -> None:
    """Set these points. The caller commits."""
    connection.executemany(
        "update listing set latitude = ?, longitude = ?, precision = ?, point_from = ?,"
        " point_note = ? where id = ?",
        points,
    )


def count_by_precision(connection: sqlite3.Connection) -> dict[str, int]:
    """How many listings, retired ones left out, have which precision; 'none' is without a point."""
    return dict(
        connection.execute(
            "select coalesce(precision, 'none'), count(*) from listing"
            " where status <> 'retired' group by 1"
        ).fetchall()
    )
