"""Directories on Elfsight's map: the markers in the page itself, or in a boot answer."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from samples.hosted import HostedSite, as_json
from samples.map_plugin import one_line
from samples.site import Reply, Request
from samples.world import TrueListing

_REVIEWS = "9d7a1c52-1111-4222-8333-444455556666"


class ElfsightSite(HostedSite):
    """Markers in an attribute."""

    account = "84eca792-36b8-45b6-9851-465cd482c3d2"

    def widget(self) -> str:
        options = quote(json.dumps(self._settings()))
        return (
            '<div class="elfsight-widget-google-maps elfsight-widget" '
            f'data-elfsight-google-maps-options="{options}"></div>'
        )

    def service(self, path: str, request: Request) -> Reply | None:
        return None

    def _settings(self) -> dict[str, Any]:
        markers = [self._marker(place, one) for place, one in enumerate(self.shown())]
        markers += [self._marker(0, one) | {"visible": False} for one in self.withheld()]
        return {"mapType": "roadmap", "zoom": 4, "markers": markers}

    def _marker(self, place: int, listing: TrueListing) -> dict[str, Any]:
        point = ""
        if listing.latitude is not None:
            point = f"{listing.latitude}, {listing.longitude}"
        return {
            # Made anew by every import: it says nothing about who this is.
            "id": f"{place:08x}-aaaa-4bbb-8ccc-{len(self.requests):012x}",
            "position": one_line(listing),
            "coordinates": point,
            "infoTitle": listing.stored,
            "infoDescription": f"<p>{listing.practice}</p>" if listing.practice else "",
            "infoImage": None,
            "infoAddress": one_line(listing),
            "infoSite": listing.website,
            "infoPhone": listing.phone,
            "infoEmail": listing.email,
            "infoWorkingHours": "",
        }


class ElfsightBootSite(ElfsightSite):
    """A widget for reviews, and one that is the map."""

    def widget(self) -> str:
        return (
            '<script src="https://static.elfsight.com/platform/platform.js" async></script>\n'
            f'<div class="elfsight-app-{_REVIEWS}" data-elfsight-app-lazy></div>\n'
            f'<div class="elfsight-app-{self.account}" data-elfsight-app-lazy></div>'
        )

    def service(self, path: str, request: Request) -> Reply | None:
        if path != "/p/boot/":
            return None
        widget = request.query.get("w", "")
        settings = {
            self.account: self._settings(),
            _REVIEWS: {"reviews": [{"text": "Five stars"}]},
        }.get(widget)
        if settings is None:
            return as_json({"status": 1, "data": {"widgets": {}}})
        data = {"app": "google-maps", "settings": settings, "public_widget_token": "sample"}
        return as_json(
            {"status": 1, "data": {"widgets": {widget: {"status": 1, "data": data}}, "assets": []}}
        )
