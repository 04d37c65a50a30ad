"""A small published directory with invented people, for tests of the finder."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from db.gazetteer_file import copy_into, ensure
from db.nearest import build_density
from db.published_rows import insurance_rows
from db.published_schema import SEARCH, TABLES
from db.quality import store_quality

SEEN = "2026-11-20T04:00:00Z"
FIRST = "2026-03-02T04:00:00Z"
BUILT = "2026-11-21T05:00:00Z"

#: city, state, ZIP, latitude, longitude, people to invent there
TOWNS = [
    ("Columbus", "OH", "43215", 39.9650, -83.0040, 23),
    ("Toledo", "OH", "43604", 41.6530, -83.5380, 9),
    ("Springfield", "OH", "45502", 39.9242, -83.8088, 3),
    ("Springfield", "IL", "62701", 39.7990, -89.6440, 4),
    ("Denver", "CO", "80202", 39.7510, -104.9970, 6),
    ("Los Angeles", "CA", "90012", 34.0610, -118.2390, 2),
]
GIVEN = "Ada Bruno Celia Dario Edith Farid Greta Hollis Imani Jonas Keiko Linus Mirela Nils".split()
FAMILY = "Sampleton Mockridge Placeholt Fauxley Dummerson Exempla Testwick Inventov".split()


@dataclass
class Made:
    """The file, and the ids of people that tests ask for by name."""

    path: Path
    shared_door: list[str]
    """Three people at one address in Columbus."""
    two_places: str
    practice: str
    uncertain: str
    """Known by ZIP only."""
    hostile: str
    """Printed with markup and a javascript: website."""


def build(folder: Path, *, sample: bool = True, crowd: int = 0) -> Made:
    """directory.db in `folder`; `crowd` adds so many more people around Chicago."""
    path = folder / "directory.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(TABLES)
        connection.execute("begin")
        copy_into(connection, ensure(folder))
        made = _fill(_World(connection), path, crowd)
        connection.executescript(SEARCH)
        connection.execute(
            "insert into location_rtree select id, latitude, latitude, longitude, longitude"
            " from location where latitude is not null"
        )
        connection.execute(
            "insert into practitioner_fts (rowid, name, credentials, practice, city, state)"
            " select p.rowid, name, credentials, practice, city, state from practitioner p"
            " join location l on l.practitioner_id = p.id"
        )
        build_density(connection)
        counts = [
            connection.execute(f"select count(*) from {table}").fetchone()[0]
            for table in ("practitioner", "location", "listing", "source")
        ]
        connection.execute(
            "insert into release values ('2026-11-21.1', ?, ?, ?, ?, ?, ?)",
            (BUILT, *counts, int(sample)),
        )
        _measure(connection)
        connection.commit()
    return made


def _measure(connection: sqlite3.Connection) -> None:
    """The release's numbers, and lower ones of two earlier days."""
    store_quality(connection)
    for day, share in (("2026-09-01", 3), ("2026-10-15", 2), ("2026-11-21", 1)):
        connection.execute(
            "insert into quality_history select goal, part, ?, method, numerator / ?, denominator"
            " from quality where denominator is not null",
            (day, share),
        )


