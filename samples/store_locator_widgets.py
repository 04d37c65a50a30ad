"""A directory on Store Locator Widgets: a call with settings and stores, details a level down."""

from __future__ import annotations

from typing import Any

from samples.hosted import HostedSite, as_call
from samples.map_plugin import one_line
from samples.site import Reply, Request
from samples.world import TrueListing


class StoreLocatorWidgetsSite(HostedSite):
    """Filters as one text, empty details left out."""

    account = "25c69a4203a347359016accf658a2097"

    def widget(self) -> str:
        return (
            '<div id="storelocatorwidget"></div>\n'
            '<script type="text/javascript" id="storelocatorscript" '
            f'data-uid="{self.account}" data-settings="store_list_layout=Left" '
            'src="//cdn.storelocatorwidgets.com/widget/widget.js"></script>'
        )

    def service(self, path: str, request: Request) -> Reply | None:
        if path != f"/json/{self.account}":
            return None
        rows = [self._row(one) for one in self.shown()]
        for one in self.withheld():
            row = self._row(one)
            row["data"]["hidden"] = "1"
            rows.append(row)
        content = {"settings": {"units": "miles", "mapbox_token": "pk.sample"}, "stores": rows}
        return as_call("slw", content, end=")")

    def _row(self, listing: TrueListing) -> dict[str, Any]:
        data = {
            "address": one_line(listing),
            "phone": listing.phone,
            "email": listing.email,
            "website": listing.website,
            "description": listing.practice,
            "map_lat": "" if listing.latitude is None else str(listing.latitude),
            "map_lng": "" if listing.longitude is None else str(listing.longitude),
            "hours_Monday": "9AM - 5PM",
        }
        return {
            "storeid": listing.native_id,
            "name": listing.stored,
            "country": listing.country,
            "data": {key: value for key, value in data.items() if value},
            "filters": listing.certification or "",
            "google_placeid": "",
            "display_order": "0",
        }
