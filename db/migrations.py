"""The working store's tables, one numbered migration each; never edited once released.

From the eighth on: what was measured, and what persons asked and answered.
"""

from __future__ import annotations

from sqlite_utils import Database

from db.migrations_listings import schema


def bring_up_to_date(db: Database) -> None:
    """Apply the migrations that the working store has not had yet."""
    schema.apply(db)


@schema()
def m0008_measuring(db: Database) -> None:
    """How good each release was, and what checking links and entries gave."""
    # The newest release of a day stands for it; `method` tells apart what was counted otherwise.
    db.execute(
        """
        create table quality_history (
            day text not null, goal text not null, part text not null, method text not null,
            numerator integer not null, denominator integer not null,
            primary key (goal, part, day)
        ) strict
        """
    )
    # Of the address only a hash is kept, and who is forgotten takes the checks along.
    db.execute(
        """
        create table link_check (
            hash text primary key,
            listing_id text references listing(id) on delete cascade,
            answer text not null, -- 2xx | 3xx | 4xx | 5xx | none | not_asked
            status integer,
            failures integer not null, -- checks in a row without an answer of 2xx or 3xx
            checked_at text not null
        ) strict
        """
    )
    db.execute(
        """
        create table hand_check (
            listing_id text not null references listing(id) on delete cascade,
            other_id text references listing(id) on delete cascade, -- of a pair
            field text not null,
            answer text not null, -- right | wrong | cannot_tell
            "by" text not null,
            checked_on text not null
        ) strict
        """
    )
    for table, column in (
        ("link_check", "listing_id"), ("hand_check", "listing_id"), ("hand_check", "other_id"),
    ):  # fmt: skip
        db.table(table).create_index([column])


@schema()
def m0009_reports(db: Database) -> None:
    """What readers report and what people ask about their own entry; never published but as counts.

    Neither the address nor the browser of whoever wrote is kept.
    """
    db.table("report").create(
        {
            "id": int,
            "reference": str,
            "kind": str,  # wrong | removal | correction | site
            "practitioner_id": str,  # empty for the site and for who was forgotten
            "location_id": int,  # of the release it was written about
            "place": str,  # the same in words
            "what": str,
            "message": str,
            "reply_to": str,  # until it is closed
            "status": str,  # open | answered | closed
            "created_at": str,
            "first_answer_at": str,
            "closed_at": str,
            "answer": str,
            "answered_by": str,
        },
        pk="id",
        not_null={
            "reference",
            "kind",
            "practitioner_id",
            "what",
            "message",
            "status",
            "created_at",
        },
        strict=True,
    )
    db.table("report").create_index(["reference"], unique=True)
    db.table("report").create_index(["status"])
    db.table("report").create_index(["practitioner_id"])


@schema()
def m0010_points_decided(db: Database) -> None:
    """What persons decided about places in doubt, and since when a link has failed."""
    db.table("point_decision").create(
        {
            "id": int,
            "listing_id": str,
            "about": str,  # coordinates and address as printed when it was decided
            "answer": str,  # printed | used | none
            "reason": str,
            "by": str,
            "created_at": str,
            "deleted_at": str,
        },
        pk="id",
        not_null={"listing_id", "about", "answer", "reason", "by", "created_at"},
        strict=True,
    )
    db.table("point_decision").create_index(["listing_id"])
    db.table("link_check").add_column("failing_since", str)
    # The first failure was not kept; the last one is what is known.
    db.execute("update link_check set failing_since = checked_at where failures > 0")
