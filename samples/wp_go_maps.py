"""Directories on WP Go Maps 10: all markers at once, whatever map was asked for.

Titles are sent as they were typed, HTML included; e-mail and telephone stand in the description;
another map of the same site has markers of its own; unapproved markers answer 404.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from typing import Any, ClassVar

from samples.map_plugin import MapPluginSite, box, degrees, one_line
from samples.site import Reply, Request, escaped
from samples.wordpress import ajax_json, php_json
from samples.world import TrueListing

_BASE = "/wpgmza/v1"


class WpGoMapsSite(MapPluginSite):
    """The free version, every way of asking open."""

    plain_rest: ClassVar[bool] = True
    paths: ClassVar[bool] = True

    def ajax(self, action: str, request: Request) -> Reply | None:
        if action != "wpgmza_rest_api_request" or request.method != "GET":
            return None
        if request.query.get("route") != "/features/":
            return None
        return ajax_json(self._features())

    def rest(self, route: str, request: Request) -> Reply:
        if not route.startswith(_BASE):
            return super().rest(route, request)
        route = route.removeprefix(_BASE).rstrip("/")
        if route.startswith("/features/base64"):
            return self._path(route.removeprefix("/features/base64"))
        if not self.plain_rest:
            return _json({"code": "rest_forbidden", "message": "No."}, 401)
        return self._plain(route)

    def _plain(self, route: str) -> Reply:
        if route == "/markers":
            return _json(self._markers())
        if route == "/features":
            return _json(self._features())
        number = route.removeprefix("/markers/")
        for marker in self._markers():
            if marker["id"] == number:
                return _json({**marker, "id": int(number)})
        return _json({"code": "wpgmza_marker_not_found", "message": "Marker does not exist"}, 404)

    def _path(self, packed: str) -> Reply:
        if not self.paths:
            return _json({"code": "rest_forbidden", "message": "No."}, 401)
        try:
            padded = packed.replace("-", "/") + "=" * (-len(packed) % 4)
            json.loads(zlib.decompress(base64.b64decode(padded, validate=True)))
        except (binascii.Error, zlib.error, ValueError):
            return Reply(status=500, body=b"<p>There has been a critical error.</p>")
        return _json(self._features())

    def _features(self) -> dict[str, Any]:
        empty: dict[str, Any] = {"circles": [], "polygons": [], "polylines": []}
        return {"request": {}, "markers": self._markers(), **empty}

    def _markers(self) -> list[dict[str, Any]]:
        office = _marker("2", "900001", "Our office", "1 Placeholder Plaza, Nowhere, KS 67000", "")
        return [*(self._row(one) for one in self.shown()), office]

    def _row(self, listing: TrueListing) -> dict[str, Any]:
        marker = _marker("1", listing.native_id, listing.stored, one_line(listing), box(listing))
        point = {"lat": degrees(listing.latitude), "lng": degrees(listing.longitude)}
        return marker | point | {"link": listing.website}

    def widget(self) -> str:
        data = {
            "adminurl": f"{self.base_url}/wp-admin/",
            "resturl": f"{self.base_url}/wp-json/wpgmza/v1",
            "ajaxurl": f"{self.base_url}/wp-admin/admin-ajax.php",
            "restnonce": "0a1b2c3d4e",
            "markerXMLPathURL": f"{self.base_url}/wp-content/uploads/wp-google-maps/",
            "settings": {"wpgmza_settings_marker_pull": "0"},
            "is_pro": "false",
        }
        map_settings = escaped(json.dumps({"id": "1", "map_title": "Practitioners"}))
        return (
            '<div class="wpgmza_map" id="wpgmza_map" data-map-id="1" '
            f'data-settings="{map_settings}"></div>\n'
            f"<script>\nvar WPGMZA_localized_data = {php_json(data).decode()};\n</script>\n"
            f'<script src="{self.base_url}/wp-content/plugins/wp-google-maps/js/v8/'
            'wp-google-maps.min.js?ver=10.1.03"></script>'
        )


class WpGoMapsPathSite(WpGoMapsSite):
    """Only asked in the style of the plugin's own script."""

    plain_rest = False


class WpGoMapsClosedSite(WpGoMapsSite):
    """A REST API that is kept from visitors; admin-ajax.php answers."""

    plain_rest = False
    paths = False


def _marker(map_id: str, number: str, title: str, address: str, description: str) -> dict[str, Any]:
    return {
        "map_id": map_id,
        "address": address,
        "description": description,
        "pic": "",
        "link": "",
        "icon": "",
        "lat": "38.5",
        "lng": "-98.5",
        "anim": "0",
        "title": title,
        "infoopen": "0",
        "category": "3",
        "approved": "1",
        "retina": "0",
        "type": "0",
        "did": "",
        "sticky": "0",
        "other_data": "",
        "layergroup": "0",
        "id": number,
    }


def _json(value: Any, status: int = 200) -> Reply:
    return Reply(
        status=status, body=php_json(value), content_type="application/json; charset=UTF-8"
    )
