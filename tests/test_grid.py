"""The search grid: everybody is found, with few questions, and what was not asked is known."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiders.platforms.grid import Cell, Grid, Point, km_between
from tests.platform_fixtures import us_places

TOLEDO, COLUMBUS = (41.6528, -83.5379), (39.9612, -82.9988)


def people_near(towns: list[tuple[float, float, int]], count: int, seed: int) -> list[Point]:
    """Offices in and around towns, the more the bigger the town."""
    rng = random.Random(seed)
    found = []
    for latitude, longitude, people in rng.choices(towns, [town[2] + 1 for town in towns], k=count):
        away = min(12.0, math.sqrt(people / 1000 / math.pi)) * math.sqrt(rng.random())
        turn = rng.uniform(0, 2 * math.pi)
        east = 111.2 * max(math.cos(math.radians(latitude)), 0.01)
        found.append(
            (latitude + away * math.cos(turn) / 111.2, longitude + away * math.sin(turn) / east)
        )
    return found


def ask_all(grid: Grid, offices: list[Point], most_rows: int) -> set[int]:
    """Ask a locator that gives the nearest `most_rows` of the offices; ids of those found."""
    found: set[int] = set()
    while (cell := grid.next_cell()) is not None:
        near = sorted((km_between(cell.centre, one), n) for n, one in enumerate(offices))
        rows = [n for away, n in near if away <= cell.radius_km][:most_rows]
        found.update(rows)
        grid.answered(cell, [offices[n] for n in rows], full=len(rows) >= most_rows)
        assert grid.asked < 5000
    return found


def test_distance() -> None:
    assert km_between(TOLEDO, COLUMBUS) == pytest.approx(193.5, abs=1)
    assert km_between((0, 179.5), (0, -179.5)) == pytest.approx(111.2, abs=0.1)
    assert km_between((90, 0), (90, 77)) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("radius", "rows", "count", "most"),
    [(500, 100, 409, 60), (500, 25, 409, 90), (804.672, 100, 409, 40)],
)
def test_the_whole_country_with_few_questions(
    radius: float, rows: int, count: int, most: int
) -> None:
    offices = people_near(list(us_places()), count, seed=7)
    grid = Grid(us_places(), radius)
    assert len(ask_all(grid, offices, rows)) == count
    assert grid.asked <= most
    assert not grid.too_full
    assert grid.people_left() == 0


def test_more_offices_at_one_spot_than_rows_is_known() -> None:
    grid = Grid([(*TOLEDO, 270_000)], 50)
    found = ask_all(grid, [TOLEDO] * 40, 25)
    assert len(found) == 25
    assert grid.too_full


def test_nothing_is_asked_where_nobody_lives() -> None:
    assert Grid([], 50).next_cell() is None
    assert Grid([(120.0, 0.0, 5), (0.0, 999.0, 5)], 50).next_cell() is None


def test_a_circle_that_others_cover_is_not_asked() -> None:
    grid = Grid([(*TOLEDO, 270_000), (41.66, -83.55, 100), (41.60, -83.50, 100)], 50)
    assert len(ask_all(grid, [], 25)) == 0
    assert grid.asked == 1


def test_across_the_date_line() -> None:
    grid = Grid([(-17.0, 179.9, 1000), (-17.0, -179.9, 1000)], 100)
    assert ask_all(grid, [(-17.0, 179.95), (-17.0, -179.95)], 25) == {0, 1}
    assert grid.asked == 1


def test_a_radius_must_be_one() -> None:
    with pytest.raises(ValueError, match="more than 0"):
        Grid([], 0)


def test_rows_without_points_leave_a_full_answer_untrusted() -> None:
    grid = Grid([(*TOLEDO, 270_000)], 50)
    cell = grid.next_cell()
    assert cell is not None
    grid.answered(cell, [None] * 25, full=True)
    assert grid.people_left() > 0


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(-90, 90), st.floats(-180, 180), st.integers(0, 10**6)),
        min_size=1,
        max_size=12,
    ),
    st.sampled_from([25.0, 80.0, 500.0, 5000.0]),
    st.integers(1, 30),
)
def test_everybody_near_a_place_is_found(
    towns: list[tuple[float, float, int]], radius: float, rows: int
) -> None:
    offices = [(town[0], town[1]) for town in towns]
    grid = Grid(towns, radius)
    found = ask_all(grid, offices, rows)
    if not grid.too_full:
        assert found == set(range(len(offices)))


def test_cells_name_their_centre() -> None:
    assert Cell(1.0, 2.0, 3.0).centre == (1.0, 2.0)
