"""The gazetteer that ships with the project as a geopy geocoder: ZIP codes and towns, offline."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from geopy.adapters import URLLibAdapter
from geopy.geocoders.base import DEFAULT_SENTINEL, Geocoder
from geopy.location import Location
from geopy.point import Point

from db.gazetteer import Gazetteer
from db.place import Place
from db.place_text import state_code

_COUNTRY = re.compile(
    r"(?:,|\s)\s*(?:US|USA|U\.S\.A?\.?|United States(?: of America)?)\s*$", re.IGNORECASE
)
_ZIP = re.compile(r"(?<![0-9])([0-9]{5})(?:-[0-9]{4})?\s*$")


class GazetteerGeocoder(Geocoder):  # type: ignore[misc]
    """geopy's interface over `db.gazetteer`: no request ever leaves the machine.

    Finds ZIP codes and towns of the US, never streets. `raw` of a Location says how good it is:
    `precision` ("postcode" or "city"), `name`, `state`, `postcode` and `kind`.
    """

    def __init__(self, gazetteer: Gazetteer) -> None:
        super().__init__(adapter_factory=URLLibAdapter)  # the lightest; it is never used
        self._gazetteer = gazetteer

    def geocode(
        self,
        query: str | Mapping[str, str],
        *,
        exactly_one: bool = True,
        timeout: Any = DEFAULT_SENTINEL,
    ) -> Any:
        """The place an address lies in: a Location, or a list with exactly_one=False; else None.

        `query` is an address line that ends in a ZIP code, or a town with its state ("12 Sample
        Ave, Toledo, OH 43604", "Toledo, Ohio"), or a dict of `city`, `state`, `postalcode`. A
        town of which a state has several gives None with exactly_one=True, never a guess, and all
        of them with exactly_one=False. `timeout` is there for geopy's sake.
        """
        code, city, state = _parts(query)
        found: list[Place] = []
        known = self._gazetteer.postal(code) if code else None
        if known is not None and state in (None, known.state):
            found = [known]
        elif city and state and exactly_one:
            town = self._gazetteer.city(city, state)
            found = [town] if town else []
        elif city:
            found = self._gazetteer.cities(city, state)
        if exactly_one:
            return _location(found[0]) if len(found) == 1 else None
        return [_location(place) for place in found] or None

    def reverse(
        self,
        query: Point | tuple[float, float] | str,
        *,
        exactly_one: bool = True,
        timeout: Any = DEFAULT_SENTINEL,
    ) -> Any:
        """The ZIP code whose middle is nearest, within 100 miles: a Location (a list of one with
        exactly_one=False) at that middle, or None."""
        point = Point(query)
        place = self._gazetteer.nearest_postal(point.latitude, point.longitude)
        if place is None:
            return None
        return _location(place) if exactly_one else [_location(place)]


def _parts(query: str | Mapping[str, str]) -> tuple[str | None, str | None, str | None]:
    """Postal code, town and state code of a query."""
    if not isinstance(query, str):
        code = query.get("postalcode") or query.get("postcode")
        return code or None, query.get("city") or None, state_code(query.get("state"))
    text = _COUNTRY.sub("", query).strip(" ,")
    zip_code = _ZIP.search(text)
    code = zip_code[1] if zip_code else None
    rest = text[: zip_code.start()].strip(" ,") if zip_code else text
    words = rest.replace(",", " , ").split()
    for count in (3, 2, 1):
        state = state_code(" ".join(words[-count:])) if len(words) >= count else None
        if state and "," not in words[-count:]:
            # what stands before the town's comma is the street
            before = " ".join(words[:-count]).strip(" ,")
            return code, before.rpartition(",")[2].strip() or None, state
    return code, rest.rpartition(",")[2].strip() or None, None


def _location(place: Place) -> Location:
    raw = {
        "precision": "postcode" if place.postcode else "city",
        "name": place.name,
        "state": place.state,
        "postcode": place.postcode,
        "kind": place.kind,
    }
    return Location(place.label, (place.latitude, place.longitude), raw)
