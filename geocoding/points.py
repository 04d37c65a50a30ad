"""Coordinates a directory prints: read from text, and checked before they are believed.

Directories print coordinates somebody else made, and some are wrong: empty fields sent as 0, both
numbers exchanged, a lost minus sign, the point a map starts at, a namesake town three states away.
A wrong pin sends a patient to a wrong door, so a point counts only where it agrees with the printed
address. Distances are statute miles, coordinates degrees (WGS84).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from db.gazetteer import Gazetteer
from db.nearest import miles_between
from db.place import Place
from db.place_text import STATES
from geocoding.address import Address

NEAR_MILES = 75.0
"""A point may be this far from the middle of the printed ZIP code or town. The largest ZIP codes
and the sloppiest town names need it; a namesake town is farther."""
SURE_MILES = 25.0
"""A point this near speaks for itself, at a state's border or once its numbers are exchanged."""

Outcome: TypeAlias = Literal[
    "believed",
    "absent",
    "half",
    "not_a_number",
    "out_of_range",
    "zero",
    "rounded",
    "map_start",
    "exchanged",
    "sign_lost",
    "other_state",
    "other_country",
    "far_away",
]

_NUMBER = r"[0-9]{1,3}(?:[.,][0-9]*)?|[.,][0-9]+"
_AXIS = re.compile(
    rf"""\s*(?P<before>[NSEW])?\s*(?P<sign>[-+−–])?\s*
    (?P<degrees>{_NUMBER})\s*(?:°|º|˚|deg\w*|d(?=[\s0-9]))?\s*
    (?:(?<=[\s°º˚dg])(?P<minutes>[0-9]{{1,2}}(?:[.,][0-9]+)?)\s*(?:['′’‘]|min\w*|m(?=[\s0-9]|$))?\s*)?
    (?:(?<=[\s'′’‘mn])(?P<seconds>[0-9]{{1,2}}(?:[.,][0-9]+)?)\s*(?:["″”“]|''|sec\w*|s(?=\s|$))?\s*)?
    (?P<after>[NSEW])?\s*""",
    re.VERBOSE | re.IGNORECASE,
)
#: "39.96, -83.0", "39.96;-83.0", "39.96 / -83.0", "39,96 -83,0", "39°57'N 83°0'W"
_PAIR = (
    re.compile(r"^(.*?[^\s,;/|])\s*(?:;|/|\||,\s)\s*(.+)$", re.DOTALL),
    re.compile(r"^([^,]+\.[^,]+),([^,]+)$"),
    re.compile(r"^([^,]*[0-9]),(\s*[-+−]?[0-9][^,]*\.[^,]*)$"),
    re.compile(r"^(.*[NS])[\s,]*(.*[EW])$", re.IGNORECASE | re.DOTALL),
    re.compile(r"^(\S+)\s+(\S+)$"),
)