class _World:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.chance = random.Random(7)
        self.number = 0

    def insert(self, table: str, **row: object) -> None:
        names = ", ".join(row)
        marks = ", ".join("?" * len(row))
        self.connection.execute(
            f"insert into {table} ({names}) values ({marks})", tuple(row.values())
        )

    def source(self, name: str, label: str, listings: int) -> None:
        self.insert(
            "source", id=name, title=f"{name.title()} directory",
            publisher=f"{name.title()} School",
            publisher_url=f"https://{name}.example.com/", home_url=f"https://{name}.example.com/",
            directory_url=f"https://{name}.example.com/find", platform="html_listings",
            issuer=f"{name.title()} School", label=label,
            meaning="Took 54 hours of courses in person and passed an examination.",
            evidence_url=f"https://{name}.example.com/courses",
            professions='["physical_therapist"]', countries='["US"]',
            status="active" if listings else "proposed",
            status_reason="Sample" if listings else "Terms not read yet", terms_url=None,
            terms_decision="allowed" if listings else "unread",
            verdict="good" if listings else None,
            verdict_reason="all checks passed" if listings else None,
            data_as_of=SEEN if listings else None, last_attempt=SEEN if listings else None,
            listings=listings, sample=1,
        )  # fmt: skip
        if listings:
            self.insert(
                "run", id=f"{name}-1", source_id=name, started_at=SEEN, finished_at=SEEN,
                verdict="good", reason="all checks passed", listings=listings, pages=3,
            )  # fmt: skip

    def person(self, place: tuple[str, str, str, float, float], **changes: object) -> str:
        self.number += 1
        number = f"np-{self.number:010d}"
        given, family = self.chance.choice(GIVEN), self.chance.choice(FAMILY)
        row = {
            "id": number, "kind": "person", "name": f"{given} {family}", "given": given,
            "family": family, "credentials": "PT, DPT", "profession": "physical_therapist",
            "listings": 1, "sources": 1, "first_seen": FIRST, "last_seen": SEEN,
        }  # fmt: skip
        row.update({key: value for key, value in changes.items() if key in row})
        self.insert("practitioner", **row)
        self.location(number, place, **changes)
        return number

    def location(
        self, person: str, place: tuple[str, str, str, float, float], **changes: object
    ) -> None:
        city, state, postcode, latitude, longitude = place
        [[last]] = self.connection.execute("select coalesce(max(id), 0) from location").fetchall()
        row: dict[str, object] = {
            "id": last + 1, "practitioner_id": person,
            "practice": f"{self.chance.choice(FAMILY)} Movement Clinic",
            "street": f"{100 + last} Invented Ave", "city": city, "state": state,
            "postcode": postcode, "country": "US",
            "phone": f"+1614555{100 + last % 100:04d}", "website": "https://clinic.example.com/",
            "latitude": latitude + self.chance.uniform(-0.12, 0.12),
            "longitude": longitude + self.chance.uniform(-0.12, 0.12),
            "precision": "source", "point_from": "source", "last_seen": SEEN,
        }  # fmt: skip
        row.update({key: value for key, value in changes.items() if key in row})
        self.insert("location", **row)
        [[name]] = self.connection.execute(
            "select name from practitioner where id = ?", (person,)
        ).fetchall()
        source = self.chance.choice(["alpha", "beta"])
        listing = f"{source}:{last + 1}"
        self.insert(
            "listing", id=listing, source_id=source, practitioner_id=person,
            location_id=last + 1, run_id=f"{source}-1", printed_name=name,
            printed_credentials="PT, DPT", printed_practice=row["practice"],
            printed_address=f"{row['street']}, {city}, {state} {postcode}",
            printed_phone="614.555.0100", printed_certification="Certified",
            profile_url=f"https://{source}.example.com/people/{last + 1}",
            seen_url=f"https://{source}.example.com/find?page=1", status="listed",
            first_seen=FIRST, last_seen=SEEN,
        )  # fmt: skip
        label = "Certified in Sample Needling" if source == "alpha" else "Level 2 Practitioner"
        self.insert(
            "certification", practitioner_id=person, listing_id=listing, source_id=source,
            issuer=f"{source.title()} School", label=label,
            meaning="Took 54 hours of courses in person and passed an examination.",
            evidence_url=f"https://{source}.example.com/courses", first_seen=FIRST, seen=SEEN,
        )  # fmt: skip


def _fill(world: _World, path: Path, crowd: int) -> Made:
    world.source("alpha", "Certified in Sample Needling", 40)
    world.source("beta", "Level 2 Practitioner", 20)
    world.source("gamma", "Graduate", 0)
    for *place, count in TOWNS:
        for _ in range(count):
            world.person(tuple(place))  # type: ignore[arg-type]
    for _ in range(crowd):
        world.person(("Chicago", "IL", "60601", 41.88, -87.63))
    columbus = ("Columbus", "OH", "43215", 39.9612, -82.9988)
    door: dict[str, object] = {
        "latitude": 39.9700, "longitude": -83.0010, "street": "1 Shared Door St",
        "practice": "Three of a Kind Clinic", "precision": "rooftop",
    }  # fmt: skip
    shared = [world.person(columbus, **door) for _ in range(3)]
    two = world.person(columbus, name="Twyla Twoplaces")
    world.location(two, columbus)
    practice = world.person(
        columbus, kind="practice", name="Nobody Named Physical Therapy", given=None, family=None,
        credentials=None, profession=None, practice="Nobody Named Physical Therapy",
    )  # fmt: skip
    uncertain = world.person(
        columbus, name="Una Certain", precision="postcode", latitude=39.9671, longitude=-83.0044
    )
    hostile = world.person(
        columbus, name="<script>alert(1)</script> O'Markup", website="javascript:alert(1)",
        practice='"><img src=x onerror=alert(1)>',
    )  # fmt: skip
    world.person(columbus, name="Nora Nowhere", latitude=None, longitude=None, precision=None)
    world.insert("practitioner_alias", old_id="np-old", practitioner_id=two, since=SEEN)
    world.insert("practitioner_alias", old_id="np-gone", practitioner_id=None, since=SEEN)
    world.insert(
        "state_rule", state="OH", state_name="Ohio", profession="physical_therapist",
        status="permitted", basis="unknown", summary="Sample summary of a rule for tests.",
        training="required", training_hours="24", source_title="Sample board",
        source_url="https://board.example.com/", source_date="2026-01", as_of="2026-01",
        checked_on="2026-11-20", board_url="https://board.example.com/", confidence="low",
    )  # fmt: skip
    for row in insurance_rows(BUILT):
        world.insert("insurance_rule", **row)
    return Made(path, shared, two, practice, uncertain, hostile)
