"""Samples a person compares: drawn, written, filled in, read back, counted, published."""

from __future__ import annotations

import csv
import datetime as dt
import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.gazetteer_file import ensure
from db.hand_checks import HandCheck, keep_hand_checks
from db.published import publish
from db.quality import wilson
from db.runs import take_in
from db.working import open_working
from matching.rebuild import match
from records.listing import Listing
from reviewing.worksheets import WorksheetError, read_worksheet
from tests.conftest import needlepoint, served
from tests.store_fixtures import person, run, sheet

PEOPLE = 12
BAD_PRACTICE = '=HYPERLINK("https://example.com","x")'


@pytest.fixture(scope="module")
def gazetteer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ensure(tmp_path_factory.mktemp("gazetteer"))


def everybody(source: str) -> list[Listing]:
    return [
        person(n, source, f"Given{chr(97 + n)}", f"Family{chr(97 + n)}", practice=BAD_PRACTICE)
        for n in range(PEOPLE)
    ]


@pytest.fixture
def data(tmp_path: Path, gazetteer: Path) -> Path:
    """Twelve people, each listed by two directories under one address, and so joined."""
    shutil.copy(gazetteer, tmp_path)
    db = open_working(tmp_path)
    for source in ("alpha", "beta"):
        take_in(db, sheet(source), run(everybody(source), night=28, source_id=source))
    match(db)
    publish(db, tmp_path)
    db.close()
    return tmp_path