#: Where common map scripts start when nobody set a point: the middles of the contiguous US.
_MAP_STARTS = (
    (37.09024, -95.712891),
    (39.8283, -98.5795),
    (39.82835, -98.5816737),
    (39.5, -98.35),
    (38.0, -97.0),
    (40.0, -100.0),
    (37.0, -95.0),
)
_CANADA = ((41.6, 83.2), (-141.1, -52.5))


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a point is believed, the point itself if so, and why not."""

    believed: bool
    outcome: Outcome
    latitude: float | None = None
    longitude: float | None = None
    note: str | None = None
    """For people; None where the point was believed as printed, and where none is printed."""


def read_point(latitude: str | None, longitude: str | None) -> tuple[float, float] | Verdict:
    """Two printed coordinates as degrees, or the Verdict that says why they cannot be read.

    Understands decimal commas, degree signs, degrees with minutes and seconds, N S E W, and both
    numbers printed in one field. The numbers may still be out of range; `check_point` looks.
    """
    first, second = _text(latitude), _text(longitude)
    if first is None and second is None:
        return Verdict(False, "absent")
    if first is None or second is None or first == second:
        pair = _one_field(first or second or "")
        if pair is not None:
            return pair
        if first is None or second is None:
            return Verdict(False, "half", note="only one of the two coordinates is printed")
    north, east = _degrees(first), _degrees(second)
    if north is None or east is None:
        odd = first if north is None else second
        return Verdict(
            False, "not_a_number", note=f"the printed coordinate {odd[:40]!r} is no number"
        )
    return north, east


def possible_point(latitude: str | None, longitude: str | None) -> tuple[float, float] | Verdict:
    """Two printed coordinates as degrees, or the Verdict that says why they are nowhere anybody
    works, whatever address stands beside them."""
    read = read_point(latitude, longitude)
    return read if isinstance(read, Verdict) else _problem_in_itself(*read) or read


def _text(printed: str | None) -> str | None:
    text = " ".join(printed.split()) if printed else ""
    return text or None


def _one_field(text: str) -> tuple[float, float] | None:
    text = text.strip("()[]{} ")
    for pattern in _PAIR:
        found = pattern.match(text)
        if found:
            north, east = _degrees(found[1]), _degrees(found[2])
            if north is not None and east is not None:
                return north, east
    return None


def _degrees(text: str) -> float | None:
    found = _AXIS.fullmatch(text)
    if found is None or (found["before"] and found["after"]):
        return None
    parts = [
        float((found[name] or "0").replace(",", ".")) for name in ("degrees", "minutes", "seconds")
    ]
    broken = found["minutes"] and re.search("[.,]", found["degrees"])
    if broken or parts[1] >= 60 or parts[2] >= 60:
        return None
    value = parts[0] + parts[1] / 60 + parts[2] / 3600
    letter = (found["before"] or found["after"] or "").upper()
    negative = (found["sign"] or "+") != "+" or letter in ("S", "W")
    return -value if negative else value


def check_point(
    latitude: float, longitude: float, address: Address, gazetteer: Gazetteer
) -> Verdict:
    """Whether a printed point agrees with the printed address.

    Believed are points in range, not (near) 0/0, not a map's starting point, in the state that is
    printed (with room at its border) and within 75 miles of the printed ZIP code or town. Where an
    address says less, less is checked. A point that would agree within 25 miles, were its numbers
    exchanged or its longitude negative, is not believed either, but the note says what happened:
    the publisher can mend that, and the listing's address places it until then.

    Outside the US only range and country are checked: the gazetteer has no towns there.
    """
    anchors = _anchors(address, gazetteer)
    verdict = _check(latitude, longitude, address, anchors, gazetteer)
    if verdict.believed or verdict.outcome in ("zero", "map_start", "rounded") or not anchors:
        return verdict
    mended: tuple[tuple[float, float, Outcome, str], ...] = (
        (longitude, latitude, "exchanged", "the printed latitude and longitude look exchanged"),
        (latitude, -longitude, "sign_lost", "the printed longitude seems to lack its minus sign"),
    )
    for north, east, outcome, note in mended:
        if (
            _check(north, east, address, anchors, gazetteer).believed
            and _miles_to(north, east, anchors) <= SURE_MILES
        ):
            return Verdict(False, outcome, note=note)
    return verdict


def _check(
    latitude: float,
    longitude: float,
    address: Address,
    anchors: list[Place],
    gazetteer: Gazetteer,
) -> Verdict:
    state, country = address.state, address.country
    problem = _problem_in_itself(latitude, longitude)
    if problem is not None:
        return problem
    if country not in ("US", None):
        return _check_abroad(latitude, longitude, country, gazetteer)
    miles = _miles_to(latitude, longitude, anchors) if anchors else None
    if state in STATES:
        there = gazetteer.state_of(latitude, longitude)
        if state not in there and not _at_the_border(
            latitude, longitude, state, anchors, gazetteer
        ):
            where = f"in {' or '.join(sorted(there))}" if there else "in no state"
            return Verdict(
                False, "other_state", note=f"the printed point lies {where}, the address in {state}"
            )
    elif country == "US" and state is None and not gazetteer.state_of(latitude, longitude):
        return Verdict(False, "other_country", note="the printed point lies outside the US")
    if miles is not None and miles > NEAR_MILES:
        return Verdict(
            False,
            "far_away",
            note=f"the printed point lies {miles:,.0f} miles from {_title(anchors[0])}",
        )
    return Verdict(True, "believed", latitude, longitude)


def _problem_in_itself(latitude: float, longitude: float) -> Verdict | None:
    if not (math.isfinite(latitude) and math.isfinite(longitude)):
        return Verdict(False, "not_a_number", note="the printed coordinates are no numbers")
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        note = f"the printed coordinates {latitude:g}, {longitude:g} are out of range"
        return Verdict(False, "out_of_range", note=note)
    if (abs(latitude) < 1 and abs(longitude) < 1) or latitude == 0 or longitude == 0:
        note = f"the printed coordinates are {latitude:g}, {longitude:g}: an empty field"
        return Verdict(False, "zero", note=note)
    if any(
        abs(latitude - start[0]) < 0.0005 and abs(longitude - start[1]) < 0.0005
        for start in _MAP_STARTS
    ):
        note = "the printed point is the middle of the United States, where maps start"
        return Verdict(False, "map_start", note=note)
    if latitude == round(latitude, 1) and longitude == round(longitude, 1):
        note = "the printed coordinates are rounded to a tenth of a degree, about 7 miles"
        return Verdict(False, "rounded", note=note)
    return None


def _check_abroad(
    latitude: float, longitude: float, country: str | None, gazetteer: Gazetteer
) -> Verdict:
    if country == "CA":
        inside = all(
            low <= value <= high
            for value, (low, high) in zip((latitude, longitude), _CANADA, strict=True)
        )
    else:
        # Mexico's towns lie next to American ones; nobody else's do.
        inside = country == "MX" or not gazetteer.state_of(latitude, longitude)
    if inside:
        return Verdict(True, "believed", latitude, longitude)
    return Verdict(False, "other_country", note=f"the printed point lies outside {country}")


def _anchors(address: Address, gazetteer: Gazetteer) -> list[Place]:
    """What the gazetteer knows of the printed ZIP code and town; nothing outside the US."""
    if address.country not in ("US", None):
        return []
    code = gazetteer.postal(address.postcode) if address.postcode else None
    named = address.city and address.state in STATES
    towns = gazetteer.cities(address.city or "", address.state) if named else []
    return [code, *towns] if code else towns


def _miles_to(latitude: float, longitude: float, anchors: list[Place]) -> float:
    return min(
        miles_between(latitude, longitude, place.latitude, place.longitude) for place in anchors
    )


def _at_the_border(
    latitude: float, longitude: float, state: str, anchors: list[Place], gazetteer: Gazetteer
) -> bool:
    """The next state's ZIP point can be nearer than one's own: then a near town of the state, in
    whose box the point lies, speaks for it."""
    own = [place for place in anchors if place.state == state]
    known = gazetteer.state(state)
    return (
        bool(own)
        and known is not None
        and known.may_contain(latitude, longitude)
        and _miles_to(latitude, longitude, own) <= SURE_MILES
    )


def _title(place: Place) -> str:
    return f"ZIP {place.postcode}" if place.postcode else place.label
