"""Publishing: the public database built fresh from the working store, checked, moved into place.

Nothing is ever edited in the served file. It holds what may be shown and nothing else: no e-mail
address, no hash of a person, nobody's decision about anybody. A failed check replaces nothing.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from db.gazetteer import REFERENCE, copy_into, ensure
from db.hand_checks import confirmed, published_hand_checks
from db.links import published_link_checks
from db.locations import Entry, grouped, location_row, morton
from db.nearest import build_density
from db.published_checks import E_MAIL, problems
from db.published_schema import SEARCH, TABLES
from db.quality import quality, store_quality
from db.quality_history import put_history, remember
from db.registry_matches import published_rows
from db.reports import report_counts
from db.status import due_on
from db.stored_listing import clean_from_dict, listing_from_dicts
from db.swap import heal, swap
from records.factsheet import FactSheet
from records.listing import Clean, Listing

NO_MAIL = "[e-mail address left out]"
_NAMELESS = "(no name printed)"

_PRINTED = (
    "name", "credentials", "practice", "phone", "website", "certification", "latitude", "longitude",
)  # fmt: skip
_ADDRESS_PARTS = ("street", "street2", "city", "state", "postcode", "country")


class PublishError(Exception):
    """The fresh database may not be served, and why. The served one is as it was."""


@dataclass(frozen=True, slots=True)
class Release:
    """What was published."""

    id: str
    """Day and count of that day: 2026-11-24.1."""
    built_at: str
    practitioners: int
    locations: int
    listings: int
    sources: int
    """Sources with published listings."""
    precision: dict[str, int]
    """Locations by precision, finest first; 'none' for those without a point."""
    sample: bool


@dataclass(slots=True)
class _Place:
    row: dict[str, Any]
    practitioner_id: str
    entries: list[Entry]
    number: int = 0


def publish(  # noqa: PLR0913 - all but the first two by name
    db: Database,
    data: Path,
    *,
    progress: Callable[[str], None] = lambda _line: None,
    now: dt.datetime | None = None,
    allow_empty: bool = False,
    opted_out: Callable[[Listing], bool] = lambda _listing: False,
) -> Release:
    """Build `data`/directory.db anew from the working store.

    Only listings of sources whose terms are accepted and that are not forbidden are published; a
    source's last good run counts, whatever came after it. `progress` is told each step in a line.
    `now` is the time written as built_at, UTC. `opted_out` says whether a listing is somebody's who
    must not be shown; such listings are left out even if one got into the store.

    Raises PublishError when listings have not been matched, when a check fails, or when the result
    would empty a served database that is not (unless `allow_empty`); SwapBusy when readers do not
    let go of the served file.
    """
    built_at = (now or dt.datetime.now(dt.UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")
    served, fresh = data / "directory.db", data / "directory.new.db"
    before = _served_release(served)
    _remove(fresh)
    try:
        progress("building")
        with closing(sqlite3.connect(fresh)) as public:
            # A file nobody else sees: without a journal it is built in half the time.
            public.execute("pragma journal_mode = off")
            public.execute("pragma synchronous = off")
            public.execute("pragma foreign_keys = off")
            people = list(_people(db, _shown(db), opted_out))
            release = _fill(db, public, people, _release_id(built_at, before), built_at)
            _index(public, ensure(data))
            with public:
                store_quality(public)
                fresh_history = put_history(db, public, quality(public))
            if not release.listings and before and before[1] and not allow_empty:
                raise PublishError(
                    f"the result would be empty but {served} holds {before[1]:,} listings"
                )
            progress("checking")
            found = problems(public)
            if found:
                rest = f" (and {len(found) - 5} more)" if len(found) > 5 else ""
                raise PublishError("nothing was replaced: " + "; ".join(found[:5]) + rest)
            public.execute("pragma journal_mode = delete")
        progress("moving into place")
        with db.atomic():
            remember(db, fresh_history)
            swap(fresh, served)
    finally:
        _remove(fresh)
    return release


def _fill(
    db: Database,
    public: sqlite3.Connection,
    people: list[tuple[str, list[Entry]]],
    release_id: str,
    built_at: str,
) -> Release:
    public.executescript(TABLES)
    public.execute("begin")
    sheets, confirmations = _sheets(db), confirmed(db)
    _put(public, "run", _runs(db))
    places: list[_Place] = []
    for practitioner_id, entries in people:
        for group in grouped(entries):
            places.append(_Place(location_row(group), practitioner_id, group))
    places.sort(
        key=lambda one: (
            morton(one.row["latitude"], one.row["longitude"]), one.practitioner_id,
            one.entries[0].id,
        )
    )  # fmt: skip
    at: dict[str, int] = {}
    for number, place in enumerate(places, 1):
        place.number = number
        at |= {entry.id: number for entry in place.entries}
    _put(public, "practitioner", (_practitioner(n, *one) for n, one in enumerate(people, 1)))
    _put(
        public,
        "location",
        ({"id": one.number, "practitioner_id": one.practitioner_id} | one.row for one in places),
    )
    _put(
        public,
        "listing",
        (
            _listing(entry, who, at[entry.id], confirmations.get(entry.id))
            for who, entries in people
            for entry in entries
        ),
    )
    _put(public, "certification", _certifications(db, people, sheets))
    _put(public, "practitioner_alias", _aliases(db, {who for who, _ in people}))
    _put(public, "registry", published_rows(db, {who for who, _ in people}))
    counts = Counter(entry.source_id for _, entries in people for entry in entries)
    _put(public, "source", _sources(db, sheets, counts))
    _put(public, "state_rule", _reference("state_rules.csv"))
    _put(public, "insurance_rule", _reference("insurance_rules.csv"))
    _put(public, "link_check", published_link_checks(db, public))
    _put(public, "hand_check", published_hand_checks(db, public))
    _put(public, "report_count", report_counts(db, built_at))
    release = Release(
        id=release_id,
        built_at=built_at,
        practitioners=len(people),
        locations=len(places),
        listings=counts.total(),
        sources=len(counts),
        precision=_by_precision(places),
        sample=any(sheets[key].sample for key in counts),
    )
    _put(
        public,
        "release",
        [
            {
                "id": release.id, "built_at": built_at, "practitioners": release.practitioners,
                "locations": release.locations, "listings": release.listings,
                "sources": release.sources, "sample": int(release.sample),
            }
        ],
    )  # fmt: skip
    public.commit()
    return release


def _index(public: sqlite3.Connection, gazetteer: Path) -> None:
    """Everything searching needs: the gazetteer's tables, full text, and where points are."""
    public.execute("begin")
    copy_into(public, gazetteer)
    build_density(public)
    for statement in SEARCH.split(";"):
        public.execute(statement)
    public.execute(
        "insert into location_rtree select id, latitude, latitude, longitude, longitude"
        " from location where latitude is not null order by id"
    )
    public.execute(
        "insert into practitioner_fts (rowid, name, credentials, practice, city, state)"
        " select practitioner.rowid, name, credentials, group_concat(distinct practice),"
        " group_concat(distinct city), group_concat(distinct location.state)"
        " from practitioner left join location on practitioner_id = practitioner.id"
        " group by practitioner.rowid order by practitioner.rowid"
    )
    public.commit()
    public.execute("analyze")
    public.commit()


