"""Directories on YITH Store Locator: everything in the HTML of pop-ups and of a list.

The plugin reads POST only, and only with `context=frontend`; a pop-up shows the address, the list
beside it the telephone, too.
"""

from __future__ import annotations

from typing import Any, ClassVar

from samples.map_plugin import MapPluginSite, degrees, one_line
from samples.site import Reply, Request, escaped
from samples.wordpress import ajax_json, php_json, slug, texturise
from samples.world import TrueListing


class YithStoreLocatorSite(MapPluginSite):
    """The plugin as it comes: the telephone is in the list only."""

    popups: ClassVar[bool] = True
    reads: ClassVar[str] = "POST"

    def ajax(self, action: str, request: Request) -> Reply | None:
        if action != "yith_sl_get_results":
            return None
        asked = request.form if self.reads == "POST" else request.query
        if asked.get("context") != "frontend" or request.method != self.reads:
            return None
        listings = self.shown()
        return ajax_json(
            {
                "active_filters": "",
                "results": "".join(self._entry(one) for one in listings),
                "markers": [self._marker(one) for one in listings],
            }
        )

    def sitemaps(self) -> dict[str, list[str]]:
        stores = [f"{self.base_url}/store-locator/{slug(one.printed)}/" for one in self.shown()]
        return super().sitemaps() | {"wp-sitemap-posts-yith_sl_store-1.xml": stores}

    def _marker(self, listing: TrueListing) -> dict[str, Any]:
        return {
            "name": listing.stored,
            "id": int(listing.native_id),
            "slug": slug(listing.printed),
            "latitude": degrees(listing.latitude),
            "longitude": degrees(listing.longitude),
            "pin_modal": self._card(listing, contact=False) if self.popups else "undefined",
            "pin_icon": f"{self.base_url}/wp-content/uploads/pin.svg",
        }

    def _entry(self, listing: TrueListing) -> str:
        return (
            f'<div class="wrap-store-details" data-id="{listing.native_id}">'
            f"{self._card(listing, contact=True)}</div>"
        )

    def _card(self, listing: TrueListing, *, contact: bool) -> str:
        page = f"{self.base_url}/store-locator/{slug(listing.printed)}/"
        name = f'<a href="{page}"><span>{texturise(listing.stored)}</span></a>'
        parts = [
            '<address class="store-info yith-sl-pin-modal ">\n',
            f'<p class="store-name">\n{name}</p>\n',
            f'<p class="store-address">\n{escaped(one_line(listing))}</p>\n',
        ]
        if contact:
            rows = ""
            if listing.phone:
                phone = escaped(listing.phone)
                rows += (
                    '<li class="store-phone">\n<b>\nPhone:</b>\n'
                    f'<a href="tel:{phone}">{phone}</a></li>'
                )
            if listing.email:
                rows += f'<li class="store-email"><b>Email:</b>\n{escaped(listing.email)}</li>'
            parts.append(f'<ul class="store-contact">{rows}</ul>')
            parts.append(
                '<a target="_blank" rel="noopener" class="view-website custom-link link" '
                f'href="{escaped(listing.website)}">View website</a>'
            )
        parts.append(
            '<a target="_blank" class="get-direction custom-link link" '
            'href="https://www.google.com/maps/dir/?api=1">Get direction &gt;</a></address>'
        )
        return "".join(parts)

    def widget(self) -> str:
        options = {
            "show_map": "yes",
            "map_longitude": "-98.5",
            "map_latitude": "39.8",
            "ajaxurl": f"{self.base_url}/wp-admin/admin-ajax.php",
            "action_get_results": "yith_sl_get_results",
            "filter_radius_default_step": "50",
            "filter_radius_distance_unit": "miles",
        }
        return (
            '<div id="yith-store-locator"><div id="yith-sl-gmap"></div>'
            '<div id="yith-sl-results"><div class="stores-list"></div></div></div>\n'
            f"<script>\nvar yith_sl_store_locator = {php_json(options).decode()};\n</script>\n"
            f'<script src="{self.base_url}/wp-content/plugins/yith-store-locator-for-wordpress/'
            'assets/js/frontend/store-locator.min.js"></script>'
        )


class YithStoreLocatorListSite(YithStoreLocatorSite):
    """No pop-ups, and a version that reads GET."""

    popups = False
    reads = "GET"
