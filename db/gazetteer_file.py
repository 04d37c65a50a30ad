"""gazetteer.db: its tables, and how they are filled from the data files in `reference/`.

`ensure(data_dir)` gives gazetteer.db, built in a second or two when it is missing or out of date;
`copy_into` puts the same tables into the database that is being published, so that the finder
needs one file only.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import os
import sqlite3
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from db.place_text import county_title, place_key, words
from records.said import N_

REFERENCE = Path(__file__).resolve().parent.parent / "reference"
FILES = ("us_postal.csv.gz", "us_place.csv.gz", "us_state.csv", "us_nickname.csv")

ATTRIBUTION = N_("Places © GeoNames (CC BY 4.0); ZCTA points US Census Bureau")
"""To be shown wherever places or points of the gazetteer are."""

_LAYOUT = "3"
"""Raise it when the tables or `place_key` change: gazetteer.db is built anew then."""

SCHEMA = """
create table gazetteer_stamp (key text primary key, value text not null) strict;
create table state (
    code text primary key, name text not null, latitude real not null, longitude real not null,
    population integer not null, min_latitude real not null, max_latitude real not null,
    min_longitude real not null, max_longitude real not null
) strict;
create table postal (
    code text not null, country text not null, name text not null, state text not null,
    county text not null, latitude real not null, longitude real not null, kind text not null,
    primary key (country, code)
) strict, without rowid;
create table place (
    id integer primary key, name text not null, norm text not null, state text not null,
    county text not null, country text not null, latitude real not null, longitude real not null,
    population integer, kind text not null
) strict;
create table place_alias (
    norm text not null, place_id integer not null references place(id), alias text not null,
    said integer not null
) strict;
create virtual table place_fts using fts5(
    name, other, state, content='', prefix='2 3 4', tokenize='unicode61 remove_diacritics 2'
);
"""

INDEXES = """
create index postal_point on postal(latitude, longitude);
create index place_norm on place(norm, state);
create index place_alias_norm on place_alias(norm);
"""

TABLES = ("gazetteer_stamp", "state", "postal", "place", "place_alias")
"""The ordinary tables, in an order in which they can be filled; `place_fts` is made from them."""


def content_hash(reference: Path = REFERENCE) -> str:
    """The fingerprint of the data files and the table layout, as stored in `gazetteer_stamp`."""
    digest = hashlib.sha256(_LAYOUT.encode())
    for name in FILES:
        digest.update((reference / name).read_bytes())
    return digest.hexdigest()


def build(path: Path, reference: Path = REFERENCE) -> None:
    """Build gazetteer.db at `path` from the data files; one to two seconds.

    The file appears whole or not at all, also when two processes build at the same time. Raises
    OSError if a data file is missing or the folder cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".gazetteer-", suffix=".db", dir=path.parent)
    os.close(handle)
    fresh = Path(name)
    try:
        with closing(sqlite3.connect(fresh)) as connection:
            # Nobody reads the file before it is finished, so nothing need survive a crash.
            connection.execute("pragma journal_mode = off")
            connection.execute("pragma synchronous = off")
            with connection:
                connection.executescript("begin;" + SCHEMA)
                _fill(connection, reference)
                connection.executescript(INDEXES)
            connection.execute("analyze")
            connection.commit()
        fresh.chmod(0o644)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def ensure(data_dir: Path, reference: Path = REFERENCE) -> Path:
    """The path of `data_dir`/gazetteer.db, built if missing, damaged or older than the data."""
    path = data_dir / "gazetteer.db"
    wanted = content_hash(reference)
    if not path.exists() or _stamp(path) != wanted:
        build(path, reference)
    return path


def copy_into(connection: sqlite3.Connection, gazetteer: Path) -> None:
    """Create the gazetteer's tables in another database and copy everything into them.

    The tables must not exist there yet. Leaves the transaction to the caller. Does not attach the
    file, so it works inside a transaction.
    """
    with closing(open_read_only(gazetteer)) as source:
        for statement in _statements(SCHEMA):
            connection.execute(statement)
        for table in TABLES:
            rows = source.execute(f"select * from {table}")  # noqa: S608 - our own names
            marks = ", ".join("?" * len(rows.description))
            connection.executemany(f"insert into {table} values ({marks})", rows)  # noqa: S608
        for statement in _statements(INDEXES):
            connection.execute(statement)
        _index_words(connection)


def _statements(script: str) -> Iterator[str]:
    # executescript() would commit the caller's transaction.
    return (statement for statement in script.split(";") if statement.strip())


def open_read_only(path: Path) -> sqlite3.Connection:
    """A read-only connection that may be used from several threads in turn."""
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False)


