"""Where sample people live: real US towns and ZIP codes, drawn like the population.

States weigh what the census of 2020 counted, towns within a state by the gazetteer's population,
ZIP codes of a town alike.
"""

from __future__ import annotations

import csv
import gzip
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_REFERENCE = Path(__file__).resolve().parent.parent / "reference"

#: Census of 2020, thousands of people.
_STATE_THOUSANDS = {
    "AL": 5024, "AK": 733, "AZ": 7152, "AR": 3012, "CA": 39538, "CO": 5774, "CT": 3606, "DE": 990,
    "DC": 690, "FL": 21538, "GA": 10712, "HI": 1455, "ID": 1839, "IL": 12813, "IN": 6786,
    "IA": 3190, "KS": 2938, "KY": 4506, "LA": 4658, "ME": 1362, "MD": 6177, "MA": 7030,
    "MI": 10077, "MN": 5706, "MS": 2961, "MO": 6155, "MT": 1084, "NE": 1962, "NV": 3105,
    "NH": 1378, "NJ": 9289, "NM": 2118, "NY": 20201, "NC": 10439, "ND": 779, "OH": 11799,
    "OK": 3959, "OR": 4237, "PA": 13003, "RI": 1097, "SC": 5118, "SD": 887, "TN": 6911,
    "TX": 29146, "UT": 3272, "VT": 643, "VA": 8631, "WA": 7705, "WV": 1794, "WI": 5894, "WY": 577,
    "PR": 3286,
}  # fmt: skip

#: Places whose postal name is another.
_POSTAL_NAMES = {
    ("Manhattan", "NY"): "New York",
    ("The Bronx", "NY"): "Bronx",
    ("Queens", "NY"): "Jamaica",
}


@dataclass(frozen=True, slots=True)
class Town:
    """A ZIP code of a town: where an invented office may stand."""

    city: str
    state: str
    """Two-letter code."""
    postcode: str
    latitude: float
    longitude: float
    people: float
    """Weight: how many people this ZIP code stands for."""


def us_towns() -> list[Town]:
    """Every town samples may draw from, in the order of the ZIP codes.

    Raises OSError when the gazetteer's data files are missing from `reference/`.
    """
    codes: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for row in _rows("us_postal.csv.gz"):
        # Only codes that cover an area: nobody has an office at a single firm's code.
        if row["kind"] == "zcta2020" and row["state"] in _STATE_THOUSANDS:
            codes[row["name"], row["state"]].append(row)
    counted: dict[tuple[str, str], int] = {}
    for row in _rows("us_place.csv.gz"):
        key = row["name"], row["state"]
        postal = _POSTAL_NAMES.get(key, row["name"].replace("St. ", "Saint ")), row["state"]
        if row["population"] and postal in codes:
            counted[postal] = max(counted.get(postal, 0), int(row["population"]))
    states: dict[str, int] = defaultdict(int)
    for (_, state), people in counted.items():
        states[state] += people
    towns = []
    for (city, state), people in counted.items():
        share = people / states[state] * _STATE_THOUSANDS[state] * 1000
        for row in codes[city, state]:
            point = float(row["latitude"]), float(row["longitude"])
            towns.append(Town(city, state, row["code"], *point, share / len(codes[city, state])))
    return sorted(towns, key=lambda town: town.postcode)


def draw_towns(towns: Sequence[Town], count: int, rng: random.Random) -> list[Town]:
    """`count` towns drawn by population, with repetition."""
    return rng.choices(towns, weights=[town.people for town in towns], k=count)


def _rows(name: str) -> Iterator[dict[str, str]]:
    with gzip.open(_REFERENCE / name, "rt", encoding="utf-8", newline="") as handle:
        yield from csv.DictReader(handle)
