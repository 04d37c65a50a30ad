"""Directories on Maps Marker Pro: GeoJSON with pop-ups that come later, or the older bare array.

Coordinates are numbers, longitude first; a pop-up is null until it is asked for; times of change
are those of the reading; a second map on the page shows one marker only.
"""

from __future__ import annotations

import time
from typing import Any, ClassVar

from samples.map_plugin import MapPluginSite, box, one_line
from samples.site import Reply, Request
from samples.wordpress import ajax_json, php_json
from samples.world import TrueListing


class MapsMarkerProSite(MapPluginSite):
    """Since 4.16, pop-ups asked for apart."""

    geojson: ClassVar[bool] = True

    def ajax(self, action: str, request: Request) -> Reply | None:
        asked = request.form
        if action == "mmp_map_markers":
            listings = self.shown() if asked.get("type") == "map" and asked.get("id") == "1" else []
            if not self.geojson:
                return ajax_json([self._flat(one) for one in listings])
            features = [self._feature(one) for one in listings]
            data = {"type": "FeatureCollection", "features": features}
            return ajax_json({"success": True, "data": data})
        if action == "mmp_marker_popups" and self.geojson:
            wanted = set(asked.get("id", "").split(","))
            data_list = [
                {"id": one.native_id, "popup": box(one)}
                for one in self.shown()
                if one.native_id in wanted
            ]
            return ajax_json({"success": True, "data": data_list})
        return None

    def _feature(self, listing: TrueListing) -> dict[str, Any]:
        now = str(int(time.time()))
        return {
            "type": "Feature",
            "geometry": {
                "type": "Point",
                "coordinates": [listing.longitude or 0.0, listing.latitude or 0.0],
            },
            "properties": {
                "id": listing.native_id,
                "name": listing.stored,
                "address": one_line(listing),
                "zoom": "11.0",
                "icon": "",
                "popup": None if box(listing) else False,
                "link": listing.website,
                "blank": "1",
                "created_on": now,
                "updated_on": now,
                "maps": ["1"],
                "edit": False,
            },
        }

    def _flat(self, listing: TrueListing) -> dict[str, Any]:
        return {
            "id": listing.native_id,
            "lat": f"{listing.latitude or 0:.6f}",
            "lng": f"{listing.longitude or 0:.6f}",
            "name": listing.stored,
            "address": one_line(listing),
            "popup": box(listing),
            "link": listing.website,
            "blank": "1",
            "icon": "",
            "created": int(time.time()),
            "updated": int(time.time()),
            "maps": ["1"],
            "edit": False,
        }

    def widget(self) -> str:
        address = php_json(f"{self.base_url}/wp-admin/admin-ajax.php").decode()
        return (
            '<div id="maps-marker-pro-c90bf5a9" class="maps-marker-pro">Map loading</div>\n'
            f"<script>\nvar ajaxurl = {address};\n"
            'var mmpVars = {"baseUrl":"","slug":"maps-marker-pro"};\n</script>\n<script>\n'
            "document.addEventListener('DOMContentLoaded', function() {\n"
            "new MapsMarkerPro({\nuid: 'c90bf5a9',\ntype: 'map',\nid: '1',\nlazy: '0',\n"
            "markers: [],\noverrides: {},\nlanguage: 'en',\nhighlight: null,\nfullscreen: false,\n"
            "chart: '',\npage: '/'\n});\n"
            "new MapsMarkerPro({\nuid: '7d',\ntype: 'marker',\nid: '9',\nmarkers: []\n});\n"
            "});\n</script>"
        )


class MapsMarkerProOldSite(MapsMarkerProSite):
    """Before 4.16."""

    geojson = False
