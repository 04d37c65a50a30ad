"""Directories on Stockist: with the whole list, and with searches only."""

from __future__ import annotations

import math
from typing import Any

from samples.hosted import HostedSite, as_call, as_json
from samples.site import Reply, Request
from samples.world import TrueListing

_LETTERS = "0123456789bcdefghjkmnpqrstuvwxyz"
_MOST_ROWS = 10


class StockistSite(HostedSite):
    """The whole list."""

    account = "u12345"

    def widget(self) -> str:
        return (
            f'<div data-stockist-widget-tag="{self.account}">Loading store locator from '
            '<a href="https://stockist.co">Stockist store locator</a>...</div>\n'
            '<script async src="https://stockist.co/embed/v1/widget.min.js"></script>'
        )

    def service(self, path: str, request: Request) -> Reply | None:
        base = f"/api/v1/{self.account}"
        if not path.startswith(f"{base}/"):
            return None
        return self._answer(path.removeprefix(base), request)

    def _answer(self, path: str, request: Request) -> Reply | None:
        if path != "/locations/all":
            return None
        rows = [self._row(one) for one in self.shown()]
        return as_json(rows + [self._row(one) | {"hidden": True} for one in self.withheld()])

    def _row(self, listing: TrueListing) -> dict[str, Any]:
        level = listing.certification
        return {
            "id": int(listing.native_id),
            "name": listing.stored,
            "latitude": _degrees(listing.latitude),
            "longitude": _degrees(listing.longitude),
            "address_line_1": listing.street,
            "address_line_2": listing.unit,
            "city": listing.city,
            "state": listing.state,
            "postal_code": listing.postcode,
            "country": listing.country,
            "full_address": f"{listing.street}\n{listing.city}",
            "phone": listing.phone,
            "email": listing.email,
            "website": listing.website,
            "description": "",
            "image_url": None,
            "filters": [{"id": 11202, "name": level, "position": 1}] if level else [],
            "custom_fields": [{"id": 7, "name": "Clinic", "value": listing.practice}],
            "priority": 0,
        }


class StockistSearchSite(StockistSite):
    """The nearest ten of a point, and where the pins are."""

    without_coordinates = False

    def _answer(self, path: str, request: Request) -> Reply | None:
        if path == "/locations/all":
            return as_json({"error": "Method unavailable."}, status=400)
        if path == "/widget.js":
            settings = {"tag": self.account, "max_distance": 500, "units": "mi"}
            return as_call("_stockistConfigCallback", settings)
        if path == "/locations/overview.js":
            pins = [_geohash(one.latitude, one.longitude) + "0" for one in self.shown()]
            return as_json({"i": pins})
        if path == "/locations/search":
            return self._search(request)
        return None

    def _search(self, request: Request) -> Reply:
        try:
            latitude, longitude, reach = (
                float(request.query[key]) for key in ("latitude", "longitude", "distance")
            )
        except (KeyError, ValueError):
            return as_json({"locations": []})
        found = sorted(
            ((_km(latitude, longitude, one), one) for one in self.shown()), key=lambda one: one[0]
        )
        rows = [
            {**self._row(one), "distance": round(away, 1), "distance_units": "km"}
            for away, one in found
            if away <= reach
        ]
        return as_json({"locations": rows[:_MOST_ROWS]})


def _degrees(value: float | None) -> str | None:
    return None if value is None else f"{value:.8f}"


def _km(latitude: float, longitude: float, listing: TrueListing) -> float:
    assert listing.latitude is not None
    assert listing.longitude is not None
    one, other = math.radians(latitude), math.radians(listing.latitude)
    cosine = math.cos(one) * math.cos(other) * math.cos(math.radians(listing.longitude - longitude))
    return 6371.0 * math.acos(max(-1.0, min(1.0, cosine + math.sin(one) * math.sin(other))))


def _geohash(latitude: float | None, longitude: float | None, length: int = 9) -> str:
    assert latitude is not None
    assert longitude is not None
    low, high, value = [-90.0, -180.0], [90.0, 180.0], [latitude, longitude]
    text, axis = "", 1
    while len(text) < length:
        letter = 0
        for _ in range(5):
            middle = (low[axis] + high[axis]) / 2
            above = value[axis] >= middle
            letter = letter * 2 + above
            (low if above else high)[axis] = middle
            axis = 1 - axis
        text += _LETTERS[letter]
    return text
