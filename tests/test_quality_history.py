"""How good releases were: kept at each publishing, published, and shown with a direction."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlite_utils import Database

from commands.run import _due
from db.gazetteer_file import ensure
from db.published import PublishError, publish
from db.quality_goals import GOALS
from db.quality_history import Point, Trend, spark, trends
from db.runs import take_in
from db.status import due_on, is_due, source_states
from db.working import open_working
from matching.rebuild import match
from tests.conftest import served
from tests.store_fixtures import people, run, sheet


@pytest.fixture(scope="module")
def gazetteer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ensure(tmp_path_factory.mktemp("gazetteer"))


@pytest.fixture
def db(tmp_path: Path, gazetteer: Path) -> Any:
    shutil.copy(gazetteer, tmp_path)
    opened = open_working(tmp_path)
    take_in(opened, sheet("alpha"), run(people(20), night=28))
    match(opened)
    yield opened
    opened.close()


def on(db: Database, data: Path, day: int, hour: int = 4) -> None:
    publish(db, data, now=dt.datetime(2026, 4, day, hour, tzinfo=dt.UTC))


def public(data: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(data / "directory.db")) as connection:
        return connection.execute(sql).fetchall()


ROWS = "select day, goal, part, method, numerator, denominator from quality_history order by 1,2,3"


def test_each_day_leaves_a_row_a_goal_that_can_be_had_again(db: Database, tmp_path: Path) -> None:
    on(db, tmp_path, 1)
    first = public(tmp_path, ROWS)
    assert {row[0] for row in first} == {"2026-04-01"}
    assert {(row[1], row[2]) for row in first} == {
        (one.goal, one.part) for one in GOALS if one.sql and not one.nothing_yet
    }
    # Each row is what its query gives in the release of that day.
    for _, goal, part, method, numerator, denominator in first:
        told = public(
            tmp_path,
            "select method, numerator, denominator from quality"
            f" where goal = '{goal}' and part = '{part}'",
        )
        assert told == [(method, numerator, denominator)]
    on(db, tmp_path, 15)
    both = public(tmp_path, ROWS)
    assert both[: len(first)] == first
    assert {row[0] for row in both} == {"2026-04-01", "2026-04-15"}
    assert db.conn.execute(ROWS).fetchall() == both


def test_the_last_release_of_a_day_stands_for_it(db: Database, tmp_path: Path) -> None:
    on(db, tmp_path, 1)
    take_in(db, sheet("alpha"), run(people(22), night=31))
    match(db)
    on(db, tmp_path, 1, hour=9)
    [(numerator, denominator)] = public(
        tmp_path, "select numerator, denominator from quality_history where goal = 'G1'"
    )
    assert (numerator, denominator) == (22, 22)
    # Whoever publishes the same store again gets the same history.
    before = public(tmp_path, ROWS)
    on(db, tmp_path, 1, hour=9)
    assert public(tmp_path, ROWS) == before


def test_a_release_that_is_refused_leaves_no_row(db: Database, tmp_path: Path) -> None:
    on(db, tmp_path, 1)
    with pytest.raises(PublishError):
        publish(
            db,
            tmp_path,
            now=dt.datetime(2026, 4, 2, tzinfo=dt.UTC),
            opted_out=lambda _listing: True,
        )
    assert {row[0] for row in db.conn.execute(ROWS)} == {"2026-04-01"}


def test_other_methods_and_empty_days_are_not_compared(db: Database, tmp_path: Path) -> None:
    on(db, tmp_path, 1)
    with db.atomic():
        db.conn.execute("update quality_history set method = 'other' where goal = 'G1'")
        db.conn.execute("update quality_history set denominator = 0 where goal = 'G4'")
    on(db, tmp_path, 2)
    with closing(sqlite3.connect(tmp_path / "directory.db")) as connection:
        found = {goal for goal, _ in trends(connection)}
    assert "G10" in found
    assert not found & {"G1", "G4"}


def test_the_page_says_earlier_figure_and_direction(db: Database, tmp_path: Path) -> None:
    on(db, tmp_path, 1)
    with db.atomic():
        # All 20 count; as if it had been fewer.
        db.conn.execute("update quality_history set numerator = 10 where goal = 'G1'")
    on(db, tmp_path, 8)
    with db.atomic():
        db.conn.execute(
            "update quality_history set numerator = 12 where goal = 'G1' and day = '2026-04-08'"
        )
    with served(tmp_path) as site:
        page = httpx.get(f"{site}/quality").text
        assert "<svg" not in row_of(page, "G1")
        assert "up from 50.0 %" in row_of(page, "G1")
        on(db, tmp_path, 20)
        page = httpx.get(f"{site}/quality").text
        goals = httpx.get(f"{site}/quality.json").json()["goals"]
    g1 = row_of(page, "G1")
    assert "up from 60.0 % on 8 Apr 2026" in words(g1)
    assert "<title>3 releases since 1 Apr 2026: between 50.0 % and 100.0 %</title>" in g1
    assert 'role="img"' in g1
    [line] = re.findall(r'points="([^"]+)"', g1)
    assert line.split()[0] == "2.0,22.0"
    assert line.split()[-1] == "94.0,2.0"
    assert "unchanged since 8 Apr 2026" in words(row_of(page, "G10"))
    by_goal = {(one["goal"], one["part"]): one["trend"] for one in goals}
    assert by_goal["G1", ""] == {
        "direction": "up",
        "points": [
            {"day": "2026-04-01", "numerator": 10, "denominator": 20},
            {"day": "2026-04-08", "numerator": 12, "denominator": 20},
            {"day": "2026-04-20", "numerator": 20, "denominator": 20},
        ],
    }
    assert by_goal["G9", ""] is None


def row_of(page: str, goal: str) -> str:
    return page.partition(f'<tr id="{goal}"')[2].partition("</tr>")[0]


def words(markup: str) -> str:
    title = re.sub(r"<title>.*?</title>", "", markup)
    return " ".join(re.sub(r"<[^>]+>", "", title).split())


def test_a_line_of_equal_days_is_flat() -> None:
    same = Trend(tuple(Point(f"2026-04-0{day}", 1, 2, 50.0) for day in (1, 2, 3)))
    assert same.direction == "same"
    assert spark(same) == "2.0,12.0 48.0,12.0 94.0,12.0"


@pytest.mark.parametrize(
    ("every", "verdict", "due"),
    [(1, "good", "2026-04-02"), (7, "good", "2026-04-08"), (7, "failed", "2026-04-02")],
)
def test_when_a_source_is_due(every: int, verdict: str, due: str) -> None:
    assert due_on(sheet(every_days=every), "2026-04-01T23:00:00Z", verdict) == due
    assert due_on(sheet(every_days=every), None, None) is None
    paused = {"state": "paused", "reason": "a test", "date": "2026-01-01"}
    assert due_on(sheet(status=paused), "2026-04-01T23:00:00Z", verdict) is None


def test_a_night_leaves_out_what_is_not_due(db: Database, tmp_path: Path) -> None:
    weekly, nightly = sheet("alpha", every_days=7), sheet("alpha")
    [state] = source_states(db)
    assert state.last_attempt == "2026-03-28T02:00:00Z"
    for day, due in ((28, False), (29, False), (31, False)):
        assert is_due(weekly, state, dt.date(2026, 3, day)) is due
        assert is_due(nightly, state, dt.date(2026, 3, day))
    assert is_due(weekly, state, dt.date(2026, 4, 4))
    assert is_due(weekly, None, dt.date(2026, 3, 28))
    assert is_due(weekly, replace(state, verdict="suspect"), dt.date(2026, 3, 29))
    assert _due([weekly, nightly], tmp_path) == [weekly, nightly]
    now = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    beta = sheet("beta", every_days=2)
    take_in(db, beta, replace(run(people(5, "beta"), source_id="beta"), started_at=now))
    assert _due([weekly, beta], tmp_path) == [weekly]
    take_in(db, weekly, run([], night=29))  # failed: remembers the sheet, publishes the day
    match(db)
    on(db, tmp_path, 1)
    assert public(tmp_path, "select next_due from source where id = 'alpha'") == [("2026-03-30",)]
