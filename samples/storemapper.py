"""A directory on Storemapper: a script that calls a function with every store."""

from __future__ import annotations

from typing import Any

from samples.hosted import HostedSite, as_call, as_json
from samples.map_plugin import one_line
from samples.site import Reply, Request
from samples.world import TrueListing


class StoremapperSite(HostedSite):
    """JSON, or a call where the question names a function; this one always calls."""

    account = "28644-AbCdEfGhIjKlMnOp"

    def widget(self) -> str:
        return (
            "<div id='storemapper'></div>\n"
            '<script data-storemapper-start="2026,01,01" '
            f'data-storemapper-id="{self.account}">(function() {{'
            "var script = document.createElement('script');script.async = true;"
            "script.src = 'https://www.storemapper.co/js/widget-3.min.js';"
            "document.body.appendChild(script);}());</script>"
        )

    def service(self, path: str, request: Request) -> Reply | None:
        if path != f"/api/users/{self.account}/stores.js":
            return as_json({"error": "Unknown user"}, status=404)
        rows = [self._row(one) for one in self.shown()]
        rows += [self._row(one) | {"disabled": True} for one in self.withheld()]
        function = request.query.get("callback", "SMcallback2")
        return as_call(f"/**/{function}", {"stores": rows}, end=")")

    def _row(self, listing: TrueListing) -> dict[str, Any]:
        return {
            "id": int(listing.native_id),
            "name": listing.stored,
            "address": one_line(listing),
            "phone": listing.phone,
            "email": listing.email,
            "url": listing.website,
            "latitude": listing.latitude,
            "longitude": listing.longitude,
            "description": f"<p>{listing.practice}</p>",
            "image_url": None,
            "custom_field_1": listing.certification,
            "custom_field_2": None,
            "custom_field_3": "",
            "store_category_tags": [22458],
        }
