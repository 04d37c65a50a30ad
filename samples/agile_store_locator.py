"""A directory on Agile Store Locator 1.4: one answer with everything, sent as text/html.

A title is stripped of markup, a web address is escaped, entries without coordinates are left out,
bounds and radius in a question are ignored, and an unknown language has no entries.
"""

from __future__ import annotations

import html
import re
from typing import Any, ClassVar

from samples.map_plugin import MapPluginSite, degrees
from samples.site import Reply, Request
from samples.wordpress import php_json
from samples.world import TrueListing

_CATEGORIES = {"18": "Level 1", "19": "Level 2", "20": "Certified Sample Needling Specialist"}


class AgileStoreLocatorSite(MapPluginSite):
    """The plugin as it comes."""

    without_coordinates = False
    nonce: ClassVar[str] = ""
    """A nonce the server insists on; empty for the versions that look at none."""

    def ajax(self, action: str, request: Request) -> Reply | None:
        if action != "asl_load_stores":
            return None
        asked = {**request.query, **request.form}
        if self.nonce and asked.get("nonce") != self.nonce:
            return Reply(status=403, body=b"-1")
        if asked.get("asl_lang"):
            return Reply(body=b"[]")
        rows = [self._row(one) for one in self.shown()]
        if wanted := asked.get("category"):
            rows = [row for row in rows if row["categories"] in wanted.split(",")]
        rows.sort(key=lambda row: row["title"])
        return Reply(body=php_json(rows))

    def _row(self, listing: TrueListing) -> dict[str, Any]:
        title = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", listing.stored)).strip()
        street = ", ".join(part for part in (listing.street, listing.unit) if part)
        numbers = {name: number for number, name in _CATEGORIES.items()}
        return {
            "id": listing.native_id,
            "title": title,
            "description": listing.description.replace("\n", "<br>"),
            "street": street,
            "city": listing.city,
            "state": listing.state,
            "postal_code": listing.postcode,
            "country": listing.country,
            "lat": degrees(listing.latitude),
            "lng": degrees(listing.longitude),
            "phone": listing.phone,
            "fax": "",
            "email": listing.email,
            "website": html.escape(listing.website),
            "logo_id": None,
            "path": None,
            "marker_id": None,
            "description_2": "",
            "open_hours": '{"mon":["08:00 AM - 05:00 PM"],"sat":"0","fri":"1"}',
            "ordr": "0",
            "slug": f"practitioner-{listing.native_id}",
            "brand": None,
            "special": None,
            "categories": numbers.get(listing.certification or "", ""),
            "practice_name": listing.practice,
        }

    def widget(self) -> str:
        remote = {
            "ajax_url": f"{self.base_url}/wp-admin/admin-ajax.php",
            "nonce": self.nonce or "1b313f7b8e",
            "default_lang": "en_US",
            "lang": "",
        }
        categories = {
            number: {"id": number, "name": name, "icon": "default.png"}
            for number, name in _CATEGORIES.items()
        }
        return (
            '<div id="asl-storelocator" class="storelocator-main asl-cont asl-template-0">\n'
            '<div id="asl-map-canv"></div><ul class="sl-list"></ul></div>\n<script>\n'
            f"var ASL_REMOTE = {php_json(remote).decode()};\n"
            'var asl_configuration = {"map_type":"roadmap","load_all":"1","category":"",'
            '"distance_unit":"Miles","cache":"0"};\n'
            f"var asl_categories = {php_json(categories).decode()};\n</script>\n"
            f'<script src="{self.base_url}/wp-content/plugins/agile-store-locator/public/js/'
            'site_script.js?ver=1.4.26"></script>'
        )


class AgileStoreLocatorStrictSite(AgileStoreLocatorSite):
    """A version that looks at the nonce every visitor is given."""

    nonce = "5fc3d1a9b2"
