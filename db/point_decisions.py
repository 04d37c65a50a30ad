"""What persons decide about places in doubt: the questions, decisions, taking back.

Decisions are kept, never overwritten: the newest that has not been taken back counts, as long as
the directory prints the same coordinates and address. Once it prints others, the question is new.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

from sqlite_utils import Database

from db.review import NoSuchListing, NothingDecided
from db.stored_listing import listing_from_dicts
from records.listing import Listing

PointAnswer = Literal["printed", "used", "none"]
"""The printed point is right; the one used instead is; neither is, so no point is shown."""

_PLACE = ("latitude", "longitude", "address", "street", "street2", "city", "state", "postcode")
_DECISION = 'listing_id, about, answer, reason, "by", created_at'
# `id` settles which of two of one second is the newer.
_STANDING = f"""
select {_DECISION} from point_decision one where deleted_at is null and not exists (
    select 1 from point_decision newer where newer.listing_id = one.listing_id
    and newer.deleted_at is null and (newer.created_at, newer.id) > (one.created_at, one.id)
) order by created_at desc, id desc
"""  # noqa: S608 - our own names


class Doubted(NamedTuple):
    """A listing whose printed place does not hold together, and why."""

    listing: Listing
    note: str


@dataclass(frozen=True, slots=True)
class PointDecision:
    """What a person decided about the place of one listing."""

    listing_id: str
    about: str
    """What was printed then, see `printed_place`."""
    answer: PointAnswer
    reason: str
    by: str
    created_at: str
    """UTC, ISO 8601."""


class PointDecisions:
    """The decisions that count, in memory."""

    def __init__(self, decisions: Mapping[str, PointDecision] | None = None) -> None:
        self._decisions = decisions or {}

    @classmethod
    def read(cls, connection: sqlite3.Connection) -> PointDecisions:
        """All that stand in a working.db; none where the table does not exist yet."""
        known = connection.execute(
            "select 1 from sqlite_master where type = 'table' and name = 'point_decision'"
        ).fetchone()
        return cls({one.listing_id: one for one in _standing(connection)} if known else {})

    @classmethod
    def of_file(cls, working: Path) -> PointDecisions:
        """All that stand in the working.db of that path; none where there is no such file yet."""
        if not working.exists():
            return cls()
        where = f"{working.resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(where, uri=True, timeout=30)) as opened:
            return cls.read(opened)

    def answer(self, listing_id: str, printed: Mapping[str, Any]) -> PointAnswer | None:
        """What counts for a listing that prints this, or None where nobody has decided about it."""
        found = self._decisions.get(listing_id)
        return found.answer if found and found.about == printed_place(printed) else None


def printed_place(printed: Mapping[str, Any]) -> str:
    """Coordinates and address of a printed half, as one text: while it stays, so do decisions."""
    return json.dumps([str(printed.get(name) or "") for name in _PLACE], ensure_ascii=False)


def doubted_points(db: Database) -> list[Doubted]:
    """Listings whose printed coordinates, town, state and ZIP code do not agree, and about which
    nobody has decided, by id."""
    decisions = PointDecisions.read(db.conn)
    rows = db.conn.execute(
        "select id, printed, clean, point_note from listing where point_note is not null"
        " and status <> 'retired' order by id"
    )
    found = ((key, json.loads(printed), clean, note) for key, printed, clean, note in rows)
    return [
        Doubted(listing_from_dicts(printed, json.loads(clean)), note)
        for key, printed, clean, note in found
        if decisions.answer(key, printed) is None
    ]


def decide_point(  # noqa: PLR0913
    db: Database, listing_id: str, answer: str, *, by: str, reason: str, at: str
) -> PointDecision:
    """Write down what `by` decided about the place of a listing, and why. Geocoding follows it when
    it runs.

    `at` is UTC, ISO 8601. Raises NoSuchListing, and ValueError when `answer` is no PointAnswer and
    when `by` or `reason` is empty.
    """
    if answer not in get_args(PointAnswer):
        raise ValueError(f"{answer} is no answer about a place")
    if not by.strip() or not reason.strip():
        raise ValueError("say who decides, and why")
    with db.atomic():
        row = db.conn.execute("select printed from listing where id = ?", (listing_id,)).fetchone()
        if row is None:
            raise NoSuchListing(f"no listing has the id {listing_id}")
        about = printed_place(json.loads(row[0]))
        made = PointDecision(listing_id, about, answer, reason, by, at)  # type: ignore[arg-type]
        db.conn.execute(
            f"insert into point_decision ({_DECISION}) values (?, ?, ?, ?, ?, ?)",  # noqa: S608
            (listing_id, about, answer, reason, by, at),
        )
    return made


def take_back_point(db: Database, listing_id: str, *, at: str) -> PointDecision:
    """Take back the newest decision about the place of a listing; the one before it counts again.

    It stays in the table with `deleted_at`. Returns it; raises NothingDecided.
    """
    with db.atomic():
        row = db.conn.execute(
            f"select id, {_DECISION} from point_decision where listing_id = ?"  # noqa: S608
            " and deleted_at is null order by created_at desc, id desc limit 1",
            (listing_id,),
        ).fetchone()
        if row is None:
            raise NothingDecided(f"nobody has decided about the place of {listing_id}")
        db.conn.execute("update point_decision set deleted_at = ? where id = ?", (at, row[0]))
    return PointDecision(*row[1:])


def decided_points(db: Database, most: int = 20) -> list[PointDecision]:
    """The decisions that count, the newest first."""
    return _standing(db.conn)[:most]


def _standing(connection: sqlite3.Connection) -> list[PointDecision]:
    cursor = connection.cursor()
    cursor.row_factory = None
    return [PointDecision(*row) for row in cursor.execute(_STANDING)]
