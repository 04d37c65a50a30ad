"""Load and match a full-width monthly file of the register: minutes, rows a second, peak memory.

    python -m bench.registry_bulk --rows 1000000
    python -m bench.registry_bulk --rows 8000000

The file has the 330 columns of the real one, every value quoted, in a .zip; the people in it are
invented. One row in ten is of a profession that counts. Practitioners are made from some of them
and from strangers, so that every judgement occurs; how many are known as the register's own is
known, and compared.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sqlite3
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from db.accepted_runs import accept_run
from db.registry_store import open_registry
from db.runs import take_in
from db.stored_sheets import remember_sheets
from db.working import open_working
from matching.rebuild import match
from records.bundle import RunBundle
from records.factsheet import FactSheet
from records.listing import Clean, Listing
from registry.bulk import open_bulk
from registry.verify import load_file, verify_all
from samples.registry_file import HEADER, STATES, people_rows, surname

SHEET = {
    "id": "bench",
    "title": "Invented directory",
    "publisher": {"name": "Invented Institute", "url": "https://example.com"},
    "home_url": "https://bench.directory.example/",
    "certification": {"issuer": "Invented Institute", "label": "Certified Needler"},
    "status": {"state": "active", "reason": "a bench", "date": "2026-01-01"},
    "terms": {"checked_on": "2026-01-01", "decision": "accepted"},
    "sample": True,
}
MEMBER = "npidata_pfile_20050523-20261108.csv"


def write_file(path: Path, rows: int) -> None:
    """A monthly .zip with so many rows of invented people."""
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open(MEMBER, "w", force_zip64=True) as main,
    ):
        main.write((",".join(f'"{name}"' for name in HEADER) + "\n").encode())
        waiting: list[str] = []
        for line in people_rows(rows):
            waiting.append(line)
            if len(waiting) == 2000:
                main.write("".join(waiting).encode())
                waiting.clear()
        main.write("".join(waiting).encode())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--practitioners", type=int, default=20_000)
    parser.add_argument("--folder", type=Path, help="keep the file here and use it again")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = asked.folder or Path(scratch)
        path = folder / f"NPPES_{asked.rows}_V2.zip"
        if not path.exists():
            began = time.perf_counter()
            write_file(path, asked.rows)
            print(f"written in {(time.perf_counter() - began) / 60:.1f} minutes", flush=True)
        run(path, Path(scratch), asked.practitioners)


def run(path: Path, data: Path, practitioners: int) -> None:
    before = peak_mib()
    file = open_bulk(path)
    print(f"{path.stat().st_size / 1e6:,.0f} MB packed, {file.size / 1e9:,.2f} GB unpacked")
    with open_registry(data) as registry:
        began, worked = time.perf_counter(), time.process_time()
        load = load_file(registry, file, "2026-11-24T00:00:00Z")
        spent, worked = time.perf_counter() - began, time.process_time() - worked
        print(f"load: {load.rows:,} rows, {load.kept:,} kept, {load.inactive:,} not in force")
        print(f"load_minutes {spent / 60:.2f}")
        print(f"load_rows_per_second {load.rows / spent:,.0f}")
        # On a machine that is busy with other work this is the figure to compare.
        print(f"load_cpu_minutes {worked / 60:.2f}")
        print(f"load_rows_per_cpu_second {load.rows / worked:,.0f}")
        print(f"load_peak_mib {peak_mib():,.0f} (before: {before:,.0f})", flush=True)
        db = _practitioners(data, registry, practitioners)
        began = time.perf_counter()
        verified = verify_all(db, registry, load, "2026-11-24")
        spent = time.perf_counter() - began
    print(f"match: {verified.checked:,} practitioners, {dict(verified.judgements)}")
    print(f"match_seconds {spent:.1f}")
    print(f"match_practitioners_per_second {verified.checked / spent:,.0f}")
    print(f"peak_mib {peak_mib():,.0f}")


def peak_mib() -> float:
    """The most memory this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _practitioners(data: Path, registry: sqlite3.Connection, count: int) -> Database:
    """Half of them people of the file, as a directory prints them; half are in no register."""
    chance = random.Random(3)
    picked = registry.execute(
        "select record from npi where number % 97 = 0 limit ?", (count // 2,)
    ).fetchall()
    listings = [
        _listing(number, json.loads(text)) for number, (text,) in enumerate(picked)
    ] + [
        _listing(
            number,
            {
                "family": surname(chance), "given": "Orla", "state": chance.choice(STATES),
                "postcode": "00000", "phone": None, "street": None,
            },
        )
        for number in range(len(picked), count)
    ]  # fmt: skip
    sheet = FactSheet.model_validate(SHEET)
    bundle = RunBundle(
        source_id=sheet.id,
        started_at="2026-11-24T02:00:00Z",
        finished_at="2026-11-24T02:05:00Z",
        platform="html_listings",
        pages=1,
        listings=listings,
    )
    db = open_working(data)
    remember_sheets(db, [sheet])
    outcome = take_in(db, sheet, bundle)
    if outcome.verdict == "suspect":
        accept_run(
            db, sheet.id, reason="made for this bench", by="the bench", at="2026-11-24T03:00:00Z"
        )
    match(db)
    return db


def _listing(number: int, facts: dict[str, Any]) -> Listing:
    clean = Clean(
        name=f"{facts['given']} {facts['family']}".title(),
        given=facts["given"].title(),
        family=facts["family"].title(),
        profession=None,
        state=facts["state"],
        postcode=facts["postcode"],
        # Every other one prints only the ZIP code.
        phone=facts["phone"] if number % 2 else None,
        street=facts["street"] if number % 2 else None,
        country="US",
    )
    name = f"{clean.name}, PT"
    address = "https://bench.directory.example/list"
    return Listing(
        source_id="bench", native_id=str(number), seen_url=address, name=name, clean=clean
    )


if __name__ == "__main__":
    main()
