"""Nearest search against the plain way: measure every location and sort."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.nearest import (
    EVERYWHERE_MILES,
    Near,
    build_density,
    haversine_miles,
    miles_between,
    nearest,
)

Row = tuple[float | None, float | None]


def published(points: Iterable[Row]) -> sqlite3.Connection:
    """A database with the columns of the published one that the search reads."""
    connection = sqlite3.connect(":memory:")
    connection.executescript(
        """
        create table practitioner (id text primary key, profession text);
        create table location (
            id integer primary key, practitioner_id text, latitude real, longitude real
        );
        create virtual table location_rtree using rtree(
            id, min_latitude, max_latitude, min_longitude, max_longitude
        );
        """
    )
    for number, (latitude, longitude) in enumerate(points, 1):
        connection.execute(
            "insert into practitioner values (?, ?)", (f"p{number}", "PT" if number % 3 else "OT")
        )
        connection.execute(
            "insert into location values (?, ?, ?, ?)", (number, f"p{number}", latitude, longitude)
        )
    connection.execute(
        "insert into location_rtree select id, latitude, latitude, longitude, longitude"
        " from location where latitude is not null"
    )
    build_density(connection)
    return connection


def plainly(
    points: list[Row], latitude: float, longitude: float, miles: float, every: int = 0
) -> list[Near]:
    found = [
        Near(number, miles_between(latitude, longitude, y, x))
        for number, (y, x) in enumerate(points, 1)
        if y is not None and x is not None and not (every and number % every == 0)
    ]
    near = [n for n in found if n.miles <= miles]
    return sorted(near, key=lambda n: (n.miles, n.id))


# Clustered, as people live: a few towns anywhere on earth, the date line and the poles included.
latitudes = st.one_of(st.floats(-90, 90), st.sampled_from([-90.0, 90.0, 0.0, 61.2, 41.66]))
longitudes = st.one_of(st.floats(-180, 180), st.sampled_from([-180.0, 180.0, 179.99, -179.99]))
offsets = st.floats(-0.4, 0.4)


@st.composite
def worlds(draw: st.DrawFn) -> list[Row]:
    points: list[Row] = []
    for _ in range(draw(st.integers(0, 4))):
        y, x = draw(latitudes), draw(longitudes)
        for _ in range(draw(st.integers(1, 25))):
            longitude = x + draw(offsets)
            longitude += -360 if longitude > 180 else 360 if longitude < -180 else 0
            points.append((max(-90.0, min(90.0, y + draw(offsets))), longitude))
    if points and draw(st.booleans()):
        points.append(points[0])
        points.append((None, None))
    return points


@settings(max_examples=250, deadline=None)
@given(
    worlds(), latitudes, longitudes,
    st.one_of(st.floats(0, 13_000), st.sampled_from([0.0, 5.0, 25.0, 100.0])),
    st.integers(0, 40), st.integers(0, 30), st.booleans(),
)  # fmt: skip
def test_equals_sorting_everything(  # noqa: PLR0917
    points: list[Row], latitude: float, longitude: float, miles: float, limit: int, offset: int,
    filtered: bool,
) -> None:  # fmt: skip
    connection = published(points)
    where = {"where": "p.profession = ?", "params": ("PT",)} if filtered else {}
    expected = plainly(points, latitude, longitude, miles, every=3 if filtered else 0)
    found = nearest(connection, latitude, longitude, miles, limit, offset, **where)
    assert found == expected[offset : offset + limit]
    connection.close()


@settings(max_examples=100, deadline=None)
@given(worlds(), st.integers(0, 100), st.floats(0.01, 1.0))
def test_from_the_door_of_a_location(points: list[Row], pick: int, share: float) -> None:
    """From a location's own point it comes first, whatever is said about the filter's share."""
    known = [(y, x) for y, x in points if y is not None and x is not None]
    if not known:
        return
    latitude, longitude = known[pick % len(known)]
    connection = published(points)
    found = nearest(connection, latitude, longitude, EVERYWHERE_MILES, 5, share=share)
    assert found == plainly(points, latitude, longitude, EVERYWHERE_MILES)[:5]
    assert found[0].miles == pytest.approx(0, abs=1e-6)
    connection.close()


def test_looks_no_further_than_it_must() -> None:
    """Asking for a few in a dense town does not read the town."""
    town = [(40.0 + i * 0.001, -83.0 + j * 0.001) for i in range(60) for j in range(60)]
    connection = published(town)
    read: list[object] = []
    connection.create_function("seen", 1, lambda number: read.append(number) or 1)
    found = nearest(connection, 40.03, -82.97, 100, 10, where="seen(l.id)")
    assert len(found) == 10
    assert len(read) < 200
    connection.close()


def test_across_the_date_line() -> None:
    connection = published([(52.0, 179.9), (52.0, -179.9), (52.0, 170.0)])
    found = nearest(connection, 52.0, 179.95, 50, 10)
    assert [near.id for near in found] == [1, 2]
    connection.close()


def test_works_on_rows_of_any_kind() -> None:
    connection = published([(41.66, -83.55)])
    connection.row_factory = sqlite3.Row
    assert nearest(connection, 41.66, -83.55, 1, 1) == [Near(1, 0.0)]
    connection.close()


def test_empty_database() -> None:
    connection = published([])
    assert nearest(connection, 41.66, -83.55, 100, 25) == []
    connection.close()


@pytest.mark.parametrize(
    ("latitude", "longitude", "miles", "limit"),
    [(91, 0, 1, 1), (0, 181, 1, 1), (math.nan, 0, 1, 1), (0, 0, -1, 1), (0, 0, math.nan, 1),
     (0, 0, 1, -1)],
)  # fmt: skip
def test_refuses_nonsense(latitude: float, longitude: float, miles: float, limit: int) -> None:
    connection = published([])
    with pytest.raises(ValueError, match=r"point|radius|negative"):
        nearest(connection, latitude, longitude, miles, limit)
    connection.close()


@pytest.mark.parametrize(
    ("one", "other", "miles"),
    [
        ((39.7392, -104.9903), (40.0150, -105.2705), 24.2),  # Denver to Boulder
        ((41.6639, -83.5552), (39.9612, -82.9988), 121.2),  # Toledo to Columbus
        ((0, 0), (0, 180), math.pi * 3958.7613),
        ((90, 0), (-90, 77), math.pi * 3958.7613),
        ((52, 179.95), (52, -179.95), 4.25),
    ],
)
def test_distances(one: tuple[float, float], other: tuple[float, float], miles: float) -> None:
    assert haversine_miles(*one, *other) == pytest.approx(miles, rel=0.01)
    assert haversine_miles(*other, *one) == pytest.approx(miles, rel=0.01)


@pytest.mark.parametrize("bad", [None, "here", b"1", math.nan, math.inf])
def test_distance_of_no_point_is_null(bad: object) -> None:
    connection = sqlite3.connect(":memory:")
    connection.create_function("haversine_miles", 4, haversine_miles, deterministic=True)
    for place in range(4):
        numbers: list[object] = [41.0, -83.0, 42.0, -84.0]
        numbers[place] = bad
        assert haversine_miles(*numbers) is None
        sql = "select haversine_miles(?, ?, ?, ?)"
        assert connection.execute(sql, numbers).fetchone() == (None,)
    connection.close()
