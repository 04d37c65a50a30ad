"""What checking with the federal register left in the working store, and whom to check."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlite_utils import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryMatch:
    """The outcome for one practitioner; `npi` and the facts after it only where it is the same."""

    practitioner_id: str
    judgement: str
    """same, cannot_tell or not_found."""
    evidence: str
    checked_on: str
    """The day the register was asked, or of the file; ISO 8601."""
    checked_with: str
    """api, or the name of the file."""
    npi: str | None = None
    taxonomy: str | None = None
    profession: str | None = None
    state: str | None = None
    updated_on: str | None = None
    """The day the register last changed the entry."""


_COLUMNS = tuple(RegistryMatch.__slots__)


def to_check(
    db: Database, after: str = "", most: int = 5000
) -> list[tuple[str, list[tuple[dict[str, Any], dict[str, Any]]]]]:
    """The next `most` practitioners by id, each with (printed, clean) of every listing that is not
    retired. An empty list after the last one."""
    rows = db.conn.execute(
        "select practitioner_id, printed, clean from membership"
        " join listing on listing.id = listing_id where status <> 'retired'"
        " and practitioner_id in (select distinct practitioner_id from membership"
        " join listing on listing.id = listing_id"
        " where practitioner_id > ? and status <> 'retired' order by 1 limit ?)"
        " order by practitioner_id, listing.id",
        (after, most),
    )
    return list(_grouped(rows))


def longest_unchecked(
    db: Database, most: int
) -> list[tuple[str, list[tuple[dict[str, Any], dict[str, Any]]]]]:
    """`most` practitioners as `to_check` gives them: those never checked first, then the oldest."""
    rows = db.conn.execute(
        "with due as (select membership.practitioner_id as id, max(checked_on) as last"
        " from membership join listing on listing.id = listing_id"
        " left join registry_match on registry_match.practitioner_id = membership.practitioner_id"
        " where status <> 'retired' and listing.clean ->> '$.kind' is not 'practice'"
        " group by 1 order by last is not null, last, 1 limit ?)"
        " select practitioner_id, printed, listing.clean from due"
        " join membership on practitioner_id = due.id join listing on listing.id = listing_id"
        " where status <> 'retired' order by due.last is not null, due.last, due.id, listing.id",
        (most,),
    )
    return list(_grouped(rows))


def _grouped(
    rows: Iterable[Any],
) -> Iterator[tuple[str, list[tuple[dict[str, Any], dict[str, Any]]]]]:
    for key, group in groupby(rows, key=lambda row: str(row[0])):
        yield key, [(json.loads(printed), json.loads(clean)) for _, printed, clean in group]


def store_matches(db: Database, matches: Iterable[RegistryMatch]) -> None:
    """Keep these outcomes in one transaction; one for the same practitioner is replaced."""
    marks = ", ".join("?" * len(_COLUMNS))
    with db.atomic():
        db.conn.executemany(
            f"insert or replace into registry_match ({', '.join(_COLUMNS)}) values ({marks})",  # noqa: S608
            ([getattr(one, name) for name in _COLUMNS] for one in matches),
        )


def drop_unknown(db: Database) -> None:
    """Delete the outcomes of practitioners there are no longer: merged into another, or removed."""
    with db.atomic():
        db.conn.execute(
            "delete from registry_match where practitioner_id not in"
            " (select practitioner_id from membership)"
        )


def stored_matches(db: Database) -> Iterator[RegistryMatch]:
    """Every outcome, by practitioner."""
    rows = db.conn.execute(
        f"select {', '.join(_COLUMNS)} from registry_match order by practitioner_id"  # noqa: S608
    )
    return (RegistryMatch(**dict(zip(_COLUMNS, row, strict=True))) for row in rows)


def published_rows(db: Database, published: set[str]) -> Iterator[dict[str, Any]]:
    """What the public may know of the outcomes for these practitioners: the result, not who else
    came into question."""
    for one in stored_matches(db):
        if one.practitioner_id in published:
            yield {
                "practitioner_id": one.practitioner_id,
                "result": "active" if one.judgement == "same" else one.judgement,
                "npi": one.npi,
                "taxonomy": one.taxonomy,
                "profession": one.profession,
                "state": one.state,
                "updated_on": one.updated_on,
                "checked_on": one.checked_on,
            }
