"""The gazetteer's data files, its database, and look-ups."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db import gazetteer_file
from db.gazetteer import Gazetteer
from db.gazetteer_file import REFERENCE, build, copy_into, ensure
from db.nearest import miles_between
from db.place_text import STATES, is_military_postcode, place_key, state_code

TABLES = ("state", "postal", "place", "place_alias")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ensure(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def gazetteer(path: Path) -> Iterator[Gazetteer]:
    with Gazetteer(path) as opened:
        yield opened


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    return {
        table: connection.execute(f"select count(*) from {table}").fetchone()[0] for table in TABLES
    }


# ---- files --------------------------------------------------------------------------------------


def test_data_files_are_small_and_carry_no_time() -> None:
    assert sum(file.stat().st_size for file in REFERENCE.glob("us_*")) < 2_000_000
    for file in REFERENCE.glob("us_*.csv.gz"):
        # Bytes 4 to 7 of a gzip file are its time, bit 3 of byte 3 says that a name follows.
        header = file.read_bytes()[:10]
        assert header[4:8] == bytes(4)
        assert not header[3] & 8


def test_notice_names_the_sources() -> None:
    notice = (REFERENCE / "NOTICE.md").read_text(encoding="utf-8")
    assert gazetteer_file.ATTRIBUTION in notice
    for file in REFERENCE.glob("us_*"):
        assert f"`{file.name}`" in notice


# ---- building -----------------------------------------------------------------------------------


def test_rows(gazetteer: Gazetteer) -> None:
    found = counts(gazetteer.connection)
    assert found["state"] == len(STATES) == 56
    assert found["postal"] > 41_000
    assert found["place"] > 36_000
    assert found["place_alias"] > 1_000


def test_every_point_lies_in_its_state(gazetteer: Gazetteer) -> None:
    boxes = {state.code: state for state in gazetteer.states()}
    for table in ("postal", "place"):
        rows = gazetteer.connection.execute(f"select name, state, latitude, longitude from {table}")
        astray = [
            (name, state)
            for name, state, latitude, longitude in rows
            if state in boxes and not boxes[state].may_contain(latitude, longitude)
        ]
        # GeoNames' errors that no Census point corrects: mostly codes of single organisations.
        assert len(astray) < 60, astray


def test_integrity(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
        assert connection.execute("pragma foreign_key_check").fetchall() == []


def test_ensure_builds_once_and_again_when_data_change(tmp_path: Path) -> None:
    reference = tmp_path / "reference"
    shutil.copytree(REFERENCE, reference)
    path = ensure(tmp_path / "data", reference)
    first = path.stat().st_ino
    assert ensure(tmp_path / "data", reference).stat().st_ino == first
    with (reference / "us_state.csv").open("a", encoding="utf-8") as handle:
        handle.write("ZZ,Nowhere,0,0,0,0,0,0,0\n")
    assert ensure(tmp_path / "data", reference).stat().st_ino != first
    with Gazetteer(path) as gazetteer:
        assert [state.name for state in gazetteer.states()][-1] == "Nowhere"
    assert [file.name for file in (tmp_path / "data").iterdir()] == ["gazetteer.db"]


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\x00" + bytes(200)])
def test_ensure_replaces_a_damaged_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "gazetteer.db").write_bytes(content)
    with Gazetteer(ensure(tmp_path)) as gazetteer:
        assert gazetteer.postal("43604") is not None


def test_a_failed_build_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = ensure(tmp_path)
    before = hashlib.sha256(path.read_bytes()).digest()

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(gazetteer_file, "_fill", fail)
    with pytest.raises(OSError, match="disk full"):
        build(path)
    assert hashlib.sha256(path.read_bytes()).digest() == before
    assert list(tmp_path.iterdir()) == [path]


def test_two_builds_at_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(build, [tmp_path / "gazetteer.db"] * 2))
    with Gazetteer(tmp_path / "gazetteer.db") as gazetteer:
        assert gazetteer.city("Toledo", "OH") is not None


def test_copy_into_works_in_a_transaction(path: Path, gazetteer: Gazetteer) -> None:
    with closing(sqlite3.connect(":memory:")) as public:
        public.execute("create table practitioner (id text)")
        public.commit()
        public.execute("begin")
        copy_into(public, path)
        assert public.in_transaction
        public.commit()
        assert counts(public) == counts(gazetteer.connection)
        copied = Gazetteer(public)
        assert copied.city("O'Fallon", "MO") == gazetteer.city("O'Fallon", "MO")
        assert copied.stamp == gazetteer.stamp
        sql = "select count(*) from place_fts where place_fts match 'tole*'"
        found = public.execute(sql).fetchone()
        assert found == gazetteer.connection.execute(sql).fetchone()
        assert found[0] >= 5


# ---- towns --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "state", "label", "near"),
    [
        ("Toledo", "OH", "Toledo, OH", (41.66, -83.56)),
        ("TOLEDO", "Ohio", "Toledo, OH", (41.66, -83.56)),
        ("  toledo ", "oh", "Toledo, OH", (41.66, -83.56)),
        ("St Louis", "MO", "St. Louis, MO", (38.63, -90.20)),
        ("St. Louis", "Mo.", "St. Louis, MO", (38.63, -90.20)),
        ("Saint Louis", "Missouri", "St. Louis, MO", (38.63, -90.20)),
        ("Mt Vernon", "OH", "Mount Vernon, OH", (40.39, -82.49)),
        ("Mt. Vernon", "WA", "Mount Vernon, WA", (48.42, -122.33)),
        ("Ft. Worth", "TX", "Fort Worth, TX", (32.73, -97.33)),
        ("Ft Wayne", "IN", "Fort Wayne, IN", (41.13, -85.13)),
        ("O'Fallon", "MO", "O'Fallon, MO", (38.81, -90.70)),
        ("O Fallon", "IL", "O'Fallon, IL", (38.59, -89.91)),
        ("O’Fallon", "IL", "O'Fallon, IL", (38.59, -89.91)),
        ("Coeur dAlene", "ID", "Coeur d'Alene, ID", (47.68, -116.78)),
        ("Winston Salem", "NC", "Winston-Salem, NC", (36.10, -80.24)),
        ("N. Las Vegas", "NV", "North Las Vegas, NV", (36.20, -115.12)),
        ("Mayaguez", "PR", "Mayagüez, PR", (18.20, -67.14)),
        ("Bayamón", "Puerto Rico", "Bayamón, PR", (18.40, -66.16)),
        ("NYC", "NY", "New York City, NY", (40.71, -74.01)),
        ("New York", "NY", "New York City, NY", (40.71, -74.01)),
        ("Philly", "PA", "Philadelphia, PA", (39.95, -75.16)),
        ("Brooklyn", "NY", "Brooklyn, NY", (40.65, -73.95)),
        ("Washington", "D.C.", "Washington, DC", (38.90, -77.04)),
        ("La Canada Flintridge", "CA", "La Cañada Flintridge, CA", (34.20, -118.19)),
        ("DeKalb", "IL", "DeKalb, IL", (41.93, -88.75)),
        ("De Kalb", "IL", "DeKalb, IL", (41.93, -88.75)),
        ("Mc Allen", "TX", "McAllen, TX", (26.20, -98.23)),
        ("Lucas County", "OH", "Lucas County, OH", (41.65, -83.57)),
        ("Bronx", "NY", "The Bronx, NY", (40.85, -73.87)),
        ("Kailua Kona", "HI", "Kailua-Kona, HI", (19.64, -156.0)),
    ],
)
def test_city(
    gazetteer: Gazetteer, name: str, state: str, label: str, near: tuple[float, float]
) -> None:
    place = gazetteer.city(name, state)
    assert place is not None
    assert place.label == label
    assert miles_between(place.latitude, place.longitude, *near) < 6


@pytest.mark.parametrize(
    ("name", "state"),
    [("Toledo", "MI"), ("", "OH"), ("Toledo", ""), ("Toledo", "Ontario"), ("Midway", "FL"),
     ("'; drop table place; --", "OH"), ("\x00", "OH")],
)  # fmt: skip
def test_no_city(gazetteer: Gazetteer, name: str, state: str) -> None:
    assert gazetteer.city(name, state) is None


def test_namesakes_come_biggest_first(gazetteer: Gazetteer) -> None:
    found = gazetteer.cities("springfield")
    assert len({place.state for place in found}) >= 20
    sizes = [place.population or 0 for place in found]
    assert sizes == sorted(sizes, reverse=True)
    assert found[0].long_label == "Springfield, Greene County, MO"


# ---- postal codes -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "label"),
    [
        ("43604", "Toledo, OH 43604"),
        (" 43604-1234 ", "Toledo, OH 43604"),
        ("436041234", "Toledo, OH 43604"),
        ("02134", "Allston, MA 02134"),
        ("00601", "Adjuntas, PR 00601"),
        ("96910", "Hagatna, GU 96910"),
        ("43697", "Toledo, OH 43697"),  # post-office boxes only
    ],
)
def test_postal(gazetteer: Gazetteer, code: str, label: str) -> None:
    place = gazetteer.postal(code)
    assert place is not None
    assert place.label == label
    assert place.kind == "postal"


@pytest.mark.parametrize(
    "code", ["", "4360", "436045", "00000", "09012", "34001", "ABCDE", "٤٣٦٠٤"]
)
def test_no_postal(gazetteer: Gazetteer, code: str) -> None:
    assert gazetteer.postal(code) is None


def test_military_codes_are_no_places(gazetteer: Gazetteer) -> None:
    assert all(map(is_military_postcode, ("09012", "34001", "96201", "96601")))
    codes = [code for (code,) in gazetteer.connection.execute("select code from postal")]
    assert not any(map(is_military_postcode, codes))


# ---- points -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("latitude", "longitude", "states"),
    [
        (41.66, -83.55, {"OH"}),
        (39.10, -94.60, {"MO", "KS"}),  # Kansas City, on the border
        (18.40, -66.10, {"PR"}),
        (61.20, -149.90, {"AK"}),
        (21.30, -157.85, {"HI"}),
        (0.0, 0.0, set()),
        (-83.55, 41.66, set()),  # swapped
        (51.5, -0.12, set()),
        (40.0, -60.0, set()),
        (91.0, -83.0, set()),
        (float("nan"), -83.0, set()),
    ],
)
def test_state_of(
    gazetteer: Gazetteer, latitude: float, longitude: float, states: set[str]
) -> None:
    assert gazetteer.state_of(latitude, longitude) == states


def test_state_of_every_postal_point_has_its_state(gazetteer: Gazetteer) -> None:
    rows = gazetteer.connection.execute(
        "select state, latitude, longitude from postal where kind = 'zcta2020'"
        " and cast(code as integer) % 97 = 0"
    ).fetchall()
    assert len(rows) > 200
    assert [row for row in rows if row[0] not in gazetteer.state_of(row[1], row[2])] == []


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [
        (41.66, -83.55),
        (61.0, -150.0),
        (18.2, -66.5),
        (39.0, -117.0),
        (51.9, 179.5),
        (-14.3, -170.7),
    ],
)
def test_nearest_postal_is_the_nearest(
    gazetteer: Gazetteer, latitude: float, longitude: float
) -> None:
    found = gazetteer.nearest_postal(latitude, longitude, miles=300)
    best = min(
        gazetteer.connection.execute("select code, latitude, longitude from postal").fetchall(),
        key=lambda row: (miles_between(latitude, longitude, row[1], row[2]), row[0]),
    )
    assert found is not None
    assert found.postcode == best[0]


def test_people_points(gazetteer: Gazetteer) -> None:
    points = gazetteer.people_points()
    assert points[0] == (40.7143, -74.006, 8804190)
    assert len(points) > 30_000
    assert 150_000_000 < sum(people for _, _, people in points) < 330_000_000


# ---- text ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [("OH", "OH"), ("oh", "OH"), ("Ohio", "OH"), (" O.H. ", "OH"), ("W. Va.", "WV"),
     ("Calif", "CA"), ("NORTH CAROLINA", "NC"), ("N Carolina", "NC"),
     ("D.C.", "DC"), ("Puerto Rico", "PR"),
     ("U.S. Virgin Islands", "VI"), ("Ontario", None), ("", None), (None, None), ("Ohioo", None)],
)  # fmt: skip
def test_state_code(text: str | None, code: str | None) -> None:
    assert state_code(text) == code


@given(st.text())
def test_place_key_is_plain_and_stable(text: str) -> None:
    key = place_key(text)
    assert key.isascii()
    assert not key or key.isalnum()
    assert place_key(text.upper()) == place_key(text.upper().lower())
    assert place_key(f"  {text}, ") == key


def test_county_labels(gazetteer: Gazetteer) -> None:
    labels = {
        ("Toledo", "OH"): "Lucas County",
        ("Springfield", "LA"): "Livingston Parish",
        ("St. Louis", "MO"): "",
        ("Carson City", "NV"): "",
    }
    for (name, state), label in labels.items():
        place = gazetteer.city(name, state)
        assert place is not None
        assert place.county_label == label
