"""How good the published data are: the goals G1 to G14 measured, and how they were before.

Every number is computed from the public file alone, so that anybody can compute it again. What
cannot be, or is not measured yet, says so and has no number: an empty field is no zero.
"""
# ruff: noqa: S608 - the queries are put together from this file's own words only

from __future__ import annotations

import hashlib
import math
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import dedent

from db.nearest import haversine_miles
from db.quality_goals import GOALS, Goal


@dataclass(frozen=True, slots=True)
class Measured:
    """A goal with its numbers in one release; None where it is not measured."""

    goal: str
    part: str
    title: str
    numerator: int | None
    denominator: int | None
    percent: float | None
    """100 × numerator / denominator, to a tenth; None too where there is nothing to count."""
    low: float | None
    """Of a sample: the ends of the 95 % interval of the percentage, after Wilson."""
    high: float | None
    target: str
    as_of: str
    """When the release was built: UTC, ISO 8601."""
    checked_on: str | None
    """Of a sample: the last day somebody, or the program, checked."""
    method: str | None
    """Changes when something else is counted: numbers of two methods are not to be compared."""
    sql: str | None
    note: str


def measure(connection: sqlite3.Connection) -> Iterator[Measured]:
    """The goals in the release that stands in an open public database.

    Needs the search index and the gazetteer's tables. Nothing where no release stands in it.
    """
    connection.create_function("haversine_miles", 4, haversine_miles, deterministic=True)
    built = connection.execute("select built_at from release").fetchone()
    if built is not None:
        for goal in GOALS:
            yield _measured(connection, goal, str(built[0]))


def _measured(connection: sqlite3.Connection, goal: Goal, built_at: str) -> Measured:
    sql = dedent(goal.sql) if goal.sql and _has(connection, goal.needs) else None
    numerator: int | None = None
    denominator: int | None = None
    percent: float | None = None
    low: float | None = None
    high: float | None = None
    checked_on: str | None = None
    note = goal.note
    if sql:
        numerator, denominator, *rest = connection.execute(sql).fetchone()
        if denominator:
            percent = round(100 * numerator / denominator, 1)
        if goal.nothing_yet:
            [checked_on] = rest
            if denominator:
                low, high = wilson(numerator, denominator)
            else:
                numerator = denominator = None
                note = f"{goal.nothing_yet} {note}"
    return Measured(
        goal.goal, goal.part, goal.title, numerator, denominator, percent, low, high, goal.target,
        built_at, checked_on, method_of(sql), sql, note,
    )  # fmt: skip


def _has(connection: sqlite3.Connection, needs: tuple[str, str] | None) -> bool:
    if needs is None:
        return True
    asked = connection.execute("select 1 from pragma_table_info(?) where name = ?", needs)
    return asked.fetchone() is not None


def method_of(sql: str | None) -> str | None:
    """A short name of a query that stays the same while it asks the same."""
    if sql is None:
        return None
    return hashlib.sha256(" ".join(sql.split()).encode()).hexdigest()[:8]


def wilson(numerator: int, denominator: int) -> tuple[float, float]:
    """The 95 % interval of a share found in a random sample, in percent, to a tenth (E. B. Wilson,
    1927). Unlike the usual one it stays within 0 and 100 and holds for small samples."""
    z = 1.959964
    share = numerator / denominator
    scale = 1 + z * z / denominator
    middle = (share + z * z / (2 * denominator)) / scale
    spread = share * (1 - share) / denominator + z * z / (4 * denominator * denominator)
    half = z * math.sqrt(spread) / scale
    return round(100 * max(0.0, middle - half), 1), round(100 * min(1.0, middle + half), 1)


def store_quality(connection: sqlite3.Connection) -> None:
    """Measure the release and write it into its table `quality`. The caller commits."""
    names = Measured.__slots__
    connection.executemany(
        f"insert into quality ({', '.join(names)}) values ({', '.join('?' * len(names))})",
        [[getattr(one, name) for name in names] for one in measure(connection)],
    )


def quality(connection: sqlite3.Connection) -> list[Measured]:
    """What `store_quality` wrote, in the order of the goals."""
    cursor = connection.cursor()
    # Datasette's connections give sqlite3.Row.
    cursor.row_factory = None
    cursor.execute(f"select {', '.join(Measured.__slots__)} from quality order by rowid")
    return [Measured(*row) for row in cursor]