def hand_check(data: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    return needlepoint("hand-check", *words, "--data", data)


def filled(path: Path, answers: dict[int, dict[str, str]]) -> None:
    """Fill in lines, the first after the head is 0."""
    with path.open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    for line, given_ in answers.items():
        assert given_.keys() <= rows[line].keys()
        rows[line] |= given_
    with path.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.DictWriter(handle, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def rows(data: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(data / "directory.db")) as connection:
        return connection.execute(sql).fetchall()


def publish_again(data: Path) -> None:
    db = open_working(data)
    publish(db, data)
    db.close()


def goal(data: Path, name: str, part: str = "") -> tuple[Any, ...]:
    [found] = rows(
        data,
        "select numerator, denominator, low, high, checked_on, note from quality"
        f" where goal = '{name}' and part = '{part}'",
    )
    return found


def test_pairs(data: Path) -> None:
    sheet_ = data / "pairs.csv"
    assert goal(data, "G6")[0] is None
    assert goal(data, "G6")[5].startswith("No sample judged yet.")
    done = hand_check(data, "pairs", sheet_, "--count", "10", "--seed", "3")
    assert done.returncode == 0, done.stderr
    assert "10 joined pairs, drawn with seed 3" in done.stdout
    with sheet_.open(encoding="utf-8-sig", newline="") as handle:
        drawn = list(csv.DictReader(handle))
    joined = dict(rows(data, "select id, practitioner_id from listing"))
    assert len({(one["left"], one["right"]) for one in drawn}) == 10
    assert all(joined[one["left"]] == joined[one["right"]] for one in drawn)
    # What a directory prints is no formula in a spreadsheet.
    assert {one["left_practice"] for one in drawn} == {f"'{BAD_PRACTICE}"}
    said = ["same", "S", "y", "same", "Yes", "same", "same", "different", "?", ""]
    filled(sheet_, {line: {"same_person": word} for line, word in enumerate(said)})
    done = hand_check(data, "read", sheet_, "--by", "Ada", "--on", str(today()))
    assert done.returncode == 0, done.stderr
    assert "9 answers about 9 pairs kept" in done.stdout
    pair = f"{drawn[7]['left']} {drawn[7]['right']}"
    assert f"needlepoint review --pair {pair} --different" in done.stdout
    publish_again(data)
    assert goal(data, "G6")[:5] == (7, 8, *wilson(7, 8), str(today()))
    [sql] = rows(data, "select sql from quality where goal = 'G6'")[0]
    assert rows(data, sql)[0][:2] == (7, 8)
    assert "Ada" not in str(rows(data, "select * from hand_check"))
    # Read again with another mind: the newer answer counts, once.
    filled(sheet_, {7: {"same_person": "same"}})
    assert hand_check(data, "read", sheet_, "--by", "Ada").returncode == 0
    publish_again(data)
    assert goal(data, "G6")[:2] == (8, 8)


def today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()


def test_listings(data: Path) -> None:
    sheet_ = data / "listings.csv"
    assert hand_check(data, "listings", sheet_, "--count", "6", "--seed", "1").returncode == 0
    with sheet_.open(encoding="utf-8-sig", newline="") as handle:
        drawn = [one["listing"] for one in csv.DictReader(handle)]
    asked = {"offers_dry_needling": "y"}
    filled(
        sheet_,
        {
            0: {"name_right": "y", "phone_right": "y", "address_right": "y"} | asked,
            1: {"name_right": "y", "phone_right": "n", "address_right": "y"} | asked,
            2: {"name_right": "y", "phone_right": "?", "offers_dry_needling": "n"},
            3: {"website_right": "y"},
        },
    )
    done = hand_check(data, "read", sheet_, "--by", "Ada")
    assert done.returncode == 0, done.stderr
    assert "12 answers about 4 listings kept" in done.stdout
    publish_again(data)
    assert goal(data, "G13", "fields")[:5] == (7, 8, *wilson(7, 8), str(today()))
    assert goal(data, "G13", "place")[:2] == (2, 2)
    assert goal(data, "G13", "number")[:2] == (1, 2)
    assert goal(data, "G13", "offers")[:2] == (2, 3)
    # Confirmed is what the practice confirmed and in which nothing is wrong.
    confirmed = rows(data, "select id, confirmed_at from listing where confirmed_at is not null")
    assert confirmed == [(drawn[0], str(today()))]
    [[who]] = rows(data, f"select practitioner_id from listing where id = '{drawn[0]}'")
    with served(data) as site:
        page = httpx.get(f"{site}/practitioner/{who}").text
        assert page.count("<dt>Confirmed by a person</dt><dd><time") == 1
        assert "Next visit due" in httpx.get(f"{site}/sources").text
    assert goal(data, "G6")[0] is None


def test_a_confirmation_ends_when_the_entry_changes(data: Path) -> None:
    db = open_working(data)
    checks = [HandCheck("alpha:1", None, "offers", "right")]
    keep_hand_checks(db, checks, "Ada", "2026-03-29")
    publish(db, data)
    assert rows(data, "select confirmed_at from listing where id = 'alpha:1'") == [("2026-03-29",)]
    first, second, *others = everybody("alpha")
    moved = replace(second, street="9 Elsewhere Ave")
    take_in(db, sheet("alpha"), run([first, moved, *others], night=31))
    match(db)
    publish(db, data)
    db.close()
    assert rows(data, "select confirmed_at from listing where id = 'alpha:1'") == [(None,)]


def test_the_seed_draws_the_same_again_and_answers_are_not_overwritten(data: Path) -> None:
    texts = []
    for name, seed in (("a", "5"), ("b", "5"), ("c", "6")):
        words = ("listings", data / f"{name}.csv", "--count", "5", "--seed", seed)
        assert hand_check(data, *words).returncode == 0
        texts.append((data / f"{name}.csv").read_text())
    assert texts[0] == texts[1] != texts[2]
    again = hand_check(data, "listings", data / "a.csv")
    assert again.returncode == 1
    assert "may hold answers" in again.stderr
    assert (data / "a.csv").read_text() == texts[0]


def test_errors_name_file_and_line_and_nothing_is_kept(data: Path) -> None:
    path = data / "pairs.csv"
    path.write_text(
        "left,right,same_person\n"
        "alpha:1,beta:1,same\n"
        "alpha:1,beta:99,same\n"
        "alpha:2,beta:2,perhaps\n"
        "beta:1,alpha:1,same\n"
        "alpha:3,alpha:3,same\n"
    )
    done = hand_check(data, "read", path, "--by", "Ada")
    assert done.returncode == 1
    for told in (
        f"{path} line 3: no listing beta:99",
        f"{path} line 4: same_person is 'perhaps': write same, different, ? or nothing",
        f"{path} line 5: stands in line 2 already",
        f"{path} line 6: both are one listing",
    ):
        assert told in done.stderr
    assert "line 2: " not in done.stderr
    with closing(sqlite3.connect(data / "working.db")) as connection:
        assert connection.execute("select count(*) from hand_check").fetchone() == (0,)
    tomorrow = str(today() + dt.timedelta(days=1))
    assert hand_check(data, "read", path, "--on", tomorrow).returncode == 2
    assert hand_check(data, "read", data / "nowhere.csv").returncode == 1


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "line 1: no column listing"),
        (b"left,right\n", "line 1: no column same_person"),
        (b"listing,name_right\n", "line 1: no column credentials_right"),
        ("left,right,same_person\nä".encode("latin-1"), "save it as CSV UTF-8"),
        (b'left,right,same_person\n"a', "is no CSV"),
    ],
)
def test_what_is_no_worksheet(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "sheet.csv"
    path.write_bytes(content)
    with pytest.raises(WorksheetError, match=told):
        read_worksheet(path, lambda _id: True)


def test_semicolons_added_columns_and_empty_lines_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    path.write_text(
        "\ufeffnote;left;right;same_person\r\n;;;\r\nseen, both;b:1 ;a:1;DIFFERENT\r\n;a:2;b:2\r\n",
        encoding="utf-8",
    )
    assert read_worksheet(path, lambda _id: True) == [HandCheck("a:1", "b:1", "joined", "wrong")]


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_the_share_and_stays_in_bounds(sample: tuple[int, int]) -> None:
    low, high = wilson(*sample)
    assert 0 <= low <= 100 * sample[0] / sample[1] + 0.051
    assert 100 * sample[0] / sample[1] - 0.051 <= high <= 100
    assert low < high


def test_wilson_gives_known_values() -> None:
    # Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    assert wilson(81, 263) == (25.5, 36.6)
    assert wilson(15, 148) == (6.2, 16.0)
    assert wilson(0, 20) == (0.0, 16.1)
    assert wilson(1, 29) == (0.6, 17.2)
