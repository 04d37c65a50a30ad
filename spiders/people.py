"""Where people live, for search grids: loaded when a platform first looks, never before."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias, overload

from db.gazetteer import Gazetteer
from db.gazetteer_file import ensure

#: Latitude, longitude, people.
Point: TypeAlias = tuple[float, float, int]


class PeopleOf(Sequence[Point]):
    """The towns of some countries with their people, biggest first in each country.

    Empty for countries the gazetteer does not have. Building the gazetteer and reading thirty
    thousand towns takes a second or two, and most directories need none of them.
    """

    def __init__(self, countries: Sequence[str], data: Path) -> None:
        self._countries = tuple(countries)
        self._data = data
        self._points: tuple[Point, ...] | None = None

    def _loaded(self) -> tuple[Point, ...]:
        if self._points is None:
            with Gazetteer(ensure(self._data)) as gazetteer:
                self._points = tuple(
                    point
                    for country in self._countries
                    for point in gazetteer.people_points(country)
                )
        return self._points

    @overload
    def __getitem__(self, index: int) -> Point: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Point, ...]: ...
    def __getitem__(self, index: int | slice) -> Point | tuple[Point, ...]:
        return self._loaded()[index]

    def __len__(self) -> int:
        return len(self._loaded())
