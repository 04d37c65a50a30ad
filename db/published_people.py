"""Who may be published: practitioners of the working store with their listings, without e-mail."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any

from sqlite_utils import Database

from db.locations import Entry
from db.published_checks import E_MAIL
from db.stored_listing import clean_from_dict, listing_from_dicts
from records.factsheet import FactSheet
from records.listing import Listing

NO_MAIL = "[e-mail address left out]"


def sheets_of(db: Database) -> dict[str, FactSheet]:
    """Every source's fact sheet as of its last run, by id."""
    rows = db.conn.execute("select id, sheet from source order by id")
    return {key: FactSheet.model_validate_json(text) for key, text in rows}


def shown_sources(db: Database) -> list[str]:
    """The sources whose listings may be shown: terms accepted, not forbidden."""
    return [
        key
        for key, sheet in sheets_of(db).items()
        if sheet.terms.decision == "accepted" and sheet.status.state != "forbidden"
    ]


def unmatched(db: Database, sources: list[str]) -> int:
    """How many listings of these sources stand under no practitioner yet, retired ones left out."""
    [count] = db.conn.execute(
        "select count(*) from listing left join membership on listing_id = listing.id"
        " where listing_id is null and status <> 'retired'"
        " and source_id in (select value from json_each(?))",
        (json.dumps(sources),),
    ).fetchone()
    return int(count)


def shown_people(
    db: Database, sources: list[str], opted_out: Callable[[Listing], bool]
) -> Iterator[tuple[str, list[Entry]]]:
    """Practitioners by id, each with its listings, the most trusted first."""
    rows = db.conn.execute(
        "select practitioner_id, listing.id, source_id, run_id, printed, clean, status, first_seen,"
        ' last_seen, changed_at, latitude, longitude, "precision", point_from, point_note'
        " from membership join listing on listing.id = listing_id where status <> 'retired'"
        " and source_id in (select value from json_each(?)) order by practitioner_id, listing.id",
        (json.dumps(sources),),
    )
    for practitioner_id, group in groupby(rows, key=lambda row: str(row[0])):
        entries = [_entry(row) for row in group if not _must_not_be_shown(row, opted_out)]
        if not entries:
            continue
        # Sorting keeps the order of equals: the best filled first, then the last seen, then by id.
        entries.sort(key=lambda entry: entry.last_seen, reverse=True)
        yield practitioner_id, sorted(entries, key=_trust)


def _must_not_be_shown(row: tuple[Any, ...], opted_out: Callable[[Listing], bool]) -> bool:
    return opted_out(listing_from_dicts(json.loads(row[4]), json.loads(row[5])))


def _entry(row: tuple[Any, ...]) -> Entry:
    printed = {key: without_mail(value) for key, value in json.loads(row[4]).items()}
    clean = clean_from_dict({key: without_mail(value) for key, value in json.loads(row[5]).items()})
    # The columns hold what geocoding found since.
    clean.latitude, clean.longitude, clean.precision, clean.point_from, clean.point_note = row[10:]
    clean.email = None
    return Entry(row[1], row[2], row[3], printed, clean, row[6], row[7], row[8], row[9])


def without_mail(value: Any) -> Any:
    """A value as it may be published: a text has NO_MAIL in place of every e-mail address."""
    return E_MAIL.sub(NO_MAIL, value) if isinstance(value, str) else value


def _trust(entry: Entry) -> tuple[bool, int]:
    clean = entry.clean
    filled = sum(
        bool(getattr(clean, key))
        for key in ("given", "family", "credentials", "practice", "street", "postcode", "phone")
    )
    return entry.status != "listed", -filled
