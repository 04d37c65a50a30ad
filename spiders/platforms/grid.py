"""Where to ask next, for directories that answer only about the neighbourhood of a point.

A search that is capped by a radius and by a number of rows has to be asked many times. The grid
here is made from where people live and grows while it is asked: it keeps the areas nobody has
looked into yet, proposes the point whose circle holds most of the people left, and learns from
each answer how far that answer can be trusted:

* fewer rows than were asked for: the whole circle has been seen;
* as many rows as were asked for: only the circle up to the farthest row has been seen, because
  the rows come nearest first. What lies outside it is cut into smaller areas and asked again.

So a full answer costs no second question about what it did tell, and a circle that others cover
is never asked. An area so small that cutting it makes no sense, and still full, is remembered in
`too_full`.

Distances are great-circle kilometres.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

EARTH_KM = 6371.0088
KM_PER_MILE = 1.609344
_KM_PER_DEGREE = EARTH_KM * math.pi / 180

#: Least radius of a place: its point stands for the houses around it.
_PLACE_KM = 3.0
#: A town of a million people at this density is about 18 km from its middle to its edge.
_PEOPLE_PER_KM2 = 1000.0
#: Areas under this radius are not cut any more: 25 practitioners in one building.
_SMALLEST_KM = 0.1
#: Radius of an area to start with, as a share of the search radius. Smaller wastes less of each
#: circle's edge and costs more arithmetic: 1/12 keeps a whole country under a second or two.
_COARSENESS = 12

Point: TypeAlias = tuple[float, float]


def km_between(one: Point, other: Point) -> float:
    """Great-circle distance of two (latitude, longitude) points in degrees, in kilometres."""
    lat1, lng1, lat2, lng2 = map(math.radians, (*one, *other))
    half = (
        math.sin((lat2 - lat1) / 2) ** 2
        + math.cos(lat1) * math.cos(lat2) * math.sin((lng2 - lng1) / 2) ** 2
    )
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(half)))


@dataclass(slots=True, eq=False)
class Area:
    """A circle nobody has looked into completely yet."""

    latitude: float
    longitude: float
    radius_km: float
    people: float
    open: bool = True

    @property
    def centre(self) -> Point:
        return self.latitude, self.longitude


@dataclass(frozen=True, slots=True)
class Cell:
    """One question: everything within `radius_km` of a point."""

    latitude: float
    longitude: float
    radius_km: float

    @property
    def centre(self) -> Point:
        return self.latitude, self.longitude


class Grid:
    """Areas left to look into, for searches of at most `radius_km`.

    `people` are (latitude, longitude, people) of places; points out of range are left out. Ask for
    the `next_cell`, report what came back with `answered`, until `next_cell` is None.
    """

    def __init__(self, people: Iterable[tuple[float, float, int]], radius_km: float) -> None:
        if not radius_km > 0:
            raise ValueError(f"a search radius must be more than 0 km, not {radius_km}")
        self.radius_km = min(radius_km, EARTH_KM)
        self.too_full: list[Cell] = []
        """Cells that were full although they could not be cut any more."""
        self._asked: set[Point] = set()
        self._step = max(self.radius_km / _COARSENESS * math.sqrt(2), _SMALLEST_KM)
        self._block = max(self.radius_km, 1.0)
        self._blocks: dict[tuple[int, int], list[Area]] = defaultdict(list)
        self._trusted: dict[tuple[int, int], list[Cell]] = defaultdict(list)
        self._heap: list[tuple[float, int, Area]] = []
        self._count = 0
        for area in _merged(people, self._step):
            self._blocks[_key(area.centre, self._block)].append(area)
        # What the blocks around a point hold is never less than what its circle holds, and much
        # cheaper to know: the heap starts with these bounds.
        held = {key: sum(area.people for area in areas) for key, areas in self._blocks.items()}
        for areas in list(self._blocks.values()):
            for area in areas:
                keys = _blocks_around(area.centre, self.radius_km, self._block)
                self._push(area, sum(held.get(key, 0.0) for key in keys))
        self.people = self.people_left()
        """People in the areas the grid started with."""

    @property
    def asked(self) -> int:
        """How many cells were answered. None is proposed twice."""
        return len(self._asked)

    def people_left(self) -> float:
        """People in areas that were not looked into completely."""
        return sum(area.people for block in self._blocks.values() for area in block if area.open)

    def next_cell(self) -> Cell | None:
        """The circle with the most people not looked into yet, or None when none is left."""
        while self._heap:
            _, number, area = heapq.heappop(self._heap)
            if not area.open or self._close_if_seen(area):
                continue
            cell = Cell(round(area.latitude, 5), round(area.longitude, 5), self.radius_km)
            if cell.centre in self._asked:
                # The middle of an area that was cut: what is known of it is known.
                self._cut(area, cell)
                continue
            gain = self._gain(area.centre)
            # It goes back in any case: a full answer leaves areas open. Gains hardly ever grow,
            # so an old one is a bound, and the best is found without working out all others.
            heapq.heappush(self._heap, (-gain, number, area))
            if self._heap[0][2] is not area:
                continue
            return cell
        return None

    def answered(self, cell: Cell, rows: Iterable[Point | None], full: bool) -> None:
        """What came back for `cell`: the points of its rows (None where a row has none).

        `full`: as many rows came as were asked for, so there may be more. The circle up to the
        farthest row is then taken as seen.
        """
        self._asked.add(cell.centre)
        seen_km = cell.radius_km
        if full:
            reached = [km_between(cell.centre, point) for point in rows if point is not None]
            # Rows come nearest first, and their distances are rounded: what is exactly as far
            # as the last one may have been cut. A row farther than was asked for says nothing.
            within = [distance for distance in reached if distance <= cell.radius_km * 1.01]
            seen_km = min(max(within, default=0.0) - 0.05, cell.radius_km)
        if seen_km > 0:
            seen = Cell(cell.latitude, cell.longitude, seen_km)
            for key in _blocks_around(cell.centre, seen_km, self._block):
                self._trusted[key].append(seen)
        for area in list(self._near(cell.centre, cell.radius_km)):
            if not area.open:
                continue
            apart = km_between(cell.centre, area.centre)
            if apart + area.radius_km <= seen_km:
                area.open = False
            elif apart <= 0.02 or (full and area.radius_km > seen_km > apart - area.radius_km):
                self._cut(area, cell)

    def _cut(self, area: Area, cell: Cell) -> None:
        """Leave of an area only the smaller ones in it that nobody has looked into."""
        area.open = False
        if area.radius_km <= _SMALLEST_KM:
            self.too_full.append(cell)
            return
        for part in _parts(area):
            if not self._seen(part, depth=1):
                self._add(part)

    def _close_if_seen(self, area: Area) -> bool:
        area.open = not self._seen(area, depth=3)
        return not area.open

    def _seen(self, area: Area, depth: int) -> bool:
        """Whether answers together cover an area."""
        touching = False
        for cell in self._trusted.get(_key(area.centre, self._block), ()):
            apart = km_between(cell.centre, area.centre)
            if apart + area.radius_km <= cell.radius_km:
                return True
            touching = touching or apart < cell.radius_km + area.radius_km
        if not touching or depth == 0:
            return False
        return all(self._seen(part, depth - 1) for part in _parts(area))

    def _add(self, area: Area) -> None:
        self._blocks[_key(area.centre, self._block)].append(area)
        self._push(area, self._gain(area.centre))

    def _push(self, area: Area, gain: float) -> None:
        self._count += 1
        heapq.heappush(self._heap, (-gain, self._count, area))

    def _gain(self, centre: Point) -> float:
        return sum(
            area.people
            for area in self._near(centre, self.radius_km)
            if area.open and km_between(centre, area.centre) + area.radius_km <= self.radius_km
        )

    def _near(self, centre: Point, radius_km: float) -> Iterator[Area]:
        for key in _blocks_around(centre, radius_km, self._block):
            yield from self._blocks.get(key, ())


def _merged(people: Iterable[tuple[float, float, int]], step_km: float) -> Iterator[Area]:
    """Places gathered into areas of about `step_km`, the largest of them cut down to it."""
    bins: dict[tuple[int, int], list[tuple[float, float, int]]] = defaultdict(list)
    for latitude, longitude, count in people:
        if -90 <= latitude <= 90 and -180 <= longitude <= 180:
            bins[_key((latitude, longitude), step_km)].append((latitude, longitude, count))
    for places in bins.values():
        weights = [max(count, 1) for _, _, count in places]
        total = sum(weights)
        latitude = sum(p[0] * w for p, w in zip(places, weights, strict=True)) / total
        longitude = sum(p[1] * w for p, w in zip(places, weights, strict=True)) / total
        radius = max(
            km_between((latitude, longitude), (place[0], place[1])) + _extent_km(place[2])
            for place in places
        )
        yield from _down_to(Area(latitude, longitude, radius, float(total)), step_km * 2)


def _extent_km(people: int) -> float:
    return max(_PLACE_KM, math.sqrt(people / _PEOPLE_PER_KM2 / math.pi))


def _down_to(area: Area, radius_km: float) -> Iterator[Area]:
    if area.radius_km <= max(radius_km, _PLACE_KM):
        yield area
    else:
        for part in _parts(area):
            yield from _down_to(part, radius_km)


def _parts(area: Area) -> Iterator[Area]:
    """Seven circles of half the radius, which together cover the whole."""
    half = area.radius_km / 2
    yield Area(area.latitude, area.longitude, half, area.people / 7)
    for turn in range(6):
        angle = math.radians(60 * turn)
        away = area.radius_km * math.sqrt(3) / 2
        latitude = area.latitude + away * math.cos(angle) / _KM_PER_DEGREE
        longitude = area.longitude + away * math.sin(angle) / _km_per_degree_east(area.latitude)
        yield Area(max(-90.0, min(90.0, latitude)), _wrapped(longitude), half, area.people / 7)


def _km_per_degree_east(latitude: float) -> float:
    # Near a pole a degree is nothing; nobody has an office there, but nothing may divide by zero.
    return _KM_PER_DEGREE * max(math.cos(math.radians(latitude)), 0.01)


def _wrapped(longitude: float) -> float:
    return (longitude + 180) % 360 - 180


def _key(point: Point, size_km: float) -> tuple[int, int]:
    row = math.floor((point[0] + 90) * _KM_PER_DEGREE / size_km)
    return row, math.floor((point[1] + 180) / _degrees_east(row, size_km))


def _degrees_east(row: int, size_km: float) -> float:
    """How many degrees of longitude `size_km` are in the middle of a row of blocks."""
    middle = max(-90.0, min(90.0, (row + 0.5) * size_km / _KM_PER_DEGREE - 90))
    return min(360.0, size_km / _km_per_degree_east(middle))


def _blocks_around(centre: Point, radius_km: float, size_km: float) -> Iterator[tuple[int, int]]:
    """Keys of the blocks that a circle may touch, round the date line too."""
    low = math.floor((centre[0] + 90) * _KM_PER_DEGREE / size_km - radius_km / size_km)
    high = math.floor((centre[0] + 90) * _KM_PER_DEGREE / size_km + radius_km / size_km)
    # The circle is widest towards the nearer pole.
    poleward = min(90.0, abs(centre[0]) + radius_km / _KM_PER_DEGREE)
    reach = min(180.0, radius_km / _km_per_degree_east(poleward))
    for row in range(low, high + 1):
        wide = _degrees_east(row, size_km)
        columns = math.ceil(360 / wide)
        first = math.floor((centre[1] + 180 - reach) / wide)
        last = math.floor((centre[1] + 180 + reach) / wide)
        for column in sorted({number % columns for number in range(first, last + 1)}):
            yield row, column
