"""The sources in a published database, and how the last attempt to read each ended.

Times are UTC, ISO 8601.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from db.plain_rows import columns, plain_rows


@dataclass(frozen=True, slots=True)
class Source:
    """One public directory and how the last attempt to read it ended."""

    id: str
    title: str
    publisher: str
    publisher_url: str | None
    home_url: str | None
    directory_url: str | None
    issuer: str
    label: str | None
    meaning: str | None
    evidence_url: str | None
    status: str
    status_reason: str
    verdict: str | None
    verdict_reason: str | None
    data_as_of: str | None
    last_attempt: str | None
    next_due: str | None
    listings: int


def sources(connection: sqlite3.Connection) -> list[Source]:
    """Every source, those with published listings first, then by title."""
    return [
        Source(*row)
        for row in plain_rows(
            connection,
            f"select {columns(Source, 's')} from source s"  # noqa: S608
            " order by s.listings = 0, s.title collate nocase, s.id",
        )
    ]
