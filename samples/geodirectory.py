"""A directory on GeoDirectory 2.8: markers for everybody, places only where the owner allows it.

A wrong nonce is refused, no nonce is fine; markers leave out entries without coordinates; a page
past the last is an error; raw titles have lost what stands in angle brackets.
"""

from __future__ import annotations

import json
import re
from typing import Any, ClassVar

from samples.directory_plugin import (
    DirectoryPluginSite,
    no_route,
    rest_error,
    rest_json,
    rows_asked,
)
from samples.map_plugin import degrees
from samples.site import Reply, Request, escaped
from samples.wordpress import content, php_json, texturise
from samples.world import TrueListing

#: Another place on the page of every place.
_NEARBY = (
    '<ul class="geodir-category-list-view geodir-widget-posts"><li class="geodir-post gd_place">'
    '<div class="geodir_post_meta geodir-field-phone"><a href="tel:6145550199">(614) 555-0199</a>'
    '</div><div class="geodir_post_meta geodir-field-practice">Nearby Practice</div></li></ul>\n'
)


class GeoDirectorySite(DirectoryPluginSite):
    """The owner has switched the REST API on."""

    post_type = "gd_place"
    namespace = "geodir/v2"
    pages_at = "/places/"
    api: ClassVar[bool] = True

    def answer(self, request: Request) -> Reply:
        number = request.query.get("p")
        if request.path == "/" and number:
            for listing in self.shown():
                if listing.native_id == number:
                    return Reply(status=301, headers={"Location": self.link(listing)})
            return self.not_found()
        return super().answer(request)

    def plugin_rest(self, route: str, request: Request) -> Reply | None:
        if not route.startswith("/geodir/v2/"):
            return None
        if request.query.get("_wpnonce"):
            return rest_error(403, "rest_cookie_invalid_nonce", "Cookie check failed")
        if route == "/geodir/v2/markers":
            return self._markers(request)
        if route == "/geodir/v2/places" and self.api:
            rows = [self._place(one) for one in reversed(self.shown())]
            rows += [self._place(one) | {"private_address": "1"} for one in self.withheld()[:1]]
            found = rows_asked(request, rows)
            return found if isinstance(found, Reply) else rest_json(*found)
        return no_route()

    def _markers(self, request: Request) -> Reply:
        if request.query.get("post_type") != self.post_type:
            return rest_error(500, "rest_invalid_param", "Invalid post type.")
        items = [
            {
                "m": one.native_id,
                "lt": degrees(one.latitude),
                "ln": degrees(one.longitude),
                "t": one.stored,
                "i": 3,
            }
            for one in self.shown()
            if one.latitude
        ]
        uploads = f"{self.base_url}/wp-content/uploads-geodir"
        return rest_json(
            {"total": len(items), "baseurl": uploads, "icons": {}, "items": items} if items else []
        )

    def _place(self, one: TrueListing) -> dict[str, Any]:
        raw = re.sub(r"<[^>]*>", "", one.stored)
        screenshot = [{"id": 0, "title": "website screenshot", "src": "https://www.example.com/s"}]
        return {
            "id": int(one.native_id),
            "title": {"raw": raw, "rendered": texturise(one.stored)},
            "slug": self.path_of(one).strip("/").rpartition("/")[2],
            "link": self.link(one),
            "status": "publish",
            "type": self.post_type,
            "author": 1,
            "date": "2026-09-01T08:00:00",
            "modified_gmt": "2026-09-01T14:00:00",
            "content": {
                "raw": one.description,
                "rendered": content(one.description),
                "protected": False,
            },
            "default_category": "3",
            "post_category": [{"id": 3, "name": one.certification, "slug": "level"}]
            if one.certification
            else [],
            "post_tags": [],
            "street": ", ".join(part for part in (one.street, one.unit) if part),
            "country": one.country,
            "region": one.state,
            "city": one.city,
            "zip": one.postcode or None,
            "latitude": degrees(one.latitude),
            "longitude": degrees(one.longitude),
            "mapview": "ROADMAP",
            "mapzoom": "12",
            "phone": one.phone or None,
            "email": one.email,
            "practice": one.practice,
            "business_hours": None,
            "website": one.website,
            "featured": False,
            "rating": "0",
            "images": screenshot,
            "_links": {"self": [{"href": f"{self.base_url}/wp-json/"}]},
        }

    def widget(self) -> str:
        options = {
            "map_ajax_url": f"{self.base_url}/wp-json/geodir/v2/markers/",
            "map_markers_ajax_url": f"{self.base_url}/wp-json/geodir/v2/markers/?gd-ajax=1",
            "_wpnonce": "9146daf93c",
            "post_type": self.post_type,
            "map_canvas": "gd_map_canvas_directory",
        }
        params = {"siteurl": self.base_url, "gd_ajax_url": f"{self.base_url}/wp-admin/"}
        return (
            '<div class="geodir_map_container"><div id="gd_map_canvas_directory"></div></div>\n'
            f"<script>\nvar geodir_params = {php_json(params).decode()};\n"
            f"var gd_map_canvas_directory = {php_json(options).decode()};\n</script>"
        )

    def single(self, listing: TrueListing) -> Reply:
        one = listing
        thing = {
            "@context": "https://schema.org",
            "@type": "LocalBusiness",
            "name": texturise(one.stored),
            "url": self.link(one),
            "sameAs": [one.website] if one.website else "",
            "telephone": one.phone,
            "address": {
                "@type": "PostalAddress",
                "streetAddress": ", ".join(part for part in (one.street, one.unit) if part),
                "addressLocality": one.city,
                "addressRegion": one.state,
                "addressCountry": one.country,
                "postalCode": one.postcode,
            },
        }
        if one.latitude is not None:
            thing["geo"] = {
                "@type": "GeoCoordinates",
                "latitude": degrees(one.latitude),
                "longitude": degrees(one.longitude),
            }
        fields = "".join(
            f'<div class="geodir_post_meta geodir-field-{name}">'
            f'<span class="geodir_post_meta_icon geodir-i-{name}">'
            f'<span class="geodir_post_meta_title">{label}: </span></span>{value}</div>\n'
            for name, label, value in (
                ("practice", "Practice", escaped(one.practice)),
                ("phone", "Phone", f'<a href="tel:{escaped(one.phone)}">{escaped(one.phone)}</a>'),
                ("email", "Email", f'<a href="mailto:{escaped(one.email)}">{one.email}</a>'),
            )
            if value and not value.endswith('"></a>')
        )
        head = f'<script type="application/ld+json">{json.dumps(thing)}</script>\n'
        page = self.document(
            escaped(one.printed),
            f'<h1 class="entry-title">{texturise(one.stored)}</h1>\n{fields}{_NEARBY}',
            head,
        )
        classes = f'<body class="single single-{self.post_type} postid-{one.native_id}">'
        return Reply(body=page.replace("<body>", classes).encode())


class GeoDirectoryClosedSite(GeoDirectorySite):
    """The API is off, as the plugin comes; the sitemap names every entry."""

    api = False


class GeoDirectoryMapOnlySite(GeoDirectorySite):
    """The API is off and there are no sitemaps: the map is all there is."""

    api = False

    def answer(self, request: Request) -> Reply:
        return self.not_found() if "sitemap" in request.path else super().answer(request)
