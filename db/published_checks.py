"""What must hold of a freshly built public database before it may replace the served one."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing

from db.gazetteer_file import SCHEMA as GAZETTEER
from db.published_schema import TABLES

E_MAIL = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._+'-]*\s?(?:@|%40|\(at\)|\[at\])\s?"
    r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}\b",
    re.I,
)
"""An e-mail address, also as it stands in a web address or half hidden."""

#: Tables whose text comes from directories or fact sheets.
_OURS = (
    "source", "run", "practitioner", "location", "listing", "certification",
    "practitioner_alias", "registry", "release", "link_check", "hand_check",
)  # fmt: skip

_ORPHANS = {
    "practitioners without a listing": (
        "select count(*) from practitioner where id not in (select practitioner_id from listing)"
    ),
    "locations without a listing": (
        "select count(*) from location where id not in (select location_id from listing)"
    ),
    "listings at somebody else's location": (
        "select count(*) from listing join location on location.id = location_id"
        " where location.practitioner_id <> listing.practitioner_id"
    ),
}


def problems(connection: sqlite3.Connection) -> list[str]:
    """Everything that is wrong with the database, one line each; empty when it may be served."""
    return [
        *_integrity(connection),
        *_indexes(connection),
        *_private(connection),
        *_points(connection),
    ]


def lacking(connection: sqlite3.Connection) -> list[str]:
    """What today's pages ask for and the database has not: "table", or "table.column" where the
    table is there; sorted. Something is missing in a file that an older version published."""
    with closing(sqlite3.connect(":memory:")) as empty:
        empty.executescript(TABLES)
        empty.executescript(GAZETTEER)
        wanted = _columns(empty)
    there = _columns(connection)
    tables = wanted.keys() - there.keys()
    columns = {
        f"{table}.{column}"
        for table in wanted.keys() & there.keys()
        for column in wanted[table] - there[table]
    }
    return sorted(tables | columns)


def _columns(connection: sqlite3.Connection) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for table, column in connection.execute(
        "select t.name, c.name from pragma_table_list t join pragma_table_info(t.name) c"
        " where t.schema = 'main' and t.type = 'table' and t.name not like 'sqlite%'"
    ):
        found.setdefault(table, set()).add(column)
    return found


def _integrity(connection: sqlite3.Connection) -> Iterator[str]:
    for table, row, parent, _ in connection.execute("pragma foreign_key_check"):
        yield f"{table} row {row} names something absent in {parent}"
    for (line,) in connection.execute("pragma integrity_check"):
        if line != "ok":
            yield f"integrity: {line}"


def _indexes(connection: sqlite3.Connection) -> Iterator[str]:
    for name, index, rows in (
        (
            "practitioner_fts",
            "select count(*) from practitioner_fts_docsize",
            "select count(*) from practitioner",
        ),
        (
            "location_rtree",
            "select count(*) from location_rtree",
            "select count(*) from location where latitude is not null",
        ),
    ):
        [have], [need] = (connection.execute(sql).fetchone() for sql in (index, rows))
        if have != need:
            yield f"{name} holds {have:,} rows for {need:,}"
    for what, sql in _ORPHANS.items():
        [count] = connection.execute(sql).fetchone()
        if count:
            yield f"{count:,} {what}"


def _private(connection: sqlite3.Connection) -> Iterator[str]:
    for table in _OURS:
        names = [row[1] for row in connection.execute(f"pragma table_info({table})")]
        for name in names:
            rows = connection.execute(
                f'select rowid, "{name}" from {table} where "{name}" glob \'*[@%([]*\''  # noqa: S608
            )
            for rowid, text in rows:
                if isinstance(text, str) and E_MAIL.search(text):
                    yield f"{table}.{name} of row {rowid} holds an e-mail address"


def _points(connection: sqlite3.Connection) -> Iterator[str]:
    [count] = connection.execute(
        "select count(*) from location where (latitude is null) <> (longitude is null)"
        ' or (latitude is null) <> ("precision" is null)'
        " or latitude not between -90 and 90 or longitude not between -180 and 180"
    ).fetchone()
    if count:
        yield f"{count:,} locations have half a point, one off the earth, or one without precision"
