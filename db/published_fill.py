"""The tables of a fresh public database, filled, and the indexes that searching needs."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from db.gazetteer_file import copy_into
from db.hand_checks import confirmed, published_hand_checks
from db.links import published_link_checks
from db.locations import Entry, grouped, location_row, morton
from db.nearest import build_density
from db.published_people import sheets_of
from db.published_rows import (
    alias_rows,
    certification_rows,
    insurance_rows,
    listing_row,
    practitioner_row,
    reference_rows,
    run_rows,
    source_rows,
)
from db.published_schema import SEARCH, TABLES
from db.registry_matches import published_rows
from db.release import Release
from db.reports import report_counts


@dataclass(frozen=True, slots=True)
class Built(Release):
    """The release that was just built."""

    precision: dict[str, int]
    """Locations by precision, finest first; 'none' for those without a point."""


@dataclass(slots=True)
class _Place:
    row: dict[str, Any]
    practitioner_id: str
    entries: list[Entry]
    number: int = 0


def fill(
    db: Database,
    public: sqlite3.Connection,
    people: list[tuple[str, list[Entry]]],
    release_id: str,
    built_at: str,
) -> Built:
    """Write every table but the gazetteer's.

    `people` are (practitioner's id, its listings, the most trusted first); `built_at` is UTC, ISO
    8601.
    """
    public.executescript(TABLES)
    public.execute("begin")
    sheets, confirmations = sheets_of(db), confirmed(db)
    _put(public, "run", run_rows(db))
    places: list[_Place] = []
    for practitioner_id, entries in people:
        for group in grouped(entries):
            places.append(_Place(location_row(group), practitioner_id, group))
    places.sort(
        key=lambda one: (
            morton(one.row["latitude"], one.row["longitude"]), one.practitioner_id,
            one.entries[0].id,
        )
    )  # fmt: skip
    at: dict[str, int] = {}
    for number, place in enumerate(places, 1):
        place.number = number
        at |= {entry.id: number for entry in place.entries}
    _put(public, "practitioner", (practitioner_row(n, *one) for n, one in enumerate(people, 1)))
    _put(
        public,
        "location",
        ({"id": one.number, "practitioner_id": one.practitioner_id} | one.row for one in places),
    )
    _put(
        public,
        "listing",
        (
            listing_row(entry, who, at[entry.id], confirmations.get(entry.id))
            for who, entries in people
            for entry in entries
        ),
    )
    _put(public, "certification", certification_rows(db, people, sheets))
    _put(public, "practitioner_alias", alias_rows(db, {who for who, _ in people}))
    _put(public, "registry", published_rows(db, {who for who, _ in people}))
    counts = Counter(entry.source_id for _, entries in people for entry in entries)
    _put(public, "source", source_rows(db, sheets, counts))
    _put(public, "state_rule", reference_rows("state_rules.csv"))
    _put(public, "insurance_rule", insurance_rows(built_at))
    _put(public, "link_check", published_link_checks(db, public))
    _put(public, "hand_check", published_hand_checks(db, public))
    _put(public, "report_count", report_counts(db, built_at))
    release = Built(
        id=release_id,
        built_at=built_at,
        practitioners=len(people),
        locations=len(places),
        listings=counts.total(),
        sources=len(counts),
        sample=any(sheets[key].sample for key in counts),
        precision=_by_precision(places),
    )
    _put(
        public,
        "release",
        [
            {
                "id": release.id, "built_at": built_at, "practitioners": release.practitioners,
                "locations": release.locations, "listings": release.listings,
                "sources": release.sources, "sample": int(release.sample),
            }
        ],
    )  # fmt: skip
    public.commit()
    return release


def build_search(public: sqlite3.Connection, gazetteer: Path) -> None:
    """Everything searching needs: the gazetteer's tables, full text, and where points are."""
    public.execute("begin")
    copy_into(public, gazetteer)
    build_density(public)
    for statement in SEARCH.split(";"):
        public.execute(statement)
    public.execute(
        "insert into location_rtree select id, latitude, latitude, longitude, longitude"
        " from location where latitude is not null order by id"
    )
    public.execute(
        "insert into practitioner_fts (rowid, name, credentials, practice, city, state)"
        " select practitioner.rowid, name, credentials, group_concat(distinct practice),"
        " group_concat(distinct city), group_concat(distinct location.state)"
        " from practitioner left join location on practitioner_id = practitioner.id"
        " group by practitioner.rowid order by practitioner.rowid"
    )
    public.commit()
    public.execute("analyze")
    public.commit()


def _by_precision(places: list[_Place]) -> dict[str, int]:
    found = Counter(place.row["precision"] or "none" for place in places)
    order = ("source", "rooftop", "street", "postcode", "city", "none")
    return {key: found[key] for key in order if found[key]}


def _put(public: sqlite3.Connection, table: str, rows: Iterable[dict[str, Any]]) -> None:
    waiting = iter(rows)
    first = next(waiting, None)
    if first is None:
        return
    names = list(first)
    columns = ", ".join(f'"{name}"' for name in names)
    marks = ", ".join("?" * len(names))
    sql = f"insert into {table} ({columns}) values ({marks})"  # noqa: S608 - our own names
    public.execute(sql, list(first.values()))
    public.executemany(sql, ([row[name] for name in names] for row in waiting))
