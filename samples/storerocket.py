"""Directories on StoreRocket: with the whole list, and with one that is cut at fifty rows."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from samples.hosted import HostedSite, as_json
from samples.site import Reply, Request
from samples.world import TrueListing


class StoreRocketSite(HostedSite):
    """The whole list."""

    account = "Yw8lrx64vo"
    most_rows: ClassVar[int] = 100_000

    def widget(self) -> str:
        return (
            "<div id='storerocket-widget' style='width:100%;' data-storerocket-env='p' "
            f"data-storerocket-id='{self.account}'><p>Store locator is loading from StoreRocket "
            "<a href='https://storerocket.io'>Store Locator App</a>..</p></div>\n"
            "<script>(function(){var a=document.createElement('script');a.async=!0;"
            "a.src='https://cdn.storerocket.io/js/widget-mb.js';"
            "document.body.appendChild(a);}());</script>"
        )

    def service(self, path: str, request: Request) -> Reply | None:
        if path != f"/api/user/{self.account}/locations":
            return as_json({"success": False, "error": "Project not found."})
        rows = self._near(request) if "lat" in request.query else self.shown()
        located = [self._row(one) for one in rows[: self.most_rows]]
        if "lat" not in request.query and self.most_rows > len(rows):
            located += [self._row(one) | {"is_visible": 0} for one in self.withheld()]
        return as_json({"success": True, "results": {"locations": located, "settings": {}}})

    def _near(self, request: Request) -> list[TrueListing]:
        latitude, longitude = float(request.query["lat"]), float(request.query["lng"])
        reach = float(request.query.get("radius", "25"))
        # Another radius than those on offer is not clamped: the default counts.
        miles = reach if reach in (25, 50, 100, 250) else 25.0
        found = [(_miles(latitude, longitude, one), one) for one in self.shown()]
        found = [(away, one) for away, one in found if away <= miles]
        return [one for _, one in sorted(found, key=lambda one: one[0])]

    def _row(self, listing: TrueListing) -> dict[str, Any]:
        return {
            "id": f"loc{listing.native_id}",
            "slug": f"practitioner-{listing.native_id}",
            "name": listing.stored,
            "location_type_name": listing.certification,
            "address": "",
            "display_address": f"{listing.street} {listing.city}",
            "address_line_1": listing.street,
            "address_line_2": listing.unit or None,
            "city": listing.city,
            "state": listing.state,
            "postcode": listing.postcode,
            "country": listing.country,
            "lat": None if listing.latitude is None else f"{listing.latitude:.7f}",
            "lng": None if listing.longitude is None else f"{listing.longitude:.7f}",
            "phone": listing.phone,
            "email": listing.email,
            "url": listing.website,
            "hours": {"Mon": "9-5", "Tue": None},
            "fields": [{"name": "Practice", "pivot_field_value": listing.practice}],
            "updated_at": "2026-11-24 03:00:00",
        }


class StoreRocketCutSite(StoreRocketSite):
    """Fifty rows an answer, the nearest where a point is named."""

    without_coordinates = False
    most_rows = 50

    def shown(self) -> list[TrueListing]:
        # Whom neither a search on land nor the first rows show, no visitor finds.
        return [one for one in super().shown() if one.place_latitude is not None and _right(one)]


def _right(listing: TrueListing) -> bool:
    """Whether the printed point is near the office."""
    latitude, longitude = listing.place_latitude, listing.place_longitude
    assert latitude is not None
    assert longitude is not None
    return _miles(latitude, longitude, listing) < 50


def _miles(latitude: float, longitude: float, listing: TrueListing) -> float:
    if listing.latitude is None or listing.longitude is None:
        return math.inf
    one, other = math.radians(latitude), math.radians(listing.latitude)
    cosine = math.cos(one) * math.cos(other) * math.cos(math.radians(listing.longitude - longitude))
    return 3959.0 * math.acos(max(-1.0, min(1.0, cosine + math.sin(one) * math.sin(other))))
