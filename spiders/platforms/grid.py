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

Distances are great-circle kilometres. Points are kept as vectors of length 1: whether one is within
a distance of another is then three multiplications, and cubes of space to look them up in know
neither poles nor a date line.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
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
#: circle's edge and costs more arithmetic.
_COARSENESS = 10
#: How often an area is halved to find out whether several answers together cover it.
_HALVINGS = 3

Point: TypeAlias = tuple[float, float]
Vector: TypeAlias = tuple[float, float, float]
_Cube: TypeAlias = tuple[int, int, int]


def km_between(one: Point, other: Point) -> float:
    """Great-circle distance of two (latitude, longitude) points in degrees, in kilometres."""
    lat1, lng1, lat2, lng2 = map(math.radians, (*one, *other))
    half = (
        math.sin((lat2 - lat1) / 2) ** 2
        + math.cos(lat1) * math.cos(lat2) * math.sin((lng2 - lng1) / 2) ** 2
    )
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(half)))


@dataclass(frozen=True, slots=True)
class Cell:
    """One question: everything within `radius_km` of a point."""

    latitude: float
    longitude: float
    radius_km: float

    @property
    def centre(self) -> Point:
        return self.latitude, self.longitude


@dataclass(slots=True, eq=False)
class _Area:
    """A circle nobody has looked into completely yet."""

    latitude: float
    longitude: float
    radius_km: float
    people: float
    at: Vector = field(init=False)
    open: bool = True
    touched: bool = False
    """Whether an answer that was not looked at yet tells about a part of it."""

    def __post_init__(self) -> None:
        self.at = _vector(self.latitude, self.longitude)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A circle of which everything is known."""

    at: Vector
    radius_km: float


class Grid:
    """Areas left to look into, for searches of at most `radius_km`.

    `people` are (latitude, longitude, people) of places; points out of range are left out. Ask for
    the `next_cell`, report what came back with `answered`, until `next_cell` is None. Raises
    ValueError for a radius that is not more than 0.
    """

    def __init__(self, people: Iterable[tuple[float, float, int]], radius_km: float) -> None:
        if not radius_km > 0:
            raise ValueError(f"a search radius must be more than 0 km, not {radius_km}")
        self.radius_km = min(radius_km, EARTH_KM)
        self.too_full: list[Cell] = []
        """Cells that were full although they could not be cut any more."""
        self._asked: set[Point] = set()
        step = max(self.radius_km / _COARSENESS * math.sqrt(2), _SMALLEST_KM)
        self._side = max(self.radius_km, 1.0) / EARTH_KM
        #: From here on a circle touches so many cubes that they are not counted up one by one.
        self._far_km = 3 * self._side * EARTH_KM
        #: (x, y, z, people, least cosine of a centre that sees all of it) of the open areas
        self._open: dict[_Cube, dict[_Area, tuple[float, float, float, float, float]]] = (
            defaultdict(dict)
        )
        self._seen: dict[_Cube, list[_Seen]] = defaultdict(list)
        self._seen_far: list[_Seen] = []
        self._heap: list[tuple[float, int, _Area]] = []
        self._count = 0
        areas = list(_merged(people, step))
        self._widest = max((area.radius_km for area in areas), default=0.0)
        for area in areas:
            self._keep(area)
        # What the cubes around a point hold is never less than what its circle holds, and much
        # cheaper to know: the heap starts with these bounds.
        held = {key: sum(one[3] for one in cube.values()) for key, cube in self._open.items()}
        around: dict[_Cube, float] = {}
        for area in areas:
            key = self._cube(area.at)
            if key not in around:
                around[key] = sum(held.get(near, 0.0) for near in _next_to(key))
            self._push(area, around[key])
        self.people = self.people_left()
        """People in the areas the grid started with."""

    @property
    def asked(self) -> int:
        """How many cells were answered. None is proposed twice."""
        return len(self._asked)

    def people_left(self) -> float:
        """People in areas that were not looked into completely."""
        return sum(one[3] for cube in self._open.values() for one in cube.values())

    def next_cell(self) -> Cell | None:
        """The circle with the most people not looked into yet, or None when none is left."""
        while self._heap:
            _, number, area = heapq.heappop(self._heap)
            if not area.open or self._close_if_seen(area):
                continue
            centre = round(area.latitude, 5), round(area.longitude, 5)
            if centre in self._asked:
                # The middle of an area that was cut: what is known of it is known.
                self._cut(area, Cell(*centre, self.radius_km))
                continue
            gain = self._gain(area.at)
            # It goes back in any case: a full answer leaves areas open. Gains hardly ever grow,
            # so an old one is a bound, and the best is found without working out all others.
            heapq.heappush(self._heap, (-gain, number, area))
            if self._heap[0][2] is area:
                return Cell(*centre, self.radius_km)
        return None

    def answered(self, cell: Cell, rows: Iterable[Point | None], full: bool) -> None:
        """What came back for `cell`: the points of its rows (None where a row has none).

        `full`: as many rows came as were asked for, so there may be more. The circle up to the
        farthest row is then taken as seen.
        """
        self._asked.add(cell.centre)
        at = _vector(*cell.centre)
        seen_km = cell.radius_km
        if full:
            reached = [_km(at, _vector(*point)) for point in rows if point is not None]
            # Rows come nearest first, and their distances are rounded: what is exactly as far
            # as the last one may have been cut. A row farther than was asked for says nothing.
            within = [distance for distance in reached if distance <= cell.radius_km * 1.01]
            seen_km = min(max(within, default=0.0) - 0.05, cell.radius_km)
        if seen_km > 0:
            self._remember(_Seen(at, seen_km))
        for key in list(self._known_cubes(at, seen_km + self._widest)):
            for area in list(self._open.get(key, ())):
                apart = _km(at, area.at)
                if apart + area.radius_km <= seen_km:
                    self._close(area)
                elif apart <= 0.02 or (full and area.radius_km > seen_km > apart - area.radius_km):
                    self._cut(area, cell)
                elif apart < seen_km + area.radius_km:
                    area.touched = True

    # Areas

    def _cube(self, at: Vector) -> _Cube:
        x, y, z = at
        return math.floor(x / self._side), math.floor(y / self._side), math.floor(z / self._side)

    def _cubes(self, at: Vector, radius_km: float) -> Iterator[_Cube]:
        """The cubes that hold something within a distance."""
        # A straight line through the earth is shorter than the way over it.
        reach = radius_km / EARTH_KM
        ranges = [
            range(
                math.floor((one - reach) / self._side), math.floor((one + reach) / self._side) + 1
            )
            for one in at
        ]
        for x in ranges[0]:
            for y in ranges[1]:
                for z in ranges[2]:
                    yield x, y, z

    def _known_cubes(self, at: Vector, radius_km: float) -> Iterable[_Cube]:
        """The cubes with areas in them that hold something within a distance, and maybe others."""
        if radius_km > self._far_km:
            return self._open
        return self._cubes(at, radius_km)

    def _remember(self, seen: _Seen) -> None:
        reach = seen.radius_km + self._widest
        if reach > self._far_km:
            self._seen_far.append(seen)
            return
        for key in self._cubes(seen.at, reach):
            self._seen[key].append(seen)

    def _keep(self, area: _Area) -> None:
        left = self.radius_km - area.radius_km
        least = math.cos(left / EARTH_KM) if left >= 0 else 2.0
        self._open[self._cube(area.at)][area] = (*area.at, area.people, least)

    def _push(self, area: _Area, gain: float) -> None:
        self._count += 1
        heapq.heappush(self._heap, (-gain, self._count, area))

    def _close(self, area: _Area) -> None:
        area.open = False
        del self._open[self._cube(area.at)][area]

    def _cut(self, area: _Area, cell: Cell) -> None:
        """Leave of an area only the smaller ones in it that nobody has looked into."""
        self._close(area)
        if area.radius_km <= _SMALLEST_KM:
            self.too_full.append(cell)
            return
        for part in _parts(area):
            if not self._is_seen(part, halvings=1):
                part.touched = True
                self._keep(part)
                self._push(part, self._gain(part.at))

    def _close_if_seen(self, area: _Area) -> bool:
        if not area.touched:
            return False
        area.touched = False
        if self._is_seen(area, _HALVINGS):
            self._close(area)
        return not area.open

    def _is_seen(self, area: _Area, halvings: int) -> bool:
        """Whether answers together cover an area."""
        touching = []
        for seen in chain(self._seen.get(self._cube(area.at), ()), self._seen_far):
            apart = _km(seen.at, area.at)
            if apart + area.radius_km <= seen.radius_km:
                return True
            if apart < seen.radius_km + area.radius_km:
                touching.append(seen)
        return _together(area, touching, halvings)

    # Circles

    def _gain(self, at: Vector) -> float:
        """People in the open areas that a circle around a point would see whole."""
        x, y, z = at
        gain = 0.0
        for key in self._cubes(at, self.radius_km):
            cube = self._open.get(key)
            if cube:
                for ax, ay, az, people, least in cube.values():
                    if x * ax + y * ay + z * az >= least:
                        gain += people
        return gain


def _vector(latitude: float, longitude: float) -> Vector:
    lat, lng = math.radians(latitude), math.radians(longitude)
    flat = math.cos(lat)
    return flat * math.cos(lng), flat * math.sin(lng), math.sin(lat)


def _km(one: Vector, other: Vector) -> float:
    x, y, z = one[0] - other[0], one[1] - other[1], one[2] - other[2]
    # By the chord: the arc cosine of a product is rough where points are near each other.
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(x * x + y * y + z * z) / 2))


def _next_to(cube: _Cube) -> Iterator[_Cube]:
    x, y, z = cube
    for one in (x - 1, x, x + 1):
        for two in (y - 1, y, y + 1):
            for three in (z - 1, z, z + 1):
                yield one, two, three


def _together(area: _Area, touching: Sequence[_Seen], halvings: int) -> bool:
    """Whether circles that all touch an area cover it between them."""
    if not touching or halvings == 0:
        return False
    for part in _parts(area):
        near = []
        for seen in touching:
            apart = _km(seen.at, part.at)
            if apart + part.radius_km <= seen.radius_km:
                break
            if apart < seen.radius_km + part.radius_km:
                near.append(seen)
        else:
            if not _together(part, near, halvings - 1):
                return False
    return True


def _merged(people: Iterable[tuple[float, float, int]], step_km: float) -> Iterator[_Area]:
    """Places gathered into areas of about `step_km`, the largest of them cut down to it."""
    bins: dict[tuple[int, int], list[tuple[float, float, int]]] = defaultdict(list)
    wide: dict[int, float] = {}
    high = step_km / _KM_PER_DEGREE
    for place in people:
        latitude, longitude, _ = place
        if -90 <= latitude <= 90 and -180 <= longitude <= 180:
            row = math.floor(latitude / high)
            if row not in wide:
                wide[row] = high / max(math.cos(math.radians((row + 0.5) * high)), 0.01)
            bins[row, math.floor(longitude / wide[row])].append(place)
    for places in bins.values():
        if len(places) == 1:
            ((latitude, longitude, count),) = places
            whole = _Area(latitude, longitude, _extent_km(count), float(max(count, 1)))
        else:
            weights = [max(count, 1) for _, _, count in places]
            total = sum(weights)
            latitude = sum(p[0] * w for p, w in zip(places, weights, strict=True)) / total
            longitude = sum(p[1] * w for p, w in zip(places, weights, strict=True)) / total
            middle = _vector(latitude, longitude)
            radius = max(_km(middle, _vector(p[0], p[1])) + _extent_km(p[2]) for p in places)
            whole = _Area(latitude, longitude, radius, float(total))
        yield from _down_to(whole, step_km * 2)


def _extent_km(people: int) -> float:
    return max(_PLACE_KM, math.sqrt(people / _PEOPLE_PER_KM2 / math.pi))


def _down_to(area: _Area, radius_km: float) -> Iterator[_Area]:
    if area.radius_km <= max(radius_km, _PLACE_KM):
        yield area
    else:
        for part in _parts(area):
            yield from _down_to(part, radius_km)


#: Of the six circles around the middle one, in the area's radii: north and east of it.
_RING = tuple(
    (math.cos(math.radians(60 * turn)) * math.sqrt(3) / 2,
     math.sin(math.radians(60 * turn)) * math.sqrt(3) / 2)
    for turn in range(6)
)  # fmt: skip


def _parts(area: _Area) -> Iterator[_Area]:
    """Seven circles of half the radius, which together cover the whole."""
    half, people = area.radius_km / 2, area.people / 7
    yield _Area(area.latitude, area.longitude, half, people)
    # Near a pole a degree is nothing; nobody has an office there, but nothing may divide by zero.
    east_km = _KM_PER_DEGREE * max(math.cos(math.radians(area.latitude)), 0.01)
    for north, east in _RING:
        latitude = area.latitude + area.radius_km * north / _KM_PER_DEGREE
        longitude = area.longitude + area.radius_km * east / east_km
        yield _Area(max(-90.0, min(90.0, latitude)), (longitude + 180) % 360 - 180, half, people)
