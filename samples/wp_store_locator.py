"""Two directories on WP Store Locator 2.2, with different settings and the plugin's real traps.

Values above the largest allowed fall back to the default instead of being clamped; an empty result
is the JSON string ""; the cache of autoload knows the latitude only; entries without coordinates
are in no search; parameters of a POST are not read.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar
from urllib.parse import unquote

from samples.site import Reply, Request, escaped
from samples.wordpress import (
    WordPressSite,
    ajax_json,
    content,
    esc_url,
    php_int,
    php_json,
    sanitize_email,
    slug,
    texturise,
)
from samples.world import TrueListing

_EARTH = {"km": 6371.0, "mi": 3959.0}

#: Categories by profession, as term ids count from 2.
_CATEGORIES = {2: "Physical Therapy", 3: "Other professions"}


class WpStoreLocator(WordPressSite):
    """What both settings share; a subclass states the settings."""

    post_type = "wpsl_stores"
    taxonomy = "wpsl_store_category"
    unit: ClassVar[str] = "km"
    results: ClassVar[tuple[int, ...]] = (25, 50, 75, 100)
    default_results: ClassVar[int] = 25
    radii: ClassVar[tuple[int, ...]] = (10, 25, 50, 100, 200, 500)
    default_radius: ClassVar[int] = 50
    autoload_limit: ClassVar[int] = 50
    """0 is: all of them."""
    permalinks: ClassVar[bool] = False
    more_info: ClassVar[bool] = False
    """Description in the answers."""
    start: ClassVar[str] = ""
    in_rest: ClassVar[bool] = True
    """Whether WordPress's REST API shows the entries."""

    def __init__(self, world: Any) -> None:
        super().__init__(world)
        self._autoloaded: dict[tuple[int, str, float], list[dict[str, Any]]] = {}
        self._cached_for: list[TrueListing] = []

    def ajax(self, action: str, request: Request) -> Reply | None:
        if action != "store_search":
            return None
        found = self._search(request.query)
        return ajax_json(found or "")

    def answer(self, request: Request) -> Reply:
        if self.permalinks and request.path.startswith("/stores/"):
            return self._single(request)
        return super().answer(request)

    def rest(self, route: str, request: Request) -> Reply:
        if not self.in_rest and route.rstrip("/") == f"/wp/v2/{self.post_type}":
            error = {"code": "rest_no_route", "message": "No route was found.", "data": None}
            kind = "application/json; charset=UTF-8"
            return Reply(status=404, body=php_json(error), content_type=kind)
        return super().rest(route, request)

    def sitemaps(self) -> dict[str, list[str]]:
        found = super().sitemaps()
        if self.permalinks:
            stores = self.shown()
            found["wp-sitemap-posts-wpsl_stores-1.xml"] = [self.permalink(one) for one in stores]
        return found

    def directory(self, request: Request) -> Reply:
        return self.page(self.directory_words, self._widget(), request)

    def posts(self) -> list[dict[str, Any]]:
        posts = []
        for listing in reversed(self.shown()):
            name = slug(listing.printed)
            text = content(listing.description) if self.more_info else ""
            posts.append(
                {
                    "id": int(listing.native_id),
                    "date": "2026-09-01T08:00:00",
                    "date_gmt": "2026-09-01T14:00:00",
                    "guid": {"rendered": f"{self.base_url}/?wpsl_stores={name}"},
                    "modified": "2026-09-01T08:00:00",
                    "modified_gmt": "2026-09-01T14:00:00",
                    "slug": name,
                    "status": "publish",
                    "type": self.post_type,
                    "link": self.permalink(listing),
                    "title": {"rendered": texturise(listing.stored)},
                    "content": {"rendered": text, "protected": False},
                    "author": 1,
                    "featured_media": 0,
                    "template": "",
                    self.taxonomy: [_category(listing)],
                }
            )
        return posts

    def draft_ids(self) -> set[str]:
        return {one.native_id for one in self.world.listings[self.source_id] if not one.public}

    def terms(self) -> list[dict[str, Any]]:
        mine = [_category(one) for one in self.shown()]
        return [
            {"id": term, "count": mine.count(term), "name": name, "taxonomy": self.taxonomy}
            for term, name in _CATEGORIES.items()
        ]

    def permalink(self, listing: TrueListing) -> str:
        """The entry's own address; without permalinks, one that only shows the home page."""
        if self.permalinks:
            return f"{self.base_url}/stores/{slug(listing.printed)}-{listing.native_id}/"
        return f"{self.base_url}/?wpsl_stores={slug(listing.printed)}"

    def custom(self, listing: TrueListing) -> dict[str, str]:
        """Keys that this site adds to every entry."""
        return {}

    def _search(self, query: Any) -> list[dict[str, Any]]:
        latitude, longitude = _number(query.get("lat")), _number(query.get("lng"))
        filters = query.get("filter", "")
        if query.get("autoload") != "1":
            limit = self._allowed(query.get("max_results"), self.results, self.default_results)
            radius = self._allowed(query.get("search_radius"), self.radii, self.default_radius)
            return self._nearest(latitude, longitude, filters, limit, radius)
        listings = self.world.listings[self.source_id]
        if self._cached_for != listings:
            # The plugin throws its stored answers away when an entry is saved, never by time.
            self._autoloaded.clear()
            self._cached_for = list(listings)
        key = (self.autoload_limit, filters, latitude)
        limit = self.autoload_limit or len(listings)
        if query.get("skip_cache") == "1":
            return self._nearest(latitude, longitude, filters, limit, None)
        if key not in self._autoloaded:
            self._autoloaded[key] = self._nearest(latitude, longitude, filters, limit, None)
        return self._autoloaded[key]

    def _allowed(self, asked: str | None, allowed: tuple[int, ...], default: int) -> int:
        value = php_int(asked)
        return default if not value or value > max(allowed) else value

    def _nearest(
        self, latitude: float, longitude: float, filters: str, limit: int, radius: int | None
    ) -> list[dict[str, Any]]:
        wanted = {php_int(one) for one in filters.split(",")} if filters else None
        near = []
        for listing in self.shown():
            if listing.latitude is None or listing.longitude is None:
                continue
            if wanted is not None and _category(listing) not in wanted:
                continue
            away = _EARTH[self.unit] * _angle(
                latitude, longitude, listing.latitude, listing.longitude
            )
            if radius is None or away < radius:
                near.append((away, int(listing.native_id), listing))
        near.sort(key=lambda one: one[:2])
        return [self._entry(listing, away) for away, _, listing in near[: max(0, limit)]]

    def _entry(self, listing: TrueListing, away: float) -> dict[str, Any]:
        distance = round(away, 1)
        entry: dict[str, Any] = {"address": listing.street}
        if self.more_info:
            entry["description"] = content(listing.description)
        entry |= {
            "store": texturise(listing.stored),
            "thumb": "",
            "id": listing.native_id,
            "distance": int(distance) if distance == int(distance) else distance,
        }
        if self.permalinks:
            entry["permalink"] = self.permalink(listing)
        entry |= {
            "address2": listing.unit,
            "city": listing.city,
            "state": listing.state,
            "zip": listing.postcode,
            "country": listing.country,
            "lat": _printed(listing.latitude),
            "lng": _printed(listing.longitude),
            "phone": listing.phone,
            "fax": "",
            "email": sanitize_email(listing.email),
            "hours": "",
            "url": esc_url(listing.website),
        }
        return entry | self.custom(listing)

    def _single(self, request: Request) -> Reply:
        for listing in self.shown():
            if unquote(self.permalink(listing)) == f"{self.base_url}{request.path}":
                break
        else:
            return self.not_found()
        location = {
            "store": texturise(listing.stored),
            "address": listing.street,
            "address2": listing.unit,
            "city": listing.city,
            "state": listing.state,
            "zip": listing.postcode,
            "country": listing.country,
            "phone": listing.phone,
            "fax": "",
            "email": sanitize_email(listing.email),
            "url": esc_url(listing.website),
            "lat": _printed(listing.latitude),
            "lng": _printed(listing.longitude),
            "id": int(listing.native_id),
        } | self.custom(listing)
        place = f"{listing.city} {listing.state} {listing.postcode}".strip()
        map_data = php_json({"locations": [location]}).decode()
        return self.page(
            escaped(listing.printed),
            f'<article class="wpsl_stores"><h1 class="entry-title">{texturise(listing.stored)}</h1>'
            f"{content(listing.description)}"
            '<div class="wpsl-locations-details"><div class="wpsl-location-address">'
            f"<span>{escaped(listing.street)}</span><br/><span>{escaped(listing.unit)}</span><br/>"
            f"<span>{escaped(place)}</span><br/>"
            f'<span class="wpsl-country">{escaped(listing.country)}</span></div>'
            '<div class="wpsl-contact-details"><span>Phone: '
            f"{escaped(listing.phone)}</span></div></div></article>\n"
            '<div id="wpsl-base-gmap_0" class="wpsl-gmap-canvas"></div>\n'
            f"<script>\nvar wpslMap_0 = {map_data};\n</script>",
        )

    def _widget(self) -> str:
        settings = {
            "startMarker": "red@2x.png",
            "mapType": "roadmap",
            "zoomLevel": "4",
            "startLatlng": self.start,
            "autoLocate": "0",
            "autoLoad": "1",
            "distanceUnit": self.unit,
            "maxResults": str(self.default_results),
            "searchRadius": str(self.default_radius),
            "storeUrl": "1" if self.permalinks else "0",
            "ajaxurl": f"{self.base_url}/wp-admin/admin-ajax.php",
            "url": f"{self.base_url}/wp-content/plugins/wp-store-locator/",
        }
        terms = "".join(
            f'<option value="{term}">{name}</option>' for term, name in _CATEGORIES.items()
        )
        return (
            f"<h1>{self.directory_words}</h1>\n"
            '<div id="wpsl-wrap">\n<div class="wpsl-search wpsl-clearfix">\n'
            '<form autocomplete="off">\n'
            '<input id="wpsl-search-input" type="text" name="wpsl-search-input" value="" />\n'
            f"{_select('wpsl-radius-dropdown', self.radii, self.default_radius, self.unit)}"
            f"{_select('wpsl-results-dropdown', self.results, self.default_results, '')}"
            '<select id="wpsl-category-list" name="wpsl-category">'
            f'<option value="0">Any</option>{terms}</select>\n'
            '<input id="wpsl-search-btn" type="submit" value="Search" />\n</form>\n</div>\n'
            '<div id="wpsl-gmap" class="wpsl-gmap-canvas"></div>\n'
            '<div id="wpsl-result-list"><div id="wpsl-stores"><ul></ul></div></div>\n</div>\n'
            f"<script>\nvar wpslSettings = {php_json(settings).decode()};\n</script>\n"
            f'<script src="{self.base_url}/wp-content/plugins/wp-store-locator/js/'
            'wpsl-gmap.min.js?ver=2.2.241"></script>'
        )


