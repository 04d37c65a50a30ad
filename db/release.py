"""The release in a published database: what it holds, and as of when."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from db.plain_rows import plain_rows


@dataclass(frozen=True, slots=True)
class Release:
    """What is published: when it was built, how much it holds, whether it is invented."""

    id: str
    """Day and count of that day: 2026-11-24.1."""
    built_at: str
    practitioners: int
    locations: int
    listings: int
    sources: int
    """Sources with published listings."""
    sample: bool


def release(connection: sqlite3.Connection) -> Release | None:
    """The release in the file, or None if nothing has been published into it."""
    rows = plain_rows(
        connection,
        "select id, built_at, practitioners, locations, listings, sources, sample from release"
        " order by built_at desc limit 1",
    )
    if not rows:
        return None
    number, built_at, practitioners, locations, listings, of_sources, sample = rows[0]
    return Release(number, built_at, practitioners, locations, listings, of_sources, bool(sample))
