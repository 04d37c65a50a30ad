"""Where to ask next, for searches without a radius: the N listings nearest to a point.

Such a search says more than one with a radius. When the farthest of its rows is 300 km away,
everything within 300 km is known, and in a desert that may be a thousand. So a country with four
hundred listings is known whole after about 25 answers of 50 rows, whatever radius the site
allows for its other searches. `Nearest` asks where the most people live outside all that is known.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from spiders.platforms.grid import EARTH_KM, Cell, Grid, Point, km_between

#: An answer usually reaches about so far where people live; only which point is asked first
#: hangs on it.
_USUAL_REACH_KM = 400.0
#: Half around the world: as far as any answer can reach.
_EVERYWHERE_KM = math.pi * EARTH_KM
#: Sites round distances, and take the earth for a ball of another size.
_ROUNDED_KM = 2.0
_ROUNDED_SHARE = 0.01
#: The least step between two latitudes, in degrees; about a metre.
_NUDGE = 0.00001


class Nearest:
    """Questions to a search that gives the rows nearest to a point, `most` at a time or all.

    No latitude is proposed twice, since some sites keep their answers by latitude alone.
    `people` are (latitude, longitude, people) of places.
    """

    def __init__(self, people: Iterable[tuple[float, float, int]]) -> None:
        self._grid = Grid(people, _USUAL_REACH_KM)
        self._latitudes: set[float] = set()
        self._answers: list[tuple[Cell, Sequence[Point | None]]] = []

    @property
    def asked(self) -> int:
        """How many answers were taken in."""
        return len(self._answers)

    @property
    def share_left(self) -> float:
        """The share of the people who live outside all that is known, 0 to 1."""
        return self._grid.people_left() / max(self._grid.people, 1)

    @property
    def too_full(self) -> Sequence[Cell]:
        """Where all rows of an answer stood at one spot, so that there may be more."""
        return self._grid.too_full

    def next_point(self) -> Point | None:
        """Where to ask next, or None when everything where people live is known."""
        cell = self._grid.next_cell()
        if cell is None:
            return None
        latitude = cell.latitude
        while latitude in self._latitudes:
            latitude = round(latitude + _NUDGE, 5)
        return latitude, cell.longitude

    def answered(self, point: Point, rows: Sequence[Point | None]) -> None:
        """What came back for `point`: the points of its rows, None where a row has none."""
        self._latitudes.add(point[0])
        cell = Cell(*point, _EVERYWHERE_KM)
        self._answers.append((cell, rows))
        self._grid.answered(cell, rows, full=True)

    def teach(self, grid: Grid) -> None:
        """Tell another grid what is known already."""
        for cell, rows in self._answers:
            grid.answered(cell, rows, full=True)


def nearest_first(point: Point, rows: Iterable[Point | None]) -> bool:
    """Whether rows come in the order of their distance from `point`, as near as sites reckon.

    When they do not, the site did not look at the point, or sent what it keeps for another one.
    """
    farthest = 0.0
    for one in rows:
        if one is None:
            continue
        away = km_between(point, one)
        if away < farthest * (1 - _ROUNDED_SHARE) - _ROUNDED_KM:
            return False
        farthest = max(farthest, away)
    return True


def spread(point: Point, rows: Iterable[Point | None]) -> bool:
    """Whether some rows are clearly farther from `point` than others.

    Then nobody is left out when the other end of the world gives the same list: whoever is missing
    here is farther than all of them, and nearer than all of them there.
    """
    away = [km_between(point, one) for one in rows if one is not None]
    return bool(away) and max(away) - min(away) > _ROUNDED_KM
