"""Directories on Store Locator Plus, self-hosted and hosted: the nearest 25, however asked.

The answer echoes its SQL and the rows of the database, escapes every value once, and the ids' list
answers 201 with private entries in it.
"""

from __future__ import annotations

import html
import math
from typing import Any, ClassVar

from samples.map_plugin import MapPluginSite, degrees
from samples.site import Reply, Request
from samples.wordpress import esc_url, php_json
from samples.world import TrueListing

_EARTH = {"miles": 3959.0, "km": 6371.0}
KEY = "myslp.0123456789abcdef0123456789abcdef"
DATASET = "guild_at_example_dot_com"


class StoreLocatorPlusSite(MapPluginSite):
    """The plugin as it comes: 25 rows, miles, REST open."""

    most: ClassVar[int] = 25
    unit: ClassVar[str] = "miles"
    echoes: ClassVar[bool] = True
    """Whether answers hold their SQL and the stored rows."""
    rest_api: ClassVar[bool] = True
    reached: ClassVar[bool] = True
    """Whether entries without coordinates can be reached: one by one, over REST."""

    by_name: ClassVar[bool] = False
    """Whether answers are cut and sorted by name instead of by distance."""

    def shown(self) -> list[TrueListing]:
        everybody = super().shown()
        if self.reached:
            return everybody
        return [one for one in everybody if one.latitude is not None]

    def ajax(self, action: str, request: Request) -> Reply | None:
        if action not in ("csl_ajax_onload", "csl_ajax_search"):
            return None
        asked = {**request.query, **request.form}
        return Reply(body=php_json(self._reply(action, asked)), content_type="application/json")

    def rest(self, route: str, request: Request) -> Reply:
        base = "/store-locator-plus/v2/locations"
        if not self.rest_api or not route.startswith(base):
            return super().rest(route, request)
        number = route.removeprefix(base).strip("/")
        everybody = sorted(self.world.listings[self.source_id], key=lambda one: int(one.native_id))
        if not number:
            ids = [{"sl_id": one.native_id} for one in everybody]
            return Reply(status=201, body=php_json(ids), content_type="application/json")
        for one in everybody:
            if one.native_id == number:
                stored = php_json(_stored(one))
                return Reply(status=201, body=stored, content_type="application/json")
        error = {"code": "slp_no_such_location", "message": "No such location", "data": None}
        return Reply(status=404, body=php_json(error), content_type="application/json")

    def _reply(self, action: str, asked: Any) -> dict[str, Any]:
        latitude, longitude = _number(asked.get("lat")), _number(asked.get("lng"))
        radius = asked.get("radius", "")
        near = []
        for one in self.world.public(self.source_id):
            if one.latitude is None or one.longitude is None:
                continue
            away = _EARTH[self.unit] * _angle(latitude, longitude, one.latitude, one.longitude)
            if not radius or _number(radius) == 0 or away < _number(radius):
                near.append((away, int(one.native_id), one))
        near.sort(key=lambda one: (one[2].stored, one[1]) if self.by_name else one[:2])
        rows = [self._row(one, away) for away, _, one in near[: self.most]]
        reply = {
            "success": True,
            "slp_version": "2311.17.01",
            "count": len(rows),
            "type": "load" if action.endswith("onload") else "search",
            "http_query": {"lat": asked.get("lat"), "lng": asked.get("lng")},
            "response": rows,
        }
        if self.echoes:
            sql = f"SELECT * FROM wp_store_locator ORDER BY sl_distance asc LIMIT {self.most}"
            reply["data_queries"] = {"standard_location_search": {"query": sql}}
        return reply

    def _row(self, listing: TrueListing, away: float) -> dict[str, Any]:
        stored = _stored(listing)
        url = esc_url(listing.website)
        row: dict[str, Any] = {
            "name": html.escape(stored["sl_store"]).replace("&#x27;", "&#039;"),
            "address": html.escape(stored["sl_address"]),
            "address2": html.escape(stored["sl_address2"]),
            "city": html.escape(stored["sl_city"]),
            "state": html.escape(stored["sl_state"]),
            "zip": stored["sl_zip"],
            "country": stored["sl_country"],
            "lat": stored["sl_latitude"],
            "lng": stored["sl_longitude"],
            "description": html.escape(stored["sl_description"]),
            "url": url,
            "sl_pages_url": "",
            "email": stored["sl_email"],
            "email_link": f'<a href="mailto:{stored["sl_email"]}">Email</a>',
            "hours": "Mon-Fri 8-5",
            "phone": stored["sl_phone"],
            "fax": "",
            "image": "",
            "distance": str(away),
            "tags": stored["sl_tags"],
            "option_value": "",
            "attributes": "",
            "id": listing.native_id,
            "linked_postid": "0",
            "neat_title": "",
            "city_state_zip": f"{stored['sl_city']}, {stored['sl_state']} {stored['sl_zip']}",
            "web_link": f"<a href='{url}' class='storelocatorlink'>Website</a><br/>",
        }
        if self.echoes:
            row["data"] = stored
        return row

    def widget(self) -> str:
        slplus = {
            "options": {
                "distance_unit": self.unit,
                "map_center_lat": "37.09024",
                "map_center_lng": "-95.712891",
                "initial_radius": "10000",
                "immediately_show_locations": "1",
            },
            "ajaxurl": f"{self.base_url}/wp-admin/admin-ajax.php",
            "nonce": "56f8e6276c",
            "apikey": "",
            "rest_url": f"{self.base_url}/wp-json/store-locator-plus/v2/",
        }
        return (
            '<div id="sl_div"><form id="searchForm"><input id="addressInput"/>'
            '<select id="radiusSelect"><option value="50">50</option></select></form>'
            '<div id="map"></div><div id="map_sidebar"></div></div>\n'
            f"<script>\nconst slplus = {php_json(slplus).decode()};\n</script>\n"
            f'<script src="{self.base_url}/wp-content/plugins/store-locator-le/js/'
            'slp_core.min.js?ver=2311.17.01"></script>'
        )


