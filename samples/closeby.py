"""Directories on Closeby: points as GeoJSON, a total, telephones here or in an entry's own data."""

from __future__ import annotations

from typing import Any

from samples.hosted import HostedSite, as_json
from samples.map_plugin import one_line
from samples.site import Reply, Request
from samples.world import TrueListing


class ClosebySite(HostedSite):
    """Everything in the list."""

    account = "0123456789abcdef0123456789abcdef"

    def widget(self) -> str:
        return (
            f'<div id="closeby"></div>\n<script>window.closeby = {{ mapKey: "{self.account}" }};'
            '</script>\n<script src="https://www.closeby.co/js/embed.js" async></script>'
        )

    def service(self, path: str, request: Request) -> Reply | None:
        if path == f"/embed/{self.account}/locations":
            rows = [self._row(one) for one in self.shown()]
            total = len(rows)
            rows += [self._row(one) | {"status": "draft"} for one in self.withheld()]
            return as_json({"locations": rows, "total_count": total, "is_limited_results": False})
        return None

    def _row(self, listing: TrueListing) -> dict[str, Any]:
        return self._short(listing) | {
            "phone_number": listing.phone or None,
            "email": listing.email or None,
            "website": listing.website or None,
        }

    def _short(self, listing: TrueListing) -> dict[str, Any]:
        point = None
        if listing.latitude is not None:
            point = {"type": "Point", "coordinates": [listing.longitude, listing.latitude, 0]}
        return {
            "id": int(listing.native_id),
            "title": listing.stored,
            "address_full": one_line(listing),
            "geometry": point,
            "categories": [{"id": 1, "name": listing.certification}],
        }


class ClosebyDetailsSite(ClosebySite):
    """The list holds places only; the rest is one question an entry."""

    def shown(self) -> list[TrueListing]:
        return super().shown()[:40]

    def service(self, path: str, request: Request) -> Reply | None:
        if path == f"/embed/{self.account}/locations":
            rows = [self._short(one) for one in self.shown()]
            return as_json(
                {"locations": rows, "total_count": len(rows), "is_limited_results": False}
            )
        for one in self.shown():
            if path == f"/locations/{one.native_id}":
                return as_json({"location": self._row(one)})
        return None
