"""Directories on MapPress 2.97: the places stand in the page, in a frame, or in a REST answer.

Titles have lost their markup, attributes are escaped for HTML, and missing coordinates are 0,0.
"""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import urlencode

from samples.map_plugin import MapPluginSite, box, one_line
from samples.site import Reply, Request
from samples.wordpress import php_json
from samples.world import TrueListing


class MapPressSite(MapPluginSite):
    """Places in the page."""

    def rest(self, route: str, request: Request) -> Reply:
        if not route.startswith("/mapp/v1/maps"):
            return super().rest(route, request)
        number = route.removeprefix("/mapp/v1/maps").strip("/")
        if not number:
            error = {"code": "rest_forbidden", "message": "Sorry, you are not allowed to do that."}
            return Reply(status=401, body=php_json(error), content_type="application/json")
        if number != "1":
            error = {"code": "get_map", "message": "Map not found"}
            return Reply(status=404, body=php_json(error), content_type="application/json")
        pois = [self._json(one) for one in self.shown()]
        body = php_json({"mapid": "1", "otype": "post", "title": "Map 1", "pois": pois})
        return Reply(body=body, content_type="application/json; charset=UTF-8")

    def widget(self) -> str:
        places = "".join(self._poi(one) for one in self.shown())
        return (
            "<!-- MapPress Easy Google Maps Version:2.97.6 (https://www.mappresspro.com) -->\n"
            "<mappress-map class='mapp-layout' center='' height='' layout='left' mapid='1' "
            f"name='mapp0' style='width: 100%;height: 350px;'>{places}\n</mappress-map>\n"
        )

    def _poi(self, listing: TrueListing) -> str:
        latitude, longitude = _point(listing)
        return (
            f"<poi address='{_attribute(one_line(listing))}' iconid='' "
            f"point='{latitude},{longitude}' title='{_attribute(_title(listing))}' props='[]'>"
            f"{box(listing, website=True)}</poi>"
        )

    def _json(self, listing: TrueListing) -> dict[str, Any]:
        latitude, longitude = _point(listing)
        return {
            "address": one_line(listing),
            "body": box(listing, website=True),
            "iconid": None,
            "images": None,
            "kml": None,
            "point": {"lat": latitude, "lng": longitude},
            "poly": None,
            "title": _title(listing),
            "type": None,
            "viewport": None,
        }


class MapPressFrameSite(MapPressSite):
    """Places in a frame."""

    def answer(self, request: Request) -> Reply:
        if request.path == "/" and request.query.get("mappress") == "embed":
            body = f"<html><head></head><body>{super().widget()}</body></html>"
            return Reply(body=body.encode())
        return super().answer(request)

    def widget(self) -> str:
        query = urlencode({"mappress": "embed", "mapid": "1", "name": "mapp0"})
        return (
            "<div id='mapp0' class='mapp-layout mapp-has-iframe' style='width: 100%;'>"
            f"<iframe class='mapp-iframe ' src='{self.base_url}/?{html.escape(query)}' "
            "scrolling='no' loading='lazy'></iframe></div>"
        )


class MapPressRestSite(MapPressSite):
    """A page with an empty map; the places come over REST."""

    def widget(self) -> str:
        return "<mappress-map class='mapp-layout' mapid='1' name='mapp0'>\n</mappress-map>"


def _title(listing: TrueListing) -> str:
    """What kses leaves of a title: no markup, & as &amp;."""
    bare = re.sub(r"<[^>]*>", "", listing.stored)
    return re.sub(r"&(?!#?\w+;)", "&amp;", bare)


def _attribute(text: str) -> str:
    return html.escape(text, quote=True).replace("&#x27;", "&#039;")


def _point(listing: TrueListing) -> tuple[float, float]:
    return listing.latitude or 0, listing.longitude or 0
