"""The finder's questions to the published database: who is near a point, and all about one.

Every function takes an open connection to directory.db and returns plain frozen records. Times
are UTC, ISO 8601; distances statute miles; coordinates degrees (WGS84).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from db.facets import Choice, conditions, counts
from db.freshness import HIDE_AFTER_DAYS, cutoff, freshness
from db.nearest import EVERYWHERE_MILES, nearest

MOST = 1000
"""No search counts or shows more results than this; the heading then says "more than 1,000"."""


@dataclass(frozen=True, slots=True)
class Release:
    """What is published: when it was built, how much it holds, whether it is invented."""

    id: str
    built_at: str
    practitioners: int
    locations: int
    listings: int
    sources: int
    sample: bool


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
    latitude: float | None
    longitude: float | None
    precision: str | None
    point_from: str | None
    point_note: str | None
    last_seen: str


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
class Result:
    """One practitioner at the nearest of their places, `miles` from the point searched."""

    practitioner: Practitioner
    location: Location
    miles: float
    certifications: tuple[Certification, ...]
    other_places: int
    """How many further locations the practitioner has, near or far."""
    stale: bool
    """Not seen there for so long that it has to be said."""
    rule: StateRule | None
    """What the state of the location says about the practitioner's profession, where known."""


@dataclass(frozen=True, slots=True)
class Nearby:
    """A page of results. `total` counts practitioners, not places; `more` says it stops there."""

    results: tuple[Result, ...]
    total: int
    more: bool


@dataclass(frozen=True, slots=True)
class SeenListing:
    """One entry of one source, as printed there."""

    id: str
    source_id: str
    source: str
    publisher: str
    printed_name: str | None
    printed_credentials: str | None
    printed_practice: str | None
    printed_address: str | None
    printed_phone: str | None
    printed_certification: str | None
    profile_url: str | None
    seen_url: str
    status: str
    first_seen: str
    last_seen: str
    changed_at: str | None
    confirmed_at: str | None
    next_due: str | None
    """When the source is to be read again."""


@dataclass(frozen=True, slots=True)
class StateRule:
    """Whether a profession may needle in a state, who says so, and as of when."""

    state: str
    state_name: str
    profession: str
    status: str
    basis: str
    summary: str
    training_hours: str | None
    source_title: str
    source_url: str
    source_date: str | None
    as_of: str | None
    confidence: str

    @property
    def standing(self) -> str:
        """`status`, but 'pending' where a law is passed and its rules are not: a summary that
        begins with "Not yet"."""
        waits = self.status == "prohibited" and self.summary.startswith("Not yet")
        return "pending" if waits else self.status


@dataclass(frozen=True, slots=True)
class Registry:
    """What the federal registry of providers (NPI) says. A registration is no certificate."""

    result: str
    """active, cannot_tell or not_found; what follows is None unless active."""
    npi: str | None
    profession: str | None
    state: str | None
    """The state's name, or its code where the gazetteer has none."""
    checked_on: str


@dataclass(frozen=True, slots=True)
class Profile:
    """Everything published about one practitioner."""

    practitioner: Practitioner
    locations: tuple[Location, ...]
    listings: tuple[SeenListing, ...]
    certifications: tuple[Certification, ...]
    rules: tuple[StateRule, ...]
    """One for each state the practitioner has a place in, where a rule is known."""
    no_rule: tuple[str, ...]
    """Names of the states the practitioner has a place in for which no rule is known; none where
    the profession is not known."""
    registry: Registry | None
    """None for somebody who was never looked for there."""
    states: tuple[str, ...] = ()
    """Names of all states the practitioner has a place in."""


@dataclass(frozen=True, slots=True)
class Moved:
    """The id belongs to a practitioner who now has another one; `to` is None if withdrawn."""

    to: str | None


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


def _columns(record: type, table: str) -> str:
    return ", ".join(f"{table}.{name}" for name in record.__slots__)  # type: ignore[attr-defined]


def _rows(
    connection: sqlite3.Connection, sql: str, params: Sequence[object] = ()
) -> list[tuple[Any, ...]]:
    cursor = connection.cursor()
    # Datasette's connections give sqlite3.Row.
    cursor.row_factory = None
    return cursor.execute(sql, params).fetchall()


def release(connection: sqlite3.Connection) -> Release | None:
    """The release in the file, or None if nothing has been published into it."""
    rows = _rows(
        connection,
        "select id, built_at, practitioners, locations, listings, sources, sample from release"
        " order by built_at desc limit 1",
    )
    if not rows:
        return None
    number, built_at, practitioners, locations, listings, of_sources, sample = rows[0]
    return Release(number, built_at, practitioners, locations, listings, of_sources, bool(sample))


