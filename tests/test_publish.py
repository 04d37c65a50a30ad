"""Publishing: what is in the public file, what never is, and how it gets under a running server."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlite_utils import Database

from db.accepted_runs import accept_run
from db.forgetting import NobodyOfThatId, forget, listings_of
from db.gazetteer_file import ensure
from db.locations import morton
from db.published import PublishError, publish
from db.published_checks import E_MAIL, problems
from db.published_fill import Built
from db.published_people import NO_MAIL
from db.runs import take_in
from db.stored_sheets import remember_sheets
from db.swap import SwapBusy, swap
from db.working import open_working
from matching.rebuild import match
from records.listing import Certified, Listing
from tests.conftest import ROOT, needlepoint, served
from tests.store_fixtures import people, person, run, sheet

NOW = dt.datetime(2026, 3, 20, 4, 0, tzinfo=dt.UTC)

AT = "2026-03-05T00:00:00Z"


@pytest.fixture(scope="module")
def gazetteer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ensure(tmp_path_factory.mktemp("gazetteer"))


@pytest.fixture
def db(tmp_path: Path, gazetteer: Path) -> Any:
    shutil.copy(gazetteer, tmp_path)
    opened = open_working(tmp_path)
    yield opened
    opened.close()


def release(db: Database, data: Path, **more: Any) -> Built:
    match(db)
    return publish(db, data, now=NOW, **more)


def rows(data: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(data / "directory.db")) as connection:
        return connection.execute(sql).fetchall()


def test_what_is_published(db: Database, tmp_path: Path) -> None:
    take_in(db, sheet("alpha"), run(people(3)))
    take_in(db, sheet("beta"), run(people(2, "beta"), source_id="beta"))
    remember_sheets(db, [sheet("gamma", terms={}, sample=False)])
    steps: list[str] = []
    done = release(db, tmp_path, progress=steps.append)
    assert steps == ["building", "checking", "moving into place"]
    assert done == Built(
        "2026-03-20.1", "2026-03-20T04:00:00Z", 3, 3, 5, 2, sample=True, precision={"source": 3}
    )
    assert rows(tmp_path, "select * from release") == [
        ("2026-03-20.1", "2026-03-20T04:00:00Z", 3, 3, 5, 2, 1)
    ]
    [first] = rows(tmp_path, "select * from practitioner where name = 'Givenb Familyb'")
    assert first[1:] == (
        "person", "Givenb Familyb", "Givenb", "Familyb", "PT", "physical_therapist", 2, 2,
        "2026-03-01T02:00:00Z", "2026-03-01T02:00:00Z", None,
    )  # fmt: skip
    assert rows(
        tmp_path,
        "select practice, street, city, state, postcode, country, phone, precision from location"
        f" where practitioner_id = '{first[0]}'",
    ) == [("Invented Physical Therapy", "101 Fictional Ave", "Columbus", "OH", "43215", "US",
           "+16145550101", "source")]  # fmt: skip
    assert rows(
        tmp_path, "select printed_name, printed_address, printed_latitude, seen_url, profile_url,"
        " run_id, status from listing where id = 'alpha:1'",
    ) == [("Givenb Familyb, PT", "101 Fictional Ave, Columbus, OH, 43215", "39.9612",
           "https://alpha.directory.example/list?page=1", "https://alpha.directory.example/p/1",
           "alpha@2026-03-01T02:00:00Z", "listed")]  # fmt: skip
    assert rows(
        tmp_path, "select issuer, label, meaning, seen from certification"
        f" where practitioner_id = '{first[0]}' order by issuer",
    ) == [(f"Institute {key}", "Certified Needler", "Took an invented course.",
           "2026-03-01T02:00:00Z") for key in ("alpha", "beta")]  # fmt: skip
    assert rows(tmp_path, "select id, verdict, listings, terms_decision from source") == [
        ("alpha", "good", 3, "accepted"), ("beta", "good", 2, "accepted"),
        ("gamma", None, 0, "undecided"),
    ]  # fmt: skip
    assert rows(tmp_path, "select count(*) from state_rule") == [(81,)]
    assert rows(tmp_path, "select count(*) from postal where code = '43604'") == [(1,)]
    found = (
        "select practitioner.name from practitioner_fts join practitioner"
        " on practitioner.rowid = practitioner_fts.rowid where practitioner_fts match 'familyb'"
    )
    assert rows(tmp_path, found) == [("Givenb Familyb",)]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "directory.db", "gazetteer.db", "working.db",
    ]  # fmt: skip
    assert publish(db, tmp_path, now=NOW).id == "2026-03-20.2"


def test_the_same_store_gives_the_same_file(db: Database, tmp_path: Path) -> None:
    take_in(db, sheet("alpha"), run(people(30)))
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(tmp_path / "gazetteer.db", other)
    release(db, tmp_path)
    publish(db, other, now=NOW)

    def content(data: Path) -> list[str]:
        with closing(sqlite3.connect(data / "directory.db")) as connection:
            return list(connection.iterdump())

    assert content(tmp_path) == content(other)


def test_no_e_mail_address_is_in_the_file(db: Database, tmp_path: Path) -> None:
    leaky = person(
        1,
        practice="Clinic, write to front.desk@example.com",
        name="Ada Sampleton (ada [at] example.com)",
        website="mailto:ada@example.com",
        certification="ask ada@example.com",
        profile_url="https://alpha.directory.example/p?mail=ada%40example.com",
        email="ada@example.com",
        extra={"private": "ada@example.com"},
        clean={"practice": "Clinic, write to front.desk@example.com"},
    )
    broken = run([], 2, failure="the page said: mail admin@example.com")
    take_in(db, sheet(), run([leaky, *people(5, first=2)]))
    take_in(db, sheet(), broken)
    release(db, tmp_path)
    content = (tmp_path / "directory.db").read_bytes()
    assert not re.search(rb"(?:@|%40|\[at\]) ?(?:directory\.)?example", content, re.I)
    assert b"email" not in content.replace(NO_MAIL.encode(), b"")
    [(practice, certificate)] = rows(
        tmp_path, "select printed_practice, printed_certification from listing where id = 'alpha:1'"
    )
    assert practice == f"Clinic, write to {NO_MAIL}"
    assert certificate == f"ask {NO_MAIL}"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ada@example.com", True), ("a.b+c@mail.example.co.uk", True),
        ("ada (at) example.com", True),
        ("ada%40example.com", True), ("https://maps.example.com/@39.9,-82.9", False),
        ("https://social.example/@ada", False), ("open @ 9 am", False), ("PT @ the clinic", False),
    ],
)  # fmt: skip
def test_e_mail_addresses_are_told(text: str, found: bool) -> None:
    assert bool(E_MAIL.search(text)) == found


def test_only_a_good_run_is_published(db: Database, tmp_path: Path) -> None:
    take_in(db, sheet(), run(people(100)))
    before = release(db, tmp_path)
    take_in(db, sheet(), run(people(60), 2))
    held = release(db, tmp_path)
    assert (held.listings, held.practitioners) == (before.listings, 100)
    dates = "select data_as_of, last_attempt, verdict, listings from source"
    assert rows(tmp_path, dates) == [
        ("2026-03-01T02:00:00Z", "2026-03-02T02:00:00Z", "suspect", 100)
    ]
    accept_run(db, "alpha", reason="they left", by="A tester", at=AT)
    release(db, tmp_path)
    assert rows(tmp_path, dates)[0][::2] == ("2026-03-02T02:00:00Z", "good")
    assert Counter(status for (status,) in rows(tmp_path, "select status from listing")) == {
        "listed": 60, "missing": 40,
    }  # fmt: skip


def test_retired_listings_go_and_their_ids_lead_nowhere(db: Database, tmp_path: Path) -> None:
    take_in(db, sheet(), run(people(3)))
    release(db, tmp_path)
    [(gone,)] = rows(tmp_path, "select practitioner_id from listing where id = 'alpha:3'")
    for night in (2, 3, 4):
        take_in(db, sheet(), run(people(2), night))
    assert release(db, tmp_path).practitioners == 2
    aliases = rows(tmp_path, "select old_id, practitioner_id from practitioner_alias")
    assert aliases == [(gone, None)]


@pytest.mark.parametrize(
    "change",
    [
        {"status": {"state": "forbidden", "reason": "a letter", "date": "2026-03-05"}},
        {"terms": {"decision": "refused", "checked_on": "2026-03-05"}},
        {"terms": {"decision": "undecided"}},
    ],
)
def test_a_source_that_may_not_be_shown_leaves(
    db: Database, tmp_path: Path, change: dict[str, Any]
) -> None:
    take_in(db, sheet("alpha"), run(people(3)))
    take_in(db, sheet("beta"), run(people(2, "beta", first=10), source_id="beta"))
    release(db, tmp_path)
    remember_sheets(db, [sheet("alpha", **change)])
    assert release(db, tmp_path).listings == 2
    assert rows(tmp_path, "select distinct source_id from listing") == [("beta",)]


def test_an_empty_result_does_not_replace_a_full_one(db: Database, tmp_path: Path) -> None:
    assert release(db, tmp_path).listings == 0
    take_in(db, sheet(), run(people(3)))
    release(db, tmp_path)
    remember_sheets(db, [sheet(terms={})])
    with pytest.raises(PublishError, match=r"would be empty .* holds 3 listings"):
        release(db, tmp_path)
    assert rows(tmp_path, "select count(*) from listing") == [(3,)]
    assert release(db, tmp_path, allow_empty=True).listings == 0


def test_unmatched_listings_are_refused(db: Database, tmp_path: Path) -> None:
    take_in(db, sheet(), run(people(3)))
    with pytest.raises(PublishError, match="3 listings have not been matched yet: run needlepoint"):
        publish(db, tmp_path)
    assert not (tmp_path / "directory.db").exists()


def test_a_failed_check_replaces_nothing(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in(db, sheet(), run(people(3)))
    release(db, tmp_path)
    take_in(db, sheet(), run(people(4), 2))
    monkeypatch.setattr("db.published_people.without_mail", lambda value: value)
    take_in(db, sheet(), run([*people(4), person(9, practice="mail ada@example.com")], 3))
    with pytest.raises(PublishError, match=r"printed_practice of row .* holds an e-mail address"):
        release(db, tmp_path)
    assert rows(tmp_path, "select count(*) from listing") == [(3,)]
    assert not list(tmp_path.glob("directory.new*"))


def test_checks_find_what_is_wrong(db: Database, tmp_path: Path) -> None:
    take_in(db, sheet(), run(people(3)))
    release(db, tmp_path)
    with closing(sqlite3.connect(tmp_path / "directory.db")) as connection:
        assert problems(connection) == []
        connection.execute("update listing set run_id = 'nowhere' where id = 'alpha:1'")
        connection.execute("update location set latitude = 91 where id = 1")
        connection.execute("delete from location_rtree where id = 1")
        connection.execute("update listing set location_id = 1")
        found = "\n".join(problems(connection))
    for expected in (
        "names something absent in run", "1 locations have half a point", "2 locations without",
        "location_rtree holds 2 rows for 3", "2 listings at somebody else's location",
    ):  # fmt: skip
        assert expected in found


def test_a_certificate_is_dated_from_when_it_was_said(db: Database, tmp_path: Path) -> None:
    take_in(db, sheet(), run([person(1), person(2, given="Bo")]))
    newer = person(
        1,
        certification="Level 2",
        clean={"certified": (Certified(issuer="Institute alpha", label="L", level="Level 2"),)},
    )
    take_in(db, sheet(), run([newer, person(2, given="Bo")], 5))
    release(db, tmp_path)
    assert rows(tmp_path, "select listing_id, level, first_seen from certification order by 1") == [
        ("alpha:1", "Level 2", "2026-03-05T02:00:00Z"), ("alpha:2", None, "2026-03-01T02:00:00Z"),
    ]  # fmt: skip


def at(native_id: int, source: str = "alpha", **clean: Any) -> Listing:
    here = {"email": "ada@example.com", "phone": None, "street": "1 Elm St"} | clean
    return person(native_id, source, clean=here)


LOCATIONS = [
    ([at(1), at(2, "beta", street="1 Elm Street, Suite 9")], ["1 Elm St"]),
    ([at(1), at(2, "beta", street="2 Oak Rd")], ["1 Elm St", "2 Oak Rd"]),
    ([at(1), at(2, "beta", postcode="43001")], ["1 Elm St", "1 Elm St"]),
    ([at(1), at(2, "beta", street=None)], ["1 Elm St"]),
    ([at(1), at(2, street="2 Oak Rd"), at(3, "beta", street=None)], [None, "1 Elm St", "2 Oak Rd"]),
    (
        [at(1, phone="+16145550142"), at(2, "beta", street="1 Elm", phone="+16145550142")],
        ["1 Elm St"],
    ),
    (
        [
            at(1, street=None, postcode=None),
            at(2, "beta", street=None, postcode=None, city="COLUMBUS"),
        ],
        [None],
    ),
]


@pytest.mark.parametrize(("listings", "streets"), LOCATIONS)
def test_listings_of_one_place_are_one_location(
    db: Database, tmp_path: Path, listings: list[Listing], streets: list[str | None]
) -> None:
    for source in ("alpha", "beta"):
        mine = [one for one in listings if one.source_id == source]
        take_in(db, sheet(source), run(mine, source_id=source))
    assert release(db, tmp_path).practitioners == 1
    found = [street for (street,) in rows(tmp_path, "select street from location")]
    assert sorted(found, key=lambda one: one or "") == streets


def test_a_location_has_its_most_precise_point(db: Database, tmp_path: Path) -> None:
    coarse = {
        "latitude": 40.1,
        "longitude": -82.1,
        "precision": "postcode",
        "point_from": "gazetteer",
    }
    fine = {"latitude": 40.2, "longitude": -82.2, "precision": "rooftop", "point_from": "census"}
    take_in(db, sheet("alpha"), run([at(1, **coarse, phone="+16145550142")]))
    take_in(db, sheet("beta"), run([at(2, "beta", **fine)], source_id="beta"))
    release(db, tmp_path)
    location = "select latitude, precision, point_from, phone from location"
    assert rows(tmp_path, location) == [(40.2, "rooftop", "census", "+16145550142")]


def test_neighbours_on_earth_are_neighbours_in_the_file(db: Database, tmp_path: Path) -> None:
    towns = [
        person(n, given=f"G{n}", clean={"latitude": 30 + n % 7, "longitude": -120.0 + n % 11 * 4})
        for n in range(1, 60)
    ]
    nowhere = {"latitude": None, "longitude": None, "precision": None, "point_from": None}
    take_in(db, sheet(), run([*towns, person(99, given="Lost", clean=nowhere)]))
    release(db, tmp_path)
    points = rows(tmp_path, "select latitude, longitude from location order by id")
    codes = [morton(*point) for point in points]
    assert codes == sorted(codes)
    assert points[-1] == (None, None)


def test_a_practice_without_a_person(db: Database, tmp_path: Path) -> None:
    clinic = person(
        1, name="Invented Clinic",
        clean={"kind": "practice", "name": None, "given": None, "family": None, "credentials": ()},
    )  # fmt: skip
    take_in(db, sheet(), run([clinic, person(1, "alpha", practice=None)][:1]))
    release(db, tmp_path)
    named = "select kind, name, given, family from practitioner"
    assert rows(tmp_path, named) == [("practice", "Invented Physical Therapy", None, None)]


def swapped(path: Path, release: int, count: int = 2000) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("create table t (release integer, filler text)")
        connection.executemany(
            "insert into t values (?, ?)", ((release, "x" * 200) for _ in range(count))
        )
        connection.commit()
    return path


def test_a_reader_sees_old_or_new_and_never_a_mixture(tmp_path: Path) -> None:
    served_file = tmp_path / "served.db"
    fresh = [swapped(tmp_path / f"fresh{n}.db", n, 2000 + n) for n in range(6)]
    swap(fresh[0], served_file)
    answers: list[tuple[int, int, int]] = []
    stop = threading.Event()

    def read() -> None:
        # One connection all along, as Datasette's threads have, opened read-only.
        address = f"file:{served_file}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=10)) as connection:
            while not stop.is_set():
                answers.append(
                    connection.execute(
                        "select min(release), max(release), count(*) from t"
                    ).fetchone()
                )
                time.sleep(0.001)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for one in fresh[1:]:
        time.sleep(0.05)
        swap(one, served_file)
    time.sleep(0.1)
    stop.set()
    for reader in readers:
        reader.join()
    assert {least for least, _, _ in answers} >= {0, 5}
    assert all(least == most and count == 2000 + least for least, most, count in answers)


def test_a_reader_that_does_not_let_go_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    served_file = tmp_path / "served.db"
    swap(swapped(tmp_path / "old.db", 1), served_file)
    swapped(tmp_path / "new.db", 2)
    with closing(sqlite3.connect(served_file)) as reader:
        cursor = reader.execute("select release from t")
        cursor.fetchone()
        with pytest.raises(SwapBusy, match="still holds the release before"):
            swap(tmp_path / "new.db", served_file, patience=0.3)
        assert {release for (release,) in cursor} == {1}
    swap(tmp_path / "new.db", served_file)
    with closing(sqlite3.connect(served_file)) as reader:
        assert reader.execute("select distinct release from t").fetchall() == [(2,)]


_KILLED = """
import os, signal, sqlite3, sys
from db import swap
from pathlib import Path

