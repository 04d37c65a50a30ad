"""What persons found who compared published listings, or judged joined pairs, by hand."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from sqlite_utils import Database

Answer = Literal["right", "wrong", "cannot_tell"]
ANSWERS: tuple[Answer, ...] = ("right", "wrong", "cannot_tell")

#: What a pair is judged by: whether joining it was right.
JOINED = "joined"
#: Only the practice itself can say so; the others can be compared with the source's page.
OFFERS = "offers"
#: Fields of a listing to compare, as in the public table: field -> its column there.
FIELDS = {
    "name": "printed_name",
    "credentials": "printed_credentials",
    "practice": "printed_practice",
    "address": "printed_address",
    "phone": "printed_phone",
    "website": "printed_website",
    "certification": "printed_certification",
}

_PRINTED = ", ".join(FIELDS.values())
_PAIRS = """
select one.id, other.id from listing one
join listing other on other.practitioner_id = one.practitioner_id and other.id > one.id
order by one.id, other.id
"""


@dataclass(frozen=True, slots=True)
class HandCheck:
    """One answer of a person."""

    listing_id: str
    other_id: str | None
    """The other listing of a joined pair; None where one listing was compared."""
    field: str
    """JOINED for a pair, else one of FIELDS or OFFERS."""
    answer: Answer


@dataclass(frozen=True, slots=True)
class Printed:
    """A published listing as a worksheet shows it."""

    id: str
    url: str
    """Its own page, or the page that printed it."""
    fields: dict[str, str]
    """Field of FIELDS -> as printed, '' where nothing is."""


def sample_pairs(
    public: sqlite3.Connection, count: int, seed: int
) -> list[tuple[Printed, Printed]]:
    """A random sample of the pairs of listings published as one person; the same for a seed and a
    release. All of them where there are no more than `count`."""
    pairs = public.execute(_PAIRS).fetchall()
    return [(_printed(public, a), _printed(public, b)) for a, b in _some(pairs, count, seed)]


def sample_listings(public: sqlite3.Connection, count: int, seed: int) -> list[Printed]:
    """A random sample of the published listings; the same for a seed and a release."""
    ids = [key for (key,) in public.execute("select id from listing order by id")]
    return [_printed(public, key) for key in _some(ids, count, seed)]


def _some(everything: list[Any], count: int, seed: int) -> list[Any]:
    # No secret: anybody may draw the same sample again.
    return random.Random(seed).sample(everything, min(count, len(everything)))


def _printed(public: sqlite3.Connection, listing_id: str) -> Printed:
    key, url, *values = public.execute(
        f"select id, coalesce(profile_url, seen_url), {_PRINTED}"  # noqa: S608 - our own names
        " from listing where id = ?",
        (listing_id,),
    ).fetchone()
    return Printed(key, url, dict(zip(FIELDS, (value or "" for value in values), strict=True)))


def known(db: Database, listing_id: str) -> bool:
    """Whether the working store has a listing of that id."""
    row = db.conn.execute("select 1 from listing where id = ?", (listing_id,)).fetchone()
    return row is not None


def keep_hand_checks(db: Database, checks: Iterable[HandCheck], by: str, day: str) -> None:
    """Store what `by` answered on `day` (ISO 8601), each instead of an older answer to the same.

    All or, when one names a listing the store does not have, none: sqlite3.IntegrityError.
    """
    with db.atomic():
        for one in checks:
            key = (one.listing_id, one.other_id, one.field)
            db.conn.execute(
                "delete from hand_check where listing_id = ? and other_id is ? and field = ?", key
            )
            db.conn.execute(
                'insert into hand_check (listing_id, other_id, field, answer, "by", checked_on)'
                " values (?, ?, ?, ?, ?, ?)",
                (*key, one.answer, by, day),
            )


def published_hand_checks(db: Database, public: sqlite3.Connection) -> Iterator[dict[str, Any]]:
    """Rows of the public table `hand_check`: answers about listings that stand in `public`, without
    the name of who answered."""
    there = {key for (key,) in public.execute("select id from listing")}
    rows = db.conn.execute(
        "select listing_id, other_id, field, answer, checked_on from hand_check"
        " order by listing_id, other_id, field"
    )
    for row in rows:
        if row[0] in there and (row[1] is None or row[1] in there):
            names = ("listing_id", "other_id", "field", "answer", "checked_on")
            yield dict(zip(names, row, strict=True))


def confirmed(db: Database) -> dict[str, str]:
    """Listing -> the day its practice said that it is right: it offers dry needling, and no field
    was found wrong."""
    rows = db.conn.execute(
        "select listing_id, max(checked_on) from hand_check where other_id is null"
        " group by listing_id having sum(field = ? and answer = 'right')"
        " and not sum(answer = 'wrong')",
        (OFFERS,),
    )
    return dict(rows.fetchall())