class StoreLocatorPlusQuietSite(StoreLocatorPlusSite):
    """Kilometres, another limit, no echo of the SQL and no REST API."""

    most = 10
    unit = "km"
    echoes = False
    rest_api = False
    reached = False


class StoreLocatorPlusOldSite(StoreLocatorPlusSite):
    """A version of ten years ago: coordinates are read from a POST only, an empty radius is 0."""

    rest_api = False
    reached = False

    def ajax(self, action: str, request: Request) -> Reply | None:
        if action not in ("csl_ajax_onload", "csl_ajax_search"):
            return None
        asked = {"lat": "", "lng": "", "radius": "", **request.form}
        reply = self._reply(action, {**asked, "radius": asked["radius"] or "-1"})
        del reply["data_queries"]
        for row in reply["response"]:
            del row["data"]
        reply["dbQuery"] = f"SELECT *,( 3959 * acos( … ) ) LIMIT {self.most}"
        return Reply(body=php_json(reply), content_type="application/json")


class StoreLocatorPlusByNameSite(StoreLocatorPlusSite):
    """An order of the site's own: by name."""

    echoes = False
    rest_api = False
    reached = False
    by_name = True


class StoreLocatorPlusCloudSite(StoreLocatorPlusSite):
    """The hosted service: the page only has its address and a key."""

    most = 50
    rest_api = False
    reached = False

    def answer(self, request: Request) -> Reply:
        if request.path == f"/{DATASET}/wp-json/myslp/v2/locations-map/search":
            if request.query.get("api_key") != KEY:
                return Reply(status=401, body=b'{"code":"rest_forbidden"}')
            if request.query.get("action") != "csl_ajax_onload":
                return Reply(status=400, body=b'{"code":"rest_invalid_param"}')
            inner = self._reply(request.query.get("action", ""), request.query)
            return Reply(body=php_json({"data": inner}), content_type="application/json")
        return super().answer(request)

    def widget(self) -> str:
        service = f"{self.base_url}/{DATASET}/wp-json/myslp/v2"
        return (
            '<div id="myslp_map"></div>\n<script>\n'
            f'var myslp = {{"rest_url": "{service}/", "api_key": "{KEY}"}};\n</script>'
        )


def _stored(listing: TrueListing) -> dict[str, str]:
    """The row of the plugin's table."""
    return {
        "sl_id": listing.native_id,
        "sl_store": listing.stored,
        "sl_address": listing.street,
        "sl_address2": listing.unit,
        "sl_city": listing.city,
        "sl_state": listing.state,
        "sl_zip": listing.postcode,
        "sl_country": listing.country,
        "sl_latitude": degrees(listing.latitude),
        "sl_longitude": degrees(listing.longitude),
        "sl_tags": listing.certification or "",
        "sl_description": listing.description,
        "sl_email": listing.email,
        "sl_url": listing.website,
        "sl_phone": listing.phone,
        "sl_private": "" if listing.public else "1",
        "sl_lastupdated": "2026-09-01 08:00:00",
    }


def _number(value: Any) -> float:
    try:
        number = float(value or "")
    except ValueError:
        return 0.0
    return number if math.isfinite(number) else 0.0


def _angle(lat1: float, lng1: float, lat2: float, lng2: float) -> float:
    """Radians between two points by the formula of the plugin's SQL, impossible points included."""
    a, b = math.radians(lat1), math.radians(lat2)
    cosine = math.cos(a) * math.cos(b) * math.cos(math.radians(lng2 - lng1))
    return math.acos(max(-1.0, min(1.0, cosine + math.sin(a) * math.sin(b))))
