"""A practitioner as published: the person, the places, and what issuers say of them.

Times are UTC, ISO 8601; coordinates degrees (WGS84).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from db.plain_rows import plain_rows


@dataclass(frozen=True, slots=True)
class Practitioner:
    """A person, or a practice that is listed without one (`kind`)."""

    id: str
    kind: str
    name: str
    credentials: str | None
    profession: str | None
    first_seen: str
    last_seen: str


@dataclass(frozen=True, slots=True)
class Location:
    """A place where a practitioner can be seen. Coordinates are None if nobody knows them."""

    id: int
    practice: str | None
    street: str | None
    city: str | None
    state: str | None
    postcode: str | None
    country: str | None
    phone: str | None
    phone_extension: str | None
    website: str | None
    booking_url: str | None
    home_visits: int | None
    """1 where a source says that home visits are made, 0 where it says that none are, else None."""
    latitude: float | None
    longitude: float | None
    precision: str | None
    point_from: str | None
    point_note: str | None
    last_seen: str


@dataclass(frozen=True, slots=True)
class Certification:
    """What an issuer says of a practitioner, in the issuer's own words, and where that stands."""

    issuer: str
    label: str
    level: str | None
    meaning: str | None
    evidence_url: str | None
    source_id: str
    source: str
    seen: str
    seen_url: str
    listing_id: str


def certifications(
    connection: sqlite3.Connection, practitioners: Iterable[str]
) -> dict[str, tuple[Certification, ...]]:
    """By practitioner id: what is said of each, the last seen first, each statement of a source
    once, however many of its entries repeat it."""
    found: dict[str, dict[tuple[object, ...], Certification]] = {}
    for row in plain_rows(
        connection,
        "select c.practitioner_id, c.issuer, c.label, c.level, c.meaning, c.evidence_url,"
        " c.source_id, s.title, c.seen, coalesce(l.profile_url, l.seen_url), c.listing_id"
        " from certification c join source s on s.id = c.source_id"
        " join listing l on l.id = c.listing_id"
        " where c.practitioner_id in (select value from json_each(?))"
        " order by c.seen desc, s.title, c.label, c.id",
        (json.dumps(list(practitioners)),),
    ):
        one = Certification(*row[1:])
        key = (one.issuer, one.label, one.level, one.source_id)
        found.setdefault(str(row[0]), {}).setdefault(key, one)
    return {person: tuple(said.values()) for person, said in found.items()}
