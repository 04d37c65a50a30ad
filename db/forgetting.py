"""Taking a person out for good: hashes stay, so that no later crawl brings the person back; the
listing, its history and every copy of it in a held run go.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlite_utils import Database

from db.accepted_runs import forget_in_accepted
from db.packing import pack, unpack
from db.reports import blank_reports
from db.stored_listing import listing_from_dicts
from records.listing import Listing

Refused = Callable[[Listing], bool]


class NobodyOfThatId(Exception):
    """The store has no listing or practitioner of that id."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was taken out."""

    listings: int
    hashes: int
    held_runs: int
    """Held runs that had to be written anew without the person."""


def listings_of(db: Database, some_id: str) -> list[Listing]:
    """The listings behind the id of a listing or of a practitioner (a former id, too).

    Raises NobodyOfThatId when there are none.
    """
    rows = db.conn.execute(
        "select printed, clean from listing where id = :id or id in (select listing_id"
        " from membership where practitioner_id = coalesce("
        "(select new_id from practitioner_alias where old_id = :id), :id)) order by id",
        {"id": some_id},
    )
    found = [listing_from_dicts(json.loads(row[0]), json.loads(row[1])) for row in rows]
    if not found:
        raise NobodyOfThatId(f"no listing and no practitioner has the id {some_id}")
    return found


def opted_out_hashes(db: Database) -> frozenset[str]:
    """The hashes of everybody who must not be shown."""
    return frozenset(key for (key,) in db.conn.execute("select hash from suppression"))


def forget(
    db: Database,
    listings: Iterable[Listing],
    hashes: dict[str, str],
    refused: Callable[[frozenset[str]], Refused],
    since: str,
) -> Forgotten:
    """Take these listings out, and all others that the opt-out covers, and remember the opt-out.

    `hashes` is hash -> what it is a hash of; nothing readable may be in it. `refused`, given
    hashes, returns the test that the pipelines apply to a listing: what they would turn away
    tomorrow is deleted today. What readers wrote about the person goes as well. One transaction;
    afterwards the file is rewritten so that no freed page holds anything.
    """
    turned_away = refused(frozenset(hashes))
    gone = {one.id for one in listings}
    with db.atomic():
        db.conn.executemany(
            "insert or ignore into suppression (hash, what, since) values (?, ?, ?)",
            ((key, what, since) for key, what in sorted(hashes.items())),
        )
        for key, printed, clean in db.conn.execute("select id, printed, clean from listing"):
            if turned_away(listing_from_dicts(json.loads(printed), json.loads(clean))):
                gone.add(key)
        these = json.dumps(sorted(gone))
        blank_reports(db, _ids_of(db, these), since)
        for table, column in (
            ("membership", "listing_id"),
            ("listing_event", "listing_id"),
            ("match_decision", '"left"'),
            ("match_decision", '"right"'),
            ("point_decision", "listing_id"),
            ("listing", "id"),
        ):
            db.conn.execute(
                f"delete from {table} where {column} in"  # noqa: S608 - our own names
                " (select value from json_each(?))",
                (these,),
            )
        db.conn.execute(
            "delete from registry_match where practitioner_id not in"
            " (select practitioner_id from membership)"
        )
        # A directory's own id is often the name.
        db.conn.execute(
            "update practitioner set minted_from = ''"
            " where minted_from in (select value from json_each(?))",
            (these,),
        )
        rewritten = _clean_held(db, gone, turned_away)
        forget_in_accepted(db, lambda one: one.id in gone or turned_away(one))
    db.conn.execute("vacuum")
    return Forgotten(len(gone), len(hashes), rewritten)


def _ids_of(db: Database, listing_ids: str) -> list[str]:
    """The ids, also the former ones, of the practitioners behind a JSON list of listings."""
    rows = db.conn.execute(
        "with gone as (select practitioner_id as id from membership"
        " where listing_id in (select value from json_each(?)))"
        " select id from gone union select old_id from practitioner_alias join gone on new_id = id",
        (listing_ids,),
    )
    return [one for (one,) in rows]


def _clean_held(db: Database, gone: set[str], turned_away: Refused) -> int:
    rewritten = 0
    for run_id, packed in db.conn.execute("select run_id, bundle from held_run").fetchall():
        bundle = unpack(packed)
        kept = [one for one in bundle.listings if one.id not in gone and not turned_away(one)]
        if len(kept) < len(bundle.listings):
            bundle.listings = kept
            db.conn.execute(
                "update held_run set bundle = ? where run_id = ?", (pack(bundle), run_id)
            )
            rewritten += 1
    return rewritten
