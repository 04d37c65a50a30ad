"""Somebody who does not want to be listed: gone, and not back under another spelling."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from db.gazetteer import Gazetteer
from db.gazetteer_file import ensure
from db.opt_outs import suppressed
from db.runs import take_in
from db.working import open_working
from matching.rebuild import match
from pipelines.together import clean
from records.factsheet import FactSheet
from records.listing import Clean, Listing
from tests.conftest import needlepoint
from tests.store_fixtures import people, person, run, sheet

SITE = "https://vanishing.directory.example/"
GONE = {"given": "Margaret", "family": "Fictionella", "phone": "(614) 555-0177", "website": SITE}
OTHERWISE = {"street": "9 Elsewhere St", "city": "Dayton", "postcode": "45402"}


def printed(native_id: str, name: str, source: str, **more: Any) -> Listing:
    """A listing as a directory prints it, not cleaned yet."""
    whole: Any = person(native_id, source, website=None)
    return replace(whole, name=name, clean=Clean(), **more)


@pytest.mark.parametrize(
    "again",
    [
        printed("9", "Margaret Fictionella, PT", "beta", phone="614.555.0177"),
        printed("9", "M. Fictionela, DPT", "beta", phone="1-614-555-0177", **OTHERWISE),
        printed("9", "FICTIONELLA, MARGARET", "beta", phone="+1 614 555 0177", **OTHERWISE),
        printed("9", "Peggy Fictionélla", "beta", phone="(614) 555-0177", **OTHERWISE),
        printed("9", "Meg Fictoinella, PT", "beta", phone=None, website=SITE, **OTHERWISE),
        printed("9", "Margaret Sampleton-Fictionella", "beta", phone=None, website=f"{SITE}team"),
    ],
    ids=lambda one: one.name,
)
def test_who_is_forgotten_does_not_come_back(tmp_path: Path, again: Listing) -> None:
    sources = tmp_path / "sources"
    sources.mkdir()
    sheets = {name: sheet(name) for name in ("alpha", "beta")}
    for name, one in sheets.items():
        with (sources / f"{name}.yml").open("w") as handle:
            YAML().dump(one.model_dump(mode="json"), handle)
    here = ("--data", tmp_path, "--sources", sources)
    gone = printed("77", "Margaret Fictionella, PT", "alpha", phone=GONE["phone"], website=SITE)
    moved = replace(gone, street="2 Other Street", certification="Level 2 of Fictionella")
    night(tmp_path, sheets["alpha"], [*people(3), gone], 1)
    night(tmp_path, sheets["alpha"], [*people(3), moved], 2)
    assert needlepoint("publish", *here).returncode == 0
    assert searched(tmp_path) == 1
    assert needlepoint("forget", "alpha:77", *here).returncode == 0
    night(tmp_path, sheets["alpha"], [*people(3), gone], 3)
    night(tmp_path, sheets["beta"], [*people(2, "beta", first=20), again], 4)
    published = needlepoint("publish", *here)
    assert "5 practitioners" in published.stdout, published.stdout + published.stderr
    assert searched(tmp_path) == 0
    for file in ("directory.db", "working.db"):
        content = (tmp_path / file).read_bytes().lower()
        for trace in (b"fictionel", b"fictoinel", "fictionél".encode(), b"5550177", b"vanishing"):
            assert trace not in content, (file, trace)


def night(data: Path, source: FactSheet, listings: list[Listing], number: int) -> None:
    """A crawl of these listings through every cleaning stage, taken in and matched."""
    with Gazetteer(ensure(data)) as gazetteer:
        done = [clean(one, source, gazetteer, suppressed(data)) for one in listings]
    db = open_working(data)
    kept = [one for one in done if one is not None]
    outcome = take_in(db, source, run(kept, number, source.id))
    assert outcome.verdict == "good", outcome.reason
    match(db)
    db.close()


def searched(data: Path) -> int:
    """How many the published search index finds; its terms are stored packed, so grep would not."""
    with closing(sqlite3.connect(data / "directory.db")) as connection:
        words = "fictionel* OR fictoinel*"
        sql = "select count(*) from practitioner_fts where practitioner_fts match ?"
        return int(connection.execute(sql, (words,)).fetchone()[0])
