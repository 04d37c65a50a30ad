"""The geocoding cache in working.db: every answer, 'nothing found' too, by address and provider."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import NamedTuple


class CachedAnswer(NamedTuple):
    """A row of `place_cache`. Where `outcome` is 'nothing', the four fields after it are None."""

    query: str
    provider: str
    outcome: str
    precision: str | None
    latitude: float | None
    longitude: float | None
    matched: str | None
    """The address or place the provider says it found, in its words."""
    fetched_at: str
    """UTC, ISO 8601."""


def read_answers(connection: sqlite3.Connection) -> Iterator[CachedAnswer]:
    """All rows. Nothing where the table does not exist yet."""
    known = connection.execute(
        "select 1 from sqlite_master where type = 'table' and name = 'place_cache'"
    ).fetchone()
    if known is None:
        return
    cursor = connection.cursor()
    cursor.row_factory = None
    for row in cursor.execute(
        "select query, provider, outcome, precision, latitude, longitude, matched, fetched_at"
        " from place_cache"
    ):
        yield CachedAnswer(*row)


def write_answers(connection: sqlite3.Connection, answers: Iterable[CachedAnswer]) -> None:
    """Keep these answers; one for the same query and provider is replaced. The caller commits."""
    connection.executemany(
        "insert or replace into place_cache"
        " (query, provider, outcome, precision, latitude, longitude, matched, fetched_at)"
        " values (?, ?, ?, ?, ?, ?, ?, ?)",
        answers,
    )