fresh, served = map(Path, sys.argv[1:])
with sqlite3.connect(fresh) as source, sqlite3.connect(served) as target:
    target.execute("pragma cache_size = 5")
    def kill(status, remaining, total):
        if remaining < total * 0.5:
            os.kill(os.getpid(), signal.SIGKILL)
    source.backup(target, pages=20, progress=kill)
"""


def test_a_swap_killed_half_way_leaves_the_old_release(tmp_path: Path) -> None:
    old, new, live = tmp_path / "old.db", tmp_path / "new.db", tmp_path / "served.db"
    swap(swapped(old, 1, 4000), live)
    swapped(new, 2, 4000)
    words = [sys.executable, "-c", _KILLED, str(new), str(live)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert (tmp_path / "served.db-journal").exists()
    swap(new, live)
    with closing(sqlite3.connect(live)) as reader:
        assert reader.execute("pragma integrity_check").fetchall() == [("ok",)]
        assert reader.execute("select release, count(*) from t group by 1").fetchall() == [
            (2, 4000)
        ]


def test_a_running_server_shows_the_new_release(db: Database, tmp_path: Path) -> None:
    take_in(db, sheet(), run(people(2)))
    release(db, tmp_path)
    url = "/directory.json?sql=select+count(*)+from+listing&_shape=arrayfirst"
    with served(tmp_path) as address:
        assert httpx.get(address + url).json() == [2]
        take_in(db, sheet(), run(people(3), 2))
        release(db, tmp_path)
        assert httpx.get(address + url).json() == [3]


def by_phone(listing: Listing) -> dict[str, str]:
    return {f"hash of {listing.clean.phone}": "phone"}


def refused(hashes: frozenset[str]) -> Any:
    return lambda listing: bool(hashes & by_phone(listing).keys())


def test_who_is_forgotten_leaves_no_trace(db: Database, tmp_path: Path) -> None:
    gone = person(7, given="Vanishing", family="Fictionella")
    elsewhere = replace(gone, source_id="beta", native_id="vanishing-fictionella")
    take_in(db, sheet("alpha"), run([*people(90, first=10), gone]))
    take_in(db, sheet("alpha"), run([*people(90, first=10), replace(gone, street="2 Oak")], 2))
    take_in(db, sheet("beta"), run([*people(3, "beta", first=10), elsewhere], source_id="beta"))
    take_in(db, sheet("alpha"), run([*people(20, first=10), gone], 3))
    assert db.table("held_run").count == 1
    release(db, tmp_path)
    [(practitioner,)] = rows(
        tmp_path, "select id from practitioner where name = 'Vanishing Fictionella'"
    )
    listings = listings_of(db, practitioner)
    assert len(listings) == 2
    hashes = by_phone(listings[0])
    done = forget(db, listings[:1], hashes, refused, "2026-03-10T00:00:00Z")
    assert (done.listings, done.hashes, done.held_runs) == (2, 1, 1)
    release(db, tmp_path)
    for path in (tmp_path / "working.db", tmp_path / "directory.db"):
        content = path.read_bytes().lower()
        assert b"fictionella" not in content, path
    accept_run(db, "alpha", reason="a test", by="A tester", at=AT)
    assert db.table("listing").count_where("native_id = '7'") == 0
    release(db, tmp_path)
    gone_ids = rows(tmp_path, "select old_id, practitioner_id from practitioner_alias")
    assert (practitioner, None) in gone_ids
    with pytest.raises(NobodyOfThatId, match="no listing and no practitioner"):
        listings_of(db, practitioner)


def test_who_opted_out_is_not_published_even_from_the_store(db: Database, tmp_path: Path) -> None:
    take_in(db, sheet(), run(people(3)))
    done = release(db, tmp_path, opted_out=lambda listing: listing.native_id == "2")
    assert (done.listings, done.practitioners) == (2, 2)


def test_the_forget_command(db: Database, tmp_path: Path) -> None:
    take_in(db, sheet(), run(people(3)))
    match(db)
    done = needlepoint("forget", "alpha:1", "--data", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "1 listings deleted" in done.stdout
    assert db.table("suppression").count >= 3
    wrong = needlepoint("forget", "np-nobody", "--data", tmp_path)
    assert (wrong.returncode, "Traceback" in wrong.stderr) == (1, False)
    assert "has the id np-nobody" in wrong.stderr