class SampleA(WpStoreLocator):
    """The plugin as it comes: 25 of 100 results, 50 of 500 km, the nearest 50 at the start."""

    source_id = "sample_wpsl_a"
    organisation = "Fictional Academy of Needling"
    directory_path = "/practitioner-directory/"
    directory_words = "Practitioner Directory"
    start = "39.8283,-98.5795"


class SampleB(WpStoreLocator):
    """Miles, tighter caps, single pages, and keys of the site's own."""

    source_id = "sample_wpsl_b"
    organisation = "Invented Institute of Dry Needling"
    directory_path = "/find-a-provider/"
    directory_words = "Find a Provider"
    unit = "mi"
    results = (10, 25, 50)
    default_results = 10
    radii = (5, 10, 25, 50, 100)
    default_radius = 25
    autoload_limit = 25
    permalinks = True
    more_info = True

    def custom(self, listing: TrueListing) -> dict[str, str]:
        return {
            "certification_level": listing.certification or "",
            "practice_name": listing.practice,
            "services": listing.offers,
        }


class CappedSite(WpStoreLocator):
    """Nobody offers less: 25 results within 50 km, and 409 entries all over the country."""

    source_id = "sample_wpsl_b"
    organisation = "Supposed Circle of Needling"
    directory_path = "/find-a-practitioner/"
    directory_words = "Find a Practitioner"
    results = (25,)
    radii = (50,)
    permalinks = True
    most: ClassVar[int] = 409

    def shown(self) -> list[TrueListing]:
        return super().shown()[: self.most]


