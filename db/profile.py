"""Everything published about one practitioner, or where the practitioner's id went.

Times are UTC, ISO 8601.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from db.plain_rows import columns, plain_rows
from db.practitioners import Certification, Location, Practitioner, certifications
from db.state_rules import StateRule, state_rules


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


def profile(connection: sqlite3.Connection, practitioner_id: str) -> Profile | Moved | None:
    """All about one practitioner; Moved for an id that was merged or withdrawn; None if unknown."""
    rows = plain_rows(
        connection,
        f"select {columns(Practitioner, 'p')} from practitioner p where p.id = ?",  # noqa: S608
        (practitioner_id,),
    )
    if not rows:
        moved = plain_rows(
            connection,
            "select practitioner_id from practitioner_alias where old_id = ?",
            (practitioner_id,),
        )
        return Moved(moved[0][0]) if moved else None
    person = Practitioner(*rows[0])
    locations = tuple(
        Location(*row)
        for row in plain_rows(
            connection,
            f"select {columns(Location, 'l')} from location l where l.practitioner_id = ?"  # noqa: S608
            " order by l.last_seen desc, l.id",
            (practitioner_id,),
        )
    )
    listings = tuple(
        SeenListing(*row)
        for row in plain_rows(
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
        _registry(connection, practitioner_id),
        tuple(_state_names(connection, states)),
    )


def _state_names(connection: sqlite3.Connection, codes: Iterable[str]) -> list[str]:
    rows = plain_rows(
        connection,
        "select name from state where code in (select value from json_each(?)) order by name",
        (json.dumps(list(codes)),),
    )
    return [str(name) for (name,) in rows]


def _registry(connection: sqlite3.Connection, practitioner_id: str) -> Registry | None:
    """What the federal registry says of a practitioner; None where nobody looked."""
    rows = plain_rows(
        connection,
        "select r.result, r.npi, r.profession, coalesce(s.name, r.state), r.checked_on"
        " from registry r left join state s on s.code = r.state where r.practitioner_id = ?",
        (practitioner_id,),
    )
    return Registry(*rows[0]) if rows else None