def near(  # noqa: PLR0913
    connection: sqlite3.Connection,
    latitude: float,
    longitude: float,
    miles: float,
    *,
    limit: int = 10,
    offset: int = 0,
    chosen: Mapping[str, str] | None = None,
) -> Nearby:
    """Practitioners with a place within `miles` of the point, nearest first; `limit` of them.

    `chosen` narrows by facets (`db.facets`): the place shown is the nearest that has them all.
    Somebody with several places within the radius stands once, at the nearest. Places not seen for
    HIDE_AFTER_DAYS before the release was built are left out. Raises ValueError as
    `db.nearest.nearest` does.
    """
    where, params = _narrowed(connection, chosen)
    found = nearest(connection, latitude, longitude, miles, MOST + 1, where=where, params=params)
    more = len(found) > MOST
    found = found[:MOST]
    owners: dict[int, str] = dict(
        _rows(
            connection,
            "select id, practitioner_id from location where id in (select value from json_each(?))",
            (json.dumps([one.id for one in found]),),
        )
    )
    at_nearest: dict[str, tuple[int, float]] = {}
    for one in found:
        at_nearest.setdefault(owners[one.id], (one.id, one.miles))
    shown = list(at_nearest.values())[offset : offset + limit]
    return Nearby(results(connection, shown), len(at_nearest), more)


def nearest_known(
    connection: sqlite3.Connection,
    latitude: float,
    longitude: float,
    chosen: Mapping[str, str] | None = None,
) -> Result | None:
    """The nearest practitioner of all with the chosen facets, however far; None if none has."""
    where, params = _narrowed(connection, chosen)
    found = nearest(
        connection, latitude, longitude, EVERYWHERE_MILES, 1, where=where, params=params
    )
    known = results(connection, [(one.id, one.miles) for one in found])
    return known[0] if known else None


def narrowing(
    connection: sqlite3.Connection,
    latitude: float,
    longitude: float,
    miles: float,
    chosen: Mapping[str, str],
) -> dict[str, tuple[Choice, ...]]:
    """By facet, what the search can be narrowed by and how many practitioners each choice
    leaves; raises ValueError as `near` does."""
    published = release(connection)
    if published is None:
        return {}
    where, params = _not_hidden(connection)
    return counts(connection, latitude, longitude, miles, chosen, published.built_at, where, params)


def _narrowed(
    connection: sqlite3.Connection, chosen: Mapping[str, str] | None
) -> tuple[str, tuple[str, ...]]:
    """The condition that leaves out what is hidden and what has not the chosen facets."""
    where, params = _not_hidden(connection)
    published = release(connection) if chosen else None
    if not chosen or published is None:
        return where, params
    more, values = conditions(chosen, published.built_at)
    return " and ".join(part for part in (where, more) if part), params + values


def _not_hidden(connection: sqlite3.Connection) -> tuple[str, tuple[str, ...]]:
    """The condition that leaves out places not seen for too long; empty where there are none, so
    that the usual search pays nothing for it."""
    published = release(connection)
    if published is None:
        return "", ()
    oldest = cutoff(published.built_at, HIDE_AFTER_DAYS)
    hidden = _rows(connection, "select 1 from location where last_seen < ? limit 1", (oldest,))
    return ("l.last_seen >= ?", (oldest,)) if hidden else ("", ())


def results(
    connection: sqlite3.Connection, places: Sequence[tuple[int, float]]
) -> tuple[Result, ...]:
    """The practitioners at these locations, each given by its id and its miles, in their order."""
    ids = json.dumps([number for number, _ in places])
    location_width = len(Location.__slots__)
    published = release(connection)
    built_at = published.built_at if published else ""
    oldest = cutoff(built_at, HIDE_AFTER_DAYS) if published else ""
    rows = {
        row[0]: row
        for row in _rows(
            connection,
            f"select {_columns(Location, 'l')}, {_columns(Practitioner, 'p')},"  # noqa: S608
            " (select count(*) from location o where o.practitioner_id = p.id"
            " and o.last_seen >= ?)"
            " from location l join practitioner p on p.id = l.practitioner_id"
            " where l.id in (select value from json_each(?))",
            (oldest, ids),
        )
    }
    people = {number: Practitioner(*row[location_width:-1]) for number, row in rows.items()}
    at = {number: Location(*row[:location_width]) for number, row in rows.items()}
    certified = certifications(connection, [person.id for person in people.values()])
    rules = _rules_by_key(connection, {one.state for one in at.values() if one.state})
    return tuple(
        Result(
            people[number],
            at[number],
            miles,
            certified.get(people[number].id, ()),
            int(rows[number][-1]) - 1,
            bool(built_at) and freshness(at[number].last_seen, built_at) != "current",
            rules.get((at[number].state, people[number].profession)),
        )
        for number, miles in places
    )