def _sheets(db: Database) -> dict[str, FactSheet]:
    rows = db.conn.execute("select id, sheet from source order by id")
    return {key: FactSheet.model_validate_json(text) for key, text in rows}


def _shown(db: Database) -> str:
    """The sources whose listings may be shown, as a JSON array.

    Raises PublishError when some of their listings have not been matched.
    """
    shown = [
        key
        for key, sheet in _sheets(db).items()
        if sheet.terms.decision == "accepted" and sheet.status.state != "forbidden"
    ]
    [count] = db.conn.execute(
        "select count(*) from listing left join membership on listing_id = listing.id"
        " where listing_id is null and status <> 'retired'"
        " and source_id in (select value from json_each(?))",
        (json.dumps(shown),),
    ).fetchone()
    if count:
        raise PublishError(f"{count:,} listings have not been matched yet: run needlepoint match")
    return json.dumps(shown)


def _people(
    db: Database, shown: str, opted_out: Callable[[Listing], bool]
) -> Iterator[tuple[str, list[Entry]]]:
    """Practitioners by id, each with its listings, the most trusted first."""
    rows = db.conn.execute(
        "select practitioner_id, listing.id, source_id, run_id, printed, clean, status, first_seen,"
        ' last_seen, changed_at, latitude, longitude, "precision", point_from, point_note'
        " from membership join listing on listing.id = listing_id where status <> 'retired'"
        " and source_id in (select value from json_each(?)) order by practitioner_id, listing.id",
        (shown,),
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
    printed = {key: _public(value) for key, value in json.loads(row[4]).items()}
    clean = clean_from_dict({key: _public(value) for key, value in json.loads(row[5]).items()})
    # The columns hold what geocoding found since.
    clean.latitude, clean.longitude, clean.precision, clean.point_from, clean.point_note = row[10:]
    clean.email = None
    return Entry(row[1], row[2], row[3], printed, clean, row[6], row[7], row[8], row[9])


def _public(value: Any) -> Any:
    return E_MAIL.sub(NO_MAIL, value) if isinstance(value, str) else value


def _trust(entry: Entry) -> tuple[bool, int]:
    clean = entry.clean
    filled = sum(
        bool(getattr(clean, key))
        for key in ("given", "family", "credentials", "practice", "street", "postcode", "phone")
    )
    return entry.status != "listed", -filled


def _practitioner(number: int, practitioner_id: str, entries: list[Entry]) -> dict[str, Any]:
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


def _listing(
    entry: Entry, practitioner_id: str, location_id: int, confirmed_on: str | None
) -> dict[str, Any]:
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


def _certifications(
    db: Database, people: list[tuple[str, list[Entry]]], sheets: dict[str, FactSheet]
) -> Iterator[dict[str, Any]]:
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
                    "meaning": _public(facts.meaning),
                    "evidence_url": _public(facts.evidence_url),
                    "first_seen": since.get(entry.id, entry.first_seen),
                    "seen": entry.last_seen,
                }


