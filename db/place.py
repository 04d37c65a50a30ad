"""A place somebody can search near, a state, and which of several namesakes is meant.

All coordinates are degrees, WGS84.
"""

from __future__ import annotations

from dataclasses import dataclass

from db.nearest import miles_between
from db.place_text import TERRITORIES, county_title
from records.said import said

SAME_PLACE_MILES = 12.0
"""Two places of one name in one state this near are one place to somebody who searches."""

RIVAL_SHARE = 10
"""A namesake with a tenth of the people of the biggest, or more, may be the one that is meant."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place somebody can search near.

    `kind` is 'city', 'district' (part of New York City or Washington), 'post_office' (a postal name
    that is no place of 500 people), 'county', 'postal' (a ZIP code; `postcode` is set), 'state', or
    'point' (where the visitor is, to 0.01 degrees; without a name, `state` is '' near a border).
    `population` is None where unknown. `state` is the two-letter code, `county` has no 'County' at
    its end and may be ''.
    """

    name: str
    state: str
    county: str
    country: str
    latitude: float
    longitude: float
    population: int | None
    kind: str
    postcode: str | None = None

    @property
    def label(self) -> str:
        """As on an envelope: 'Toledo, OH', 'Toledo, OH 43604'; a state by its name.

        This and the other labels are `said` where a page may say them in another language."""
        if self.kind == "point":
            return self.name
        if self.kind == "state":
            return said(self.name)
        if self.kind == "county":
            if self.state == "LA":
                return said("%(name)s Parish, %(state)s", name=self.county, state=self.state)
            return said("%(name)s County, %(state)s", name=self.county, state=self.state)
        return f"{self.name}, {self.state}" + (f" {self.postcode}" if self.postcode else "")

    @property
    def county_label(self) -> str:
        """'Clark County', 'Orleans Parish'; '' where a county would say nothing new."""
        if self.kind in ("county", "state", "point") or self.county in ("", self.name):
            return ""
        return county_title(self.county, self.state)

    @property
    def long_label(self) -> str:
        """The label with the county, to tell namesakes apart: 'Springfield, Clark County, OH';
        a state with the word. The place search finds the place again by it."""
        if self.kind == "state" and self.state not in TERRITORIES | {"DC"}:
            return said("%(name)s State", name=said(self.name))
        if not self.county_label or self.postcode:
            return self.label
        return said(
            "%(name)s, %(county)s, %(state)s",
            name=self.name,
            county=self.county_label,
            state=self.state,
        )


@dataclass(frozen=True, slots=True)
class State:
    """A state: its code and name, the point its people live around, and its box in degrees.

    The box has a margin of 0.1 degrees. Alaska's reaches over the date line: its `min_longitude`
    is below -180.
    """

    code: str
    name: str
    latitude: float
    longitude: float
    population: int
    min_latitude: float
    max_latitude: float
    min_longitude: float
    max_longitude: float

    def may_contain(self, latitude: float, longitude: float) -> bool:
        """Whether the point lies in the state's box."""
        return self.min_latitude <= latitude <= self.max_latitude and (
            self.min_longitude <= longitude <= self.max_longitude
            or self.min_longitude <= longitude - 360 <= self.max_longitude
        )

    def as_place(self) -> Place:
        """The state as something to search in, at the point its people live around."""
        return Place(
            self.name, self.code, "", "US", self.latitude, self.longitude, self.population, "state"
        )


def same_place(one: Place, other: Place) -> bool:
    """Whether two entries are one place to somebody who searches: GeoNames often has a town and the
    township or district around it."""
    if one.state != other.state:
        return False
    miles = miles_between(one.latitude, one.longitude, other.latitude, other.longitude)
    return miles <= SAME_PLACE_MILES


def people(place: Place) -> int:
    """Population for comparing: one that is unknown counts as a hamlet's 200."""
    return place.population or 200


def clear_winner(places: list[Place]) -> Place | None:
    """The one place of a list of namesakes (biggest first) that is meant, or None.

    The first, unless another one elsewhere has a tenth of its people or more.
    """
    if not places:
        return None
    first = places[0]
    for other in places[1:]:
        if people(other) * RIVAL_SHARE >= people(first) and not same_place(first, other):
            return None
    return first
