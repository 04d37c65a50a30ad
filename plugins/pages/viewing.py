"""The part of the world that a picture shows, and the outlines that lie in it as SVG paths.

Lengths are pixels of the picture as it is meant to be shown, unless something else is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, product
from math import cos, pi, radians

from plugins.pages import outlines
from plugins.pages.outlines import Box, Point, Town, around, project, touch

METRES_ROUND_THE_WORLD = 2 * pi * 6_378_137
CLOSE = 256 * 2**6.5
"""Pixels the world is wide from which on county lines and small towns are shown: somewhat earlier
than on the map, so that most states have them."""
CLOSEST = 256 * 2**12
FINEST = 0.6
"""A point is left out if the line is not this far off without it."""
MARGIN = 8
"""What is drawn outside the picture, so that no line along its edge is seen."""


@dataclass(frozen=True, slots=True)
class View:
    """The part of the world that a picture shows: its size, and the world's at its scale."""

    width: int
    height: int
    world: float
    west: float
    north: float

    @classmethod
    def of(cls, box: Box, size: tuple[int, int], padding: int, closest: float = CLOSEST) -> View:
        """The view of `size` with the box in its middle, as large as it fits but no closer."""
        wide, high = box[2] - box[0], box[3] - box[1]
        world = min(
            closest,
            (size[0] - 2 * padding) / max(wide, 1e-9),
            (size[1] - 2 * padding) / max(high, 1e-9),
        )
        middle = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        return cls(*size, world, middle[0] - size[0] / 2 / world, middle[1] - size[1] / 2 / world)

    @property
    def box(self) -> Box:
        """What is drawn, of the world."""
        margin = MARGIN / self.world
        east, south = self.west + self.width / self.world, self.north + self.height / self.world
        return self.west - margin, self.north - margin, east + margin, south + margin

    def at(self, point: Point) -> Point:
        return (point[0] - self.west) * self.world, (point[1] - self.north) * self.world

    def place(self, latitude: float, longitude: float) -> Point:
        return self.at(project(latitude, longitude))

    def shows(self, latitude: float, longitude: float) -> bool:
        x, y = self.place(latitude, longitude)
        return 0 <= x <= self.width and 0 <= y <= self.height

    def pixels(self, metres: float, latitude: float) -> float:
        return metres / (METRES_ROUND_THE_WORLD * cos(radians(latitude))) * self.world


class Room:
    """What of a picture is free, in squares: a thousand marks and as many towns are tried fast."""

    SQUARE = 4

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self.taken: set[tuple[int, int]] = set()

    def has(self, box: Box) -> bool:
        """Whether the box lies within the picture and touches nothing."""
        inside = box[0] >= 0 and box[1] >= 0 and box[2] <= self.width and box[3] <= self.height
        return inside and self.taken.isdisjoint(self._squares(box))

    def take(self, box: Box) -> None:
        self.taken.update(self._squares(box))

    def _squares(self, box: Box) -> Iterator[tuple[int, int]]:
        west, north, east, south = (int(edge // self.SQUARE) for edge in box)
        return product(range(west, east + 1), range(north, south + 1))


def _states(view: View) -> list[str]:
    return [code for code, box in outlines.read("us").boxes.items() if touch(box, view.box)]


def land(view: View) -> Iterator[str]:
    """The layers from below to above, in tenths of a pixel: whole numbers are shorter."""
    us = outlines.read("us")
    layers = [("neighbours", us), ("states", us), ("lakes", us)]
    if view.world >= CLOSE:
        layers[2:2] = [("counties", outlines.read(f"state/{code}")) for code in _states(view)]
    yield '<g transform="scale(.1)">'
    for name, basemap in layers:
        path = "".join(
            _path(line, closed=name != "counties")
            for shape in basemap.shapes(name)
            if touch(shape.box, view.box)
            for line in _clipped(
                [view.at(one) for one in shape.coarse(FINEST / view.world)],
                view,
                closed=name != "counties",
            )
        )
        if path:
            yield f'<path class="{name}" d="{path}"/>'
    yield "</g>"


def towns(view: View) -> list[Town]:
    """The towns known in the view, the largest first."""
    known = {(town.name, town.latitude): town for town in outlines.read("us").towns}
    if view.world >= CLOSE:
        for code in _states(view):
            known |= {(one.name, one.latitude): one for one in outlines.read(f"state/{code}").towns}
    seen = [town for town in known.values() if view.shows(town.latitude, town.longitude)]
    return sorted(seen, key=lambda town: -town.people)


def _clipped(points: list[Point], view: View, *, closed: bool) -> Iterator[list[Point]]:
    """What of the ring or line lies in the view and its margin."""
    west, north, east, south = -MARGIN, -MARGIN, view.width + MARGIN, view.height + MARGIN
    if not closed:
        run: list[Point] = []
        for one, other in pairwise(points):
            if touch(around((one, other)), (west, north, east, south)):
                run = [*run, other] if run else [one, other]
            elif run:
                yield run
                run = []
        if run:
            yield run
        return
    # Sutherland and Hodgman: one edge of the view after the other cuts the ring.
    for axis, edge, sign in ((0, west, 1), (0, east, -1), (1, north, 1), (1, south, -1)):
        kept: list[Point] = []
        for one, other in pairwise([*points[-1:], *points]):
            if (sign * one[axis] >= sign * edge) != (sign * other[axis] >= sign * edge):
                share = (edge - one[axis]) / (other[axis] - one[axis])
                kept.append(
                    (one[0] + share * (other[0] - one[0]), one[1] + share * (other[1] - one[1]))
                )
            if sign * other[axis] >= sign * edge:
                kept.append(other)
        points = kept
    if len(points) > 2:
        yield points


def _path(points: list[Point], *, closed: bool) -> str:
    """A path in tenths of a pixel, by steps. Nothing for a ring that would be a speck."""
    tenths = [(round(x * 10), round(y * 10)) for x, y in points]
    steps = [
        (other[0] - one[0], other[1] - one[1]) for one, other in pairwise(tenths) if other != one
    ]
    if len(steps) < (2 if closed else 1):
        return ""
    start = f"M{tenths[0][0]} {tenths[0][1]}l"
    return start + " ".join(f"{x} {y}" for x, y in steps).replace(" -", "-") + "z" * closed