def _aliases(db: Database, published: set[str]) -> Iterator[dict[str, Any]]:
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


def _runs(db: Database) -> Iterator[dict[str, Any]]:
    for row in db.query("select * from run order by started_at, id"):
        del row["stats"]
        yield {key: _public(value) for key, value in row.items()}


def _sources(
    db: Database, sheets: dict[str, FactSheet], counts: Counter[str]
) -> Iterator[dict[str, Any]]:
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
        yield {key: _public(value) for key, value in row.items()}


def _reference(name: str) -> Iterator[dict[str, Any]]:
    with (REFERENCE / name).open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            yield {key: value or None for key, value in row.items()}


def _by_precision(places: list[_Place]) -> dict[str, int]:
    found = Counter(place.row["precision"] or "none" for place in places)
    order = ("source", "rooftop", "street", "postcode", "city", "none")
    return {key: found[key] for key in order if found[key]}


def _put(public: sqlite3.Connection, table: str, rows: Iterable[dict[str, Any]]) -> None:
    waiting = iter(rows)
    first = next(waiting, None)
    if first is None:
        return
    names = list(first)
    columns = ", ".join(f'"{name}"' for name in names)
    marks = ", ".join("?" * len(names))
    sql = f"insert into {table} ({columns}) values ({marks})"  # noqa: S608 - our own names
    public.execute(sql, list(first.values()))
    public.executemany(sql, ([row[name] for name in names] for row in waiting))


def _served_release(served: Path) -> tuple[str, int] | None:
    """Id and listings of the release being served; None when there is none or it is unreadable."""
    if not served.exists():
        return None
    try:
        heal(served)
        with closing(sqlite3.connect(served)) as connection:
            row = connection.execute("select id, listings from release").fetchone()
    except sqlite3.DatabaseError as error:
        raise PublishError(f"{served} cannot be read ({error}); move it away first") from error
    return (str(row[0]), int(row[1])) if row else None


def _release_id(built_at: str, before: tuple[str, int] | None) -> str:
    day, last = built_at[:10], before[0] if before else ""
    count = int(last.rpartition(".")[2]) + 1 if last.startswith(f"{day}.") else 1
    return f"{day}.{count}"


def _remove(path: Path) -> None:
    for suffix in ("", "-journal", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