class CappedWithoutPagesSite(CappedSite):
    """The same with permalinks off: the address of an entry is the home page."""

    permalinks = False

    def shown(self) -> list[TrueListing]:
        # Without a page of its own an entry without coordinates is in nothing a visitor sees.
        there = [one for one in self.world.public(self.source_id) if one.latitude is not None]
        return there[: self.most]


class CappedAloneSite(CappedWithoutPagesSite):
    """The same with the REST API off as well: nobody says how many there are."""

    in_rest = False


def _category(listing: TrueListing) -> int:
    return 2 if "PT" in listing.credentials.replace(".", "") else 3


def _number(value: str | None) -> float:
    try:
        number = float(value or "")
    except ValueError:
        return 0.0
    return number if math.isfinite(number) else 0.0


def _printed(degrees: float | None) -> str:
    return "" if degrees is None else "0" if degrees == 0 else f"{degrees:.6f}"


def _angle(lat1: float, lng1: float, lat2: float, lng2: float) -> float:
    """Radians between two points by the formula of the plugin's SQL, impossible points included."""
    a, b = math.radians(lat1), math.radians(lat2)
    cosine = math.cos(a) * math.cos(b) * math.cos(math.radians(lng2 - lng1))
    return math.acos(max(-1.0, min(1.0, cosine + math.sin(a) * math.sin(b))))


def _select(name: str, values: tuple[int, ...], default: int, unit: str) -> str:
    options = []
    for value in values:
        chosen = 'selected="selected" ' if value == default else ""
        label = f"{value} {unit}".strip()
        options.append(f'<option {chosen}value="{value}">{label}</option>')
    inner = "".join(options)
    return f'<select id="{name}" class="wpsl-dropdown" name="{name}">{inner}</select>\n'
