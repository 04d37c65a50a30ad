"""Where the listings of working.db are: read and written by the geocoding command."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from db.stored_listing import clean_from_dict, clean_to_json
from records.listing import Clean

PointColumns: TypeAlias = tuple[float | None, float | None, str | None, str | None, str | None]
"""latitude, longitude, precision, point_from, point_note"""


@dataclass(frozen=True, slots=True)
class PlacedListing:
    """A stored listing with its point."""

    id: str
    printed: dict[str, Any]
    """The printed half; empty fields are not in it."""
    clean: Clean
    clean_text: str
    """The clean half as it is stored."""
    columns: PointColumns
    """The point as it stands in the listing's own columns."""

    def stands_at(self, clean: Clean) -> bool:
        """Whether this point is stored already, in the columns and in the clean half."""
        return self.columns == point_columns(clean) == point_columns(self.clean)


def point_columns(clean: Clean) -> PointColumns:
    """The point of a clean half as the listing's columns have it."""
    return (
        clean.latitude, clean.longitude, clean.precision, clean.point_from, clean.point_note
    )  # fmt: skip


def read_points(
    connection: sqlite3.Connection, ids: Iterable[str] | None = None
) -> Iterator[PlacedListing]:
    """Every listing that may still be published (all but retired ones), or these of them, by id."""
    cursor = connection.cursor()
    cursor.row_factory = None
    sql = (
        "select id, printed, clean, latitude, longitude, precision, point_from, point_note"
        " from listing where status <> 'retired'"
    )
    if ids is None:
        rows = cursor.execute(sql + " order by id")
    else:
        sql += " and id in (select value from json_each(?)) order by id"
        rows = cursor.execute(sql, (json.dumps(list(ids)),))
    for listing_id, printed, clean, latitude, longitude, precision, point_from, point_note in rows:
        yield PlacedListing(
            listing_id,
            json.loads(printed),
            clean_from_dict(json.loads(clean)),
            clean,
            (latitude, longitude, precision, point_from, point_note),
        )


def write_points(
    connection: sqlite3.Connection, moved: Iterable[tuple[PlacedListing, Clean]]
) -> None:
    """Set the points of listings, in the columns and in the clean half. The caller commits.

    A listing that changed since it was read is left alone: its address may be another one.
    """
    connection.executemany(
        "update listing set latitude = ?, longitude = ?, precision = ?, point_from = ?,"
        " point_note = ?, clean = ? where id = ? and clean = ?",
        (
            (*point_columns(clean), clean_to_json(clean), listing.id, listing.clean_text)
            for listing, clean in moved
        ),
    )


def count_by_precision(connection: sqlite3.Connection) -> dict[str, int]:
    """How many listings, retired ones left out, have which precision; 'none' is without a point."""
    cursor = connection.cursor()
    cursor.row_factory = None
    return dict(
        cursor.execute(
            "select coalesce(precision, 'none'), count(*) from listing"
            " where status <> 'retired' group by 1"
        ).fetchall()
    )
