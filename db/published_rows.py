"""Rows of the public tables, made from the working store: what a reader may know of each thing."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlite_utils import Database

from db.freshness import STATEMENT_DAYS, cutoff
from db.gazetteer_file import REFERENCE
from db.locations import Entry
from db.published_people import without_mail
from db.status import due_on
from records.factsheet import FactSheet
from records.listing import Clean

_NAMELESS = "(no name printed)"

_PRINTED = (
    "name", "credentials", "practice", "phone", "website", "certification", "latitude", "longitude",
)  # fmt: skip
_ADDRESS_PARTS = ("street", "street2", "city", "state", "postcode", "country")


def practitioner_row(number: int, practitioner_id: str, entries: list[Entry]) -> dict[str, Any]:
    """A practitioner from its listings, the most trusted first. `number` orders the table."""
    kind = "person" if any(one.clean.kind == "person" for one in entries) else "practice"
    named = [one for one in entries if one.clean.kind == kind]
    first = next((one.clean for one in named if one.clean.name), Clean())
    names = (_name_of(one) for one in named)
    letters = dict.fromkeys(letter for one in named for letter in one.clean.credentials)
    professions = (one.clean.profession for one in named)
    return {
        "rowid": number,
        "id": practitioner_id,
        "kind": kind,
        "name": next((name for name in names if name), _NAMELESS),
        "given": first.given if kind == "person" else None,
        "family": first.family if kind == "person" else None,
        "credentials": ", ".join(letters) or None,
        "profession": next((one for one in professions if one), None),
        "listings": len(entries),
        "sources": len({one.source_id for one in entries}),
        "first_seen": min(one.first_seen for one in entries),
        "last_seen": max(one.last_seen for one in entries),
        "changed_at": max((one.changed_at for one in entries if one.changed_at), default=None),
    }


def _name_of(entry: Entry) -> str | None:
    clean = entry.clean
    if clean.kind == "practice":
        return clean.practice or clean.name or entry.printed.get("name")
    return clean.name or entry.printed.get("name")


def listing_row(
    entry: Entry, practitioner_id: str, location_id: int, confirmed_on: str | None
) -> dict[str, Any]:
    """A listing as printed. `confirmed_on` is the day its practice last confirmed it, if ever."""
    printed = entry.printed
    if confirmed_on and entry.changed_at and entry.changed_at[:10] > confirmed_on:
        confirmed_on = None  # it says something else by now
    parts = (printed.get(key) for key in _ADDRESS_PARTS)
    address = printed.get("address") or ", ".join(part for part in parts if part)
    return {
        "id": entry.id,
        "source_id": entry.source_id,
        "practitioner_id": practitioner_id,
        "location_id": location_id,
        "run_id": entry.run_id,
        **{f"printed_{key}": printed.get(key) for key in _PRINTED},
        "printed_address": address or None,
        "profile_url": printed.get("profile_url"),
        "seen_url": printed["seen_url"],
        "status": entry.status,
        "first_seen": entry.first_seen,
        "last_seen": entry.last_seen,
        "changed_at": entry.changed_at,
        "confirmed_at": confirmed_on,
    }


def certification_rows(
    db: Database, people: list[tuple[str, list[Entry]]], sheets: dict[str, FactSheet]
) -> Iterator[dict[str, Any]]:
    """What each listing says of certificates, in the issuer's own words."""
    # What an entry says of a certificate today it may not have said when it was first seen.
    since: dict[str, str] = dict(
        db.conn.execute(
            "select listing_id, max(started_at) from listing_event join run on run.id = run_id"
            " where kind = 'changed' and field = 'certification' and taken_back_at is null"
            " group by listing_id"
        )
    )
    number = 0
    for practitioner_id, entries in people:
        for entry in entries:
            facts = sheets[entry.source_id].certification
            for certified in entry.clean.certified:
                number += 1
                yield {
                    "id": number,
                    "practitioner_id": practitioner_id,
                    "listing_id": entry.id,
                    "source_id": entry.source_id,
                    "issuer": certified.issuer,
                    "label": certified.label,
                    "level": certified.level,
                    "meaning": without_mail(facts.meaning),
                    "evidence_url": without_mail(facts.evidence_url),
                    "first_seen": since.get(entry.id, entry.first_seen),
                    "seen": entry.last_seen,
                }


def alias_rows(db: Database, published: set[str]) -> Iterator[dict[str, Any]]:
    """Ids that were given once: where they lead now, or nowhere when nobody is shown any more."""
    rows = db.conn.execute(
        "select old_id, new_id, since from practitioner_alias union all"
        " select practitioner.id, null, coalesce(max(last_seen), minted_at) from practitioner"
        " left join membership on practitioner_id = practitioner.id"
        " left join listing on listing.id = listing_id"
        " where practitioner.id not in (select old_id from practitioner_alias)"
        " group by practitioner.id order by 1"
    )
    for old_id, new_id, since in rows:
        if old_id not in published:
            now = new_id if new_id in published else None
            yield {"old_id": old_id, "practitioner_id": now, "since": since}


def run_rows(db: Database) -> Iterator[dict[str, Any]]:
    """Every run of every source, without its private statistics."""
    for row in db.query("select * from run order by started_at, id"):
        del row["stats"]
        yield {key: without_mail(value) for key, value in row.items()}


def source_rows(
    db: Database, sheets: dict[str, FactSheet], counts: Counter[str]
) -> Iterator[dict[str, Any]]:
    """Every source as of its last run. `counts` is how many of its listings are published."""
    rows = db.query(
        "select source.id, source.directory_url, source.platform, last.verdict,"
        " last.reason as verdict_reason, good.started_at as data_as_of,"
        " last.started_at as last_attempt from source"
        " left join run last on last.id = last_run_id"
        " left join run good on good.id = last_good_run_id order by source.id"
    )
    for found in rows:
        sheet = sheets[found["id"]]
        facts, terms = sheet.certification, sheet.terms
        row = {
            **found,
            "title": sheet.title,
            "publisher": sheet.publisher.name,
            "publisher_url": sheet.publisher.url,
            "home_url": sheet.home_url,
            "directory_url": found["directory_url"] or sheet.directory_url,
            "platform": found["platform"] or (None if sheet.platform == "auto" else sheet.platform),
            "issuer": facts.issuer,
            "label": facts.label,
            "meaning": facts.meaning,
            "evidence_url": facts.evidence_url,
            "professions": ", ".join(sheet.professions) or None,
            "countries": ", ".join(sheet.coverage.countries),
            "status": sheet.status.state,
            "status_reason": sheet.status.reason,
            "terms_url": terms.url,
            "terms_checked_on": terms.checked_on.isoformat() if terms.checked_on else None,
            "terms_decision": terms.decision,
            "next_due": due_on(sheet, found["last_attempt"], found["verdict"]),
            "listings": counts[sheet.id],
            "sample": int(sheet.sample),
        }
        yield {key: without_mail(value) for key, value in row.items()}


def insurance_rows(built_at: str) -> Iterator[dict[str, Any]]:
    """What payers say, as far as somebody checked it lately enough before the build."""
    last_checked = cutoff(built_at, STATEMENT_DAYS)[:10]
    for row in reference_rows("insurance_rules.csv"):
        if (row["checked_on"] or "") > last_checked:
            yield row


def reference_rows(name: str) -> Iterator[dict[str, Any]]:
    """A table that ships with the project, by file name; an empty cell is None."""
    with (REFERENCE / name).open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            yield {key: value or None for key, value in row.items()}