def _stamp(path: Path) -> str | None:
    try:
        with closing(open_read_only(path)) as connection:
            row = connection.execute("select value from gazetteer_stamp where key = 'content'")
            found = row.fetchone()
    except sqlite3.DatabaseError:
        return None
    return str(found[0]) if found else None


def _rows(path: Path) -> Iterator[dict[str, str]]:
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8")
    return csv.DictReader(text.splitlines())


def _fill(connection: sqlite3.Connection, reference: Path) -> None:
    connection.execute(
        "insert into gazetteer_stamp values ('content', ?), ('attribution', ?)",
        (content_hash(reference), ATTRIBUTION),
    )
    connection.executemany(
        "insert into state values (:code, :name, :latitude, :longitude, :population,"
        " :min_latitude, :max_latitude, :min_longitude, :max_longitude)",
        _rows(reference / "us_state.csv"),
    )
    connection.executemany(
        "insert into postal values"
        " (:code, 'US', :name, :state, :county, :latitude, :longitude, :kind)",
        _rows(reference / "us_postal.csv.gz"),
    )
    towns = list(_rows(reference / "us_place.csv.gz"))
    # Ids in order of population: whoever reads places in id order reads the biggest first, and the
    # type-ahead can stop after the first few rows of the word index.
    towns.sort(key=lambda row: (-int(row["population"] or 0), row["name"], row["state"]))
    towns += _counties(towns)
    places: list[tuple[Any, ...]] = []
    aliases: list[tuple[str, int, str, int]] = []
    biggest: dict[tuple[str, str], int] = {}
    for number, row in enumerate(towns, 1):
        places.append(
            (number, row["name"], place_key(row["name"]), row["state"], row["county"], "US",
             float(row["latitude"]), float(row["longitude"]),
             int(row["population"]) if row["population"] else None, row["kind"])
        )  # fmt: skip
        biggest.setdefault((place_key(row["name"]), row["state"]), number)
        for alias in filter(None, row["aliases"].split("|")):
            aliases.append((place_key(alias), number, alias, 0))
    for row in _rows(reference / "us_nickname.csv"):
        # A KeyError here names a line of the file without such a place.
        number = biggest[place_key(row["name"]), row["state"]]
        aliases.append((place_key(row["nickname"]), number, row["nickname"], 1))
    connection.executemany("insert into place values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", places)
    connection.executemany("insert into place_alias values (?, ?, ?, ?)", aliases)
    _index_words(connection)


def _counties(towns: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    """Counties as places of their own, at the point their people live around, biggest first."""
    members: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for row in towns:
        if county_title(row["county"], row["state"]) != row["county"] and row["kind"] != "district":
            members[row["state"], row["county"]].append(row)
    counties = []
    for (state, county), rows in sorted(members.items()):
        weights = [int(row["population"] or 50) for row in rows]
        people = sum(weights)
        middle = {
            axis: sum(float(row[axis]) * weight for row, weight in zip(rows, weights, strict=True))
            / people
            for axis in ("latitude", "longitude")
        }
        counties.append(
            {
                "name": str(county_title(county, state)),
                "state": state,
                "county": county,
                "latitude": f"{middle['latitude']:.4f}",
                "longitude": f"{middle['longitude']:.4f}",
                "population": str(people),
                "kind": "county",
                "aliases": "",
            }
        )
    counties.sort(key=lambda row: -int(row["population"]))
    return counties


def _index_words(connection: sqlite3.Connection) -> None:
    """Fill place_fts: the name's words in long form, other writings, and the state."""
    names = {
        code: f"{code} {name}" for code, name in connection.execute("select code, name from state")
    }
    others: dict[int, list[str]] = defaultdict(list)
    for number, alias in connection.execute("select place_id, alias from place_alias"):
        others[number].append(alias)
    rows = connection.execute("select id, name, norm, state from place order by id").fetchall()
    entries = []
    for number, name, norm, state in rows:
        other = [norm, *_other_writings(name), *others[number]]
        plain = " ".join(words(name))
        entries.append((number, plain, " ".join(other), names.get(state, state)))
    connection.executemany(
        "insert into place_fts (rowid, name, other, state) values (?, ?, ?, ?)", entries
    )


_BOTH_WAYS = (("saint", "st"), ("mount", "mt"), ("fort", "ft"))


def _other_writings(name: str) -> list[str]:
    plain = f" {' '.join(words(name))} "
    changed = plain
    for long, short in _BOTH_WAYS:
        if f" {long} " in plain:
            changed = changed.replace(f" {long} ", f" {short} ")
        elif f" {short} " in plain:
            changed = changed.replace(f" {short} ", f" {long} ")
    return [] if changed == plain else [changed.strip()]
