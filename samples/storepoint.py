"""A directory on Storepoint: one answer, addresses in one line, a list for those of no place."""

from __future__ import annotations

from typing import Any

from samples.hosted import HostedSite, as_json
from samples.map_plugin import one_line
from samples.site import Reply, Request
from samples.world import TrueListing


class StorepointSite(HostedSite):
    """Whoever has no coordinates sees people online only, says the service."""

    account = "165a1b2c3d4e5f"

    def widget(self) -> str:
        return (
            f'<div id="storepoint-container" data-map-id="{self.account}"></div>\n<script>'
            "(function(){var a=document.createElement('script');a.type='text/javascript';"
            "a.async=!0;"
            f"a.src='https://cdn.storepoint.co/api/v1/js/{self.account}.js';"
            "var b=document.getElementsByTagName('script')[0];b.parentNode.insertBefore(a,b);"
            "}());</script>"
        )

    def service(self, path: str, request: Request) -> Reply | None:
        if not path.startswith("/v1/") or not path.endswith("/locations"):
            return None
        if path != f"/v1/{self.account}/locations":
            return as_json({"success": False, "message": "Account not found"})
        placed = [self._row(one) for one in self.shown() if one.latitude is not None]
        placed += [self._row(one) | {"hidden": 1} for one in self.withheld()]
        online = [self._row(one) for one in self.shown() if one.latitude is None]
        results = {
            "locations": placed,
            "online_stores": online,
            "tags": ["Level 1", "Level 2"],
            "tag_colors": {},
        }
        return as_json({"success": True, "results": results})

    def _row(self, listing: TrueListing) -> dict[str, Any]:
        return {
            "id": int(listing.native_id),
            "name": listing.stored,
            "description": listing.practice,
            "streetaddress": one_line(listing),
            "phone": listing.phone,
            "email": listing.email,
            "website": listing.website,
            "loc_lat": "" if listing.latitude is None else listing.latitude,
            "loc_long": "" if listing.longitude is None else listing.longitude,
            "tags": listing.certification or "",
            "monday": "9-5",
            "tuesday": "",
            "image_url": None,
            "extra": "",
        }