def _rules_by_key(
    connection: sqlite3.Connection, states: Iterable[str]
) -> dict[tuple[str | None, str | None], StateRule]:
    """The rules of these states for every profession, by (state, profession)."""
    rows = _rows(
        connection,
        f"select {_columns(StateRule, 'r')} from state_rule r"  # noqa: S608
        " where r.state in (select value from json_each(?))",
        (json.dumps(sorted(states)),),
    )
    found = (StateRule(*row) for row in rows)
    return {(rule.state, rule.profession): rule for rule in found}


def certifications(
    connection: sqlite3.Connection, practitioners: Iterable[str]
) -> dict[str, tuple[Certification, ...]]:
    """By practitioner id: what is said of each, the last seen first, each statement of a source
    once, however many of its entries repeat it."""
    found: dict[str, dict[tuple[object, ...], Certification]] = {}
    for row in _rows(
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


def profile(connection: sqlite3.Connection, practitioner_id: str) -> Profile | Moved | None:
    """All about one practitioner; Moved for an id that was merged or withdrawn; None if unknown."""
    rows = _rows(
        connection,
        f"select {_columns(Practitioner, 'p')} from practitioner p where p.id = ?",  # noqa: S608
        (practitioner_id,),
    )
    if not rows:
        moved = _rows(
            connection,
            "select practitioner_id from practitioner_alias where old_id = ?",
            (practitioner_id,),
        )
        return Moved(moved[0][0]) if moved else None
    person = Practitioner(*rows[0])
    locations = tuple(
        Location(*row)
        for row in _rows(
            connection,
            f"select {_columns(Location, 'l')} from location l where l.practitioner_id = ?"  # noqa: S608
            " order by l.last_seen desc, l.id",
            (practitioner_id,),
        )
    )
    listings = tuple(
        SeenListing(*row)
        for row in _rows(
            connection,
            "select l.id, l.source_id, s.title, s.publisher, l.printed_name,"
            " l.printed_credentials, l.printed_practice, l.printed_address, l.printed_phone,"
            " l.printed_certification, l.profile_url, l.seen_url, l.status, l.first_seen,"
            " l.last_seen, l.changed_at, l.confirmed_at, s.next_due"
            " from listing l join source s on s.id = l.source_id"
            " where l.practitioner_id = ? order by l.last_seen desc, l.id",
            (practitioner_id,),
        )
    )
    states = sorted({place.state for place in locations if place.state})
    rules = tuple(state_rules(connection, states, person.profession))
    unruled = set(states) - {rule.state for rule in rules} if person.profession else set()
    return Profile(
        person,
        locations,
        listings,
        certifications(connection, [practitioner_id]).get(practitioner_id, ()),
        rules,
        tuple(_state_names(connection, unruled)),
        registry(connection, practitioner_id),
        tuple(_state_names(connection, states)),
    )


def _state_names(connection: sqlite3.Connection, codes: Iterable[str]) -> list[str]:
    rows = _rows(
        connection,
        "select name from state where code in (select value from json_each(?)) order by name",
        (json.dumps(list(codes)),),
    )
    return [str(name) for (name,) in rows]


def registry(connection: sqlite3.Connection, practitioner_id: str) -> Registry | None:
    """What the federal registry says of a practitioner; None where nobody looked."""
    rows = _rows(
        connection,
        "select r.result, r.npi, r.profession, coalesce(s.name, r.state), r.checked_on"
        " from registry r left join state s on s.code = r.state where r.practitioner_id = ?",
        (practitioner_id,),
    )
    return Registry(*rows[0]) if rows else None


def state_rules(
    connection: sqlite3.Connection, states: Iterable[str], profession: str | None
) -> list[StateRule]:
    """The rules of these states for the profession, by state; none for an unknown profession."""
    if profession is None:
        return []
    return [
        StateRule(*row)
        for row in _rows(
            connection,
            f"select {_columns(StateRule, 'r')} from state_rule r where r.profession = ?"  # noqa: S608
            " and r.state in (select value from json_each(?)) order by r.state",
            (profession, json.dumps(list(states))),
        )
    ]


def sources(connection: sqlite3.Connection) -> list[Source]:
    """Every source, those with published listings first, then by title."""
    return [
        Source(*row)
        for row in _rows(
            connection,
            f"select {_columns(Source, 's')} from source s"  # noqa: S608
            " order by s.listings = 0, s.title collate nocase, s.id",
        )
    ]
