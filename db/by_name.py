"""Entries by the name somebody remembers: whoever is listed finds their own without a place."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass

from db.plain_rows import plain_rows

MOST_NAMED = 20
LONGEST_NAME = 200
"""Letters of a name that are read."""


@dataclass(frozen=True, slots=True)
class Named:
    """An entry as somebody recognises it: towns such as 'Columbus, OH', directories by title."""

    id: str
    name: str
    credentials: str | None
    towns: tuple[str, ...]
    directories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ByName:
    """The best entries for a name, at most MOST_NAMED; `more` says that there are others."""

    entries: tuple[Named, ...]
    more: bool


def by_name(connection: sqlite3.Connection, text: str) -> ByName:
    """Entries with all these words, the last maybe only begun, those in the name first.

    Practice, letters and town count too: a name is not always enough, and a practice may be listed
    without a person. The connection needs the SQL function `place_match`, which makes an expression
    for full text of anything that is typed.
    """
    rows = plain_rows(
        connection,
        # A name weighs more than a practice of that name, and both more than a town.
        "select p.id, p.name, p.credentials from practitioner_fts join practitioner p"
        " on p.rowid = practitioner_fts.rowid where practitioner_fts match place_match(?)"
        " order by bm25(practitioner_fts, 10, 1, 4, 1, 1), p.name, p.id limit ?",
        (text, MOST_NAMED + 1),
    )
    shown = rows[:MOST_NAMED]
    ids = json.dumps([number for number, _, _ in shown])
    towns = _by_owner(
        connection,
        "select practitioner_id, city || coalesce(', ' || state, '') from location"
        " where city is not null and practitioner_id in (select value from json_each(?))"
        " group by 1, 2 order by 1, 2",
        ids,
    )
    directories = _by_owner(
        connection,
        "select l.practitioner_id, s.title from listing l join source s on s.id = l.source_id"
        " where l.practitioner_id in (select value from json_each(?))"
        " group by 1, 2 order by 1, 2",
        ids,
    )
    entries = (
        Named(number, name, letters, towns.get(number, ()), directories.get(number, ()))
        for number, name, letters in shown
    )
    return ByName(tuple(entries), len(rows) > MOST_NAMED)


def _by_owner(connection: sqlite3.Connection, sql: str, ids: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for owner, words in plain_rows(connection, sql, (ids,)):
        found[owner] = (*found.get(owner, ()), words)
    return found
