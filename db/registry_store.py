"""registry.db: the part of the federal register that is matched with, loaded set-wise.

A copy of public data that can be loaded again at any time, so it is kept apart from working.db. A
load fills tables beside the ones in use and replaces them at its end; its place in the file is
stored with its rows, so that a load that was stopped goes on from there.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

_TABLES = """
create table if not exists load (
    fingerprint text primary key, file text not null, bytes_read integer not null,
    rows integer not null, kept integer not null, inactive integer not null,
    unreadable integer not null, started_at text not null, finished_at text
) strict;
create table if not exists npi (number text primary key, record text not null)
    strict, without rowid;
create table if not exists name (family text not null, state text not null, number text not null)
    strict;
create index if not exists name_key on name(family, state);
"""
_BESIDE = """
begin; delete from load where finished_at is null;
drop table if exists npi_loading; drop table if exists name_loading;
create table npi_loading (number text primary key, record text not null) strict, without rowid;
create table name_loading (family text not null, state text not null, number text not null) strict;
commit;
"""


@dataclass(slots=True)
class Load:
    """One file and how far it was read."""

    fingerprint: str
    file: str
    bytes_read: int
    rows: int
    """Rows read, of all professions."""
    kept: int
    """Rows of people who count and whose number is in force."""
    inactive: int
    unreadable: int
    started_at: str
    finished_at: str | None


class Row(NamedTuple):
    """One person to load: the record as JSON, and the (family key, state) pairs it is found by."""

    number: str
    record: str
    found_by: list[tuple[str, str]]


class Asked(NamedTuple):
    """One person to look for: `who` comes back with every record that may be it."""

    who: str
    names: Iterable[tuple[str, str]]
    """(family key, state)."""
    numbers: Iterable[str]
    """NPIs somebody prints for the person."""


@contextmanager
def open_registry(data: Path) -> Iterator[sqlite3.Connection]:
    """registry.db of the folder `data`, made when absent. Raises sqlite3.DatabaseError when the
    file is none."""
    with closing(sqlite3.connect(data / "registry.db", timeout=30, isolation_level=None)) as one:
        one.execute("pragma journal_mode = wal")
        one.execute("pragma synchronous = normal")
        one.execute("pragma cache_size = -65536")
        one.executescript(_TABLES)
        yield one


def loaded(registry: sqlite3.Connection) -> Load | None:
    """The file whose people are matched with now, or None before the first load has ended."""
    row = registry.execute(
        "select * from load where finished_at is not null order by finished_at desc limit 1"
    ).fetchone()
    return Load(*row) if row else None


def begin_load(registry: sqlite3.Connection, fingerprint: str, file: str, now: str) -> Load:
    """The load of this file: ended, half done, or new. Half a load of another file is dropped."""
    row = registry.execute("select * from load where fingerprint = ?", (fingerprint,)).fetchone()
    if row:
        return Load(*row)
    registry.executescript(_BESIDE)
    load = Load(fingerprint, file, 0, 0, 0, 0, 0, now, None)
    _keep(registry, load)
    return load


def add(registry: sqlite3.Connection, rows: Iterable[Row], load: Load) -> None:
    """Store a batch and how far the load has come, in one transaction. A number that stands twice
    in the file counts as it stands last."""
    rows = list(rows)
    registry.execute("begin immediate")
    try:
        registry.executemany(
            "insert or replace into npi_loading values (?, ?)",
            ((row.number, row.record) for row in rows),
        )
        registry.executemany(
            "insert into name_loading values (?, ?, ?)",
            ((family, state, row.number) for row in rows for family, state in row.found_by),
        )
        _keep(registry, load)
        registry.execute("commit")
    except BaseException:
        registry.execute("rollback")
        raise


def end_load(registry: sqlite3.Connection, load: Load, now: str) -> None:
    """Put the loaded people in the place of those before, all at once."""
    load.finished_at = now
    registry.execute("begin immediate")
    try:
        for statement in (
            "drop table npi",
            "drop table name",
            "alter table npi_loading rename to npi",
            "alter table name_loading rename to name",
            "create index name_key on name(family, state)",
            "delete from load",
        ):
            registry.execute(statement)
        _keep(registry, load)
        registry.execute("commit")
    except BaseException:
        registry.execute("rollback")
        raise


def candidates(
    registry: sqlite3.Connection, asked: Iterable[Asked]
) -> Iterator[tuple[str, list[str]]]:
    """(who, records as JSON by number) for everybody asked for that anybody may be."""
    registry.execute("create temp table if not exists asked (who, family, state, number)")
    registry.execute("delete from asked")
    rows: list[tuple[str, str | None, str | None, str | None]] = []
    for one in asked:
        rows += ((one.who, family, state, None) for family, state in one.names)
        rows += ((one.who, None, None, number) for number in one.numbers)
    registry.executemany("insert into asked values (?, ?, ?, ?)", rows)
    found = registry.execute(
        "select who, record from (select who, name.number from asked cross join name"
        " on name.family = asked.family and name.state = asked.state"
        " union select who, number from asked where number is not null) as met"
        " join npi on npi.number = met.number order by who, npi.number"
    )
    who: str | None = None
    records: list[str] = []
    for key, record in found:
        if key != who:
            if who is not None:
                yield who, records
            who, records = key, []
        records.append(record)
    if who is not None:
        yield who, records


def pairs(values: Iterable[tuple[str | None, str]]) -> list[tuple[str, str]]:
    """The (family key, state) pairs of which both are known, each once."""
    return sorted({(family, state) for family, state in values if family})


def as_json(values: object) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def _keep(registry: sqlite3.Connection, load: Load) -> None:
    registry.execute(
        "insert or replace into load values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            load.fingerprint, load.file, load.bytes_read, load.rows, load.kept, load.inactive,
            load.unreadable, load.started_at, load.finished_at,
        ),
    )  # fmt: skip
