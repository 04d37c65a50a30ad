"""What persons decide about pairs of listings: the queue of questions, decisions, taking back.

Decisions are kept, never overwritten: the newest that has not been taken back counts. Matching
keeps to them in every rerun.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from sqlite_utils import Database

from db.people import RULE, Decision
from db.stored_listing import listing_from_dicts
from records.listing import Listing

JUDGEMENTS = ("same", "different", "cannot_tell")


class NoSuchListing(Exception):
    """The store has no listing of that id."""


class NothingDecided(Exception):
    """There is no decision of a person about that pair that could be taken back."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One listing of a question, and the practitioner it stands under now, if any yet."""

    listing: Listing
    practitioner_id: str | None
    status: str
    last_seen: str


class Compared(NamedTuple):
    """One field of a question: what either listing says, '' where nothing."""

    label: str
    one: str
    other: str


_FIELDS: dict[str, Callable[[Entry], str | None]] = {
    "listing": lambda one: one.listing.id,
    "name": lambda one: one.listing.name,
    "credentials": lambda one: ", ".join(one.listing.clean.credentials),
    "practice": lambda one: one.listing.clean.practice,
    "street": lambda one: one.listing.clean.street,
    "town": lambda one: _joined(
        one.listing.clean.city, one.listing.clean.state, one.listing.clean.postcode
    ),
    "phone": lambda one: one.listing.clean.phone,
    "e-mail": lambda one: one.listing.clean.email,
    "website": lambda one: one.listing.clean.website,
    "profile": lambda one: one.listing.profile_url or one.listing.seen_url,
    "last seen": lambda one: f"{one.last_seen} ({one.status})",
    "practitioner": lambda one: one.practitioner_id,
}


def side_by_side(db: Database, one: str, other: str) -> list[Compared]:
    """What two listings say, field by field, without those that neither fills. Raises
    NoSuchListing."""
    left, right = entry(db, one), entry(db, other)
    rows = (Compared(label, read(left) or "", read(right) or "") for label, read in _FIELDS.items())
    return [row for row in rows if row.one or row.other]


def questions(db: Database) -> list[Decision]:
    """The pairs that wait for a person, the likeliest to be one person first.

    One question for two practitioners, however many of their listings raise it; none about
    retired listings, none where a person has already spoken about these two practitioners, and
    none within one practitioner.
    """
    rows = db.conn.execute(
        """
        with home as (
            select listing_id, practitioner_id from membership join listing on id = listing_id
            where status <> 'retired'
        ),
        spoken as (
            select l.practitioner_id as one, r.practitioner_id as other from match_decision
            join membership l on l.listing_id = "left" join membership r on r.listing_id = "right"
            where "by" <> :rule and deleted_at is null
        )
        select "left", "right", judgement, score, evidence, "by", created_at,
            min(l.practitioner_id, r.practitioner_id), max(l.practitioner_id, r.practitioner_id)
        from match_decision
        join home l on l.listing_id = "left" join home r on r.listing_id = "right"
        where judgement = 'cannot_tell' and "by" = :rule and deleted_at is null
        and l.practitioner_id <> r.practitioner_id
        and not exists (
            select 1 from spoken where (one = l.practitioner_id and other = r.practitioner_id)
            or (one = r.practitioner_id and other = l.practitioner_id)
        )
        order by score desc, "left", "right"
        """,
        {"rule": RULE},
    )
    found: dict[tuple[str, str], Decision] = {}
    for row in rows:
        found.setdefault(row[7:], Decision(*row[:7]))
    return list(found.values())


def entry(db: Database, listing_id: str) -> Entry:
    """One listing with what is known of it. Raises NoSuchListing."""
    row = db.conn.execute(
        "select printed, clean, practitioner_id, status, last_seen from listing"
        " left join membership on listing_id = id where id = ?",
        (listing_id,),
    ).fetchone()
    if row is None:
        raise NoSuchListing(f"no listing has the id {listing_id}")
    return Entry(listing_from_dicts(json.loads(row[0]), json.loads(row[1])), *row[2:])


def rule_says(db: Database, one: str, other: str) -> Decision | None:
    """What matching said of the pair, or None where it never compared them."""
    row = db.conn.execute(
        'select "left", "right", judgement, score, evidence, "by", created_at from match_decision'
        ' where "left" = ? and "right" = ? and "by" = ?',
        (*sorted((one, other)), RULE),
    ).fetchone()
    return Decision(*row) if row else None


def decide_pair(  # noqa: PLR0913
    db: Database, one: str, other: str, judgement: str, *, by: str, reason: str, at: str
) -> Decision:
    """Write down what `by` decided about two listings, and why. Matching follows it when it runs.

    `at` is UTC, ISO 8601. The order of the listings does not matter. Raises NoSuchListing, and
    ValueError when both are one listing, when the judgement is none of JUDGEMENTS, and when `by`
    or `reason` is empty or `by` is the rule's own name.
    """
    if one == other:
        raise ValueError("a listing is always the same as itself")
    if judgement not in JUDGEMENTS:
        raise ValueError(f"{judgement} is no judgement")
    if not by.strip() or by == RULE or not reason.strip():
        raise ValueError("say who decides, and why")
    left, right = sorted((one, other))
    for key in (left, right):
        entry(db, key)
    score = {"same": 1.0, "different": 0.0}.get(judgement, 0.5)
    made = Decision(left, right, judgement, score, reason, by, at)
    with db.atomic():
        db.conn.execute(
            'insert into match_decision ("left", "right", judgement, score, evidence, "by",'
            " created_at) values (?, ?, ?, ?, ?, ?, ?)",
            (left, right, judgement, score, reason, by, at),
        )
    return made


def take_back(db: Database, one: str, other: str, *, at: str) -> Decision:
    """Take back the newest decision of a person about the pair; the one before it counts again.

    It stays in the table with `deleted_at`. Returns it; raises NothingDecided.
    """
    with db.atomic():
        row = db.conn.execute(
            'select id, "left", "right", judgement, score, evidence, "by", created_at'
            ' from match_decision where "left" = ? and "right" = ? and "by" <> ?'
            " and deleted_at is null order by created_at desc, id desc limit 1",
            (*sorted((one, other)), RULE),
        ).fetchone()
        if row is None:
            raise NothingDecided(f"nobody has decided about {one} and {other}")
        db.conn.execute("update match_decision set deleted_at = ? where id = ?", (at, row[0]))
    return Decision(*row[1:])


def decided(db: Database, most: int = 20) -> list[Decision]:
    """What persons have decided and not taken back, the newest first."""
    rows = db.conn.execute(
        'select "left", "right", judgement, score, evidence, "by", created_at from match_decision'
        ' where "by" <> ? and deleted_at is null order by created_at desc, id desc limit ?',
        (RULE, most),
    )
    return [Decision(*row) for row in rows]


def _joined(*parts: str | None) -> str:
    return ", ".join(part for part in parts if part)
