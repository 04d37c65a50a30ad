"""What matching reads from the working store and leaves there: decisions, people, their ids."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlite_utils import Database

RULE = "rule"
"""Who decides automatically. Decisions by anybody else are a person's and outlive every rerun."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A judgement on a pair of listings; `left` sorts before `right`."""

    left: str
    right: str
    judgement: str
    score: float
    evidence: str
    by: str
    created_at: str


@dataclass(slots=True)
class People:
    """Practitioners: who belongs to whom, and every id there ever was."""

    membership: dict[str, str] = field(default_factory=dict)
    """Listing id -> practitioner id."""
    minted: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Practitioner id -> (the listing it was made from, when)."""
    aliases: dict[str, tuple[str | None, str]] = field(default_factory=dict)
    """Former id -> (the id to use now or None, since when)."""


def stored_listings(
    db: Database,
) -> Iterator[tuple[str, dict[str, Any], dict[str, Any], str]]:
    """(id, printed, clean, first_seen) of every listing, retired ones too: who comes back keeps
    the id."""
    rows = db.conn.execute("select id, printed, clean, first_seen from listing order by id")
    for key, printed, clean, first_seen in rows:
        yield key, json.loads(printed), json.loads(clean), first_seen


def human_decisions(db: Database) -> list[Decision]:
    """The decisions of persons that have not been taken back, the oldest first."""
    rows = db.conn.execute(
        'select "left", "right", judgement, score, evidence, "by", created_at from match_decision'
        ' where "by" <> ? and deleted_at is null order by created_at, id',
        (RULE,),
    )
    return [Decision(*row) for row in rows]


def known_people(db: Database) -> People:
    """The practitioners as the last matching left them."""
    execute = db.conn.execute
    return People(
        dict(execute("select listing_id, practitioner_id from membership")),
        {row[0]: row[1:] for row in execute("select id, minted_from, minted_at from practitioner")},
        {
            row[0]: row[1:]
            for row in execute("select old_id, new_id, since from practitioner_alias")
        },
    )


def store_people(db: Database, people: People, decisions: Iterable[Decision]) -> None:
    """Replace memberships, aliases and the automatic decisions; practitioners are only added.

    Leaves the transaction to the caller.
    """
    execute, many = db.conn.execute, db.conn.executemany
    execute('delete from match_decision where "by" = ?', (RULE,))
    many(
        'insert into match_decision ("left", "right", judgement, score, evidence, "by", created_at)'
        " values (?, ?, ?, ?, ?, ?, ?)",
        (
            (one.left, one.right, one.judgement, one.score, one.evidence, one.by, one.created_at)
            for one in decisions
        ),
    )
    many(
        "insert or ignore into practitioner (id, minted_from, minted_at) values (?, ?, ?)",
        ((key, *values) for key, values in sorted(people.minted.items())),
    )
    execute("delete from membership")
    many("insert into membership values (?, ?)", sorted(people.membership.items()))
    execute("delete from practitioner_alias")
    many(
        "insert into practitioner_alias values (?, ?, ?)",
        ((key, *values) for key, values in sorted(people.aliases.items())),
    )
