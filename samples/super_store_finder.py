"""Directories on Super Store Finder: hand-written XML, or a JSON file beside the uploads.

Commas are escaped twice, addresses are one line with two blanks between their parts, descriptions
hold HTML with its own entities, and the plugin's folder has been renamed.
"""

from __future__ import annotations

import html
from typing import Any

from samples.map_plugin import MapPluginSite, box, degrees
from samples.site import Reply, Request
from samples.wordpress import php_json
from samples.world import TrueListing

_FOLDER = "/wp-content/plugins/NEW_superstorefinder-wp"
_FILE = "/wp-content/uploads/ssf-wp-uploads/ssf-data.json"


class SuperStoreFinderSite(MapPluginSite):
    """XML."""

    def answer(self, request: Request) -> Reply:
        if request.path == f"{_FOLDER}/ssf-wp-xml.php":
            return Reply(body=self._xml().encode(), content_type="text/xml; charset=utf-8")
        return super().answer(request)

    def rows(self) -> list[dict[str, Any]]:
        """Every entry as the plugin writes it, before it is escaped."""
        return [self._row(place, one) for place, one in enumerate(self.shown())]

    def _row(self, place: int, listing: TrueListing) -> dict[str, Any]:
        city = f"{listing.city}, " if listing.city else ""
        unit = f"  {listing.unit}" if listing.unit else ""
        address = f"{listing.street}{unit}  {city}{listing.state} {listing.postcode}"
        return {
            "location": listing.stored,
            "address": address,
            "sortord": str(place),
            "latitude": degrees(listing.latitude),
            "longitude": degrees(listing.longitude),
            "description": box(listing).replace(", ", ",&nbsp;"),
            "website": listing.website,
            "exturl": "",
            "operatingHours": "<div>Mon: 9-5</div>",
            "embedvideo": "",
            "telephone": listing.phone,
            "fax": "",
            "email": listing.email,
            "country": listing.country,
            "storeId": listing.native_id,
        }

    def _xml(self) -> str:
        items = []
        for row in self.rows():
            cells = []
            for key, value in row.items():
                text = html.escape(value).replace("&#x27;", "&#39;")
                if key not in ("description", "operatingHours"):
                    text = text.replace(",", "&amp;#44;")
                cells.append(f"<{key}>{text}</{key}>")
            items.append(f"<item>{''.join(cells)}</item>")
        start = '<?xml version="1.0" encoding="utf-8"?>\n<locator>\n<tot>0</tot>\n<store>\n'
        return start + "\n".join(items) + "\n</store>\n</locator>\n"

    def widget(self) -> str:
        return (
            '<section class="store-locator" id="ssf-contact-form"></section>\n<script>\n'
            f"var ssf_wp_base='{self.base_url}{_FOLDER}';\n"
            f"var ssf_wp_uploads_base='{self.base_url}{_FILE.rsplit('/', 1)[0]}';\n</script>\n"
            f'<script src="{self.base_url}{_FOLDER}/js/super-interactive-maps.js"></script>'
        )


class SuperStoreFinderFileSite(SuperStoreFinderSite):
    """The JSON file; the XML is gone."""

    def answer(self, request: Request) -> Reply:
        if request.path == f"{_FOLDER}/ssf-wp-xml.php":
            return self.not_found()
        if request.path == _FILE:
            rows = [
                {
                    key: html.escape(value) if key != "description" else value
                    for key, value in row.items()
                }
                for row in self.rows()
            ]
            return Reply(body=php_json({"item": rows}), content_type="application/json")
        return super().answer(request)
