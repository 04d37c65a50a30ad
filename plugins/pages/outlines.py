"""The basemap of `static/basemap/` for a picture drawn here: outlines and towns, in Web Mercator.

The files are TopoJSON: arcs of steps on a grid, and shapes that are lists of arcs. A coordinate is
a share of the world's width, from the date line eastwards and from 85 degrees north southwards, so
that a picture lies exactly as the map of the browser does.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate
from math import asinh, hypot, inf, pi, radians, tan
from pathlib import Path
from typing import Any

BASEMAP = Path(__file__).resolve().parents[2] / "static" / "basemap"
FARTHEST_NORTH = 85.0511
"""Where Web Mercator ends, in degrees."""

Point = tuple[float, float]
Box = tuple[float, float, float, float]
"""West, north, east, south; north is the smaller number."""


@dataclass(frozen=True, slots=True)
class Arc:
    """A line with, for each of its points, how far off the line would be without it.

    Both states at a border share the arc, so that they leave out the same points.
    """

    points: tuple[Point, ...]
    needs: tuple[float, ...]

    def coarse(self, least: float) -> list[Point]:
        """The points without which the line would be `least` off, and both ends."""
        return [point for point, need in zip(self.points, self.needs, strict=True) if need >= least]


@dataclass(frozen=True, slots=True)
class Shape:
    """A ring or a line: its arcs in their order, `(arc, whether backwards)`, and the box around."""

    arcs: tuple[tuple[Arc, bool], ...]
    box: Box

    def coarse(self, least: float) -> list[Point]:
        """The points that a picture needs in which `least` is seen."""
        points: list[Point] = []
        for arc, backwards in self.arcs:
            part = arc.coarse(least)
            points += (part[::-1] if backwards else part)[1 if points else 0 :]
        return points


@dataclass(frozen=True, slots=True)
class Town:
    name: str
    latitude: float
    longitude: float
    people: int


@dataclass(frozen=True)
class Basemap:
    """Shapes by the name of their layer and, within it, their id ('' for those without one)."""

    layers: dict[str, dict[str, list[Shape]]]
    towns: tuple[Town, ...]

    def shapes(self, layer: str) -> Iterator[Shape]:
        for shapes in self.layers[layer].values():
            yield from shapes

    @cached_property
    def boxes(self) -> dict[str, Box]:
        """The box around each state, by its code."""
        return {
            code: around(corner for one in shapes for corner in (one.box[:2], one.box[2:]))
            for code, shapes in self.layers["states"].items()
        }


@lru_cache
def read(name: str) -> Basemap:
    """A file of the basemap: 'us', or 'state/OH'. Raises OSError if there is none."""
    topology = json.loads((BASEMAP / f"{name}.json").read_text(encoding="utf-8"))
    wide, high = topology["transform"]["scale"]
    west, south = topology["transform"]["translate"]
    arcs = []
    for steps in topology["arcs"]:
        along = zip(*(accumulate(one) for one in zip(*steps, strict=True)), strict=True)
        arcs.append(_arc([project(y * high + south, x * wide + west) for x, y in along]))
    layers: dict[str, dict[str, list[Shape]]] = {}
    for layer, thing in topology["objects"].items():
        layers[layer] = by_id = {}
        for geometry in thing.get("geometries", [thing]):
            found = by_id.setdefault(geometry.get("id", ""), [])
            found += [_shape(numbers, arcs) for numbers in _lines(geometry["arcs"])]
    return Basemap(layers, tuple(Town(*town[:4]) for town in topology["places"]))


def project(latitude: float, longitude: float) -> Point:
    """Web Mercator: x and y from 0 to 1."""
    latitude = max(-FARTHEST_NORTH, min(FARTHEST_NORTH, latitude))
    return longitude / 360 + 0.5, 0.5 - asinh(tan(radians(latitude))) / (2 * pi)


def around(points: Iterable[Point]) -> Box:
    """The box around some points. Raises ValueError where there is none."""
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def touch(one: Box, other: Box) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def is_mapped(latitude: float, longitude: float) -> bool:
    """Whether the basemap has land around the point: it shows North America and the territories."""
    x, y = project(latitude, longitude)
    us = read("us")
    lands = (shape.box for layer in ("states", "neighbours") for shape in us.shapes(layer))
    return any(touch(box, (x, y, x, y)) for box in lands)


def _lines(numbers: list[Any]) -> Iterator[list[int]]:
    """The lists of arcs in a geometry, however deep it nests them; none in an empty one."""
    if numbers and isinstance(numbers[0], int):
        yield numbers
    else:
        for part in numbers:
            yield from _lines(part)


def _shape(numbers: Sequence[int], arcs: Sequence[Arc]) -> Shape:
    """A negative number is the arc of its complement, backwards."""
    own = tuple((arcs[~one if one < 0 else one], one < 0) for one in numbers)
    return Shape(own, around(point for arc, _ in own for point in arc.points))


def _arc(points: list[Point]) -> Arc:
    """Douglas and Peucker's question, put once for all scales: a point is needed as much as it lies
    off the line between its neighbours of higher need, and never more than those."""
    needs = [inf] * len(points)
    waiting = [(0, len(points) - 1, inf)]
    while waiting:
        first, last, most = waiting.pop()
        if last - first < 2:
            continue
        off, at = max(
            (_distance(points[n], points[first], points[last]), n) for n in range(first + 1, last)
        )
        needs[at] = most = min(most, off)
        waiting += [(first, at, most), (at, last, most)]
    return Arc(tuple(points), tuple(needs))


def _distance(point: Point, start: Point, end: Point) -> float:
    """From the point to the line between two others, or to the point that both are."""
    x, y = end[0] - start[0], end[1] - start[1]
    from_x, from_y = point[0] - start[0], point[1] - start[1]
    length = hypot(x, y)
    return abs(x * from_y - y * from_x) / length if length else hypot(from_x, from_y)
