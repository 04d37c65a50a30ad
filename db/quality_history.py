"""How good earlier releases were: a row for each goal and day, and what became of it since."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from sqlite_utils import Database

from db.quality import Measured

Direction = Literal["up", "down", "same"]

_NAMES = ("day", "goal", "part", "method", "numerator", "denominator")
_COLUMNS = ", ".join(_NAMES)
_INSERT = f"insert or replace into quality_history ({_COLUMNS}) values (?, ?, ?, ?, ?, ?)"  # noqa: S608
_SELECT = f"select {_COLUMNS} from quality_history"  # noqa: S608

Row = tuple[str, str, str, str, int, int]


@dataclass(frozen=True, slots=True)
class Point:
    """A goal on one day."""

    day: str
    numerator: int
    denominator: int
    percent: float


@dataclass(frozen=True, slots=True)
class Trend:
    """A goal's days, the oldest first, the release's own last; at least two."""

    points: tuple[Point, ...]

    @property
    def now(self) -> Point:
        return self.points[-1]

    @property
    def earlier(self) -> Point:
        """The figure before this one."""
        return self.points[-2]

    @property
    def direction(self) -> Direction:
        """Whether the percentage, as it is shown, went up or down since."""
        now, before = self.now.percent, self.earlier.percent
        return "up" if now > before else "down" if now < before else "same"

    @property
    def lowest(self) -> float:
        return min(point.percent for point in self.points)

    @property
    def highest(self) -> float:
        return max(point.percent for point in self.points)

    def as_json(self) -> dict[str, object]:
        """For programs: the direction, and every day with its numbers."""
        return {
            "direction": self.direction,
            "points": [
                {"day": p.day, "numerator": p.numerator, "denominator": p.denominator}
                for p in self.points
            ],
        }  # fmt: skip


def rows_of(measured: Iterable[Measured]) -> list[Row]:
    """What goes into the history of a release: its measured goals, on the day it was built."""
    return [
        (one.as_of[:10], one.goal, one.part, one.method, one.numerator, one.denominator)
        for one in measured
        if one.method is not None and one.numerator is not None and one.denominator is not None
    ]


def put_history(
    db: Database, public: sqlite3.Connection, measured: Iterable[Measured]
) -> list[Row]:
    """Write the history into the new public database: earlier days from the working store, and
    this release in place of others of its day. Returns this release's rows. Neither commits."""
    fresh = rows_of(measured)
    day = fresh[0][0] if fresh else ""
    # A later day means that the clock was wrong once; a history of the future is none.
    earlier = db.conn.execute(f"{_SELECT} where day < ? order by {_COLUMNS}", (day,))
    public.executemany(_INSERT, earlier)
    public.executemany(_INSERT, fresh)
    return fresh


def remember(db: Database, fresh: list[Row]) -> None:
    """Keep a release's rows in the working store instead of others of its day; within the
    caller's transaction."""
    db.conn.executemany("delete from quality_history where day = ?", {(row[0],) for row in fresh})
    db.conn.executemany(_INSERT, fresh)


def trends(connection: sqlite3.Connection) -> dict[tuple[str, str], Trend]:
    """By goal and part: what the public database says of earlier releases.

    Only days on which the same was counted as now; nothing for a goal without an earlier figure,
    or without a figure now.
    """
    cursor = connection.cursor()
    cursor.row_factory = None
    # The row of the release itself says what is counted now.
    cursor.execute(
        "select history.goal, history.part, history.day, history.numerator, history.denominator"
        " from quality_history history join quality using (goal, part, method)"
        " where quality.denominator > 0 and history.denominator > 0"
        " order by history.goal, history.part, history.day"
    )
    found = {}
    for key, rows in groupby(cursor, key=lambda row: (str(row[0]), str(row[1]))):
        points = tuple(
            Point(day, part, of, round(100 * part / of, 1)) for _, _, day, part, of in rows
        )
        if len(points) > 1:
            found[key] = Trend(points)
    return found


def spark(trend: Trend, width: float = 96, height: float = 24) -> str:
    """The points of an SVG polyline: days across, percentages up, 2 units of air all around.

    A flat line where nothing changed. Days stand where they fall in time.
    """
    days = [dt.date.fromisoformat(point.day).toordinal() for point in trend.points]
    span = max(1, days[-1] - days[0])
    rise = trend.highest - trend.lowest
    places = []
    for day, point in zip(days, trend.points, strict=True):
        x = 2 + (width - 4) * (day - days[0]) / span
        up = (point.percent - trend.lowest) / rise if rise else 0.5
        y = height - 2 - (height - 4) * up
        places.append(f"{x:.1f},{y:.1f}")
    return " ".join(places)
